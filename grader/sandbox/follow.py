"""A model class of the student's as a graph of Keras's own layers, where its ``call`` is one.

``class Net(keras.Model)`` cannot be rebuilt from its description. But what its ``call`` does with
a symbolic image is a graph, and where that graph is made of Keras's layers and holds all weights
that the model has, it is the same network and can be checked, rebuilt and trained as any other.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any


def follow(model: Any, shape: tuple[int, ...]) -> Any:
    """The functional model that ``model`` computes for images of ``shape``; None if unknown."""
    import keras

    try:
        with _own_layers_open():
            plain = _graph(model, shape, None)
            training = _graph(model, shape, True)
    except Exception:
        return None
    if plain is None or training is None or _applied(plain) != _applied(training):
        return None  # ``if training:`` in it, which no graph can say
    if {id(weight) for weight in plain.weights} != {id(weight) for weight in model.weights}:
        return None
    if any(not _is_kerass(layer) for layer in plain.layers):
        return None
    return plain if isinstance(plain, keras.Model) else None


def _graph(model: Any, shape: tuple[int, ...], training: bool | None) -> Any:
    import keras

    image = keras.Input(shape)
    asked = inspect.signature(model.call).parameters
    settings = {"training": training} if "training" in asked else {}
    outputs = model.call(image, **settings)
    return keras.Model(image, outputs, name=model.name)


def _applied(graph: Any) -> list[int]:
    """The layers in the order in which they are applied."""
    operations = [node.operation for nodes in graph._nodes_by_depth.values() for node in nodes]
    return [id(operation) for operation in operations if _is_weighty(operation)]


def _is_weighty(operation: Any) -> bool:
    import keras

    return not isinstance(operation, keras.layers.InputLayer)


def _is_kerass(layer: Any) -> bool:
    return type(layer).__module__.startswith("keras.")


@contextlib.contextmanager
def _own_layers_open() -> Iterator[None]:
    """In this block a layer class of the student's is no node of the graph: its ``call`` is."""
    import keras

    apply = keras.Layer.__call__

    def through(layer: Any, *given: Any, **settings: Any) -> Any:
        if _is_kerass(layer):
            return apply(layer, *given, **settings)
        if not layer.built:
            layer.build(given[0].shape)
            layer.built = True
        return layer.call(*given, **settings)

    keras.Layer.__call__ = through
    try:
        yield
    finally:
        keras.Layer.__call__ = apply
