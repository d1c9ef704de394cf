"""Scores are arithmetic on results.

A check that was ``skipped`` earns nothing. A check that ended in ``error`` is nobody's loss: its
points leave the maximum, and the report is for a person to review.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from grader.checks.base import CheckSpec
from grader.records import CheckResult, ExerciseReport, Report
from grader.words import join_words

DIGITS = 6
"""Decimal places kept: 0.1 + 0.2 is 0.3."""

PASSED, FAILED, USAGE, REVIEW = 0, 1, 2, 3
"""Exit statuses of a command that grades one submission."""


def add_scores(results: Iterable[CheckResult]) -> tuple[float, float]:
    """Points earned and points that could be earned."""
    counted = [result for result in results if result.status != "error"]
    return (
        round(math.fsum(result.score for result in counted), DIGITS),
        round(math.fsum(result.max_score for result in counted), DIGITS),
    )


def add_exercises(exercises: Iterable[ExerciseReport]) -> tuple[float, float]:
    exercises = list(exercises)
    return (
        round(math.fsum(exercise.score for exercise in exercises), DIGITS),
        round(math.fsum(exercise.max_score for exercise in exercises), DIGITS),
    )


def skip(spec: CheckSpec, why: str) -> CheckResult:
    """The result of a check that could not be made because of the submission."""
    return _unchecked(spec, "skipped", why)


def wait_for(spec: CheckSpec, needs: Iterable[str]) -> CheckResult:
    """The result of a check whose ``needs`` did not pass."""
    return skip(spec, f"Waits for {join_words(list(needs))}.")


def our_fault(spec: CheckSpec, why: str) -> CheckResult:
    """The result of a check that the grader, or the assignment, could not make."""
    return _unchecked(spec, "error", why)


def _unchecked(spec: CheckSpec, status: Literal["skipped", "error"], why: str) -> CheckResult:
    return CheckResult(
        id=spec.id,
        type=spec.type,
        status=status,
        score=0.0,
        max_score=spec.points,
        message="A hidden check." if spec.visibility == "hidden" else why,
        expected=None,
        got=None,
        hint=None,
        visibility=spec.visibility,
    )


def report_status(exercises: Iterable[ExerciseReport]) -> Literal["graded", "needs_review"]:
    """``needs_review`` as soon as one check could not be decided, or rests on a claim.

    A model that was kept inside the walls is described and trained beside the student's code,
    which may say of it what it likes.
    """
    exercises = list(exercises)
    undecided = any(is_undecided(exercise) for exercise in exercises)
    claimed = any(is_claim(exercise) for exercise in exercises)
    return "needs_review" if undecided or claimed else "graded"


def is_undecided(exercise: ExerciseReport) -> bool:
    return any(check.status == "error" for check in exercise.checks)


def is_claim(exercise: ExerciseReport) -> bool:
    """Whether what is said of the model is the student's own word."""
    return exercise.model is not None and not exercise.model.rebuilt


def exit_status(report: Report) -> int:
    """0 every check passed, 1 something did not, 3 a person has to look."""
    if report.status == "needs_review":
        return REVIEW
    checks = [check for exercise in report.exercises for check in exercise.checks]
    return PASSED if all(check.status == "passed" for check in checks) else FAILED
