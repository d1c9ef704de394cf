"""``parameters``: counts, and where most of them are."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from grader.checks.parameters import Parameters, check_parameters
from grader.records import Evidence
from grader.sandbox.client import Sandbox
from tests.checks.models import build

CNN = (
    "Sequential([Input((28, 28, 1)), Conv2D(24, 3, name='conv'), MaxPooling2D(2), Flatten(),"
    " Dense(10, name='decide')])"
)
NORMALISED = (
    "Sequential([Input((8, 8, 1)), Conv2D(4, 3, name='conv'), BatchNormalization(name='norm')])"
)
FROZEN = "Sequential([Input((8, 8, 1)), Conv2D(4, 3, name='conv', trainable=False), Flatten()])"
POOL = "Sequential([Input((8, 8, 1)), MaxPooling2D()])"
NOTHING = "x = Input((8, 8, 1))\nmodel = Model(x, x)"
SHARED = """
shared = Dense(8, name='shared')
x = Input((8,))
model = Model(x, shared(shared(x)))
"""
FIX = "Count each layer's parameters by hand and compare with the table."


def run(sandbox: Sandbox, code: str, expect: Any) -> tuple[float, str, str, str, str]:
    spec = Parameters(expect=expect)
    finding = check_parameters(spec, Evidence(model=build(sandbox, code)))
    return finding.credit, finding.where, finding.detail, finding.why, finding.fix


@pytest.mark.parametrize(
    ("code", "expect", "sentence"),
    [
        (CNN, 40810, "40,810 parameters (40,810 asked)."),
        (CNN, {"total": {"max": 50000}}, "40,810 parameters (at most 50,000 asked)."),
        (
            NORMALISED,
            {"total": 56, "trainable": 48, "non_trainable": {"min": 1, "max": 8}},
            "56 parameters (56 asked), 48 trainable parameters (48 asked), 8 parameters that are "
            "not trainable (between 1 and 8 asked).",
        ),
        (FROZEN, {"trainable": 0}, "0 trainable parameters (0 asked)."),
        (NOTHING, 0, "0 parameters (0 asked)."),
        # A layer that is used twice has its parameters once.
        (SHARED, 72, "72 parameters (72 asked)."),
    ],
    ids=["one number", "range", "three counts", "frozen", "no layers", "shared"],
)
def test_right_counts(sandbox: Sandbox, code: str, expect: Any, sentence: str) -> None:
    assert run(sandbox, code, expect) == (1, sentence, "", "", "")


@pytest.mark.parametrize(
    ("code", "expect", "finding"),
    [
        (
            CNN,
            40800,
            (
                0,
                "The number of parameters is not as asked.",
                "The model has 40,810; expected 40,800.",
                "Layer 4, Dense (decide): 4056·10 = 40,560, you have 40,570: the 10 biases are too "
                "many (use_bias=True).",
                FIX,
            ),
        ),
        (
            CNN,
            40801,
            (
                0,
                "The number of parameters is not as asked.",
                "The model has 40,810; expected 40,801.",
                "Most are in Dense (decide): 4056·10 + 10 = 40,570.",
                FIX,
            ),
        ),
        (
            NORMALISED,
            {"total": {"min": 100}, "trainable": 48, "non_trainable": 0},
            (
                1 / 3,
                "The number of parameters and parameters that are not trainable is not as asked.",
                "The model has 56; expected at least 100. The model has 8; expected 0.",
                "Most are in Conv2D (conv): 3·3·1·4 + 4 = 40.",
                FIX,
            ),
        ),
        (
            NORMALISED,
            {"non_trainable": 0},
            (
                0,
                "The number of parameters that are not trainable is not as asked.",
                "The model has 8; expected 0.",
                "Most are in BatchNormalization (norm): 8.",
                FIX,
            ),
        ),
        (
            FROZEN,
            {"trainable": 40},
            (
                0,
                "The number of trainable parameters is not as asked.",
                "The model has 0; expected 40.",
                "None of its layers has any.",
                FIX,
            ),
        ),
        (
            POOL,
            40,
            (
                0,
                "The number of parameters is not as asked.",
                "The model has 0; expected 40.",
                "None of its layers has any.",
                FIX,
            ),
        ),
        (
            NOTHING,
            {"total": {"min": 1}},
            (
                0,
                "The number of parameters is not as asked.",
                "The model has 0; expected at least 1.",
                "None of its layers has any.",
                FIX,
            ),
        ),
    ],
    ids=[
        "a bias too many",
        "total",
        "two of three",
        "not trainable",
        "frozen",
        "pool",
        "no layers",
    ],
)
def test_wrong_counts(
    sandbox: Sandbox, code: str, expect: Any, finding: tuple[float, str, str, str, str]
) -> None:
    assert run(sandbox, code, expect) == finding


ASKED: dict[str, tuple[str, list[tuple[str, dict[str, Any]]], Any, str]] = {
    "the count follows from a size": (
        "Conv2D(24, 3, padding='same', name='c'), MaxPooling2D(), Flatten(), Dense(10, name='d')",
        [
            ("Conv2D", {"filters": 24, "kernel_size": 3, "padding": "valid"}),
            ("MaxPooling2D", {}),
            ("Flatten", {}),
            ("Dense", {"units": 10}),
        ],
        40810,
        "Layer 4, Dense (d): 4056·10 + 10 = 40,570, you have 47,050: it reads 4,704 values "
        "instead of 4,056.",
    ),
    "the bias is missing": (
        "Conv2D(4, 3, use_bias=False, name='c'), Flatten(), Dense(10, name='d')",
        [("Conv2D", {"filters": 4, "use_bias": True}), ("Flatten", {}), ("Dense", {"units": 10})],
        27090,
        "Layer 1, Conv2D (c): 3·3·1·4 + 4 = 40, you have 36: the bias is missing (use_bias=False).",
    ),
    "two differ, and one of them makes the difference": (
        "Conv2D(8, 5, name='c'), GlobalMaxPooling2D(), Dense(12, name='d')",
        [
            ("Conv2D", {"filters": 8, "kernel_size": 3}),
            ("GlobalMaxPooling2D", {}),
            ("Dense", {"units": 10}),
        ],
        {"total": {"max": 200}},
        "Layer 1, Conv2D (c): 3·3·1·8 + 8 = 80, you have 208: its kernel is 5×5 instead of 3×3.",
    ),
    "none alone makes the difference": (
        "Conv2D(8, 5, name='c'), GlobalMaxPooling2D(), Dense(12, name='d')",
        [
            ("Conv2D", {"filters": 4, "kernel_size": 3}),
            ("GlobalMaxPooling2D", {}),
            ("Dense", {"units": 10}),
        ],
        90,
        "Layer 1, Conv2D (c): 3·3·1·4 + 4 = 40, you have 208: its kernel is 5×5 instead of 3×3 and "
        "it has 8 filters instead of 4.",
    ),
    "nothing that is asked for differs": (
        "Conv2D(8, 5, name='c'), GlobalMaxPooling2D(), Dense(12, name='d')",
        [("Conv2D", {}), ("GlobalMaxPooling2D", {}), ("Dense", {})],
        90,
        "Most are in Conv2D (c): 5·5·1·8 + 8 = 208.",
    ),
}


def test_what_is_asked_of_a_part_of_the_model_does_not_explain_all_of_it(sandbox: Sandbox) -> None:
    layers = "Conv2D(32, 3), Conv2D(32, 3, name='c'), Conv2D(10, 3), GlobalAveragePooling2D()"
    asked = (("Conv2D", {"filters": 10, "kernel_size": 1}), ("GlobalAveragePooling2D", {}))
    model = build(sandbox, f"Sequential([Input((28, 28, 1)), {layers}])")
    evidence = Evidence(model=model, asked_layers=asked, allowed_layers=("Conv2D",))
    spec = Parameters.model_validate({"expect": {"total": {"max": 9000}}})
    assert check_parameters(spec, evidence).why == "Most are in Conv2D (c): 3·3·32·32 + 32 = 9,248."


@pytest.mark.parametrize("name", ASKED)
def test_the_layer_that_makes_the_difference_is_named(sandbox: Sandbox, name: str) -> None:
    layers, asked, expect, why = ASKED[name]
    model = build(sandbox, f"Sequential([Input((28, 28, 1)), {layers}])")
    evidence = Evidence(model=model, asked_layers=tuple(asked))
    spec = Parameters.model_validate({"expect": expect})
    assert check_parameters(spec, evidence).why == why


def test_the_counts_are_kept_for_the_report(sandbox: Sandbox) -> None:
    spec = Parameters.model_validate({"expect": {"total": {"max": 39}, "trainable": 40}})
    finding = check_parameters(spec, Evidence(model=build(sandbox, NORMALISED)))
    assert finding.expected == {"total": {"max": 39}, "trainable": 40}
    assert finding.got == {"total": 56, "trainable": 48}


@pytest.mark.parametrize("expect", [{}, True, "40", {"totals": 40}, {"total": {}}, None])
def test_settings_that_make_no_sense_are_refused(expect: Any) -> None:
    with pytest.raises(ValidationError):
        Parameters(expect=expect)
