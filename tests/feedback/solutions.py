"""The models of the six solutions, as the real sandbox describes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.assignment.schema import Exercise
from grader.choose import FOLDER
from grader.evidence.collect import Collector
from grader.evidence.work import Work
from grader.records import Evidence
from grader.sandbox.client import Sandbox
from grader.submission.read import read_submission
from grader.training.cache import ResultCache
from tests.conftest import ROOT


@dataclass(frozen=True)
class Solved:
    """One exercise of a shipped assignment that asks for a model, with the solution's."""

    assignment: LoadedAssignment
    exercise: Exercise
    evidence: Evidence

    @property
    def name(self) -> str:
        return f"{self.assignment.content.id[:2]} {self.exercise.id}"


@cache
def solved_exercises(sandbox: Sandbox) -> tuple[Solved, ...]:
    """Every exercise that asks for a model."""
    return tuple(_solve(sandbox))


def _solve(sandbox: Sandbox) -> Iterator[Solved]:
    for path in sorted(FOLDER.glob("*.yaml")):
        assignment = load_assignment(path)
        solution = read_submission(ROOT / "solutions" / f"{path.stem}.ipynb")
        for exercise in assignment.content.exercises:
            if exercise.kind == "build":
                work = Work()
                Collector(exercise, assignment, sandbox, ResultCache(None)).collect(solution, work)
                yield Solved(assignment, exercise, work.evidence)
