"""What a worker is told, is given and gives, wherever it runs: plain values.

A worker is a process of the grader's own with a warm sandbox; student code runs behind that
sandbox's walls and never in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from grader.assignment.bundle import Bundle, unpack_bundle
from grader.assignment.schema import Assignment
from grader.errors import GraderError
from grader.pipeline import Tools, grade_submission
from grader.report.as_json import report_as_json
from grader.sandbox.client import Mode, Sandbox
from grader.training.cache import ResultCache

GRACE_SECONDS = 120
"""For what a submission's own limits do not cover."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What all submissions of a class have in common."""

    bundle: Bundle
    sandbox: Mode
    train: bool
    cache: str | None
    """The folder of training results that the workers of one machine share; None keeps nothing."""


@dataclass(frozen=True, slots=True)
class Task:
    """One submission to grade."""

    number: int
    """Tells the tasks of one run apart."""
    path: str
    """For the report; its end says whether it is a notebook or a script."""
    student: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task."""

    number: int
    report: dict[str, Any] | None
    """As JSON, schema 1; None where the grader could not grade it."""
    why: str = ""
    """Why there is no report."""


class Runner(Protocol):
    """Who runs the tasks. It takes the next task when somebody is free for it, and no sooner."""

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """One result for each task, in whatever order they end."""

    def running(self) -> Iterable[tuple[str, float]]:
        """The paths that are being graded, each with the seconds that it has taken so far."""

    def close(self) -> None:
        """End everything that was started."""


class Grader:
    """One worker: a warm sandbox and the assignment, for one submission after the other.

    Args:
        results: where training results are shared; None: in the setup's folder.
    """

    def __init__(self, setup: Setup, results: ResultCache | None = None) -> None:
        # The sandbox imports TensorFlow while this process reads the assignment.
        self._sandbox = Sandbox(setup.sandbox)
        self._folder = tempfile.TemporaryDirectory(prefix="cnn-grader-class-")
        try:
            self._assignment = unpack_bundle(setup.bundle, Path(self._folder.name))
        except BaseException:
            self.close()
            raise
        cache = ResultCache(Path(setup.cache) if setup.cache else None)
        self._tools = Tools(self._sandbox, results or cache, setup.train)

    def grade(self, task: Task) -> Done:
        """Whatever goes wrong with one submission is its own."""
        try:
            report = grade_submission(
                task.path, task.data, self._assignment, self._tools, task.student
            )
        except GraderError as error:
            return Done(task.number, None, str(error))
        except Exception as error:
            # The batch loop: whatever it is, the others are still graded.
            return Done(task.number, None, f"The grader failed: {type(error).__name__}: {error}")
        return Done(task.number, report_as_json(report))

    def close(self) -> None:
        self._sandbox.__exit__()
        self._folder.cleanup()


def seconds_at_most(assignment: Assignment) -> float:
    """After which a worker is taken for stuck: more than a submission's own limits allow."""
    limits = assignment.limits
    checks = sum(len(exercise.checks) for exercise in assignment.exercises)
    builds = len(assignment.exercises) * 3 + checks
    trainings = len(assignment.exercises) + checks * 3
    return builds * limits.build_seconds + trainings * limits.train_seconds + GRACE_SECONDS
