"""A model class of the student's as a graph of Keras's own layers, where its ``call`` is one.

``class Net(keras.Model)`` cannot be rebuilt from its description. But what its ``call`` does with
a symbolic image is a graph, and where that graph is made of Keras's layers and holds all weights
that the model has, it is the same network and can be checked, rebuilt and trained as any other.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any


def follow(model: Any, shape: tuple[int, ...]) -> Any:
    """The functional model that ``model`` computes for images of ``shape``; None if unknown.

    Where there is none, the trying has built parts of ``model`` in another way than Keras would:
    it is of no use any more.
    """
    import keras

    if type(model).call.__module__.startswith("keras."):
        return _graph_inside(model, shape)
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
    if not all(map(_is_kerass, (*plain.operations, *plain._flatten_layers()))):
        return None
    return plain if isinstance(plain, keras.Model) else None


def _graph_inside(model: Any, shape: tuple[int, ...]) -> Any:
    """The graph of a class that only makes one, as Sequential or ``super().__init__(x, y)`` do."""
    import keras

    if not model.built:
        model.build((None, *shape))
    if not getattr(model, "inputs", None):
        return None
    graph = keras.Model(model.inputs, model.outputs, name=model.name)
    return graph if all(map(_is_kerass, graph._flatten_layers())) else None


def _graph(model: Any, shape: tuple[int, ...], training: bool | None) -> Any:
    import keras

    image = keras.Input(shape)
    asked = inspect.signature(model.call).parameters
    settings = {"training": training} if "training" in asked else {}
    outputs = model.call(image, **settings)
    return keras.Model(image, outputs, name=model.name)


def _applied(graph: Any) -> list[Any]:
    """What is applied, in order: layers by identity, operations by their kind."""
    import keras

    return [
        id(node.operation) if isinstance(node.operation, keras.Layer) else type(node.operation)
        for nodes in graph._nodes_by_depth.values()
        for node in nodes
        if not isinstance(node.operation, keras.layers.InputLayer)
    ]


def _is_kerass(layer: Any) -> bool:
    return type(layer).__module__.startswith("keras.")


@contextlib.contextmanager
def _own_layers_open() -> Iterator[None]:
    """In this block a layer class of the student's is no node of the graph: its ``call`` is."""
    import keras

    apply = keras.Layer.__call__
    functions = _functions_of_tensorflow()

    def through(layer: Any, *given: Any, **settings: Any) -> Any:
        if _is_kerass(layer):
            return apply(layer, *given, **settings)
        if not layer.built:
            layer.build(given[0].shape)
            layer.built = True
        return layer.call(*given, **settings)

    keras.Layer.__call__ = through
    for place, name, ours in functions:
        setattr(place, name, _symbolic(getattr(place, name), ours))
    try:
        yield
    finally:
        keras.Layer.__call__ = apply
        for place, name, _ in functions:
            setattr(place, name, getattr(place, name).__wrapped__)


def _functions_of_tensorflow() -> list[tuple[Any, str, Callable[..., Any]]]:
    """Those that a ``call`` may apply to an image, each with Keras's own that does the same."""
    import tensorflow as tf
    from keras import ops

    return [
        (tf.nn, "relu", lambda x, **_: ops.relu(x)),
        (tf.nn, "softmax", lambda x, axis=-1, **_: ops.softmax(x, axis)),
        (tf.nn, "sigmoid", lambda x, **_: ops.sigmoid(x)),
        (tf.nn, "tanh", lambda x, **_: ops.tanh(x)),
        (tf, "concat", lambda values, axis, **_: ops.concatenate(values, axis)),
        (tf, "add", lambda x, y, **_: ops.add(x, y)),
        (tf, "multiply", lambda x, y, **_: ops.multiply(x, y)),
        (tf, "reshape", lambda tensor, shape, **_: ops.reshape(tensor, shape)),
    ]


def _symbolic(function: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """TensorFlow's function; of a symbolic image Keras's own, since TensorFlow's refuses it."""
    import keras

    @functools.wraps(function)
    def either(*given: Any, **settings: Any) -> Any:
        symbolic = any(isinstance(x, keras.KerasTensor) for x in keras.tree.flatten(given))
        return ours(*given, **settings) if symbolic else function(*given, **settings)

    return either
