"""The page of a class: how it did, where it failed, who is who, and who needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.records import Graded, PassedOver, Student
from grader.report.distribution import BINS, figures
from grader.report.html.charts import histogram
from grader.report.html.engine import render
from grader.report.html.gather import Link, gather
from grader.report.html.layers import LeftOut, shortened
from grader.report.html.networks import Network
from grader.report.html.volumes import Step, way
from grader.words import show_points

NETWORKS_SHOWN, DRAWN = 8, 24
"""Models of each exercise that are shown, and layers of one that are drawn."""
ENDINGS = (
    ("failed", "Failed"),
    ("partial", "Partial"),
    ("skipped", "Skipped"),
    ("error", "Undecided"),
)
"""How a check ends that was not passed."""
LISTED = 200
"""Files that were passed over, and people who are not on the roster, that are listed."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How the scores of a class are spread."""

    count: int
    scale: str
    figures: str
    picture: Markup
    tenths: Sequence[tuple[str, int]]
    """``0 – 10`` and how many."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The models of one exercise."""

    id: str
    title: str
    networks: Sequence[tuple[Network, Sequence[Step | LeftOut]]]
    more: int
    """Models that are not shown."""
    students: int


def class_page(
    lines: Iterable[Graded],
    link: Link = lambda _place, _line: None,
    passed_over: Sequence[PassedOver] = (),
    unknown: Sequence[Student] = (),
) -> str:
    """One self-contained page.

    Args:
        lines: of the grade book; gone through once.
        link: gives a line's page, as an address relative to this one; never made of what a
            submission says.
        passed_over: what the intake found and did not grade.
        unknown: students who are not on the roster.
    """
    gathered = gather(lines, link)
    return render(
        "class.html.jinja",
        script="class.js",
        gathered=gathered,
        spread=_spread(gathered.scores),
        shown=[_shown(*item) for item in gathered.networks.found.items()],
        endings=[
            (status, words)
            for status, words in ENDINGS
            if any(check.ended[status] for check in gathered.checks.values())
        ],
        late=any(row.line.late for row in gathered.rows),
        passed_over=passed_over[:LISTED],
        more_passed_over=max(len(passed_over) - LISTED, 0),
        unknown=unknown[:LISTED],
        more_unknown=max(len(unknown) - LISTED, 0),
        statuses={
            "graded": "graded",
            "needs_review": "to review",
            "failed": "not graded",
            "missing": "missing",
        },
    )


def _spread(scores: Sequence[tuple[float, float]]) -> Spread | None:
    """In points where all could earn the same, else in percent of what each could earn."""
    if not scores:
        return None
    tops = {most for _, most in scores}
    top = tops.pop() if len(tops) == 1 else 100.0
    same = not tops
    values = sorted(score if same else 100 * score / most for score, most in scores)
    counts = tenths(values, top)
    edges = [show_points(top * edge / BINS) for edge in range(BINS + 1)]
    return Spread(
        count=len(values),
        scale=f"of {show_points(top)} points" if same else "in percent of what each could earn",
        figures=figures(values),
        picture=histogram(counts, top, "points" if same else "percent", "scores"),
        tenths=[(f"{edges[i]} – {edges[i + 1]}", count) for i, count in enumerate(counts)],
    )


def tenths(values: Iterable[float], top: float) -> list[int]:
    """How many are in each tenth; one on a border is in the upper, full marks in the last."""
    # Rounded before it is cut: 0.3 of 1 is the border of a tenth, and not below it.
    places = (int(round(BINS * value / top, 9)) for value in values)
    counts = Counter(min(max(place, 0), BINS - 1) for place in places)
    return [counts[place] for place in range(BINS)]


def _shown(exercise: tuple[str, str], networks: dict[object, Network]) -> Shown:
    ordered = list(networks.values())
    first = ordered[:NETWORKS_SHOWN]
    return Shown(
        *exercise,
        networks=[(each, way(each.inputs, list(shortened(each.rows, DRAWN)))) for each in first],
        more=len(ordered) - len(first),
        students=sum(each.count for each in ordered),
    )
