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

from grader.checks.asked import asked_layers, unasked_weights
from grader.checks.base import CheckSpec, Finding
from grader.checks.layers import compare_layers
from grader.checks.patterns import Fault, refuse
from grader.checks.ranges import NumberRange
from grader.model.counts import layer_parameters
from grader.model.explain_counts import explain_difference, explain_parameters
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
        _explained(evidence, wrong[0], asked[wrong[0]]) or _largest(model, wrong[0]),
        "Count each layer's parameters by hand and compare with the table.",
        expected,
        got,
    )


def _explained(evidence: Evidence, key: str, bounds: NumberRange) -> str:
    """The layer whose count makes the difference, with its arithmetic; empty where none does."""
    model = evidence.model
    assert model is not None
    if key != "total":
        return ""
    if not evidence.asked_layers:
        return _bias_alone(model, bounds)
    _, _, pairs = compare_layers(evidence.asked_layers, evidence.allowed_layers, model)
    if unasked_weights(pairs, model):
        return ""
    told: list[tuple[bool, int, str]] = []
    for asked in asked_layers(pairs, model)[0]:
        layer = None if asked.index is None else model.layers[asked.index]
        if layer is None or layer.type != asked.type:
            continue
        said = explain_difference(
            asked.type, asked.config, asked.input_shape, layer.config, layer.input_shape
        )
        count = layer_parameters(asked.type, asked.config, asked.input_shape)
        if said and count is not None:
            more = layer.params - count
            words = f"Layer {(asked.index or 0) + 1}, {layer.type} ({layer.name[:60]}): {said}."
            told.append((bounds.holds(model.total_params - more), abs(more), words))
    return max(told)[2] if told else ""


def _bias_alone(model: ModelDescription, bounds: NumberRange) -> str:
    """The one layer whose bias, put in or left out, makes the count right."""
    told = []
    for index, layer in enumerate(model.layers):
        other = {**layer.config, "use_bias": not layer.config.get("use_bias", True)}
        given = layer.input_shape if layer.input_shapes else ()
        count = layer_parameters(layer.type, other, given)
        if count is None or bounds.exact != model.total_params - layer.params + count:
            continue
        said = explain_difference(layer.type, other, given, layer.config, given)
        told.append(f"Layer {index + 1}, {layer.type} ({layer.name[:60]}): {said}.")
    return told[0] if len(told) == 1 else ""


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
    shown = formula if formula and most == layer.params else show_count(most)
    return f"Most are in {layer.type} ({layer.name[:60]}): {shown}."
