"""``returns``: functions of students are called for real, and what they give is compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from grader.checks.base import Finding
from grader.checks.returns import Returns, check_returns
from grader.checks.values import LISTED
from grader.records import Evidence, Returned
from grader.sandbox.client import Sandbox
from tests.checks.models import call

FIX = "Work this case out by hand, then follow your function with the same numbers."


def run(sandbox: Sandbox, function: str, *cases: dict[str, Any]) -> Finding:
    spec = Returns.model_validate({"id": "size", "cases": list(cases)})
    calls = [case.model_dump(include={"args", "kwargs"}) for case in spec.cases]
    return check_returns(spec, Evidence(returned={"size": call(sandbox, function, calls)}))


CASES = [
    {"args": [28, 3], "expect": 26},
    {"args": [28, 3], "kwargs": {"stride": 2, "padding": 1}, "expect": 14},
    {"args": [7, 3], "expect": 5},
]


def test_the_lectures_formula_passes(sandbox: Sandbox) -> None:
    function = "lambda n, k, stride=1, padding=0: (n + 2 * padding - k) // stride + 1"
    finding = run(sandbox, function, *CASES)
    assert finding == Finding(
        1, "All 3 cases are right.", expected=[26, 14, 5], got=[26, 14, 5], layers=()
    )


def test_one_case_alone_is_worded_as_one(sandbox: Sandbox) -> None:
    assert run(sandbox, "lambda n, k: n - k + 1", CASES[0]).where == "The case is right."
    finding = run(sandbox, "lambda n, k: n - k", CASES[0])
    assert finding == Finding(
        0, "The case (28, 3) is not right.", "Expected 26, got 25.", "", FIX, [26], [25]
    )


def test_the_first_wrong_case_is_named_and_the_credit_is_the_share_of_right_ones(
    sandbox: Sandbox,
) -> None:
    finding = run(sandbox, "lambda n, k, stride=1, padding=0: (n - k) // stride + 1", *CASES)
    assert finding == Finding(
        2 / 3,
        "2 of 3 cases are right. The first wrong one is (28, 3, stride=2, padding=1).",
        "Expected 14, got 13.",
        "",
        FIX,
        [26, 14, 5],
        [26, 13, 5],
    )
    finding = run(sandbox, "lambda n, k, stride=1, padding=0: 26", *CASES)
    assert finding.where == (
        "1 of 3 cases is right. The first wrong one is (28, 3, stride=2, padding=1)."
    )
    finding = run(sandbox, "lambda n, k, stride=1, padding=0: 1", *CASES)
    assert (finding.credit, finding.where) == (
        0,
        "0 of 3 cases are right. The first wrong one is (28, 3).",
    )


RAISES = """
def f(n, k, stride=1, padding=0):
    return (n - k) // (stride - 1) + 1
"""


def test_a_case_that_raises_does_not_end_the_others(sandbox: Sandbox) -> None:
    finding = run(sandbox, RAISES, *CASES)
    assert finding.credit == 0
    assert finding.where == "0 of 3 cases are right. The first wrong one is (28, 3)."
    assert finding.detail.startswith("ZeroDivisionError: ")
    assert finding.detail.endswith(" (cell 2, line 3).")
    assert finding.got == [None, 26, None]


@pytest.mark.parametrize(
    ("function", "detail"),
    [
        ("lambda n, k: None", "Expected the number 26, got None."),
        ("lambda n, k: '26'", "Expected the number 26, got the text '26'."),
        ("lambda n, k: True", "Expected the number 26, got the boolean True."),
        ("lambda n, k: float('nan')", "Expected 26, got nan."),
        ("lambda n, k: np.float32('inf')", "Expected 26, got inf."),
        ("lambda n, k: (26, 26)", "Expected the number 26, got the list [26, 26]."),
        ("lambda n, k: np.full((2, 2), 26)", "Expected the number 26, got the list [[26, 26], "),
        ("lambda n, k: {'size': 26}", "Expected the number 26, got the dict {'size': 26}."),
        ("lambda n, k: print(n - k + 1)", "Expected the number 26, got None."),
        ("lambda n, k: 26 + 0j", "f gives a value of type complex; numbers or arrays are asked."),
        ("lambda n, k: np.array(['26'])", "f gives a value of type array of <U2; numbers or"),
        ("lambda n, k: object()", "f gives a value of type object; numbers or arrays are asked."),
        ("lambda n: n", "TypeError: "),
    ],
)
def test_other_kinds_of_value(sandbox: Sandbox, function: str, detail: str) -> None:
    finding = run(sandbox, function, CASES[0])
    assert finding.credit == 0
    assert finding.detail.startswith(detail)


@pytest.mark.parametrize(
    "function",
    ["lambda n, k: 26.0", "lambda n, k: np.int8(26)", "lambda n, k: np.array(26.0000001)"],
)
def test_equal_kinds_of_number(sandbox: Sandbox, function: str) -> None:
    assert run(sandbox, function, CASES[0]).credit == 1


def test_arrays_are_compared_by_shape_and_then_by_value(sandbox: Sandbox) -> None:
    case = {"args": [[1, 2, 3], [1, 1]], "expect": [3, 5]}
    convolve = "lambda x, k: np.convolve(x, k, 'valid')"
    assert run(sandbox, convolve, case).credit == 1
    finding = run(sandbox, convolve.replace("valid", "same"), case)
    assert finding.detail == "Expected 2 values, got 3."
    assert finding.got == [[1, 3, 5]]
    finding = run(sandbox, "lambda x, k: [[3, 5]]", case)
    assert finding.detail == "Expected the shape (2,), got (1, 2)."
    finding = run(sandbox, "lambda x, k: (3, 4)", case)
    assert finding.detail == "Expected 5, got 4 (at [1])."
    finding = run(sandbox, "lambda x, k: [[3], [3, 5]]", case)
    assert finding.detail == "Expected the shape (2,), got rows of different lengths."


def test_a_tolerance_holds_for_its_case_only(sandbox: Sandbox) -> None:
    near = {"args": [], "expect": 100, "tolerance": 0.01}
    exact = {"args": [], "expect": 100}
    assert run(sandbox, "lambda: 101", near).credit == 1
    assert run(sandbox, "lambda: 101", near, exact).credit == 0.5


def test_what_a_function_gives_can_be_written_as_json() -> None:
    values = [[np.zeros(2), np.ones(2)], np.zeros((100, 100)), list(range(LISTED)), "a" * 20_000]
    spec = Returns.model_validate({"id": "f", "cases": [{"expect": 1}] * len(values)})
    finding = check_returns(spec, Evidence(returned={"f": tuple(map(Returned, values))}))
    assert isinstance(finding.got, list)
    assert finding.got[0] == [[0, 0], [1, 1]]
    assert finding.got[1] == "an array of the shape (100, 100)"
    assert all(len(text) <= 80 for text in finding.got[1:] if isinstance(text, str))


@pytest.mark.parametrize(
    "settings",
    [
        {"cases": []},
        {"cases": [{"args": [1]}]},
        {"cases": [{"expect": 1, "tolerance": -1}]},
        {"cases": [{"expect": 1, "tolerance": float("inf")}]},
        {"cases": [{"expect": 1, "tolerance": float("nan")}]},
        {"cases": [{"expect": 1, "arguments": [1]}]},
    ],
    ids=["no cases", "no expect", "negative", "infinite", "not a number", "unknown key"],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Returns.model_validate(settings)
