"""What may stand in a claimed architecture: one walk that copies what is allowed.

Only Keras's own classes pass, with only the arguments that Keras gives them, and nothing that
could carry weights, read a file or run code. Whatever is not copied is gone: seeds, data types,
settings of ``compile``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.errors import SubmissionError
from grader.model import keras_names
from grader.model.canonical import activation_alone
from grader.model.refusals import custom, forbidden, unreadable
from grader.records import Problem
from grader.words import show_count

MAX_LAYERS = 2_000
MAX_INTEGER = 2**31
MAX_FLOAT = 3.5e38
"""Just above what a float32 can hold: masks are made with such numbers."""
MAX_NUMBERS = 64
"""Numbers in one layer, with its initialisers and the like: more could carry weights."""
MAX_CONSTANTS = 1_000
"""Numbers in the whole model that work on images: arrays, operands, lists of fractions."""

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
    "keras.Sequential",
    "keras.models.Sequential",
    "keras.src.models.functional.Functional",
    "keras.Functional",
    "keras.Model",
    "keras.models.Model",
}
KINDS: Mapping[str, keras_names.Kind] = {
    "keras.layers": "layers",
    "keras.initializers": "initializers",
    "keras.regularizers": "regularizers",
    "keras.constraints": "constraints",
}
TENSOR = "__keras_tensor__"
ARRAYS = {"__numpy__", "__tensor__"}
WRAPPERS = {TENSOR, *ARRAYS, "__slice__", "__ellipsis__"}
"""Values that Keras saves as if they were objects."""

COMMON_KEYS = {"name", "trainable", "seed", "activity_regularizer", "data_format"}
"""What ``get_config`` of any layer may give beside the constructor's arguments."""
EXTRA_KEYS = {
    "InputLayer": {"sparse", "ragged", "optional"},
    "TimeDistributed": {"layer"},
    "LayerNormalization": {"rms_scaling"},
    "ReversibleEmbedding": {"quantization_config"},
    "GRU": {"zero_output_for_mask"},
    "LSTM": {"zero_output_for_mask"},
    "SimpleRNN": {"zero_output_for_mask"},
    "ConvLSTM1D": {"zero_output_for_mask", "unroll"},
    "ConvLSTM2D": {"zero_output_for_mask", "unroll"},
    "ConvLSTM3D": {"zero_output_for_mask", "unroll"},
}

TENSORFLOW_NAMES = {
    "softmax_v2": "softmax",
    "log_softmax_v2": "log_softmax",
    "swish": "silu",
    "identity": "linear",
    "exp": "exponential",
}
"""Functions of TensorFlow's that Keras has under another name."""


def is_model(item: Mapping[str, Any]) -> bool:
    """Whether a saved object is a Sequential or Functional model."""
    return f"{item.get('module')}.{item.get('class_name')}" in MODELS


def copy_allowed(claimed: dict[str, Any]) -> dict[str, Any]:
    """A clean copy of a claimed model of plain values: ``module``, ``class_name``, ``config``.

    Raises SubmissionError with kind ``custom_layer``, ``forbidden`` or ``unreadable``.
    """
    copied = _Walk().object(claimed)
    if not is_model(copied):
        raise unreadable("it is not the description of a Keras model")
    return copied


