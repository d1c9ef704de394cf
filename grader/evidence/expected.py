"""Expected values that the author's solution gives, computed where it is, else stored.

An instructor has ``solutions/NN-topic.ipynb``; a student has what ``grade.py release`` stored
beside the assignment, ``assignments/NN-topic.values.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.assignment.load import LoadedAssignment
from grader.assignment.schema import Exercise
from grader.checks.base import CheckSpec
from grader.checks.response import Image, Response
from grader.checks.returns import Case, Returns
from grader.errors import SubmissionError, UsageError
from grader.records import Submission
from grader.submission.read import read_submission
from grader.training.cache import digest_of

MAX_BYTES = 16 * 2**20

Compute = Callable[[Submission], list[Any]]
"""Gives the values of all cases of a check from a submission, here the solution."""


def expected_values(
    assignment: LoadedAssignment, exercise: Exercise, spec: Returns | Response, compute: Compute
) -> tuple[Any, ...]:
    """The expected value of each case: what the assignment says, or what the solution gives.

    Raises UsageError, the author's fault, where neither is to be had.
    """
    cases: Sequence[Case | Image] = spec.cases
    told = tuple(case.expect for case in cases)
    if all(case.expect_from is None for case in cases):
        return told
    if assignment.solution.exists():
        given = _from_solution(assignment.solution, spec, compute)
    else:
        given = _stored(assignment, exercise, spec)
    return tuple(
        given[place] if case.expect_from else told[place] for place, case in enumerate(cases)
    )


def _from_solution(solution: Path, spec: CheckSpec, compute: Compute) -> list[Any]:
    try:
        return compute(read_submission(solution))
    except SubmissionError as error:
        raise UsageError(f"{solution}, check {spec.id}: {error.problem.message}") from error


def _stored(assignment: LoadedAssignment, exercise: Exercise, spec: CheckSpec) -> list[Any]:
    path = assignment.values
    release = f"run python grade.py release {assignment.content.id} where the solution is"
    if not path.exists():
        raise UsageError(
            f"{assignment.path}, check {spec.id}: its values come from the solution, and neither "
            f"{assignment.solution} nor {path} is there; {release}."
        )
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        entry = json.loads(path.read_text(encoding="utf-8"))[exercise.id][spec.id]
        cases, values = entry["cases"], entry["values"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UsageError(f"{path} has no values for {spec.id} ({error}); {release}.") from error
    if cases != digest_of(_cases(spec)) or not isinstance(values, list):
        raise UsageError(f"{path} was made from other cases of {spec.id}; {release}.")
    return values


def released(spec: CheckSpec, values: list[Any]) -> dict[str, Any]:
    """What is stored of one check: its values, and the digest of the cases they belong to."""
    return {"cases": digest_of(_cases(spec)), "values": values}


def _cases(spec: CheckSpec) -> dict[str, Any]:
    return {"cases": spec.model_dump(mode="json")["cases"]}


def plain(value: Any) -> Any:
    """Arrays as nested lists."""
    return value.tolist() if hasattr(value, "tolist") else value
