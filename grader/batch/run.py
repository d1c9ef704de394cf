"""Grading a class: what is new is graded, and each report is kept as soon as it is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

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
    """Every check passed."""
    review: int
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
    first: dict[Key, Handed] = {}
    for line, handed in zip(lines, intake.handed, strict=False):
        if line.key is not None:
            first.setdefault(line.key, handed)
    new = [key for key in first if regrade or ledger.known(key) is None]
    total = sum(line.key is not None for line in lines)
    copies = _copies(lines)
    tally = {"known": total - sum(copies[key] for key in new), "done": 0}
    tally |= {"passing": 0, "review": 0, "failed": 0}
    say(Counts(**tally, total=total))
    for done in runner.run(_tasks(new, first, ledger, tally)):
        key = new[done.number]
        if done.report is None:
            ledger.record_failure(key, done.why)
            tally["failed"] += copies[key]
        else:
            ledger.record(key, done.report)
            tally["review"] += copies[key] * (done.report["status"] == "needs_review")
            tally["passing"] += copies[key] * _passes(done.report)
        tally["done"] += copies[key]
        say(Counts(**tally, total=total))
    return Counts(**tally, total=total)


def _tasks(
    new: Sequence[Key], first: dict[Key, Handed], ledger: Ledger, tally: dict[str, int]
) -> Iterator[Task]:
    """Read when a worker is free for it; a file that has gone meanwhile is a failure of its own."""
    for number, key in enumerate(new):
        handed = first[key]
        try:
            data = read_handed(handed)
            if _digest(handed, data) != key.submission:
                raise UsageError(CHANGED)
        except UsageError as error:
            ledger.record_failure(key, str(error))
            tally["failed"] += 1
            continue
        yield Task(number, handed.path, handed.student.name, data)


def _digest(handed: Handed, data: bytes) -> str:
    """Of the bytes, and of the suffix by which they are read."""
    suffix = PurePath(handed.entry or handed.file).suffix.lower()
    return hashlib.sha256(f"{suffix}\0".encode() + data).hexdigest()


def _copies(lines: Sequence[RollLine]) -> dict[Key, int]:
    count: dict[Key, int] = {}
    for line in lines:
        if line.key is not None:
            count[line.key] = count.get(line.key, 0) + 1
    return count


def _passes(report: dict[str, object]) -> bool:
    return report["status"] == "graded" and report["score"] == report["max_score"]