class _Walk:
    """Copies values, and counts what it meets."""

    def __init__(self) -> None:
        self.layers = 0
        self.constants = 0
        self.numbers = 0
        """In the layer that is being copied."""
        self.frozen = False
        """Inside a model that is not to be trained."""

    def value(self, value: Any, applied: bool = False) -> Any:
        """Args: applied: whether a number here works on images, as those in an array do."""
        if isinstance(value, list):
            return [self.value(item, applied or isinstance(item, float)) for item in value]
        if isinstance(value, dict) and "class_name" in value:
            return self.object(value)
        if isinstance(value, dict):
            return {key: self.value(item, applied) for key, item in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool):
            self._count_number(value, applied)
        return value

    def _count_number(self, value: int | float, applied: bool) -> None:
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            bound = show_count(MAX_INTEGER)
            raise forbidden(f"The model holds a whole number beyond {bound}; no layer needs it.")
        if not abs(value) <= MAX_FLOAT:
            raise forbidden(f"The model holds the number {value:g}; no layer needs it.")
        self.numbers += 1
        self.constants += applied
        if self.constants > MAX_CONSTANTS:
            bound = show_count(MAX_CONSTANTS)
            raise forbidden(
                f"The model holds more than {bound} constants, which could carry weights."
            )

    def object(self, value: dict[str, Any]) -> dict[str, Any]:
        """A class with its configuration, or one of the values that Keras wraps like that."""
        module, name, config = value.get("module"), value["class_name"], value.get("config")
        registered = value.get("registered_name")
        if not isinstance(name, str) or not isinstance(module, str | None):
            raise unreadable("it names a class that is no text")
        if module is None and name in WRAPPERS:
            return self._wrapper(name, config)
        if name in FORBIDDEN and module in ("keras.layers", None):
            raise forbidden(f"{name} is not taken: {FORBIDDEN[name]}.")
        if module is None or not isinstance(config, dict) or registered not in (None, name):
            raise custom(name)
        if "class_name" in config:
            # A class where arguments belong; each of the two walks would read it differently.
            raise forbidden(f"{name[:80]} has an argument that Keras does not know: 'class_name'.")
        copied = {"module": module, "class_name": name, "registered_name": None}
        kind = KINDS.get(module)
        if is_model(value):
            self._count_layer()
            return copied | {"config": self._model(config)} | self._calls(value)
        if kind == "layers" or keras_names.is_operation(module, name):
            return copied | self._layer(name, config, value)
        if kind is None:
            raise custom(name)
        return copied | {"config": self._arguments(kind, name, config)}

    def _wrapper(self, name: str, config: Any) -> dict[str, Any]:
        around = self.numbers
        copied = {"class_name": name, "config": self.value(config, name in ARRAYS)}
        if name == TENSOR:
            # Its numbers only say where the tensor comes from.
            self.numbers = around
        return copied

    def _model(self, config: dict[str, Any]) -> dict[str, Any]:
        """A model's own ``trainable`` goes to its layers: Sequential forgets it in loading."""
        layers = config.get("layers")
        if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
            raise unreadable("it has no list of layers")
        if not all(isinstance(layer.get("config"), dict) for layer in layers):
            raise unreadable("a layer has no configuration")
        around, self.frozen = self.frozen, self.frozen or config.get("trainable") is False
        copied = {"name": config.get("name"), "layers": self.value(layers)}
        self.frozen = around
        if not all({"module", "class_name"} <= layer.keys() for layer in copied["layers"]):
            raise unreadable("a layer has no class")
        for key in ("input_layers", "output_layers"):
            if key in config:
                copied[key] = self.value(config[key])
        return copied

    def _layer(self, name: str, config: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
        """A layer or an operation such as ``x + y``, and where it is applied."""
        self._count_layer()
        around, self.numbers = self.numbers, 0
        is_layer = value["module"] == "keras.layers"
        copied = self._arguments("layers", name, config) if is_layer else self.value(config)
        calls = self._calls(value)
        if self.numbers > MAX_NUMBERS:
            count = show_count(self.numbers)
            raise forbidden(f"{name} holds {count} numbers, which could carry weights.")
        self.numbers = around
        return {"config": copied, **calls}

    def _calls(self, value: dict[str, Any]) -> dict[str, Any]:
        """The nodes of a functional graph; numbers in them work on images."""
        if "inbound_nodes" not in value:
            return {}
        nodes = self.value(value["inbound_nodes"], applied=True)
        return {"name": value.get("name"), "inbound_nodes": nodes}

    def _arguments(
        self, kind: keras_names.Kind, name: str, config: dict[str, Any]
    ) -> dict[str, Any]:
        """The configuration of a class that Keras has, with only what Keras gives it."""
        arguments = keras_names.class_arguments(kind, name)
        if arguments is None:
            raise custom(name)
        known, config = set(arguments), dict(config)
        if kind == "layers":
            known |= COMMON_KEYS | EXTRA_KEYS.get(name, set())
            _clean_layer(name, config, self.frozen)
        if "seed" in config:
            # The weights are fresh, from the recipe's seed: nobody picks a lucky one.
            config["seed"] = None
        unknown = sorted(set(config) - known)
        if unknown:
            raise forbidden(f"{name} has an argument that Keras does not know: {unknown[0]!r:.80}.")
        if name == "Constant" and not isinstance(config.get("value", 0), int | float):
            raise forbidden("Constant takes one number; a list of them could carry weights.")
        return {key: self.value(item) for key, item in config.items()}

    def _count_layer(self) -> None:
        self.layers += 1
        if self.layers > MAX_LAYERS:
            raise forbidden(f"The model has more than {show_count(MAX_LAYERS)} layers.")


def _clean_layer(name: str, config: dict[str, Any], frozen: bool) -> None:
    """Take out what is the recipe's to choose; give each activation Keras's name for it."""
    if name == "InputLayer":
        _free_batch(config)
        return
    config.pop("dtype", None)
    if frozen and "trainable" in config:
        config["trainable"] = False
    if config.get("weights") is not None:
        raise forbidden(f"{name} is given weights; a model is trained from fresh ones.")
    for key in ("activation", "recurrent_activation"):
        if key in config:
            config[key] = _clean_activation(config[key])


def _free_batch(config: dict[str, Any]) -> None:
    """The number of images at a time is the recipe's to choose."""
    shape = config.get("batch_shape")
    if not isinstance(shape, list) or not shape:
        raise unreadable("an input has no shape")
    config["batch_shape"] = [None, *shape[1:]]
    if config.get("dtype") == "float32":
        del config["dtype"]


def _clean_activation(value: Any) -> Any:
    """The name of an activation, given as a name, a layer or a function of TensorFlow's.

    A layer without such a name, such as LeakyReLU, stays as it is: the walk sees it later.
    """
    if isinstance(value, dict):
        config = value.get("config")
        if value.get("module") == "keras.layers" and isinstance(config, dict):
            value = activation_alone(str(value.get("class_name")), config) or value
        elif isinstance(config, str):
            value = TENSORFLOW_NAMES.get(config, config)
    if value is None or isinstance(value, dict):
        return value
    if isinstance(value, str) and value in keras_names.activation_names():
        return value
    raise SubmissionError(
        Problem(
            "custom_layer",
            f"The activation {str(value)[:80]!r} is not one of Keras's own, so the model cannot "
            "be rebuilt. Use one of Keras's activations.",
        )
    )
