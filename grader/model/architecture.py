"""The architecture that a student's process claims: checked, cleaned, and in canonical form.

What arrives is JSON in the form that Keras saves. What is left of it is a plain description from
which the model can be built without trusting anybody.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.model.allow_list import copy_allowed, is_model
from grader.model.canonical import activation_alone, takes_activation
from grader.model.refusals import custom, forbidden, unreadable
from grader.model.renaming import MODEL_NAME, rename_layers

MAX_DEPTH = 60
MAX_VALUES = 200_000
MAX_TEXT = 1_000
MAX_CHARACTERS = 1_000_000

Layer = dict[str, Any]
"""``module``, ``class_name`` and ``config`` of one layer."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """A checked architecture."""

    config: Mapping[str, Any]
    """In Keras's saved form, with neutral names and without seeds."""
    names: tuple[str, ...]
    """The student's layer names, in the order of the neutral ones (``n0``, ``n1``, …)."""

    @property
    def digest(self) -> str:
        """Equal for equal architectures, however the student named or wrote the parts."""
        text = json.dumps(canonical_model(self.config), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def check_architecture(claimed: Any) -> Architecture:
    """Hold a claimed architecture against the allow-list and clean it.

    Raises SubmissionError with kind ``custom_layer``, ``forbidden`` or ``unreadable``.
    """
    if not isinstance(claimed, dict) or not isinstance(claimed.get("class_name"), str):
        raise unreadable("it is not the description of a Keras model")
    _Size().add(claimed, 0)
    if not is_model(claimed):
        raise custom(claimed["class_name"])
    config = copy_allowed(claimed)
    names = rename_layers(config)
    return Architecture(config, tuple(names))


class _Size:
    """Refuses what is too large or no plain value, before anything else looks at it."""

    def __init__(self) -> None:
        self.values = 0
        self.characters = 0

    def add(self, value: Any, depth: int) -> None:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise unreadable("it is too large or too deep")
        if isinstance(value, dict):
            for key, item in value.items():
                self.add(key, depth + 1)
                self.add(item, depth + 1)
        elif isinstance(value, list):
            for item in value:
                self.add(item, depth + 1)
        elif isinstance(value, str):
            if len(value) > MAX_TEXT:
                raise forbidden("The model holds a text of more than 1,000 characters.")
            self.characters += len(value)
            if self.characters > MAX_CHARACTERS:
                raise unreadable("it is too large or too deep")
        elif not isinstance(value, bool | int | float | None):
            # Arrays cross the wall as arrays; an architecture has none.
            raise forbidden("The model holds an array of numbers, which could carry weights.")


def canonical_model(config: Mapping[str, Any]) -> dict[str, Any]:
    """A model to build from: the same for all equal ways to write it.

    A chain is Sequential, however it was written and nested, and an activation layer directly
    behind a linear layer belongs to it. Every other model stays as it is.
    """
    chain = _as_chain(config)
    if chain is None:
        return copy.deepcopy(dict(config))
    layers: list[Layer] = []
    for layer in chain:
        alone = activation_alone(layer["class_name"], layer["config"])
        if alone and layers and _takes(layers[-1], layer):
            layers[-1]["config"]["activation"] = alone
            continue
        layers.append({**layer, "config": dict(layer["config"])})
    for place, layer in enumerate(layers):
        layer["config"]["name"] = f"n{place}"
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": MODEL_NAME, "layers": layers},
        "registered_name": None,
    }


def is_plain_chain(config: Mapping[str, Any]) -> bool:
    """Whether a model is Keras's layers one behind the other, for images of float32.

    Nothing is called with a mask or a constant then, and nothing is an operation.
    """
    chain = _as_chain(config)
    return chain is not None and not any(
        _is_input(layer) and layer["config"].get("dtype") for layer in chain
    )


def _takes(before: Layer, layer: Layer) -> bool:
    """Whether an activation layer says the same as an ``activation`` of the layer before it.

    A penalty on a layer's output would fall on another value then.
    """
    penalised = any(item["config"].get("activity_regularizer") for item in (before, layer))
    linear = before["config"].get("activation") == "linear"
    return takes_activation(before["class_name"]) and linear and not penalised


def _as_chain(model: Mapping[str, Any]) -> list[Layer] | None:
    """The layers of a model in which each reads exactly the one before; None for any other."""
    layers: list[Layer] = model["config"]["layers"]
    if model["class_name"] != "Sequential" and not _follow_each_other(model["config"], layers):
        return None
    chain: list[Layer] = []
    for layer in layers:
        if is_model(layer):
            nested = _as_chain(layer)
            if nested is None:
                return None
            # The first input says what the whole takes, wherever it is nested.
            again = bool(chain) and any(map(_is_input, nested[:1]))
            chain += nested[again:]
        elif layer["module"] != "keras.layers":
            return None
        else:
            kept = ("module", "class_name", "config", "registered_name")
            chain.append({key: layer[key] for key in kept})
    return chain


def _is_input(layer: Layer) -> bool:
    return bool(layer["class_name"] == "InputLayer")


def _follow_each_other(config: Mapping[str, Any], layers: list[Layer]) -> bool:
    """Whether a functional graph is one chain from its only input to its only output."""
    if not layers or layers[0]["class_name"] != "InputLayer":
        return False
    names = [layer["config"]["name"] for layer in layers]
    read = [_only_source(layer.get("inbound_nodes")) for layer in layers[1:]]
    ends = [_only_end(config.get(key)) for key in ("input_layers", "output_layers")]
    return read == names[:-1] and ends == [names[0], names[-1]]


def _only_source(nodes: Any) -> str | None:
    """The layer that the only call of a layer reads, where it is given nothing else."""
    match nodes:
        case [{"args": [{"config": {"keras_history": [str(name), *_]}}], "kwargs": dict(rest)}]:
            return name if all(value is None for value in rest.values()) else None
    return None


def _only_end(ends: Any) -> str | None:
    match ends:
        case [str(name), 0, 0] | [[str(name), 0, 0]]:
            return name
    return None
