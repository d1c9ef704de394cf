"""The architecture that a student's process claims: checked, cleaned, and in canonical form.

What arrives is JSON in the form that Keras saves. Only classes on the allow-list pass, with only
the arguments that Keras gives them, and nothing that could carry weights or read a file. What is
left is a plain description from which the model can be built without trusting anybody.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import SubmissionError
from grader.model import keras_names
from grader.model.canonical import activation_alone
from grader.records import Problem
from grader.words import show_count

MAX_DEPTH = 60
MAX_LAYERS = 2_000
MAX_VALUES = 200_000
MAX_TEXT = 1_000
MAX_NUMBER = 2**40
MAX_CONSTANTS = 64
"""Numbers in one list: more could carry weights."""

FORBIDDEN = {
    "Lambda": "a Lambda layer hides Python code; use keras.ops or a layer of Keras's own",
    "TorchModuleWrapper": "it wraps code of another framework",
    "JaxLayer": "it wraps code of another framework",
    "FlaxLayer": "it wraps code of another framework",
    "TFSMLayer": "it reads a model from a file",
    "TextVectorization": "it may read a file",
    "StringLookup": "it may read a file",
    "IntegerLookup": "it may read a file",
}
"""Layers of Keras that are never rebuilt, and why."""

MODELS = {
    ("keras", "Sequential"),
    ("keras.models", "Sequential"),
    ("keras.src.models.functional", "Functional"),
    ("keras", "Functional"),
    ("keras", "Model"),
    ("keras.models", "Model"),
}
KINDS: Mapping[str, keras_names.Kind] = {
    "keras.layers": "layers",
    "keras.initializers": "initializers",
    "keras.regularizers": "regularizers",
    "keras.constraints": "constraints",
}
WRAPPERS = {"__keras_tensor__", "__tuple__", "__slice__", "__ellipsis__", "__numpy__", "__tensor__"}
DROPPED = ("build_config", "compile_config", "dtype")
"""Not part of the architecture: remade, or decided by the recipe."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """A checked architecture."""

    config: Mapping[str, Any]
    """In Keras's saved form, with neutral names and without seeds."""
    names: tuple[str, ...]
    """The student's layer names, in the order of the neutral ones (``n0``, ``n1``, …)."""

    @property
    def digest(self) -> str:
        """Equal for equal architectures, however the student named or nested the parts."""
        text = json.dumps(canonical_config(self.config), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def check_architecture(claimed: Any) -> Architecture:
    """Hold a claimed architecture against the allow-list and clean it.

    Raises SubmissionError with kind ``custom_layer``, ``forbidden`` or ``unreadable``.
    """
    config = copy.deepcopy(claimed) if isinstance(claimed, dict) else None
    if config is None or (config.get("module"), config.get("class_name")) not in MODELS:
        if isinstance(claimed, dict) and isinstance(claimed.get("class_name"), str):
            raise _custom(claimed)
        raise _unreadable("it is not the description of a Keras model")
    _Checker().check(config, 0)
    names = _rename(config)
    return Architecture(config, tuple(names))


class _Checker:
    """One walk over the claim, which counts what it meets."""

    def __init__(self) -> None:
        self.values = 0
        self.layers = 0

    def check(self, value: Any, depth: int) -> None:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise _unreadable("it is too large or too deep")
        if value is None or isinstance(value, bool):
            return
        if isinstance(value, int | float):
            if not abs(value) <= MAX_NUMBER:
                raise _forbidden(f"The model holds the number {value:.4g}; no layer needs it.")
        elif isinstance(value, str):
            if len(value) > MAX_TEXT:
                raise _forbidden("The model holds a text of more than 1,000 characters.")
        elif isinstance(value, list):
            self._check_list(value, depth)
        elif isinstance(value, dict):
            self._check_dict(value, depth)
        else:
            # Arrays cross the wall as arrays; an architecture has none.
            raise _forbidden("The model holds an array of numbers, which could carry weights.")

    def _check_list(self, value: list[Any], depth: int) -> None:
        numbers = sum(isinstance(item, int | float) for item in value)
        if numbers > MAX_CONSTANTS:
            raise _forbidden(
                f"The model holds {show_count(numbers)} numbers in one list, "
                "which could carry weights."
            )
        for item in value:
            self.check(item, depth + 1)

    def _check_dict(self, value: dict[str, Any], depth: int) -> None:
        if "class_name" in value:
            self._check_object(value)
        for key, item in value.items():
            if len(key) > MAX_TEXT:
                raise _unreadable("it has a key of more than 1,000 characters")
            self.check(item, depth + 1)

    def _check_object(self, value: dict[str, Any]) -> None:
        for key in ("build_config", "compile_config"):
            value.pop(key, None)
        module, name, config = value.get("module"), value["class_name"], value.get("config")
        if not isinstance(name, str):
            raise _unreadable("it names a class that is no text")
        if module is None and name in WRAPPERS:
            return
        if not isinstance(config, dict):
            raise _custom(value)
        if name in FORBIDDEN and module in ("keras.layers", None):
            raise _forbidden(f"{name} is not taken: {FORBIDDEN[name]}.")
        if value.get("registered_name") not in (None, name):
            raise _custom(value)
        if (module, name) in MODELS:
            self._count_layer()
            return
        if isinstance(module, str) and keras_names.is_operation(module, name):
            self._count_layer()
            return
        self._check_class(value, module, name, config)

    def _check_class(
        self, value: dict[str, Any], module: Any, name: str, config: dict[str, Any]
    ) -> None:
        """A layer, initialiser, regulariser or constraint, with arguments that Keras gives it."""
        if (module, name) == ("keras", "DTypePolicy"):
            return
        kind = KINDS.get(module) if isinstance(module, str) else None
        arguments = kind and keras_names.class_arguments(kind, name)
        if kind is None or arguments is None:
            raise _custom(value)
        known = set(arguments) | {"batch_shape", "name", "seed", "trainable", "dtype"}
        known |= EXTRA_KEYS.get(name, set())
        unknown = sorted(set(config) - known)
        if unknown:
            raise _forbidden(
                f"{name} has an argument that Keras does not know: {unknown[0]!r:.80}."
            )
        if kind == "layers":
            self._count_layer()
            config.pop("dtype", None) if name != "InputLayer" else None
            _clean_activations(config)
        if "seed" in config:
            # The weights are fresh, from the recipe's seed: nobody picks a lucky one.
            config["seed"] = None

    def _count_layer(self) -> None:
        self.layers += 1
        if self.layers > MAX_LAYERS:
            raise _forbidden(f"The model has more than {show_count(MAX_LAYERS)} layers.")


EXTRA_KEYS: dict[str, set[str]] = {
    "InputLayer": {"sparse", "ragged", "optional"},
    "Bidirectional": {"backward_layer"},
    "TimeDistributed": {"layer"},
}
"""What ``get_config`` gives beside the constructor's arguments."""


def _clean_activations(config: dict[str, Any]) -> None:
    """Give each activation the name that Keras has for it; one that has none is refused."""
    for key in ("activation", "recurrent_activation"):
        value = config.get(key)
        if isinstance(value, dict):
            config[key] = value = _activation_name(value)
        if value is None or isinstance(value, dict):
            continue
        if not isinstance(value, str) or value not in keras_names.activation_names():
            raise SubmissionError(
                Problem(
                    "custom_layer",
                    f"The activation {str(value)[:80]!r} is not one of Keras's own, so the model "
                    "cannot be rebuilt. Use one of Keras's activations.",
                )
            )


def _activation_name(value: dict[str, Any]) -> Any:
    """The name of an activation given as a layer or as a function of TensorFlow's.

    A layer without such a name, such as LeakyReLU, stays as it is: the allow-list sees it later.
    """
    config = value.get("config")
    if value.get("module") == "keras.layers" and isinstance(config, dict):
        return activation_alone(str(value.get("class_name")), config) or value
    return TENSORFLOW_NAMES.get(str(config), config)


TENSORFLOW_NAMES = {
    "softmax_v2": "softmax",
    "log_softmax_v2": "log_softmax",
    "swish": "silu",
    "identity": "linear",
    "exp": "exponential",
}
"""Functions of TensorFlow's that Keras has under another name."""


def _custom(value: Mapping[str, Any]) -> SubmissionError:
    name = str(value.get("registered_name") or value.get("class_name"))[:80]
    return SubmissionError(
        Problem(
            "custom_layer",
            f"{name} is not one of Keras's own classes, so the model cannot be rebuilt from its "
            "description. Build it from Keras's layers, as Sequential or with keras.Model("
            "inputs, outputs).",
        )
    )


def _forbidden(message: str) -> SubmissionError:
    return SubmissionError(Problem("forbidden", message))


def _unreadable(what: str) -> SubmissionError:
    return SubmissionError(
        Problem("unreadable", f"The model's description cannot be read: {what}.")
    )


def _rename(config: dict[str, Any]) -> list[str]:
    """Give every layer a neutral name, in place; return the student's, in the same order.

    Names are free in Keras, and free text has no business inside the trusted process.
    """
    names: list[str] = []
    _rename_model(config, names)
    return names


def _rename_model(model: dict[str, Any], names: list[str]) -> None:
    config = model["config"]
    for key in DROPPED:
        config.pop(key, None)
    layers = config.get("layers")
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise _unreadable("it has no list of layers")
    new: dict[str, str] = {}
    for layer in layers:
        inner = layer.get("config")
        if not isinstance(inner, dict):
            raise _unreadable("a layer has no configuration")
        old = layer.get("name", inner.get("name"))
        new[str(old)] = f"n{len(names)}"
        names.append(str(old))
        inner["name"] = new[str(old)]
        if "name" in layer:
            layer["name"] = inner["name"]
        if (layer.get("module"), layer.get("class_name")) in MODELS:
            _rename_model(layer, names)
        elif layer.get("class_name") == "InputLayer":
            _free_batch(inner)
    config["name"] = "model" if config.get("name") is None else config["name"]
    for key in ("input_layers", "output_layers"):
        if key in config:
            config[key] = _rename_ends(config[key], new)
    for layer in layers:
        if "inbound_nodes" in layer:
            layer["inbound_nodes"] = _rename_history(layer["inbound_nodes"], new)


def _free_batch(config: dict[str, Any]) -> None:
    """The number of images at a time is the recipe's to choose."""
    shape = config.get("batch_shape")
    if not isinstance(shape, list) or not shape:
        raise _unreadable("an input has no shape")
    shape[0] = None
    config.pop("dtype", None) if config.get("dtype") == "float32" else None


def _rename_ends(ends: Any, new: Mapping[str, str]) -> Any:
    """``["conv", 0, 0]``, or any nesting of such."""
    if isinstance(ends, list) and len(ends) == 3 and isinstance(ends[0], str):
        return [_new_name(ends[0], new), *ends[1:]]
    if isinstance(ends, list):
        return [_rename_ends(end, new) for end in ends]
    if isinstance(ends, dict):
        return {key: _rename_ends(end, new) for key, end in ends.items()}
    raise _unreadable("its inputs or outputs are not named")


def _rename_history(value: Any, new: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_rename_history(item, new) for item in value]
    if isinstance(value, dict):
        renamed = {key: _rename_history(item, new) for key, item in value.items()}
        history = value.get("keras_history")
        if isinstance(history, list) and history and isinstance(history[0], str):
            renamed["keras_history"] = [_new_name(history[0], new), *history[1:]]
        return renamed
    return value


def _new_name(old: str, new: Mapping[str, str]) -> str:
    if old not in new:
        raise _unreadable("a layer reads from a layer that is not there")
    return new[old]


def canonical_config(config: Mapping[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """Equal ways to write one model, as one value.

    A chain is a list of layers, whether it was written as Sequential or as Functional, and an
    activation layer directly behind a linear layer belongs to it.
    """
    chain = _as_chain(config)
    if chain is None:
        return copy.deepcopy(dict(config))
    layers: list[dict[str, Any]] = []
    for layer in chain:
        name, inner = layer["class_name"], dict(layer["config"])
        inner.pop("name", None)
        inner.pop("trainable", None) if inner.get("trainable") is True else None
        alone = activation_alone(name, inner)
        if alone and layers and layers[-1]["config"].get("activation", "") == "linear":
            layers[-1]["config"]["activation"] = alone
            continue
        layers.append({"class_name": name, "module": layer["module"], "config": inner})
    return layers


def canonical_model(config: Mapping[str, Any]) -> dict[str, Any]:
    """A model to build from: the same for all architectures with the same digest."""
    layers = canonical_config(config)
    if isinstance(layers, dict):
        return layers
    named = [
        {**layer, "config": {**layer["config"], "name": f"n{place}"}, "registered_name": None}
        for place, layer in enumerate(layers)
    ]
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "model", "layers": named},
        "registered_name": None,
    }


def _as_chain(config: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The layers of a model in which each reads exactly the one before; None for any other."""
    layers: list[dict[str, Any]] = config["config"]["layers"]
    if any((layer.get("module"), layer["class_name"]) in MODELS for layer in layers):
        return None
    if config["class_name"] == "Sequential":
        return layers
    for before, layer in zip([None, *layers], layers, strict=False):
        nodes = layer.get("inbound_nodes", [])
        if before is None:
            if layer["class_name"] != "InputLayer":
                return None
            continue
        if len(nodes) != 1 or not str(layer.get("module")).startswith("keras.layers"):
            return None
        node = nodes[0]
        if not isinstance(node, dict) or any(node.get("kwargs", {}).values()):
            return None
        arguments = node.get("args")
        if not isinstance(arguments, list) or len(arguments) != 1:
            return None
        tensor = arguments[0]
        if not isinstance(tensor, dict) or "config" not in tensor:
            return None
        if tensor["config"].get("keras_history", [None])[0] != before["config"]["name"]:
            return None
    ends = config["config"].get("output_layers")
    while isinstance(ends, list) and len(ends) == 1:
        ends = ends[0]
    if not isinstance(ends, list) or ends[0] != layers[-1]["config"]["name"]:
        return None
    return layers
