"""Grading a class: what is new is graded, and each report is kept as soon as it is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from grader import __version__
from grader.assignment.bundle import Bundle
from grader.batch.intake import read_handed, without_a_file
from grader.batch.ledger import Key, Ledger, RollLine
from grader.batch.work import Runner, Task
from grader.errors import UsageError
from grader.records import Handed, Intake
from grader.sandbox.installed import versions

CHANGED = "The file changed while the class was graded; grade again."


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a run is."""

    known: int
    """Graded before, or the same as another's."""
    done: int
    passing: int
    """Every check passed; of those that were known, too."""
    review: int
    """Of those that were known, too."""
    failed: int
    total: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What, beside submission and assignment, decides what a report says."""

    walled: bool
    train: bool

    def digest(self) -> str:
        """SHA-256 of it, and of the versions of what is beneath."""
        text = json.dumps([self.walled, self.train, versions()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def call_the_roll(
    intake: Intake, bundle: Bundle, asked: Asked, say: Callable[[int, int], None]
) -> list[RollLine]:
    """A line for each student, those who handed in nothing among them; reads each file once.

    Args:
        say: is told how many files were read, of how many.
    """
    assignment, settings = bundle.sha256, asked.digest()
    lines = []
    for place, handed in enumerate(intake.handed, 1):
        say(place, len(intake.handed))
        line = RollLine(
            handed.student,
            handed.path,
            late=handed.late,
            days_late=handed.days_late,
            attempt=handed.attempt,
        )
        try:
            submission = _digest(handed, read_handed(handed))
        except UsageError as error:
            lines.append(replace(line, note=str(error)))
        else:
            key = Key(submission, assignment, __version__, settings)
            lines.append(replace(line, key=key))
    for passed in without_a_file(intake):
        assert passed.student is not None
        lines.append(RollLine(passed.student, passed.path, note=passed.why))
    return lines + [RollLine(student) for student in intake.missing]


def grade_roll(
    lines: Sequence[RollLine],
    intake: Intake,
    ledger: Ledger,
    runner: Runner,
    say: Callable[[Counts], None],
    regrade: bool = False,
) -> Counts:
    """Grade what the ledger does not know, each different submission once.

    The ledger has each report before the next is waited for. Returns the last counts.
    """
    same = _who_handed_in(lines, intake)
    total = sum(map(len, same.values()))
    tally = dict.fromkeys(("known", "done", "passing", "review", "failed"), 0)
    new: list[Key] = []

    def count(key: Key, *ways: str) -> None:
        for way in ways:
            tally[way] += len(same[key])

    for key in same:
        report = None if regrade else ledger.known(key)
        if report is None:
            new.append(key)
        else:
            count(key, "known", *_ways(report))
    say(Counts(**tally, total=total))

    def fail(key: Key, why: str) -> None:
        ledger.record_failure(key, why)
        count(key, "done", "failed")
        say(Counts(**tally, total=total))

    for done in runner.run(_tasks(new, same, fail)):
        key = new[done.number]
        if done.report is None:
            fail(key, done.why)
        else:
            ledger.record(key, done.report)
            count(key, "done", *_ways(done.report))
            say(Counts(**tally, total=total))
    return Counts(**tally, total=total)


def _tasks(
    new: Sequence[Key], same: dict[Key, list[Handed]], fail: Callable[[Key, str], None]
) -> Iterator[Task]:
    """Read when a worker is free for it; a file that has gone meanwhile is a failure of its own."""
    for number, key in enumerate(new):
        try:
            handed, data = _read_again(key, same[key])
        except UsageError as error:
            fail(key, str(error))
        else:
            yield Task(number, handed.path, handed.student.name, data)


def _read_again(key: Key, same: Sequence[Handed]) -> tuple[Handed, bytes]:
    """From the first of those who handed in the same whose file is as it was."""
    why: UsageError | None = None
    for handed in same:
        try:
            data = read_handed(handed)
        except UsageError as error:
            why = why or error
            continue
        if _digest(handed, data) == key.submission:
            return handed, data
    raise why or UsageError(CHANGED)


def _digest(handed: Handed, data: bytes) -> str:
    """Of the bytes, and of the suffix by which they are read."""
    suffix = PurePath(handed.entry or handed.file).suffix.lower()
    return hashlib.sha256(f"{suffix}\0".encode() + data).hexdigest()


def _who_handed_in(lines: Sequence[RollLine], intake: Intake) -> dict[Key, list[Handed]]:
    same: dict[Key, list[Handed]] = {}
    for line, handed in zip(lines, intake.handed, strict=False):
        if line.key is not None:
            same.setdefault(line.key, []).append(handed)
    return same


def _ways(report: Mapping[str, Any]) -> Iterator[str]:
    """The fields of ``Counts`` in which a report counts."""
    if report["status"] == "needs_review":
        yield "review"
    elif report["status"] == "graded" and report["score"] == report["max_score"]:
        yield "passing"
