"""``budget``: what the model costs, and how far it sees.

What it checks
    Parameters, multiply-adds for one image, and the receptive field (pixels of the input that
    one value of the last feature map can see, along its shorter side), each as a number or a
    range. The credit is the share that holds.

Why it matters
    Two networks with the same output can differ a hundredfold in cost; and what lies outside
    the receptive field cannot be recognised.

Passes
    check: {type: budget, expect: {multiply_adds: {max: 1296}, receptive_field: {min: 3}}}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])

Fails
    check: {type: budget, expect: {parameters: {max: 39}}}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from grader.checks.base import CheckSpec, Finding
from grader.checks.patterns import Fault, NumberRange, refuse
from grader.records import Evidence, ModelDescription
from grader.words import join_words, show_count


class Costs(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    parameters: NumberRange | None = None
    multiply_adds: NumberRange | None = None
    receptive_field: NumberRange | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Costs:
        if not self.asked():
            refuse([Fault((), "Ask for parameters, multiply_adds or receptive_field.")])
        return self

    def asked(self) -> dict[str, NumberRange]:
        pairs = {
            "parameters": self.parameters,
            "multiply_adds": self.multiply_adds,
            "receptive_field": self.receptive_field,
        }
        return {key: value for key, value in pairs.items() if value is not None}


class Budget(CheckSpec):
    type: Literal["budget"] = "budget"
    expect: Costs
    """``parameters``, ``multiply_adds`` and ``receptive_field``, as numbers or ranges."""


WORDS = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
    "receptive_field": "pixels of receptive field",
}


def check_budget(spec: Budget, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    has, asked = _costs(evidence.model), spec.expect.asked()
    wrong = [key for key, bounds in asked.items() if not bounds.holds(has[key])]
    expected = {key: bounds.plain() for key, bounds in asked.items()}
    got = {key: has[key] for key in asked}
    if not wrong:
        said = join_words([f"{show_count(has[key])} {WORDS[key]}" for key in asked])
        return Finding(1, f"The model has {said}: within the budget.", expected=expected, got=got)
    key = wrong[0]
    return Finding(
        1 - len(wrong) / len(asked),
        "The model is not within the budget.",
        f"It has {show_count(has[key])} {WORDS[key]}; expected {asked[key].show()}.",
        _dearest(evidence.model, key),
        "",
        expected,
        got,
    )


def _costs(model: ModelDescription) -> dict[str, int]:
    return {
        "parameters": model.total_params,
        "multiply_adds": model.multiply_adds,
        "receptive_field": min(model.receptive_field or (0,)),
    }


def _dearest(model: ModelDescription, key: str) -> str:
    if key == "receptive_field":
        return "Each k×k window adds (k − 1) times the product of the strides before it."
    field = "params" if key == "parameters" else "multiply_adds"
    layer = max(model.layers, key=lambda layer: getattr(layer, field), default=None)
    if layer is None:
        return ""
    return (
        f"The dearest layer is {layer.type} ({layer.name[:60]}) with "
        f"{show_count(getattr(layer, field))}."
    )
