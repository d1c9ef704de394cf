"""What Keras calls things, without importing Keras: a reader of ``keras_names.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["layers", "initializers", "regularizers", "constraints", "optimizers"]
Arguments = Mapping[str, Any]
"""Default values by argument name; ``["required"]`` for an argument that has none."""


@cache
def _table() -> dict[str, Any]:
    text = Path(__file__).with_name("keras_names.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def class_names(kind: Kind) -> tuple[str, ...]:
    """The classes of a kind, by their canonical names."""
    return tuple(_table()[kind])


def class_arguments(kind: Kind, name: str) -> Arguments | None:
    """Arguments of a class with their defaults, or None where Keras has no such class."""
    arguments: Arguments | None = _table()[kind].get(name)
    return arguments


def resolve_layer(name: str) -> str | None:
    """The canonical name of a layer: ``MaxPool2D`` is ``MaxPooling2D``; None if it is none."""
    table = _table()
    name = table["layer_aliases"].get(name, name)
    return name if name in table["layers"] else None


def layer_words() -> tuple[str, ...]:
    """Every name that stands for a layer, aliases included."""
    return (*_table()["layers"], *_table()["layer_aliases"])


def activation_names() -> frozenset[str]:
    return frozenset(_table()["activations"])


def loss_names() -> frozenset[str]:
    """What ``compile(loss=…)`` takes: classes, functions and their short names."""
    return frozenset(_table()["losses"])


def metric_names() -> frozenset[str]:
    """What ``compile(metrics=…)`` takes: classes, functions and their short names."""
    return frozenset(_table()["metrics"])


def is_operation(module: str, name: str) -> bool:
    """Whether a functional model may hold this as an operation: ``x + y``, ``keras.ops.relu``."""
    return name in _table()["operations"].get(module, ())
