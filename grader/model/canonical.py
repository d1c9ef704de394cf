"""Equal ways to write a layer, as one way.

``Activation("relu")`` or ``ReLU()`` behind a linear layer is that layer's activation; ``3`` is
``(3, 3)``; a pool's strides default to its size; ``"linear"`` is no activation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.model.arithmetic import WINDOWED, as_tuple
from grader.records import LayerDescription, Plain

PER_AXIS = ("kernel_size", "strides", "dilation_rate", "pool_size", "size")
"""Arguments that may be given as one number for all spatial axes."""

SEE_THROUGH = frozenset({"BatchNormalization", "Dropout"})
"""Allowed layers across which an activation still belongs to the layer before."""

KEEPS_ORDER = frozenset({"relu"})
"""Activations that commute with max pooling: the larger value stays the larger."""

TAKES_ACTIVATION = re.compile(
    r"Dense|EinsumDense|Conv[123]D(Transpose)?|(Depthwise|Separable)Conv[12]D"
)

ALONE: Mapping[str, Mapping[str, Plain]] = {
    "Relu": {},
    "Sigmoid": {},
    "Tanh": {},
    "Selu": {},
    "Silu": {},
    "Softmax": {"axis": -1},
    "ELU": {"alpha": 1},
    "Elu": {"alpha": 1},
    "Gelu": {"approximate": False},
}
"""Layers, and operations such as ``keras.ops.relu``, that are an activation when their arguments
are these."""


@dataclass(frozen=True, slots=True)
class CanonicalLayer:
    """A layer with the activation that belongs to it."""

    type: str
    args: Mapping[str, Any]
    index: int
    """Of the layer in the sequence that it was made from."""
    merged: tuple[int, ...] = ()
    """Indices of the activation layers that were folded into it."""


def canonical_found(
    layers: Sequence[LayerDescription], allowed: frozenset[str] = frozenset()
) -> tuple[CanonicalLayer, ...]:
    """The found layers, activations folded in; layers of an ``allowed`` type are left out."""
    return _fold([(layer.type, layer.config) for layer in layers], allowed)


def canonical_expected(
    patterns: Sequence[tuple[str, Mapping[str, Any]]],
) -> tuple[CanonicalLayer, ...]:
    """The expected layers in the same form; arguments that are not listed stay free."""
    return _fold(patterns, frozenset())


def _fold(
    layers: Sequence[tuple[str, Mapping[str, Any]]], allowed: frozenset[str]
) -> tuple[CanonicalLayer, ...]:
    folded: list[CanonicalLayer] = []
    for index, (written, config) in enumerate(layers):
        type = "Flatten" if _is_flat(written, config) else written
        alone = activation_alone(type, config)
        owner = _owner(folded, alone)
        if alone and owner is not None:
            layer = folded[owner]
            args = {**layer.args, "activation": alone}
            folded[owner] = CanonicalLayer(layer.type, args, layer.index, (*layer.merged, index))
        elif type not in allowed and type != "InputLayer":
            folded.append(CanonicalLayer(type, canonical_args(type, config), index))
        # A layer that may stand anywhere is looked through, unless it must not be.
        elif type not in SEE_THROUGH:
            folded.append(CanonicalLayer("", {}, index))
    return tuple(layer for layer in folded if layer.type)


def _is_flat(type: str, config: Mapping[str, Any]) -> bool:
    """Whether a Reshape lays everything out in one row, as Flatten does."""
    shape = config.get("target_shape")
    return type == "Reshape" and isinstance(shape, list | tuple) and len(shape) == 1


def _owner(folded: Sequence[CanonicalLayer], activation: str | None) -> int | None:
    """The layer that a separate activation belongs to: the one before, if it has none yet."""
    position = len(folded) - 1
    if position >= 0 and activation in KEEPS_ORDER and folded[position].type == "MaxPooling2D":
        position -= 1
    if position < 0:
        return None
    layer = folded[position]
    free = layer.args.get("activation") in (None, "linear")
    return position if free and takes_activation(layer.type) else None


def takes_activation(type: str) -> bool:
    """Whether a layer's ``activation`` is the last thing that it does.

    A recurrent layer applies its activation at every step, inside.
    """
    return TAKES_ACTIVATION.fullmatch(type) is not None


def activation_inside(type: str, config: Mapping[str, Any]) -> str | None:
    """The activation inside a layer, ``linear`` for none; None for a layer that takes none."""
    activation = config.get("activation")
    return activation if takes_activation(type) and isinstance(activation, str) else None


def activation_alone(type: str, config: Mapping[str, Any]) -> str | None:
    """The activation that a layer consists of, if that is all it is."""
    if type == "Activation" and isinstance(config.get("activation"), str):
        return str(config["activation"])
    if type == "ReLU":
        bent = config.get("negative_slope") or config.get("threshold")
        return None if bent or config.get("max_value") is not None else "relu"
    if type in ALONE:
        plain = all(config.get(key, value) == value for key, value in ALONE[type].items())
        return type.lower() if plain else None
    return None


def canonical_args(type: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with every equal spelling made one."""
    args = dict(config)
    match = WINDOWED.fullmatch(type)
    axes = int(match[2]) if match else 2
    for key in PER_AXIS:
        if args.get(key) is not None:
            args[key] = as_tuple(args[key], axes)
    if "Pooling" in type and args.get("strides") is None and args.get("pool_size") is not None:
        args["strides"] = args["pool_size"]
    if "activation" in args and args["activation"] is None:
        args["activation"] = "linear"
    return args


def equal_value(key: str, wanted: Any, found: Any) -> bool:
    """Whether a found argument is the wanted one."""
    if isinstance(wanted, list | tuple) and isinstance(found, list | tuple):
        return len(wanted) == len(found) and all(map(_same, wanted, found))
    if key.endswith(("_initializer", "_regularizer", "_constraint")):
        return _class_word(wanted) == _class_word(found)
    return _same(wanted, found)


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, float) or isinstance(found, float):
        numbers = isinstance(wanted, int | float) and isinstance(found, int | float)
        # A float32 inside Keras is not the float that the author wrote.
        return numbers and abs(wanted - found) <= 1e-6 * max(1.0, abs(wanted))
    return bool(wanted == found)


def _class_word(value: Plain) -> str | None:
    """``glorot_uniform``, ``GlorotUniform`` and ``{GlorotUniform: …}`` are one initialiser."""
    if isinstance(value, dict) and value:
        value = next(iter(value))
    return value.replace("_", "").lower() if isinstance(value, str) else None
