"""A model class of the student's as a graph of Keras's own layers, where its ``call`` is one.

``class Net(keras.Model)`` cannot be rebuilt from its description. But what its ``call`` does with
a symbolic image is a graph, and where that graph is made of Keras's layers and holds all weights
that the model has, it is the same network and can be checked, rebuilt and trained as any other.

The call is followed twice, for inference and for training, and both must give the same graph:
what depends on the mode, on chance or on a count is no graph. Nor is a layer that is always in
one mode: a graph hands its own mode to every layer.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


class _NoGraph(Exception):
    """The call does what no graph of Keras's layers does."""


def follow(model: Any, shape: tuple[int, ...]) -> Any:
    """The functional model that ``model`` computes for images of ``shape``; None if unknown.

    Where there is none, the trying has built parts of ``model`` in another way than Keras would:
    it is of no use any more.
    """
    import keras

    if type(model).__call__ is not keras.Layer.__call__:
        return None
    if str(getattr(type(model).call, "__module__", None)).startswith("keras."):
        return _graph_inside(model, shape)
    try:
        plain = _graph(model, shape, False)
        before = _state(model)
        training = _graph(model, shape, True)
        # By now all layers are made: what still changes, changes with every call.
        if _state(model) != before or _steps(plain) != _steps(training):
            return None
    except Exception:
        return None
    if {id(weight) for weight in plain.weights} != {id(weight) for weight in model.weights}:
        return None
    if not all(map(is_kerass, (*plain.operations, *plain._flatten_layers()))):
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
    return graph if all(map(is_kerass, graph._flatten_layers())) else None


def _graph(model: Any, shape: tuple[int, ...], training: bool) -> Any:
    import keras

    image = keras.Input(shape)
    with _own_layers_open(training):
        outputs = _call(model, (image,), {}, training)
    return keras.Model(image, outputs, name=model.name)


def _call(layer: Any, given: tuple[Any, ...], settings: dict[str, Any], training: Any) -> Any:
    """What a layer of the student's computes, as Keras would call it."""
    import keras

    masked = [getattr(x, "_keras_mask", None) for x in keras.tree.flatten((given, settings))]
    if any(mask is not None for mask in masked) or layer.compute_dtype != keras.config.floatx():
        raise _NoGraph  # Keras hands on masks, and casts
    if layer.activity_regularizer is not None or _own_variables(layer):
        raise _NoGraph
    asked = inspect.signature(layer.call).parameters
    if "training" in asked and training is not None:
        settings = {**settings, "training": training}
    losses = len(layer._losses)
    outputs = layer.call(*given, **settings)
    if len(layer._losses) != losses:
        raise _NoGraph
    return outputs


def _own_variables(layer: Any) -> bool:
    """Weights that Keras knows nothing of."""
    import keras
    import tensorflow as tf

    own = [value for name, value in vars(layer).items() if not name.startswith("_self_")]
    return any(isinstance(item, tf.Variable) for item in keras.tree.flatten(own))


def _state(model: Any) -> Any:
    """What a call may change: numbers that the student's layers keep, and the dice."""
    kept = [
        {name: value for name, value in vars(layer).items() if isinstance(value, int | float | str)}
        for layer in model._flatten_layers()
        if not is_kerass(layer)
    ]
    return kept, random.getstate(), repr(np.random.get_state())


def _steps(graph: Any) -> list[Any]:
    """What is applied to what, in order: layers by identity, operations by kind and settings."""
    import keras

    nodes = [node for nodes in graph._nodes_by_depth.values() for node in nodes]
    numbers = {
        id(tensor): (at, which)
        for at, node in enumerate(nodes)
        for which, tensor in enumerate(node.outputs)
    }
    leaf = functools.partial(_leaf, numbers)

    def applied(operation: Any) -> Any:
        if isinstance(operation, keras.layers.InputLayer):
            return "image"
        if isinstance(operation, keras.Layer):
            return id(operation)
        settings = {
            name: keras.tree.map_structure(leaf, value)
            for name, value in vars(operation).items()
            if name != "name" and not name.startswith("_")
        }
        return type(operation), settings

    return [
        *(
            (
                applied(node.operation),
                keras.tree.map_structure(leaf, node.arguments.args),
                keras.tree.map_structure(leaf, node.arguments.kwargs),
            )
            for node in nodes
        ),
        keras.tree.map_structure(leaf, graph._outputs_struct),
    ]


