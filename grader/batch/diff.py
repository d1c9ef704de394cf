"""Regrade with reason: who changes between two grade books, by how much, and by which check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.records import Graded, Student
from grader.records.changes import Change, Mark, Reason, Standing

Place = tuple[str, str | None]
"""An exercise and a check of it, or the exercise's own error."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What is compared of a line; reports are large, and a class has many."""

    student: Student
    mark: Mark
    sha256: str
    standings: Mapping[Place, Standing] | None
    """None: there is no report."""


def compare(old: Iterable[Graded], new: Iterable[Graded]) -> list[Change]:
    """Students whose score, status or checks differ: who loses most first.

    Students are told apart by their key; where several lines have one key, they are taken in
    their order. Texts of messages do not count: a message that is worded anew changes nothing.
    Who is in only one of the two grade books comes last.
    """
    before, after = dict(_by_student(old)), dict(_by_student(new))
    changes = []
    for key in dict.fromkeys([*before, *after]):
        change = _change(before.get(key), after.get(key))
        if change is not None:
            changes.append(change)
    return sorted(changes, key=_in_order)


def _in_order(change: Change) -> tuple[bool, float, str]:
    return (change.by is None, change.by or 0.0, change.student.name)


def _by_student(lines: Iterable[Graded]) -> Iterator[tuple[tuple[str, int], _Line]]:
    seen: Counter[str] = Counter()
    for line in lines:
        key = line.student.key
        yield (key, seen[key]), _shortened(line)
        seen[key] += 1


def _shortened(line: Graded) -> _Line:
    mark = Mark(line.status, line.score, line.max_score, line.penalty)
    if line.report is None:
        return _Line(line.student, mark, "", None)
    standings = dict(_standings(line.report))
    return _Line(line.student, mark, line.report["submission"]["sha256"], standings)


def _standings(report: Mapping[str, Any]) -> Iterator[tuple[Place, Standing]]:
    for exercise in report["exercises"]:
        status = exercise["error"]["kind"] if exercise["error"] else "graded"
        standing = Standing(status, exercise["score"], exercise["max_score"])
        yield (exercise["id"], None), standing
        for check in exercise["checks"]:
            yield (
                (exercise["id"], check["id"]),
                Standing(
                    check["status"],
                    check["score"],
                    check["max_score"],
                    check["visibility"] == "hidden",
                ),
            )


def _change(old: _Line | None, new: _Line | None) -> Change | None:
    known = new or old
    assert known is not None
    if old is None or new is None:
        marks = old.mark if old else None, new.mark if new else None
        return Change(known.student, *marks)
    # Without a report on one side there is nothing to say of checks: the status says it all.
    reasons: tuple[Reason, ...] = ()
    if old.standings is not None and new.standings is not None:
        reasons = tuple(_reasons(old.standings, new.standings))
    if old.mark == new.mark and not reasons:
        return None
    again = bool(old.standings and new.standings) and old.sha256 != new.sha256
    return Change(new.student, old.mark, new.mark, again, reasons)


def _reasons(old: Mapping[Place, Standing], new: Mapping[Place, Standing]) -> Iterator[Reason]:
    """In the order of the new report; what is gone comes last."""
    for place in dict.fromkeys([*new, *old]):
        exercise, check = place
        before, after = old.get(place), new.get(place)
        if check is None and _error(before) == _error(after):
            continue
        if before != after:
            yield Reason(exercise, check, before, after)


def _error(standing: Standing | None) -> str:
    """What is not there has no error; its checks tell that it is new, or gone."""
    return standing.status if standing else "graded"
