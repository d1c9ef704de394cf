"""``compile``: optimizer, loss and metrics, as students pass them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from grader.checks.base import Finding
from grader.checks.compile import Compile, check_compile
from grader.records import CompileDescription, Evidence
from grader.sandbox.client import Sandbox
from tests.checks.models import build_compiled

SPARSE = "sparse_categorical_crossentropy"
FIX = "Change what you pass to compile."
WHERE = "The model is not compiled as asked."
WHOLE = "The labels are whole numbers, which the sparse form takes."


def run(sandbox: Sandbox, arguments: str, expect: dict[str, Any]) -> Finding:
    code = f"model = Sequential([Input((4,)), Dense(3)])\nmodel.compile({arguments})"
    spec = Compile.model_validate({"expect": expect})
    return check_compile(spec, Evidence(compiled=build_compiled(sandbox, code)))


ADAM = {"Adam": {"learning_rate": 0.001}}
FULL = {"optimizer": ADAM, "loss": SPARSE, "metrics": ["accuracy"]}


@pytest.mark.parametrize(
    ("arguments", "expect"),
    [
        (f"optimizer='adam', loss='{SPARSE}', metrics=['accuracy']", FULL),
        (f"optimizers.Adam(1e-3), loss='{SPARSE}', metrics=['acc']", FULL),
        (
            "optimizers.Adam(), losses.SparseCategoricalCrossentropy(from_logits=True), "
            "metrics=[metrics.SparseCategoricalAccuracy()]",
            FULL,
        ),
        (f"'adam', losses.{SPARSE}, metrics=[metrics.CategoricalAccuracy(), 'mae']", FULL),
        ("'adam', 'mse'", {"loss": "MeanSquaredError"}),
        ("'adam', losses.MeanSquaredError()", {"loss": "mean_squared_error"}),
        ("optimizers.SGD(0.1, momentum=0.9)", {"optimizer": {"SGD": {"momentum": 0.9}}}),
        ("optimizers.SGD(0.1)", {"optimizer": {"sgd": {"nesterov": False}}}),
        ("loss='mse'", {"optimizer": "rmsprop"}),
    ],
    ids=[
        "names",
        "objects",
        "logits",
        "functions",
        "short loss",
        "long loss",
        "float32",
        "boolean",
        "default",
    ],
)
def test_compiled_as_asked(sandbox: Sandbox, arguments: str, expect: dict[str, Any]) -> None:
    finding = run(sandbox, arguments, expect)
    assert (finding.credit, finding.where) == (1, "The model is compiled as asked.")
    assert (finding.detail, finding.why, finding.fix) == ("", "", "")


@pytest.mark.parametrize(
    ("arguments", "expect", "credit", "detail", "why"),
    [
        (
            "'sgd', 'categorical_crossentropy', metrics=['mae']",
            FULL,
            0,
            "The optimizer is SGD; expected Adam. The loss is categorical_crossentropy; expected "
            "sparse_categorical_crossentropy. The metrics lack accuracy.",
            WHOLE,
        ),
        (
            f"'adam', losses.{SPARSE}",
            {"loss": "categorical_crossentropy"},
            0,
            "The loss is sparse_categorical_crossentropy; expected categorical_crossentropy.",
            "The labels are one-hot rows, which the form that is not sparse takes.",
        ),
        (
            "'adam', 'mse'",
            {"loss": "binary_crossentropy"},
            0,
            "The loss is mse; expected binary_crossentropy.",
            "The labels are 0 or 1, for each output alone.",
        ),
        (
            "'adam', 'mae'",
            {"loss": "mean_squared_error"},
            0,
            "The loss is mae; expected mean_squared_error.",
            "",
        ),
        (
            "'adam'",
            {"loss": "mean_squared_error"},
            0,
            "The loss is not given; expected mean_squared_error.",
            "",
        ),
        (
            f"optimizers.Adam(0.1), '{SPARSE}', metrics=['accuracy']",
            FULL,
            2 / 3,
            "The optimizer's learning_rate is 0.1; expected 0.001.",
            "",
        ),
        (
            "optimizers.SGD(0.1)",
            {"optimizer": {"SGD": {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True}}},
            0,
            "The optimizer's learning_rate is 0.1; expected 0.01. The optimizer's momentum is 0; "
            "expected 0.9. The optimizer's nesterov is False; expected True.",
            "",
        ),
        (
            "optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 100, 0.9))",
            {"optimizer": {"SGD": {"learning_rate": 0.01}}},
            0,
            "The optimizer's learning_rate is ExponentialDecay; expected 0.01.",
            "",
        ),
        (
            f"'adam', '{SPARSE}'",
            {"loss": SPARSE, "metrics": ["accuracy", "MeanSquaredError"]},
            0.5,
            "The metrics lack accuracy and MeanSquaredError.",
            "",
        ),
        (
            "'adam', 'mae'",
            {"loss": "mean_squared_error", "metrics": []},
            0,
            "The loss is mae; expected mean_squared_error.",
            "",
        ),
    ],
    ids=[
        "all three",
        "one-hot",
        "binary",
        "other loss",
        "no loss",
        "learning rate",
        "three arguments",
        "schedule",
        "metrics",
        "no metrics asked",
    ],
)
def test_not_compiled_as_asked(
    sandbox: Sandbox, arguments: str, expect: dict[str, Any], credit: float, detail: str, why: str
) -> None:
    finding = run(sandbox, arguments, expect)
    assert finding.credit == pytest.approx(credit, abs=1e-12)
    assert (finding.where, finding.detail, finding.why, finding.fix) == (WHERE, detail, why, FIX)


def test_a_model_that_is_not_compiled() -> None:
    finding = check_compile(
        Compile.model_validate({"expect": {"loss": "mean_squared_error"}}), Evidence()
    )
    assert finding == Finding(
        0,
        "The model is not compiled.",
        "",
        "Without compile there is no optimizer and no loss to train with.",
        "Call model.compile(...) before the model is returned.",
        {"loss": "mean_squared_error"},
    )


def test_the_settings_are_kept_for_the_report(sandbox: Sandbox) -> None:
    finding = run(sandbox, "'adam', 'mse', metrics=['mae']", {"optimizer": ADAM})
    assert finding.expected == {
        "optimizer": {"type": "Adam", "args": {"learning_rate": 0.001}},
    }
    assert finding.got == {"optimizer": "Adam", "loss": "mse", "metrics": ["mae"]}


def test_an_optimizer_that_is_not_given_is_named_so() -> None:
    compiled = CompileDescription(None, {}, None, {}, ())
    spec = Compile.model_validate({"expect": {"optimizer": "Adam"}})
    finding = check_compile(spec, Evidence(compiled=compiled))
    assert finding.detail == "The optimizer is not given; expected Adam."


@pytest.mark.parametrize(
    "expect",
    [{}, {"metrics": []}, {"loss": "crossentropy"}, {"optimizer": "Adm"}, {"losses": "mse"}],
)
def test_settings_that_make_no_sense_are_refused(expect: Any) -> None:
    with pytest.raises(ValidationError):
        Compile.model_validate({"expect": expect})
