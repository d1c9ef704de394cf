"""Descriptions that came over the wall, read into records field by field.

A description from the walls' inside is a claim: whatever is not of the right type is refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from grader.errors import SubmissionError
from grader.records import (
    CompileDescription,
    LayerDescription,
    ModelDescription,
    OutputSample,
    Plain,
    Problem,
    Shape,
)

MAX_LAYERS = 5_000
MAX_NAME = 200
MAX_COUNT = 2**62
"""Of parameters, multiply-adds or pixels. No computer holds a model beyond it."""
FAULTS = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading values of the wrong type raises."""


def read_model(data: Any, rebuilt: bool, names: Sequence[str] = ()) -> ModelDescription:
    """``describe.describe_model``'s plain values as a record.

    Args:
        data: the plain values.
        rebuilt: whether the trusted side built the model itself.
        names: the student's layer names, where ``data`` has the neutral ones.

    Raises SubmissionError: ``unreadable`` for anything out of form, ``memory`` for counts that
    no computer could hold.
    """
    try:
        layers = _items(data["layers"])
        if len(layers) > MAX_LAYERS:
            raise ValueError
        return ModelDescription(
            layers=tuple(_layer(layer, place, names) for place, layer in enumerate(layers)),
            input_shapes=_shapes(data["input_shapes"]),
            output_shapes=_shapes(data["output_shapes"]),
            total_params=_count(data["total_params"]),
            trainable_params=_count(data["trainable_params"]),
            multiply_adds=_count(data["multiply_adds"]),
            receptive_field=_field(data["receptive_field"]),
            rebuilt=rebuilt,
        )
    except FAULTS as error:
        raise _unreadable() from error


def _layer(data: Any, place: int, names: Sequence[str]) -> LayerDescription:
    name = _text(data["name"])
    if name[:1] == "n" and name[1:].isdecimal() and int(name[1:]) < len(names):
        name = names[int(name[1:])][:MAX_NAME]
    inputs, outputs = _shapes(data["input_shapes"]), _shapes(data["output_shapes"])
    if not outputs:
        raise ValueError
    inbound = [_count(index) for index in _items(data["inbound"])]
    config = data["config"]
    if not isinstance(config, dict):
        raise ValueError
    return LayerDescription(
        name=name,
        type=_text(data["type"]),
        config={_text(key): _plain(value, 8) for key, value in list(config.items())[:200]},
        input_shapes=inputs or ((),),
        output_shapes=outputs,
        params=_count(data["params"]),
        trainable_params=_count(data["trainable_params"]),
        multiply_adds=_count(data["multiply_adds"]),
        receptive_field=_field(data["receptive_field"]),
        # A shared layer may also read what comes after it; edges lead forward only.
        inbound=tuple(index for index in inbound if index < place),
        calls=_count(data["calls"]),
    )


def read_compiled(data: Any) -> CompileDescription | None:
    """What the student passed to ``compile``; None where nothing was, or nothing readable."""
    if not isinstance(data, dict):
        return None
    try:
        return CompileDescription(
            optimizer=_optional_text(data["optimizer"]),
            optimizer_config=_plain_dict(data["optimizer_config"]),
            loss=_optional_text(data["loss"]),
            loss_config=_plain_dict(data["loss_config"]),
            metrics=tuple(_text(metric) for metric in _items(data["metrics"])[:50] if metric),
        )
    except FAULTS:
        return None


def read_sample(data: Any) -> OutputSample:
    """Raises SubmissionError (``unreadable``) for anything out of form."""
    try:
        numbers = [_float(data[key]) for key in ("minimum", "maximum", "largest_sum_error")]
        return OutputSample(_count(data["images"]), *numbers)
    except FAULTS as error:
        raise _unreadable() from error


def read_texts(data: Any, bound: int = 20) -> tuple[str, ...]:
    """A list of sentences. A list or an array among them is not written out.

    The text of an array of millions of values would take minutes and gigabytes.
    """
    items = data[:bound] if isinstance(data, list) else []
    plain = (str, int, float, type(None))
    return tuple(str(item)[:300] if isinstance(item, plain) else "?" for item in items)


def _unreadable() -> SubmissionError:
    return SubmissionError(Problem("unreadable", "The model's description cannot be read."))


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value[:MAX_NAME]


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _float(value: Any) -> float:
    if not isinstance(value, float):
        raise TypeError
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    if value >= MAX_COUNT:
        raise SubmissionError(Problem("memory", "The model is larger than any computer can hold."))
    return value


def _shapes(value: Any) -> tuple[Shape, ...]:
    shapes = [_items(shape) for shape in _items(value)]
    return tuple(
        tuple(None if axis is None else _count(axis) for axis in shape[:10]) for shape in shapes
    )


def _field(value: Any) -> tuple[int, ...] | None:
    return None if value is None else tuple(_count(axis) for axis in _items(value)[:10])


def _plain_dict(value: Any) -> Mapping[str, Plain]:
    if not isinstance(value, dict):
        raise ValueError
    return {_text(key): _plain(item, 6) for key, item in list(value.items())[:100]}


def _plain(value: Any, depth: int) -> Plain:
    if depth == 0:
        raise ValueError
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value[:100]]
    if isinstance(value, dict):
        return {_text(key): _plain(item, depth - 1) for key, item in list(value.items())[:100]}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return _text(value)
