"""Scores are arithmetic on results."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.base import CheckSpec
from grader.records import (
    CheckResult,
    CheckStatus,
    Environment,
    ExerciseReport,
    Report,
    Seconds,
)
from grader.score import (
    DIGITS,
    add_exercises,
    add_scores,
    exit_status,
    our_fault,
    report_status,
    skip,
    wait_for,
)


class Size(CheckSpec):
    type: Literal["size"] = "size"


SPEC = Size(id="size", points=10)
HIDDEN = Size(id="size", points=10, visibility="hidden")


def result(status: CheckStatus, score: float = 0, max_score: float = 10) -> CheckResult:
    return CheckResult("size", "size", status, score, max_score, "", None, None, None, "visible")


def exercise(*checks: CheckResult, **changes: Any) -> ExerciseReport:
    score, max_score = add_scores(checks)
    whole = ExerciseReport("cnn", "CNN", score, max_score, None, None, (), None, None, None, checks)
    return replace(whole, **changes)


def report(*checks: CheckResult) -> Report:
    exercises = (exercise(*checks),)
    score, max_score = add_exercises(exercises)
    return Report(
        "03",
        "CNN",
        "student.ipynb",
        None,
        "",
        report_status(exercises),
        score,
        max_score,
        exercises,
        Seconds(0, 0, 0, 0, 0),
        Environment("", "", "", "", ""),
    )


def test_points_add_up() -> None:
    checks = [result("passed", 10), result("partial", 2.5), result("failed"), result("skipped")]
    assert add_scores(checks) == (12.5, 40)
    assert add_scores([]) == (0, 0)


def test_an_error_is_nobodys_loss() -> None:
    checks = [result("passed", 10), result("error", 0, 90)]
    assert add_scores(checks) == (10, 10)


def test_rounding_leaves_no_dust() -> None:
    checks = [result("passed", 0.1, 0.1), result("passed", 0.2, 0.2)]
    assert add_scores(checks) == (0.3, 0.3)
    thirds = [result("partial", 10 * (1 - 2 / 3)) for _ in range(3)]
    assert add_scores(thirds) == (10, 30)
    assert add_exercises([exercise(*checks)] * 10) == (3, 3)


@settings(deadline=None)
@given(points=st.lists(st.floats(0, 1000), max_size=20))
def test_the_order_does_not_matter(points: list[float]) -> None:
    checks = [result("passed", value, value) for value in points]
    assert add_scores(checks) == add_scores(checks[::-1])
    exact = sum(map(Fraction, points), Fraction(0))
    assert add_scores(checks)[0] == round(float(exact), DIGITS)


def test_exercises_add_up() -> None:
    cnn, size = exercise(result("passed", 10)), exercise(result("partial", 5), result("failed"))
    assert add_exercises([cnn, size]) == (15, 30)
    assert add_exercises(iter([cnn, size])) == (15, 30)
    assert add_exercises([]) == (0, 0)


@pytest.mark.parametrize("status", ["skipped", "error"])
@pytest.mark.parametrize("spec", [SPEC, HIDDEN], ids=["visible", "hidden"])
def test_a_check_that_was_not_made(spec: Size, status: CheckStatus) -> None:
    make = skip if status == "skipped" else our_fault
    hidden = spec.visibility == "hidden"
    assert make(spec, "Not trained.") == CheckResult(
        id="size",
        type="size",
        status=status,
        score=0,
        max_score=10,
        message="A hidden check." if hidden else "Not trained.",
        expected=None,
        got=None,
        hint=None,
        visibility=spec.visibility,
    )


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        (["shape"], "Waits for shape."),
        (["shape", "size"], "Waits for shape and size."),
        (("a", "b", "c"), "Waits for a, b and c."),
    ],
)
def test_a_check_names_what_it_waits_for(needs: list[str], message: str) -> None:
    waiting = wait_for(SPEC, iter(needs))
    assert (waiting.status, waiting.message, waiting.score) == ("skipped", message, 0)


@pytest.mark.parametrize(
    ("statuses", "status", "exit_code"),
    [
        (["passed"], "graded", 0),
        (["passed", "passed"], "graded", 0),
        (["passed", "partial"], "graded", 1),
        (["passed", "failed"], "graded", 1),
        (["passed", "skipped"], "graded", 1),
        (["passed", "error"], "needs_review", 3),
        (["failed", "error"], "needs_review", 3),
        ([], "graded", 0),
    ],
)
def test_status_of_a_report_and_of_the_command(
    statuses: list[CheckStatus], status: str, exit_code: int
) -> None:
    graded = report(*map(result, statuses))
    assert (graded.status, exit_status(graded)) == (status, exit_code)
