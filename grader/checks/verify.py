"""``verify``: calculate your own, and hold it against your own model.

What it checks
    A dict in the notebook gives, for each layer that has parameters, how many it has. Each
    number is compared with the layer that the student's own model really has at that place. The
    credit is the share of the numbers that agree.

Why it matters
    Whoever can predict a layer's parameters before Keras tells them understands the layer.

Passes
    check: {type: verify, answers: counts, keys: [conv]}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])
    answers: {conv: 40}

Fails
    check: {type: verify, answers: counts, keys: [conv], count: weights}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])
    answers: {conv: 40}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from grader.checks.answers import as_number
from grader.checks.base import CheckSpec, Finding
from grader.checks.python_names import PythonName
from grader.checks.values import difference, for_report, show
from grader.model.counts import weight_count
from grader.model.explain_counts import explain_parameters
from grader.records import Evidence, LayerDescription, Plain
from grader.words import show_count


class Verify(CheckSpec):
    type: Literal["verify"] = "verify"
    answers: PythonName
    """The dict in the notebook."""
    keys: Annotated[tuple[str, ...], Field(min_length=1, max_length=200)]
    """Its keys, in the order of the model's layers that have parameters."""
    count: Literal["parameters", "weights"] = "parameters"
    """``weights`` leaves biases out, as the lecture does."""


def check_verify(spec: Verify, evidence: Evidence) -> Finding:
    assert evidence.model is not None and evidence.answers is not None
    layers = [layer for layer in evidence.model.layers if layer.params]
    if len(layers) != len(spec.keys):
        return Finding(
            0,
            f"The model has {len(layers)} layers with parameters; {spec.answers} is about "
            f"{len(spec.keys)}.",
            "",
            "Each number is compared with one layer, from input to output.",
            "Put the model's layers right first.",
        )
    real = {key: _count(layer, spec.count) for key, layer in zip(spec.keys, layers, strict=True)}
    given = {key: as_number(evidence.answers.get(key)) for key in spec.keys}
    wrong = [key for key in spec.keys if difference(real[key], given[key]) is not None]
    got: Plain = {key: for_report(value) for key, value in given.items()}
    what = "parameters" if spec.count == "parameters" else "weights, without biases"
    if not wrong:
        said = f"All {len(real)} numbers in {spec.answers} are what your model has."
        return Finding(1, said, expected=dict(real), got=got)
    key = wrong[0]
    place = spec.keys.index(key)
    layer = layers[place]
    said = f"{spec.answers} says {_shown(evidence.answers, key)}"
    return Finding(
        1 - len(wrong) / len(real),
        f"{len(real) - len(wrong)} of {len(real)} numbers agree with your model. The first that "
        f"does not is {key}.",
        f"{said}; your {layer.type} ({layer.name[:60]}) has {show_count(real[key])} {what}.",
        _why(layer, spec.count),
        "Either the number or the layer is wrong: work out both with the formula.",
        dict(real),
        got,
    )


def _count(layer: LayerDescription, count: str) -> int:
    if count == "parameters":
        return layer.params
    return weight_count(layer.type, layer.config, layer.input_shape) or 0


def _shown(answers: Mapping[str, Any], key: str) -> str:
    return show(answers[key]) if key in answers else "nothing"


def _why(layer: LayerDescription, count: str) -> str:
    """The formula with the layer's own numbers."""
    config = layer.config if count == "parameters" else {**layer.config, "use_bias": False}
    formula = explain_parameters(layer.type, config, layer.input_shape)
    return f"{formula}." if formula else ""
