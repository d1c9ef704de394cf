"""A class, gathered for its page in one pass over the lines of its grade book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.records import Graded
from grader.report.html.networks import Network, Networks
from grader.report.summary import Check, count_checks, why_review
from grader.words import show_number

Link = Callable[[int, Graded], str | None]
"""The address of a line's page, from its place (from 1) and itself; None where it has none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of students."""

    line: Graded
    link: str | None
    missed: tuple[str, ...]
    """Checks that did not pass, as ``exercise/check``, or ``check`` in an assignment of one
    exercise."""
    networks: tuple[Network, ...]

    @property
    def share(self) -> float:
        """What it is sorted by; who has no score comes last."""
        return self.line.score / self.line.max_score if self.line.max_score > 0 else -1.0

    @property
    def lateness(self) -> str:
        if not self.line.late:
            return ""
        days = self.line.days_late
        if days is None:
            return "late"
        return f"{show_number(float(days))} day{'' if days == 1 else 's'}"


@dataclass(slots=True)
class Gathered:
    """All that is told of a class."""

    assignment: str = ""
    title: str = ""
    rows: list[Row] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    checks: dict[tuple[str, str], Check] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)
    reviews: list[tuple[Row, str]] = field(default_factory=list)

    @property
    def scores(self) -> list[tuple[float, float]]:
        """Of those who could earn something."""
        lines = (row.line for row in self.rows)
        return [
            (line.score, line.max_score)
            for line in lines
            if line.report is not None and line.max_score > 0
        ]

    @property
    def hardest_first(self) -> list[tuple[tuple[str, str], Check]]:
        """Checks that somebody's result decides, by the share that passed."""
        decided = [item for item in self.checks.items() if item[1].decided]
        return sorted(decided, key=lambda item: -item[1].missed / item[1].decided)


def gather(lines: Iterable[Graded], link: Link) -> Gathered:
    """Go through the lines once."""
    gathered = Gathered()
    for place, line in enumerate(lines, 1):
        report = line.report
        networks: tuple[Network, ...] = ()
        address = link(place, line)
        if report is not None:
            gathered.assignment = gathered.assignment or report["assignment"]
            gathered.title = gathered.title or report["title"]
            count_checks(report, gathered.checks)
            networks = gathered.networks.add(report, line.student.name, address)
        row = Row(line, address, tuple(_missed(report)), networks)
        gathered.rows.append(row)
        gathered.statuses[line.status] += 1
        if line.status in ("needs_review", "failed"):
            gathered.reviews.append((row, why_review(line)))
    gathered.networks.number()
    return gathered


def _missed(report: Mapping[str, Any] | None) -> Iterator[str]:
    exercises = report["exercises"] if report else []
    for exercise in exercises:
        before = f"{exercise['id']}/" if len(exercises) > 1 else ""
        for check in exercise["checks"]:
            if check["status"] not in ("passed", "error"):
                yield f"{before}{check['id']}"
