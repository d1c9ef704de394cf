"""``parameters``: how many numbers the model learns.

What it checks
    The number of parameters: in all, trainable, and not trainable. Each is one number, or a
    range with ``min`` and ``max``; one number alone is the total.

Why it matters
    A convolution has k·k·C_in·C_out weights and C_out biases, a dense layer D_in·D_out and
    D_out. A wrong count points at the layer where the arithmetic went wrong.

Passes
    check: {type: parameters, expect: 40}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])

Fails
    check: {type: parameters, expect: {total: {max: 39}}}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from grader.checks.base import CheckSpec, Finding
from grader.checks.patterns import Fault, refuse
from grader.checks.ranges import NumberRange
from grader.model.explain import explain_parameters
from grader.records import Evidence, ModelDescription, Plain
from grader.words import join_words, show_count


class ParameterCounts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    total: NumberRange | None = None
    trainable: NumberRange | None = None
    non_trainable: NumberRange | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"total": value}
        return value

    @model_validator(mode="after")
    def _asks_something(self) -> ParameterCounts:
        if not self.asked():
            refuse([Fault((), "Ask for total, trainable or non_trainable.")])
        return self

    def asked(self) -> dict[str, NumberRange]:
        pairs = {
            "total": self.total,
            "trainable": self.trainable,
            "non_trainable": self.non_trainable,
        }
        return {key: value for key, value in pairs.items() if value is not None}


class Parameters(CheckSpec):
    type: Literal["parameters"] = "parameters"
    expect: ParameterCounts
    """One number (the total), or total, trainable and non_trainable as numbers or ranges."""


WORDS = {
    "total": "parameters",
    "trainable": "trainable parameters",
    "non_trainable": "parameters that are not trainable",
}


def check_parameters(spec: Parameters, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    model = evidence.model
    counts = {
        "total": model.total_params,
        "trainable": model.trainable_params,
        "non_trainable": model.non_trainable_params,
    }
    asked = spec.expect.asked()
    expected: Plain = {key: bounds.plain() for key, bounds in asked.items()}
    got: Plain = {key: counts[key] for key in asked}
    wrong = [key for key, bounds in asked.items() if not bounds.holds(counts[key])]
    if not wrong:
        said = ", ".join(
            f"{show_count(counts[key])} {WORDS[key]} ({bounds.show()} asked)"
            for key, bounds in asked.items()
        )
        return Finding(1, f"{said}.", expected=expected, got=got)
    return Finding(
        (len(asked) - len(wrong)) / len(asked),
        f"The number of {join_words([WORDS[key] for key in wrong])} is not as asked.",
        " ".join(
            f"The model has {show_count(counts[key])}; expected {asked[key].show()}."
            for key in wrong
        ),
        _largest(model, wrong[0]),
        "Count each layer's parameters by hand and compare with the table.",
        expected,
        got,
    )


def _largest(model: ModelDescription, key: str) -> str:
    """The layer with most of the parameters in question, with its arithmetic."""
    counted = [
        {
            "total": layer.params,
            "trainable": layer.trainable_params,
            "non_trainable": layer.params - layer.trainable_params,
        }[key]
        for layer in model.layers
    ]
    most = max(counted, default=0)
    if not most:
        return "None of its layers has any."
    layer = model.layers[counted.index(most)]
    formula = explain_parameters(layer.type, layer.config, layer.input_shape)
    return f"Most are in {layer.type} ({layer.name[:60]}): {formula or show_count(most)}."
