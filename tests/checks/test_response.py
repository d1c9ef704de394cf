"""What the student's own weights give, compared with what should come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from grader.checks.response import Response, check_response
from grader.records import Evidence

ONES = {"array": [[[1], [1]], [[1], [1]]]}


def spec(*expected: Any, **settings: Any) -> Response:
    cases = [{"image": ONES, "expect": value} for value in expected]
    return Response.model_validate({"id": "it", "cases": cases, **settings})


def evidence(*outputs: Any) -> Evidence:
    return Evidence(responses={"it": [np.array(output, dtype=np.float32) for output in outputs]})


def test_outputs_within_the_tolerance_pass() -> None:
    found = check_response(spec([[[1.0, 2.0]]]), evidence([[[1.0005, 2.0]]]))
    assert (found.credit, found.where) == (1, "On 1 image, all 2 channels came out as asked.")


def test_a_wrong_channel_costs_its_share_and_is_named_with_its_largest_difference() -> None:
    found = check_response(spec([[[1, 2, 3]], [[1, 2, 3]]]), evidence([[[1, 2, 3]], [[1, 7, 3]]]))
    assert found.credit == pytest.approx(2 / 3)
    assert found.where == "Channel 2 of 3 does not come out as asked."
    assert found.detail == ("For image 1, [[[1], [1]], [[1], [1]]], it is 7 at (1, 0); expected 2.")
    assert found.why == (
        "One value of a feature map is the sum of the kernel's weights times the pixels under "
        "it, plus the bias."
    )


def test_a_channel_must_be_right_on_every_image() -> None:
    found = check_response(spec([[[1]]], [[[2]]]), evidence([[[1]]], [[[0]]]))
    assert found.credit == 0
    assert found.detail.startswith("For image 2,")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_wrong(bad: float) -> None:
    found = check_response(spec([[[1, 1]]]), evidence([[[bad, 1]]]))
    assert found.credit == 0.5


def test_another_shape_is_told() -> None:
    found = check_response(spec([[[1]]]), evidence([[[1], [1]]]))
    assert found.credit == 0
    assert found.detail == "For image 1 it is 1×2×1; expected 1×1×1."


def test_values_of_the_solution_go_before() -> None:
    case = {"image": ONES, "expect_from": "solution"}
    asked = Response.model_validate({"id": "it", "cases": [case]})
    given = Evidence(
        responses={"it": [np.ones((1, 1, 1), dtype=np.float32)]}, expected={"it": ([[[1.0]]],)}
    )
    assert check_response(asked, given).credit == 1


@pytest.mark.parametrize("case", [{}, {"expect": [1], "expect_from": "solution"}])
def test_a_case_has_one_expectation(case: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Response.model_validate({"cases": [{"image": ONES, **case}]})
