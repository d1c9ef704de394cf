"""How the scores of a class are spread: a few figures, and a histogram in text."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.words import show_number, show_points

BINS = 10
BAR_COLUMNS = 50


def show_scores(scores: Sequence[tuple[float, float]], encoding: str) -> Iterator[RenderableType]:
    """Mean, median, quartiles, the ends, and how many scores are in each tenth.

    In points where all could earn the same, else in percent of what each could earn.

    Args:
        scores: what each earned, and what each could earn; nothing is said of who could earn
            nothing.
        encoding: of the stream; bars are of what it can write.
    """
    scores = [(score, most) for score, most in scores if most > 0]
    if not scores:
        return
    tops = {most for _, most in scores}
    same = len(tops) == 1
    top = max(tops) if same else 100.0
    values = sorted(score if same else 100 * score / most for score, most in scores)
    count = f"{len(values)} submission{'' if len(values) == 1 else 's'}"
    scale = f"of {show_points(top)} points" if same else "in percent of what each could earn"
    yield Text(f"Scores of {count}, {scale}", "bold")
    yield _indented(Text(figures(values)))
    bar = "█" if encoding.lower().startswith("utf") else "#"
    yield _indented(_histogram(values, top, bar))


def figures(values: Sequence[float]) -> str:
    """``mean 71.2, median 75, quartiles 60 and 88, lowest 0, highest 100``."""
    quartiles = _quartiles(values)
    mean, low, median, high, lowest, highest = (
        show_number(float(value))
        for value in (statistics.fmean(values), *quartiles, values[0], values[-1])
    )
    return (
        f"mean {mean}, median {median}, quartiles {low} and {high}, lowest {lowest}, "
        f"highest {highest}"
    )


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The whole class is there, so its lowest and highest are the ends of the distribution."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high


def _histogram(values: Sequence[float], top: float, bar: str) -> Table:
    """A row for each tenth; a score on a border belongs to the upper one, full marks to the last.

    Bars are as long as their share of the longest, and never gone while there is somebody.
    """
    # Rounded before it is cut: 0.3 of 1 is the border of a tenth, and not below it.
    bins = Counter(min(max(int(round(BINS * value / top, 9)), 0), BINS - 1) for value in values)
    longest = max(bins.values())
    table = Table.grid(padding=(0, 1, 0, 0))
    for justify in ("right", "left", "right", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)
    for place in range(BINS):
        count = bins[place]
        length = max(round(BAR_COLUMNS * count / longest), 1) if count else 0
        low, high = (show_points(top * edge / BINS) for edge in (place, place + 1))
        table.add_row(low, "–", high, Text(str(count)), Text(bar * length))
    return table


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2))
