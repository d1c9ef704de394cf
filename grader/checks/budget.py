"""``budget``: what the model costs, and how far it sees.

What it checks
    Parameters, multiply-adds for one image, and the receptive field (pixels of the input that
    one value of the last feature map can see, along its shorter side), each as a number or a
    range. The credit is the share that holds. With ``relative_to`` parameters and multiply-adds
    are shares of what one given layer would cost at the exercise's input.

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
from grader.checks.patterns import Fault, Layer, refuse
from grader.checks.ranges import NumberRange
from grader.model.arithmetic import layer_output_shape
from grader.model.counts import layer_parameters, multiply_adds
from grader.model.explain_counts import (
    explain_multiply_adds,
    explain_parameters,
    explain_receptive_field,
)
from grader.records import Evidence, LayerDescription, ModelDescription, Plain
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
    relative_to: Layer | None = None
    """Then parameters and multiply-adds are shares of what this one layer costs at the input."""


NAMES = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
    "receptive_field": "receptive field",
}


def check_budget(spec: Budget, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    has, asked = _costs(evidence.model), _asked(spec, evidence)
    wrong = [key for key, bounds in asked.items() if not _holds(bounds, has[key])]
    expected: Plain = {key: bounds.plain() for key, bounds in asked.items()}
    got: Plain = {key: has[key] for key in asked}
    if not wrong:
        said = join_words([_words(key, has[key]) for key in asked])
        return Finding(1, f"The model has {said}: within the budget.", expected=expected, got=got)
    one = wrong == ["receptive_field"]
    named = join_words([NAMES[key] for key in wrong])
    why, fix = _advice(evidence.model, wrong[0], asked[wrong[0]], has[wrong[0]])
    if spec.relative_to is not None:
        share = spec.expect.asked()[wrong[0]].show()
        why = f"Asked is {share} of what one {spec.relative_to.type} costs here. {why}".strip()
    return Finding(
        (len(asked) - len(wrong)) / len(asked),
        f"The model's {named} {'is' if one else 'are'} not within the budget.",
        " ".join(f"It has {_words(key, has[key])}; expected {asked[key].show()}." for key in wrong),
        why,
        fix,
        expected,
        got,
    )


def _asked(spec: Budget, evidence: Evidence) -> dict[str, NumberRange]:
    """The budget in numbers, also where the assignment gives it in shares of a layer."""
    asked, layer = spec.expect.asked(), spec.relative_to
    if layer is None or evidence.input_shape is None:
        return asked
    shape = evidence.input_shape
    output = layer_output_shape(layer.type, layer.args, shape)
    whole = {
        "parameters": layer_parameters(layer.type, layer.args, shape) or 0,
        "multiply_adds": multiply_adds(layer.type, layer.args, shape, output) if output else 0,
    }
    return {
        key: bounds.times(whole[key]) if key in whole else bounds for key, bounds in asked.items()
    }


def _costs(model: ModelDescription) -> dict[str, int | None]:
    return {
        "parameters": model.total_params,
        "multiply_adds": model.multiply_adds,
        "receptive_field": min(model.receptive_field) if model.receptive_field else None,
    }


def _holds(bounds: NumberRange, value: int | None) -> bool:
    return value is not None and bounds.holds(value)


def _words(key: str, number: int | None) -> str:
    """``40 parameters``, ``a receptive field of 3 pixels``."""
    if key != "receptive_field":
        return f"{show_count(number or 0)} {NAMES[key]}"
    if number is None:
        return "no receptive field that is known"
    return f"a receptive field of {show_count(number)} pixel{'' if number == 1 else 's'}"


def _advice(
    model: ModelDescription, key: str, bounds: NumberRange, has: int | None
) -> tuple[str, str]:
    """Why, and what to try."""
    if has is None:
        return "", "Begin with a convolution or a pooling."
    upper = bounds.max if bounds.exact is None else bounds.exact
    too_much = upper is not None and has > upper
    if key == "receptive_field":
        sum = explain_receptive_field(model.layers)
        here = f" Here: {sum}." if sum else ""
        return (
            f"Each k×k window adds (k − 1) times the product of the strides before it.{here}",
            "Try smaller kernels, or fewer of them."
            if too_much
            else "Try larger kernels, more of them, or a stride or pooling before them.",
        )
    if not too_much:
        return "", "Try more filters or units, or more layers."
    field = "params" if key == "parameters" else "multiply_adds"
    layer = max(model.layers, key=lambda layer: getattr(layer, field), default=None)
    if layer is None:
        return "", ""
    formula = _formula(key, layer)
    cost = f"{formula} {NAMES[key]}" if formula else _words(key, getattr(layer, field))
    return (
        f"Most are in {layer.type} ({layer.name[:60]}): {cost}.",
        "Try fewer filters or units there, or pooling before it.",
    )


def _formula(key: str, layer: LayerDescription) -> str:
    if not layer.input_shapes or layer.calls > 1:
        return ""
    given, shape = layer.input_shape, layer.output_shape
    if key == "parameters":
        return explain_parameters(layer.type, layer.config, given)
    return explain_multiply_adds(layer.type, layer.config, given, shape)
