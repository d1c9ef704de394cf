"""A followed class beside the student's own, as both compute; for a fork that loads Keras."""

from __future__ import annotations

from typing import Any

import numpy as np

WORDS = """
import random
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from functools import partial
"""


def compare(source: str, shape: tuple[int, ...]) -> dict[str, Any]:
    """Follow one ``Net`` of a source and hold it to another one with the same weights.

    Returns:
        ``followed``: whether there is a graph; ``layers``: its layers' types; and by mode, whether
        its outputs, and all variables after the call, are to the last bit those of the class.
        ``rebuilt``: the same for what Keras makes of its description.
    """
    import keras

    from grader.sandbox.follow import follow

    own, other = _net(source), _net(source)
    images = np.random.default_rng(1).normal(size=(8, *shape)).astype("float32")
    graph = follow(other, shape)
    if graph is None:
        return {"followed": False}
    own(images, training=False)
    _give_random_weights(own)
    _copy(own, other)
    found: dict[str, Any] = {"followed": True, "layers": _types(graph)}
    for mode in (False, True, False):
        expected, got = own(images, training=mode), graph(images, training=mode)
        same = _equal(expected, got) and _same_variables(own, other)
        found[str(mode)] = found.get(str(mode), True) and same
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(graph))
    again.set_weights(graph.get_weights())
    found["rebuilt"] = _equal(graph(images, training=False), again(images, training=False))
    found["alive"] = not _equal(graph(images, training=False), graph(images * 2, training=False))
    return found


def _net(source: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(WORDS, namespace)
    exec(source, namespace)
    return namespace["Net"]()


def _give_random_weights(model: Any) -> None:
    """None of them zero or one, so that no weight can take another's place."""
    random = np.random.default_rng(2)
    for weight in model.weights:
        weight.assign(random.uniform(0.1, 1, weight.shape))


def _copy(own: Any, other: Any) -> None:
    """The states of the dice too."""
    assert len(own.variables) == len(other.variables)
    for one, another in zip(own.variables, other.variables, strict=True):
        assert one.shape == another.shape
        another.assign(one)


def _equal(one: Any, another: Any) -> bool:
    import keras

    pairs = zip(keras.tree.flatten(one), keras.tree.flatten(another), strict=True)
    return all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in pairs)


def _same_variables(own: Any, other: Any) -> bool:
    return _equal([v.value for v in own.variables], [v.value for v in other.variables])


def _types(graph: Any) -> list[str]:
    return [type(layer).__name__ for layer in graph.operations]
