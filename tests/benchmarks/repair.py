"""Each edit of the table undone: is the change named, is it named alone, and how long it takes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.sandbox.client import Sandbox
from tests.benchmarks.measure import Row
from tests.feedback.solutions import solved_exercises
from tests.feedback.undoing import Undone, undo, wrong_models


def measure() -> list[Row]:
    """A row for each edit and one for all, over the six solutions."""
    with Sandbox() as sandbox:
        solved = solved_exercises(sandbox)
    undone = [undo(wrong) for wrong in wrong_models(solved)]
    by_edit: dict[str, list[Undone]] = {}
    for one in undone:
        by_edit.setdefault(one.wrong.edit, []).append(one)
    rows = [_row(name, found) for name, found in by_edit.items()]
    return [*rows, _row("every edit", undone, "≥ 95 %, ≥ 80 %, ≤ 0.5 s")]


def _row(name: str, undone: Sequence[Undone], budget: str = "") -> Row:
    count = len(undone)
    seconds = sorted(one.seconds for one in undone)
    late = seconds[math.ceil(0.95 * count) - 1]
    contained = sum(one.contained for one in undone) / count
    alone = sum(one.alone for one in undone) / count
    return Row(
        f"repair {name}: {count} wrong models",
        f"undone {contained:.1%}, alone {alone:.1%}",
        f"95th percentile {late:.3f} s",
        budget,
    )
