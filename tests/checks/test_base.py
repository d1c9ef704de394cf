"""How a finding becomes a result: status, score, and how much of it is told."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from grader.checks.base import HINT_LEVELS, CheckSpec, CheckType, Finding, HintLevel, run_check
from grader.records import CheckResult, Evidence, LayerNote

NOTE = LayerNote(0, "wrong", "expected 26×26×24")
FINDING = Finding(
    0.5, "Layer 1.", "It gives 3; expected 4.", "3 + 1 = 4.", "Try 4.", [4], [3], (NOTE,)
)


class Size(CheckSpec):
    type: Literal["size"] = "size"


def judge(
    finding: Finding, level: HintLevel = "fix", points: float = 10, **settings: Any
) -> CheckResult:
    check = CheckType(Size, lambda *_: finding, "build")
    return run_check(check, Size(id="size", points=points, **settings), Evidence(), level)


@pytest.mark.parametrize(
    ("credit", "status", "score"),
    [
        (1, "passed", 10),
        (1.5, "passed", 10),
        (0.999999, "partial", 9.99999),
        (0.25, "partial", 2.5),
        (0, "failed", 0),
        (-0.5, "failed", 0),
        (math.nan, "failed", 0),
        (math.inf, "passed", 10),
    ],
)
def test_status_and_score_follow_from_the_credit(credit: float, status: str, score: float) -> None:
    result = judge(replace(FINDING, credit=credit))
    assert (result.status, result.score, result.max_score) == (status, score, 10)


@pytest.mark.parametrize(
    ("level", "message", "hint", "told"),
    [
        ("none", "Not passed.", None, False),
        ("where", "Layer 1.", None, False),
        ("why", "Layer 1. It gives 3; expected 4.", "3 + 1 = 4.", True),
        ("fix", "Layer 1. It gives 3; expected 4.", "3 + 1 = 4. Try 4.", True),
    ],
)
def test_each_hint_level_tells_a_little_more(
    level: HintLevel, message: str, hint: str | None, told: bool
) -> None:
    result = judge(FINDING, level)
    assert result.message == message
    assert result.hint == hint
    assert result.expected == ([4] if told else None)
    assert result.got == ([3] if told else None)
    assert result.layers == ((NOTE,) if told else ())


@pytest.mark.parametrize("level", HINT_LEVELS)
def test_a_check_that_passed_says_so_at_every_level(level: HintLevel) -> None:
    done = Finding(1, "All 3 layers are as asked.", expected=[4], got=[4], layers=(NOTE,))
    result = judge(done, level)
    assert result.message == "All 3 layers are as asked."
    assert (result.expected, result.got, result.hint) == ([4], [4], None)
    assert result.layers == (NOTE,)


@pytest.mark.parametrize("level", HINT_LEVELS)
@pytest.mark.parametrize(
    ("credit", "status", "score"), [(1, "passed", 10), (0.5, "partial", 5), (0, "failed", 0)]
)
def test_a_hidden_check_tells_its_score_and_no_more(
    level: HintLevel, credit: float, status: str, score: float
) -> None:
    result = judge(replace(FINDING, credit=credit), level, visibility="hidden")
    assert result == CheckResult(
        id="size",
        type="size",
        status=status,  # type: ignore[arg-type]
        score=score,
        max_score=10,
        message="A hidden check.",
        expected=None,
        got=None,
        hint=None,
        visibility="hidden",
        layers=(),
    )


def test_parts_that_a_finding_lacks_leave_no_gap() -> None:
    result = judge(Finding(0, "Layer 1.", "", "", "Try 4."), "fix")
    assert (result.message, result.hint) == ("Layer 1.", "Try 4.")
    result = judge(Finding(0, "Layer 1."), "fix")
    assert (result.message, result.hint) == ("Layer 1.", None)


@pytest.mark.parametrize("points", [-1, math.nan, math.inf])
def test_points_are_finite_and_not_below_zero(points: float) -> None:
    with pytest.raises(ValidationError):
        Size(points=points)


def test_a_check_without_points_is_passed_or_not_all_the_same() -> None:
    result = judge(FINDING, points=0)
    assert (result.status, result.score, result.max_score) == ("partial", 0, 0)
