"""Functions of older Keras that are a few lines in today's words."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from grader.sandbox.old_keras.interpreter import (
    Interpreter,
    OldKeras,
    asked_by_student,
    belongs,
    show_call,
)

MERGED = {
    "ave": "average",
    "concat": "concatenate",
    "max": "maximum",
    "mul": "multiply",
    "sum": "add",
}
"""Modes of Keras 1's ``merge``, and the function that does the same today."""

ORDERS = {"channels_first": "th", "channels_last": "tf"}
CATEGORICAL = {"nb_classes": "num_classes", "y": "x"}


def patch(interpreter: Interpreter) -> None:
    """Put them where older Keras had them."""
    import keras

    twin = sys.modules["keras._tf_keras.keras"]
    for backend in (keras.backend, vars(twin)["backend"]):
        for name, function in BACKEND.items():
            vars(backend)[name] = functools.partial(function, interpreter)
    keras.utils.to_categorical = _to_categorical(interpreter, keras.utils.to_categorical)


def merge(
    interpreter: Interpreter,
    inputs: Any,
    mode: Any = "sum",
    concat_axis: int = -1,
    name: str | None = None,
    **rest: Any,
) -> Any:
    """``merge([a, b], mode="concat")`` of Keras 1."""
    import keras

    if rest or not isinstance(mode, str) or mode not in MERGED:
        shown = show_call("merge", named={"mode": mode}).replace("(", "([…], ", 1)
        advice = "Write keras.layers.dot([…], axes=…) or a layer that computes the same."
        raise OldKeras(belongs(shown, advice))
    now = MERGED[mode]
    named: dict[str, Any] = {"axis": concat_axis} if now == "concatenate" else {}
    shown = ", ".join(["[…]", *(f"{key}={value}" for key, value in named.items())])
    interpreter.read_as(f'merge([…], mode="{mode}")', f"keras.layers.{now}({shown})")
    return getattr(keras.layers, now)(inputs, **named, **({"name": name} if name else {}))


def _image_dim_ordering(interpreter: Interpreter) -> str:
    import keras

    interpreter.read_as("keras.backend.image_dim_ordering()", "keras.backend.image_data_format()")
    return ORDERS[keras.backend.image_data_format()]


def _set_image_dim_ordering(interpreter: Interpreter, dim_ordering: str) -> None:
    import keras

    formats = {order: now for now, order in ORDERS.items()}
    if dim_ordering not in formats:
        raise OldKeras('dim_ordering was "tf" or "th" in Keras 1.')
    now = formats[dim_ordering]
    interpreter.read_as(
        show_call("keras.backend.set_image_dim_ordering", [dim_ordering]),
        show_call("keras.backend.set_image_data_format", [now]),
    )
    keras.backend.set_image_data_format(now)


def _set_session(interpreter: Interpreter, *_: Any, **__: Any) -> None:
    """A session changes no model."""
    interpreter.say(
        "keras.backend.set_session was left out: Keras 3 has no sessions.",
        belongs("keras.backend.set_session", "Leave it out: Keras 3 has no sessions."),
    )


def _get_session(*_: Any, **__: Any) -> Any:
    raise OldKeras(belongs("keras.backend.get_session", "Keras 3 has no sessions."))


def _learning_phase(*_: Any, **__: Any) -> Any:
    advice = "Write model(x, training=True) or training=False where it matters."
    raise OldKeras(belongs("keras.backend.learning_phase", advice))


BACKEND: dict[str, Callable[..., Any]] = {
    "get_session": _get_session,
    "image_dim_ordering": _image_dim_ordering,
    "learning_phase": _learning_phase,
    "set_image_dim_ordering": _set_image_dim_ordering,
    "set_learning_phase": _learning_phase,
    "set_session": _set_session,
}
"""Of ``keras.backend``."""


def _to_categorical(interpreter: Interpreter, today: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(today)
    def to_categorical(*args: Any, **kwargs: Any) -> Any:
        was = {key: value for key, value in kwargs.items() if key in CATEGORICAL}
        if was and asked_by_student():
            now = {CATEGORICAL[key]: value for key, value in was.items()}
            kwargs = {key: value for key, value in kwargs.items() if key not in was} | now
            kinds = [("to_categorical", key) for key in was]
            interpreter.read_as(
                show_call("to_categorical", named=was),
                show_call("to_categorical", named=now),
                kinds,
            )
        return today(*args, **kwargs)

    return to_categorical
