"""Older names of today's convolutions: ``Convolution2D``.

An older name stands for today's class and remembers that it is older: a layer made by one is
Keras's own, and ``isinstance`` with one asks for Keras's own.
"""

from __future__ import annotations

from typing import Any

from grader.sandbox.old_keras.arguments import Reader
from grader.sandbox.old_keras.interpreter import Interpreter
from grader.sandbox.old_keras.renamed import RENAMED

OLDER_NAMES = {
    "Convolution2D": "Conv2D",
    "SeparableConvolution2D": "SeparableConv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3D": "Conv3D",
}
"""Names that Keras 3 still has beside today's."""


class _OlderName(type):
    """The metaclass of an older name: making one makes one of today's class."""

    today: type
    interpreter: Interpreter

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if "today" not in vars(cls):
            return super().__call__(*args, **kwargs)  # a student's own subclass
        reader = cls.__dict__["reader"]
        if reader.looks_old(args, kwargs):
            args, kwargs = reader.read(cls.__name__, args, kwargs)
        return cls.today(*args, **kwargs)

    def __instancecheck__(cls, instance: Any) -> bool:
        if "today" in vars(cls):
            return isinstance(instance, cls.today)
        return super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        if "today" in vars(cls):
            return issubclass(subclass, cls.today)
        return super().__subclasscheck__(subclass)


def patch(interpreter: Interpreter) -> None:
    """Put the older names into ``keras.layers``."""
    import keras
    import keras._tf_keras.keras as twin

    for older, name in OLDER_NAMES.items():
        today = getattr(keras.layers, name)
        reader = Reader(interpreter, name, RENAMED[f"layers.{name}"], is_layer=True)
        inside = {"today": today, "reader": reader, "__module__": "keras.layers"}
        made = _OlderName(older, (today,), inside)
        setattr(keras.layers, older, made)
        setattr(twin.layers, older, made)
