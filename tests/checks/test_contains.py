"""``contains``: how many layers of a type."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from grader.checks.contains import Contains, check_contains
from grader.records import Evidence
from grader.sandbox.client import Sandbox
from tests.checks.models import build

CNN = (
    "Sequential([Input((28, 28, 1)), Conv2D(4, 3, activation='relu'), MaxPool2D(), Conv2D(4, 3),"
    " ReLU(), GlobalAveragePooling2D(), Dense(10, activation='softmax')])"
)
NESTED = """
inner = Sequential([Input((8, 8, 1)), Conv2D(4, 3), Conv2D(4, 3)])
x = Input((8, 8, 1))
shared = Dropout(0.5)
model = Model(x, [shared(inner(x)), shared(Conv2D(1, 1)(x))])
"""
OPERATION = "x = Input((8,))\nmodel = Model(x, ops.relu(Dense(3)(x)))"
LEAKY = "Sequential([Input((8,)), Dense(3), ReLU(negative_slope=0.1), Activation('relu')])"
NOTHING = "x = Input((8, 8, 1))\nmodel = Model(x, x)"


def run(sandbox: Sandbox, code: str, expect: dict[str, Any]) -> tuple[float, str, str, str, str]:
    spec = Contains(expect=expect)
    finding = check_contains(spec, Evidence(model=build(sandbox, code)))
    return finding.credit, finding.where, finding.detail, finding.why, finding.fix


@pytest.mark.parametrize(
    ("code", "expect", "sentence"),
    [
        (
            CNN,
            {"Conv2D": {"min": 1, "max": 3}, "Dropout": 0},
            "The model has 2 Conv2D and no Dropout, as asked.",
        ),
        (CNN, {"MaxPool2D": 1}, "The model has 1 MaxPooling2D, as asked."),
        (CNN, {"ReLU": 2, "Softmax": 1}, "The model has 2 ReLU and 1 Softmax, as asked."),
        (CNN, {"Activation": 0, "ReLU": {"min": 2}}, "The model has no Activation and 2 ReLU, as"),
        (OPERATION, {"ReLU": 1}, "The model has 1 ReLU, as asked."),
        (LEAKY, {"ReLU": 2, "Activation": 1}, "The model has 2 ReLU and 1 Activation, as asked."),
        (NESTED, {"Conv2D": 3, "Dropout": 1}, "The model has 3 Conv2D and 1 Dropout, as asked."),
        (NOTHING, {"Conv2D": 0, "InputLayer": 0}, "The model has no Conv2D and no InputLayer, as"),
    ],
    ids=["range", "alias", "activations", "named", "operation", "leaky", "nested", "no layers"],
)
def test_right_numbers(sandbox: Sandbox, code: str, expect: dict[str, Any], sentence: str) -> None:
    credit, where, *rest = run(sandbox, code, expect)
    assert credit == 1
    assert where.startswith(sentence) and where.endswith("as asked.")
    assert rest == ["", "", ""]


@pytest.mark.parametrize(
    ("expect", "finding"),
    [
        (
            {"Conv2D": 3},
            (
                0,
                "The number of Conv2D layers is not as asked.",
                "It has 2 Conv2D; expected 3.",
                "",
                "Add Conv2D.",
            ),
        ),
        (
            {"Conv2D": 1, "Dense": 1},
            (
                0.5,
                "The number of Conv2D layers is not as asked.",
                "It has 2 Conv2D; expected 1.",
                "",
                "Take Conv2D out.",
            ),
        ),
        (
            {"Dropout": {"min": 1}, "Dense": {"max": 0}, "MaxPooling2D": 1},
            (
                1 / 3,
                "The numbers of Dropout and Dense layers are not as asked.",
                "It has no Dropout; expected at least 1. It has 1 Dense; expected at most 0.",
                "",
                "Add Dropout. Take Dense out.",
            ),
        ),
    ],
    ids=["too few", "too many", "both"],
)
def test_wrong_numbers(
    sandbox: Sandbox, expect: dict[str, Any], finding: tuple[float, str, str, str, str]
) -> None:
    assert run(sandbox, CNN, expect) == finding


def test_the_numbers_are_kept_for_the_report(sandbox: Sandbox) -> None:
    spec = Contains(expect={"MaxPool2D": {"min": 2}, "Dense": 1})  # type: ignore[dict-item]
    finding = check_contains(spec, Evidence(model=build(sandbox, CNN)))
    assert finding.expected == {"MaxPooling2D": {"min": 2}, "Dense": 1}
    assert finding.got == {"MaxPooling2D": 1, "Dense": 1}


@pytest.mark.parametrize("expect", [{}, {"Conv": 1}, {"Conv2D": {}}, {"Conv2D": True}, ["Conv2D"]])
def test_settings_that_make_no_sense_are_refused(expect: Any) -> None:
    with pytest.raises(ValidationError):
        Contains(expect=expect)