def _leaf(numbers: dict[int, tuple[int, int]], value: Any) -> Any:
    """One argument, so that it can be compared with another trace's."""
    import keras
    import tensorflow as tf

    if isinstance(value, keras.KerasTensor):
        return numbers.get(id(value))
    if isinstance(value, keras.Variable | tf.Variable):
        raise _NoGraph
    if hasattr(type(value), "__array__"):
        array = np.asarray(value)
        return str(array.dtype), array.shape, array.tobytes()
    plain = value is None or isinstance(value, bool | int | float | str)
    return (type(value), repr(value)) if plain else id(value)


def is_kerass(layer: Any) -> bool:
    """Whether a layer or operation is of a class of Keras's own."""
    return str(type(layer).__module__).startswith("keras.")


def _minds(layer: Any) -> bool:
    """Whether a layer, or one inside it, does something else in training."""
    import keras

    # Asked for the mode for the sake of quantization alone, or only handing it on.
    never = keras.layers.Dense | keras.layers.EinsumDense | keras.layers.Embedding | keras.Model
    return any(
        part._call_has_context_arg.get("training", False)
        for part in layer._flatten_layers()
        if not isinstance(part, never)
        and (part.trainable or not isinstance(part, keras.layers.BatchNormalization))
    )


@contextlib.contextmanager
def _own_layers_open(mode: bool) -> Iterator[None]:
    """In this block a layer class of the student's is no node of the graph: its ``call`` is.

    Args:
        mode: whether the whole is called for training.
    """
    import keras

    apply = keras.Layer.__call__
    functions = _functions_of_tensorflow()
    current: Any = mode

    def through(layer: Any, *given: Any, **settings: Any) -> Any:
        # As Keras does it: a mode that is named holds for all layers that follow.
        nonlocal current
        if "training" in settings:
            current = settings["training"]
        elif current is None:
            parameter = inspect.signature(layer.call).parameters.get("training")
            current = parameter.default if parameter else None
        if is_kerass(layer):
            if bool(current) != mode and _minds(layer):
                raise _NoGraph
            settings.pop("training", None)
            return apply(layer, *given, **settings)
        if not layer.built:
            layer.build(given[0].shape)
            layer.built = True
        return _call(layer, given, settings, current)

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
        (tf.nn, "relu", lambda x: ops.relu(x)),
        (tf.nn, "softmax", lambda x, axis=-1: ops.softmax(x, axis)),
        (tf.nn, "sigmoid", lambda x: ops.sigmoid(x)),
        (tf.nn, "tanh", lambda x: ops.tanh(x)),
        (tf, "concat", lambda values, axis: ops.concatenate(values, axis)),
        (tf, "add", lambda x, y: ops.add(x, y)),
        (tf, "multiply", lambda x, y: ops.multiply(x, y)),
        (tf, "reshape", lambda tensor, shape: ops.reshape(tensor, shape)),
    ]


def _symbolic(function: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """TensorFlow's function; of a symbolic image Keras's own, since TensorFlow's refuses it."""
    import keras

    @functools.wraps(function)
    def either(*given: Any, **settings: Any) -> Any:
        symbolic = any(isinstance(x, keras.KerasTensor) for x in keras.tree.flatten(given))
        if not symbolic:
            return function(*given, **settings)
        settings.pop("name", None)
        return ours(*given, **settings)

    return either
