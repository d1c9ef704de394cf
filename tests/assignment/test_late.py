"""What lateness costs, and how an author may write it."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from grader.assignment.late import Late

RULE = Late(per_day=0.1, max=0.5)


def read(value: Any) -> Late:
    """As the loader reads it."""
    return Late.model_validate_json(json.dumps(value), strict=True)


def fault(value: Any) -> tuple[Any, str]:
    """Where it is wrong, and what the author is told."""
    with pytest.raises(ValidationError) as caught:
        read(value)
    (detail,) = caught.value.errors()
    (found,) = detail["ctx"]["faults"]
    return (*detail["loc"], *found.at), found.message


@pytest.mark.parametrize(
    "value", ["10%", "10 %", " 10% ", "10.0%", 0.1], ids=["tight", "gap", "edges", "point", "share"]
)
def test_a_share_is_a_percentage_or_a_number(value: Any) -> None:
    assert read({"per_day": value, "max": "50%"}) == RULE


def test_without_a_maximum_all_can_be_lost() -> None:
    assert read({"per_day": "40%"}).penalty(100, 100, 30) == 100


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (10, "Expected more than 0% and at most 100%, got 10. Write 10%."),
        (100, "Expected more than 0% and at most 100%, got 100. Write 100%."),
        (101, "Expected more than 0% and at most 100%, got 101."),
        (0, "Expected more than 0% and at most 100%, got 0."),
        (-0.1, "Expected more than 0% and at most 100%, got -0.1."),
        ("0%", "Expected more than 0% and at most 100%, got 0%."),
        ("150%", "Expected more than 0% and at most 100%, got 150%."),
        ("ten", 'Expected a share such as 10% or 0.1, got "ten".'),
        ("0.1", 'Expected a share such as 10% or 0.1, got "0.1".'),
        ("-10%", 'Expected a share such as 10% or 0.1, got "-10%".'),
        ("1e1%", 'Expected a share such as 10% or 0.1, got "1e1%".'),
        ("\u0661%", 'Expected a share such as 10% or 0.1, got "\u0661%".'),
        ("\x1b%", 'Expected a share such as 10% or 0.1, got "\\x1b%".'),
        (True, "Expected a share such as 10% or 0.1, got true."),
        (None, "Expected a share such as 10% or 0.1, got nothing."),
        ([0.1], "Expected a share such as 10% or 0.1, got a list."),
    ],
)
def test_what_is_no_share_is_refused_at_its_key(value: Any, message: str) -> None:
    assert fault({"per_day": value}) == (("per_day",), message)
    assert fault({"per_day": 0.1, "max": value}) == (("max",), message)


def test_a_maximum_below_one_day_is_refused() -> None:
    message = "max (5 %) is below per_day (10 %)."
    assert fault({"per_day": "10%", "max": "5%"}) == (("max",), message)


@pytest.mark.parametrize("value", [{}, {"max": 0.5}, {"per_day": 0.1, "perday": 0.1}, [], "10%"])
def test_what_is_no_rule_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        read(value)


def test_the_schema_for_editors_takes_what_the_model_takes() -> None:
    schema = Draft202012Validator(Late.model_json_schema())
    for value in ("10%", "10 %", 0.1, 1):
        assert schema.is_valid({"per_day": value, "max": "100%"})
    for value in (10, 0, "ten", True, None):
        assert not schema.is_valid({"per_day": value})


@pytest.mark.parametrize(
    ("days", "points"),
    [
        (None, 0),
        (0.0, 0),
        (-1.0, 0),
        (math.nan, 0),
        (1 / 86_400, 10),
        (0.5, 10),
        (1.0, 10),
        (1 + 1e-9, 10),
        (1 + 1 / 86_400, 20),
        (3.0, 30),
        (5.0, 50),
        (400.0, 50),
        (math.inf, 50),
    ],
)
def test_each_day_that_has_begun_costs_its_share_of_the_maximum(
    days: float | None, points: float
) -> None:
    assert RULE.penalty(80, 100, days) == points


def test_the_share_is_of_what_could_be_earned_and_not_of_what_was() -> None:
    assert RULE.penalty(60, 200, 1) == 20


@pytest.mark.parametrize("score", [0.0, 5.0, -3.0])
def test_nobody_falls_below_zero(score: float) -> None:
    assert RULE.penalty(score, 100, 3) == max(score, 0)


@given(st.integers(1, 100), st.integers(0, 40 * 86_400), st.integers(0, 1000), st.integers(0, 1000))
def test_the_penalty_is_the_exact_one(percent: int, seconds: int, score: int, most: int) -> None:
    rule = read({"per_day": f"{percent}%", "max": "100%"})
    begun = -(-seconds // 86_400)
    exact = min(min(Fraction(percent * begun, 100), Fraction(1)) * most, Fraction(score))
    assert rule.penalty(score, most, seconds / 86_400) == pytest.approx(float(exact), abs=1e-6)
