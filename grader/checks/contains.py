"""``contains``: how many layers of a type the model has.

What it checks
    For each type, the number of layers: one number, or a range with ``min`` and ``max``; 0
    forbids the type. The order does not matter, and ``ReLU`` counts whether it is a layer or
    another layer's activation. The credit is the share of types that agree.

Why it matters
    Some tasks ask for a means and leave the rest free: "use dropout", "no dense layer but the
    last".

Passes
    check: {type: contains, expect: {Conv2D: {min: 1}, Dropout: 0}}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])

Fails
    check: {type: contains, expect: {Conv2D: 2}}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding
from grader.checks.patterns import LayerName
from grader.checks.ranges import NumberRange
from grader.model.canonical import activation_alone
from grader.records import Evidence, LayerDescription, Plain
from grader.words import join_words


class Contains(CheckSpec):
    type: Literal["contains"] = "contains"
    expect: Annotated[dict[LayerName, NumberRange], Field(min_length=1)]
    """How many layers of each type."""


def check_contains(spec: Contains, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    counts = {name: count_layers(evidence.model.layers, name) for name in spec.expect}
    wrong = [name for name, bounds in spec.expect.items() if not bounds.holds(counts[name])]
    expected: Plain = {name: bounds.plain() for name, bounds in spec.expect.items()}
    got: Plain = dict(counts)
    if not wrong:
        said = join_words([_words(name, counts[name]) for name in spec.expect])
        return Finding(1, f"The model has {said}, as asked.", expected=expected, got=got)
    number = "number" if len(wrong) == 1 else "numbers"
    verb = "is" if len(wrong) == 1 else "are"
    return Finding(
        (len(spec.expect) - len(wrong)) / len(spec.expect),
        f"The {number} of {join_words(wrong)} layers {verb} not as asked.",
        " ".join(
            f"It has {_words(name, counts[name])}; expected {spec.expect[name].show()}."
            for name in wrong
        ),
        "",
        " ".join(_advice(name, spec.expect[name], counts[name]) for name in wrong),
        expected,
        got,
    )


def count_layers(layers: Sequence[LayerDescription], name: str) -> int:
    """How many layers are of a type; an activation counts inside a layer as well as alone."""
    activation = activation_alone(name, {})

    def has_activation(layer: LayerDescription) -> bool:
        alone = activation_alone(layer.type, layer.config)
        return activation in (layer.config.get("activation"), alone)

    return sum(
        layer.type == name or (activation is not None and has_activation(layer)) for layer in layers
    )


def _words(name: str, count: int) -> str:
    return f"{count or 'no'} {name}"


def _advice(name: str, bounds: NumberRange, count: int) -> str:
    upper = bounds.max if bounds.exact is None else bounds.exact
    return f"Take {name} out." if upper is not None and count > upper else f"Add {name}."
