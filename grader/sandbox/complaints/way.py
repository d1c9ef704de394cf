"""The way to a layer that failed, in words, from what the student's process says of it.

What it says is a claim: whatever is not in the form of ``so_far.layers_so_far`` is passed over.
"""

from __future__ import annotations

import re
from typing import Any

from grader.model import keras_names
from grader.model.arithmetic import Config, layer_output_shape, split_channels, window_of
from grader.model.explain import explain_way
from grader.records import Shape
from grader.words import join_words, show_shape

MOST_BEFORE = 100
MOST_NAMED = 5
"""Layers that a sentence names."""
LARGEST = 2**31
NAME = re.compile(r"[A-Za-z]\w{0,39}")
ARGUMENT = re.compile(r"[a-z_]{1,20}")

Step = tuple[str, Config, Shape]
"""A layer's type and arguments, and the shape that it gives."""


def explain_so_far(fact: Any) -> str:
    """How what reached the failing layer came about; empty where that is not known.

    Where its window found no room: what has made the feature map so small. Else the layers
    before it and what they give.
    """
    try:
        kind, config = _layer(fact["layer"])
        given, start = _shape(fact["given"]), _shape(fact["start"])
        before = [(*_layer(step), _shape(step["shape"])) for step in fact["before"][:MOST_BEFORE]]
    except (LookupError, TypeError, ValueError):
        return ""
    if not before or kind not in keras_names.class_names("layers"):
        return ""
    if _no_room(kind, config, given):
        return explain_way(start, before)
    return _list(before)


def _no_room(kind: str, config: Config, given: Shape) -> bool:
    output = layer_output_shape(kind, config, given)
    if output is None or window_of(kind, config) is None:
        return False
    return any(size is not None and size < 1 for size in split_channels(config, output)[0])


def _list(before: list[Step]) -> str:
    named = [f"{kind} {show_shape(shape)}" for kind, _, shape in before[-MOST_NAMED:]]
    more = len(before) - len(named)
    if more:
        named.insert(0, f"{more} layers")
    return f"Before it: {join_words(named)}."


def _layer(fact: Any) -> tuple[str, Config]:
    kind, config = fact["type"], fact["config"]
    if not isinstance(kind, str) or not NAME.fullmatch(kind) or not isinstance(config, dict):
        raise ValueError
    known = {key: _argument(value) for key, value in list(config.items())[:20]}
    if not all(isinstance(key, str) and ARGUMENT.fullmatch(key) for key in known):
        raise ValueError
    return kind, known


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return [_number(item) for item in value[:5]]
    return value if isinstance(value, str) and ARGUMENT.fullmatch(value) else _number(value)


def _number(value: Any) -> int:
    if type(value) is not int or abs(value) > LARGEST:
        raise ValueError
    return value


def _shape(value: Any) -> Shape:
    if not isinstance(value, list) or len(value) > 5:
        raise ValueError
    sizes = [None if size is None else _number(size) for size in value]
    if any(size is not None and size < 0 for size in sizes):
        raise ValueError
    return tuple(sizes)
