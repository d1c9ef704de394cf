"""``grade.py diff``: who changes, by how much, and because of which check."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.records.changes import Change, Mark, Reason, Standing
from grader.report.console import printing
from grader.report.escape import visible
from grader.report.terminal import COLOURS, KINDS
from grader.words import show_points

MANY = 4
"""Students from whom on those whose score stays are named together."""
STATUSES = {"needs_review": "needs review", "failed": "not graded"}
"""Of lines, where their own name is not clear enough."""


@dataclass(slots=True)
class _Cause:
    """One check, or one exercise's error, and what it comes to in the class."""

    students: int = 0
    points: float = 0.0


def print_changes(changes: Sequence[Change], students: int, stream: IO[str]) -> None:
    """Write what changes: the checks first, then each student.

    Args:
        changes: what ``batch.diff.compare`` gives; shown in this order.
        students: in both grade books together, for "3 of 30 students change".
    """
    with printing(stream) as console:
        for part in _parts(changes, students):
            console.print(part)


def _parts(changes: Sequence[Change], students: int) -> Iterator[RenderableType]:
    yield Text(_heading(changes, students), "bold")
    causes = _causes(changes)
    if causes:
        yield Text()
        yield Text("Because of", "bold")
        yield Padding(_causes_table(causes), (0, 0, 0, 2))
    quiet = [change for change in changes if _is_quiet(change)]
    for change in changes:
        if len(quiet) >= MANY and _is_quiet(change):
            continue
        yield Text()
        yield _title(change)
        yield Padding(_reasons(change), (0, 0, 0, 2))

    if len(quiet) >= MANY:
        names = [visible(change.student.name, 40) for change in quiet]
        yield Text()
        yield Text(f"The same score by other checks: {', '.join(names)}.")


def _is_quiet(change: Change) -> bool:
    """Whether nothing but checks changed, and they come to the same score."""
    old, new = change.old, change.new
    return (
        old is not None
        and new is not None
        and change.by == 0
        and (old.status, old.max_score, old.penalty) == (new.status, new.max_score, new.penalty)
        and not change.handed_in_again
    )


def _heading(changes: Sequence[Change], students: int) -> str:
    compared = [change.by for change in changes if change.by is not None]
    down, up = sum(by < 0 for by in compared), sum(by > 0 for by in compared)
    same = len(compared) - down - up
    verb = "changes" if len(changes) == 1 else "change"
    noun = "student" if students == 1 else "students"
    if not changes:
        return f"None of {students} {noun} {'changes' if students == 1 else 'change'}."
    counts = [
        f"{down} lose points" if down != 1 else "1 loses points",
        f"{up} gain points" if up != 1 else "1 gains points",
        f"{same} keep the score" if same != 1 else "1 keeps the score",
    ]
    counts = [words for words, count in zip(counts, (down, up, same), strict=True) if count]
    left = sum(change.new is None for change in changes)
    joined = sum(change.old is None for change in changes)
    counts += [f"{joined} new"] if joined else []
    counts += [f"{left} gone"] if left else []
    return f"{len(changes)} of {students} {noun} {verb}: {', '.join(counts)}."


def _causes(changes: Sequence[Change]) -> dict[str, _Cause]:
    """By how many students each concerns, the most first."""
    causes: dict[str, _Cause] = {}
    for change in changes:
        for reason in change.reasons:
            cause = causes.setdefault(_place(reason), _Cause())
            cause.students += 1
            cause.points += reason.by
    return dict(sorted(causes.items(), key=lambda item: -item[1].students))


def _causes_table(causes: dict[str, _Cause]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold", max_width=44)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for place, cause in causes.items():
        students = "1 student" if cause.students == 1 else f"{cause.students} students"
        points = "" if math.isclose(cause.points, 0, abs_tol=1e-9) else _signed(cause.points)
        table.add_row(place, students, f"{points} points" if points else "no points")
    return table


def _title(change: Change) -> Table:
    line = Table.grid(expand=True, padding=(0, 2, 0, 0))
    line.add_column(ratio=1, overflow="fold")
    line.add_column(justify="right", no_wrap=True)
    line.add_column(justify="right", no_wrap=True, min_width=7)
    by = change.by
    colour = "" if not by else COLOURS["failed" if by < 0 else "passed"]
    line.add_row(
        Text(visible(change.student.name, 100), "bold"),
        Text(_marks(change.old, change.new)),
        Text("" if by is None else _signed(by), colour),
    )
    return line


def _marks(old: Mark | None, new: Mark | None) -> str:
    if old is None or new is None:
        known = old or new
        assert known is not None
        return f"only in the {'new' if old is None else 'old'}: {_mark(known)}"
    if (old.score, old.max_score) == (new.score, new.max_score) and _has_score(old, new):
        return _mark(new)
    if old.max_score == new.max_score and _has_score(old, new):
        return f"{show_points(old.score)} → {_mark(new)}"
    return f"{_mark(old)} → {_mark(new)}"


def _has_score(*marks: Mark) -> bool:
    return all(mark.status in ("graded", "needs_review") for mark in marks)


def _mark(mark: Mark) -> str:
    if _has_score(mark):
        return f"{show_points(mark.score)} / {show_points(mark.max_score)}"
    return STATUSES.get(mark.status, mark.status)


def _reasons(change: Change) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold", max_width=34)
    table.add_column(ratio=1, overflow="fold")
    for what, words in _lines(change):
        table.add_row(Text(what), Text(words))
    return table


def _lines(change: Change) -> Iterator[tuple[str, str]]:
    old, new = change.old, change.new
    if change.handed_in_again:
        yield "file", "another one was handed in"
    if old and new and old.status != new.status and _has_score(old, new):
        yield "status", " → ".join(STATUSES.get(mark.status, mark.status) for mark in (old, new))
    if old and new and old.penalty != new.penalty:
        yield "lateness", f"{_taken(old)} → {_taken(new)}"
    for reason in change.reasons:
        yield _place(reason), _from_to(reason)


def _taken(mark: Mark) -> str:
    return f"−{show_points(mark.penalty)}" if mark.penalty else "nothing taken off"


def _place(reason: Reason) -> str:
    if reason.check is None:
        return visible(reason.exercise, 60)
    hidden = any(side and side.hidden for side in (reason.old, reason.new))
    return f"{visible(reason.exercise, 60)}/{visible(reason.check, 60)}{' (hidden)' * hidden}"


def _from_to(reason: Reason) -> str:
    if reason.check is None:
        return " → ".join(
            KINDS.get(side.status, side.status) if side else "not there"
            for side in (reason.old, reason.new)
        )
    if reason.old is None or reason.new is None:
        known = reason.new or reason.old
        assert known is not None
        return f"{'new' if reason.old is None else 'gone'}: {_ended(known)}"
    return f"{_ended(reason.old)} → {_ended(reason.new)}"


def _ended(check: Standing) -> str:
    return f"{check.status} {show_points(check.score)}/{show_points(check.max_score)}"


def _signed(points: float) -> str:
    """``+5``, ``−2.5``, ``±0``."""
    shown = show_points(abs(points))
    if shown == "0":
        return "±0"
    return f"{'−' if points < 0 else '+'}{shown}"
