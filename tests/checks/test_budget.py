"""``budget``: cost, and how far the network sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from grader.checks.budget import Budget, check_budget
from grader.records import Evidence
from grader.sandbox.client import Sandbox
from tests.checks.models import build

CNN = (
    "Sequential([Input((28, 28, 1)), Conv2D(24, 3, name='conv'), MaxPooling2D(2),"
    " Conv2D(8, 3, name='deep'), Flatten(), Dense(10, name='decide')])"
)
POINTWISE = "Sequential([Input((8, 8, 3)), Conv2D(4, 1, name='conv')])"
WIDE = "Sequential([Input((28, 20, 1)), Conv2D(4, (3, 5))])"
DENSE = "Sequential([Input((8, 8, 1)), Flatten(), Dense(3, name='decide')])"
NOTHING = "x = Input((8, 8, 1))\nmodel = Model(x, x)"
SEES = "Each k×k window adds (k − 1) times the product of the strides before it."


def run(sandbox: Sandbox, code: str, expect: Any) -> tuple[float, str, str, str, str]:
    spec = Budget(expect=expect)
    finding = check_budget(spec, Evidence(model=build(sandbox, code)))
    return finding.credit, finding.where, finding.detail, finding.why, finding.fix


# 26·26·9·24, 11·11·9·24·8 and 968·10 multiply-adds; 3 pixels, 1 by the pool, 2·2 by the kernel.
ADDS = 26 * 26 * 216 + 11 * 11 * 1728 + 9680


@pytest.mark.parametrize(
    ("code", "expect", "sentence"),
    [
        (
            CNN,
            {"parameters": {"max": 20000}, "multiply_adds": ADDS, "receptive_field": 8},
            "The model has 11,666 parameters, 364,784 multiply-adds and a receptive field of 8 "
            "pixels: within the budget.",
        ),
        (
            POINTWISE,
            {"receptive_field": {"max": 1}},
            "The model has a receptive field of 1 pixel: within the budget.",
        ),
        # Along the shorter side.
        (
            WIDE,
            {"receptive_field": 3},
            "The model has a receptive field of 3 pixels: within the budget.",
        ),
        (NOTHING, {"parameters": 0}, "The model has 0 parameters: within the budget."),
    ],
    ids=["all three", "1×1", "not square", "no layers"],
)
def test_within_the_budget(sandbox: Sandbox, code: str, expect: Any, sentence: str) -> None:
    assert run(sandbox, code, expect) == (1, sentence, "", "", "")


@pytest.mark.parametrize(
    ("code", "expect", "finding"),
    [
        (
            CNN,
            {"parameters": {"max": 5000}},
            (
                0,
                "The model's parameters are not within the budget.",
                "It has 11,666 parameters; expected at most 5,000.",
                "Most are in Dense (decide): 968·10 + 10 = 9,690 parameters.",
                "Try fewer filters or units there, or pooling before it.",
            ),
        ),
        (
            CNN,
            {"multiply_adds": {"max": 300000}, "parameters": {"max": 20000}},
            (
                0.5,
                "The model's multiply-adds are not within the budget.",
                "It has 364,784 multiply-adds; expected at most 300,000.",
                "Most are in Conv2D (deep): 11·11·(3·3·24·8) = 209,088 multiply-adds.",
                "Try fewer filters or units there, or pooling before it.",
            ),
        ),
        (
            CNN,
            {"parameters": {"min": 20000}},
            (
                0,
                "The model's parameters are not within the budget.",
                "It has 11,666 parameters; expected at least 20,000.",
                "",
                "Try more filters or units, or more layers.",
            ),
        ),
        (
            CNN,
            {"multiply_adds": 400000},
            (
                0,
                "The model's multiply-adds are not within the budget.",
                "It has 364,784 multiply-adds; expected 400,000.",
                "",
                "Try more filters or units, or more layers.",
            ),
        ),
        (
            CNN,
            {"receptive_field": {"min": 12}},
            (
                0,
                "The model's receptive field is not within the budget.",
                "It has a receptive field of 8 pixels; expected at least 12.",
                f"{SEES} Here: 1 + (3 − 1)·1 + (2 − 1)·1 + (3 − 1)·2 = 8.",
                "Try larger kernels, more of them, or a stride or pooling before them.",
            ),
        ),
        (
            CNN,
            {"receptive_field": 5, "multiply_adds": {"max": 5}, "parameters": 11666},
            (
                1 / 3,
                "The model's multiply-adds and receptive field are not within the budget.",
                "It has 364,784 multiply-adds; expected at most 5. It has a receptive field of 8 "
                "pixels; expected 5.",
                "Most are in Conv2D (deep): 11·11·(3·3·24·8) = 209,088 multiply-adds.",
                "Try fewer filters or units there, or pooling before it.",
            ),
        ),
        (
            CNN,
            {"receptive_field": {"max": 5}},
            (
                0,
                "The model's receptive field is not within the budget.",
                "It has a receptive field of 8 pixels; expected at most 5.",
                f"{SEES} Here: 1 + (3 − 1)·1 + (2 − 1)·1 + (3 − 1)·2 = 8.",
                "Try smaller kernels, or fewer of them.",
            ),
        ),
        (
            DENSE,
            {"receptive_field": {"min": 3}},
            (
                0,
                "The model's receptive field is not within the budget.",
                "It has no receptive field that is known; expected at least 3.",
                "",
                "Begin with a convolution or a pooling.",
            ),
        ),
        (
            DENSE,
            {"receptive_field": {"max": 3}},
            (
                0,
                "The model's receptive field is not within the budget.",
                "It has no receptive field that is known; expected at most 3.",
                "",
                "Begin with a convolution or a pooling.",
            ),
        ),
        (
            NOTHING,
            {"parameters": {"min": 1}},
            (
                0,
                "The model's parameters are not within the budget.",
                "It has 0 parameters; expected at least 1.",
                "",
                "Try more filters or units, or more layers.",
            ),
        ),
    ],
    ids=[
        "too many parameters",
        "too many multiply-adds",
        "too few parameters",
        "too few multiply-adds",
        "sees too little",
        "two of three",
        "sees too much",
        "mixed at once",
        "mixed at once, at most",
        "no layers",
    ],
)
def test_not_within_the_budget(
    sandbox: Sandbox, code: str, expect: Any, finding: tuple[float, str, str, str, str]
) -> None:
    assert run(sandbox, code, expect) == finding


def test_the_costs_are_kept_for_the_report(sandbox: Sandbox) -> None:
    spec = Budget.model_validate({"expect": {"parameters": {"max": 5}, "receptive_field": 3}})
    finding = check_budget(spec, Evidence(model=build(sandbox, DENSE)))
    assert finding.expected == {"parameters": {"max": 5}, "receptive_field": 3}
    assert finding.got == {"parameters": 195, "receptive_field": None}


def test_a_claim_of_parameters_without_layers_blames_none(sandbox: Sandbox) -> None:
    claimed = replace(build(sandbox, NOTHING), total_params=100)
    spec = Budget.model_validate({"expect": {"parameters": {"max": 5}}})
    finding = check_budget(spec, Evidence(model=claimed))
    assert (finding.why, finding.fix) == ("", "")


@pytest.mark.parametrize("expect", [{}, {"params": 3}, {"parameters": {}}, 3])
def test_settings_that_make_no_sense_are_refused(expect: Any) -> None:
    with pytest.raises(ValidationError):
        Budget(expect=expect)
