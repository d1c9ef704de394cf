"""The student's own counts beside the student's own model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks.verify import Verify, check_verify
from grader.records import Evidence
from tests.report.reports import CONV, MODEL, POOL

DENSE = replace(
    CONV,
    name="dense",
    type="Dense",
    config={"units": 10, "use_bias": True},
    input_shapes=((196,),),
    output_shapes=((10,),),
    params=1970,
)
EVIDENCE = Evidence(model=replace(MODEL, layers=(CONV, POOL, DENSE)))


def check(answers: dict[str, Any], **settings: Any) -> Any:
    spec = Verify.model_validate({"id": "it", "answers": "counts", "keys": ["a", "b"], **settings})
    return check_verify(spec, replace(EVIDENCE, answers=answers))


@pytest.mark.parametrize(
    "answers, count",
    [
        ({"a": 240, "b": 1970}, "parameters"),
        ({"a": 216, "b": 1960}, "weights"),
        ({"a": "240", "b": "1,970"}, "parameters"),
        ({"a": 240, "b": 1970, "more": 1}, "parameters"),
    ],
)
def test_counts_that_agree_with_the_model_pass(answers: dict[str, Any], count: str) -> None:
    found = check(answers, count=count)
    assert (found.credit, found.where) == (1, "All 2 numbers in counts are what your model has.")


def test_the_first_number_that_differs_is_told_with_the_formula() -> None:
    found = check({"a": 240, "b": 1960})
    assert found.credit == 0.5
    assert found.where == "1 of 2 numbers agree with your model. The first that does not is b."
    assert found.detail == "counts says 1960; your Dense (dense) has 1,970 parameters."
    assert found.why == "196·10 + 10 = 1,970."


def test_weights_leave_the_biases_out_of_the_formula() -> None:
    found = check({"a": 240, "b": 1960}, count="weights")
    assert found.detail == "counts says 240; your Conv2D (conv2d) has 216 weights, without biases."
    assert found.why == "3·3·1·24 = 216."


@pytest.mark.parametrize("value", [None, True, "many", [240], float("nan")])
def test_what_is_no_number_does_not_agree(value: Any) -> None:
    assert check({"a": value, "b": 1970}).credit == 0.5


def test_a_number_that_is_missing_is_named() -> None:
    assert (
        check({"b": 1970}).detail == "counts says nothing; your Conv2D (conv2d) has 240 parameters."
    )


def test_a_model_with_other_layers_is_put_right_first() -> None:
    found = check({"a": 240}, keys=["a"])
    assert (found.credit, found.where) == (
        0,
        "The model has 2 layers with parameters; counts is about 1.",
    )
