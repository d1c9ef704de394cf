"""A Keras model as plain values, layer by layer. Runs where Keras is: in a fork."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.model.counts import multiply_adds
from grader.model.receptive import Field, field_behind, field_of_input
from grader.records import Shape

Row = dict[str, Any]
"""A ``LayerDescription`` as a dict of plain values."""

LEFT_OUT = ("name", "dtype", "trainable", "quantization_config", "layers", "build_input_shape")


def describe_model(model: Any) -> dict[str, Any]:
    """Describe a built model; nested models are unfolded, input layers left out.

    Returns:
        The fields of ``records.ModelDescription`` as plain values, shapes without batch axis.
    """
    graph = _graph_of(model)
    table = _Table()
    if graph is not None:
        inputs = _shapes(graph.inputs)
        _walk(graph, [_Source((), field_of_input(shape)) for shape in inputs], table)
        outputs = _shapes(graph.outputs)
    else:
        inputs, outputs = _watch(model, table)
    rows = table.rows
    return {
        "layers": rows,
        "input_shapes": inputs,
        "output_shapes": outputs,
        "total_params": _count(model.weights),
        "trainable_params": _count(model.trainable_weights),
        "multiply_adds": sum(row["multiply_adds"] for row in rows),
        "receptive_field": next(
            (row["receptive_field"] for row in reversed(rows) if row["receptive_field"]), None
        ),
    }


def _graph_of(model: Any) -> Any:
    """The functional graph of a Functional or built Sequential model; None for a subclass."""
    import keras

    if type(model) is keras.Sequential:
        return model._functional
    return model if getattr(model, "_nodes_by_depth", None) else None


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a tensor comes from, and what of the model's input it sees."""

    rows: tuple[int, ...]
    field: Field | None


class _Table:
    """The rows of a description, one for each layer, however often it is applied."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.index: dict[int, int] = {}
        self.kept: list[Any] = []
        """The layers, so that no other object takes over an id."""

    def add(
        self, layer: Any, inputs: list[Shape], outputs: list[Shape], sources: Iterable[_Source]
    ) -> _Source:
        """Note one application of a layer to tensors from ``sources``."""
        sources = list(sources)
        inbound = [row for source in sources for row in source.rows]
        if id(layer) not in self.index:
            self.index[id(layer)] = len(self.rows)
            self.kept.append(layer)
            self.rows.append(_row(layer, inputs, outputs))
        place = self.index[id(layer)]
        row = self.rows[place]
        kind, config = row["type"], row["config"] if _belongs_to_keras(layer) else None
        field = None
        if inputs and outputs and config is not None:
            row["multiply_adds"] += multiply_adds(kind, config, inputs[0], outputs[0])
            fields = [source.field for source in sources]
            field = field_behind(kind, config, fields, inputs[0], outputs[0])
        row["receptive_field"] = field.size if field else None
        row["inbound"] = tuple(dict.fromkeys([*row["inbound"], *inbound]))
        row["calls"] += 1
        return _Source((place,), field)


def _walk(graph: Any, feeders: list[_Source], table: _Table) -> list[_Source]:
    """Add the layers of a graph, and of those nested in it, to the table.

    Args:
        feeders: one for each of the graph's inputs.

    Returns:
        One for each of its outputs.
    """
    nowhere = _Source((), None)
    made = {id(t): feeder for t, feeder in zip(graph.inputs, feeders, strict=True)}
    for node in _nodes(graph):
        if all(id(t) in made for t in node.outputs):
            continue
        sources = [made.get(id(t), nowhere) for t in node.input_tensors]
        nested = _graph_of(node.operation) if _is_model(node.operation) else None
        if nested is not None:
            results = _walk(nested, sources, table)
        else:
            inputs, outputs = _shapes(node.input_tensors), _shapes(node.outputs)
            results = [table.add(node.operation, inputs, outputs, sources)] * len(outputs)
        made |= {id(t): result for t, result in zip(node.outputs, results, strict=True)}
    return [made.get(id(t), nowhere) for t in graph.outputs]


def _nodes(graph: Any) -> Iterator[Any]:
    """The graph's nodes, each after those it reads from."""
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        yield from graph._nodes_by_depth[depth]


def _is_model(operation: Any) -> bool:
    import keras

    return isinstance(operation, keras.Model)


def _belongs_to_keras(layer: Any) -> bool:
    """Whether Keras wrote the class: a ``Conv2D`` of the student's may be anything."""
    return type(layer).__module__.startswith("keras.")


def _row(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> Row:
    return {
        "name": str(layer.name),
        "type": type(layer).__name__,
        "config": _plain_config(layer),
        "input_shapes": inputs,
        "output_shapes": outputs,
        "params": _count(getattr(layer, "weights", [])),
        "trainable_params": _count(getattr(layer, "trainable_weights", [])),
        "multiply_adds": 0,
        "receptive_field": None,
        "inbound": (),
        "calls": 0,
    }


def _shapes(tensors: Iterable[Any]) -> list[Shape]:
    return [tuple(tensor.shape[1:]) for tensor in tensors]


def _count(weights: Iterable[Any]) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


def _plain_config(layer: Any) -> dict[str, Any]:
    """``get_config`` in short: an initialiser is its name, or its name and what it was given."""
    try:
        config = layer.get_config()
    except Exception:
        # A class of the student's own without get_config.
        return {}
    return {str(key): _short(value) for key, value in config.items() if key not in LEFT_OUT}


def _short(value: Any) -> Any:
    if isinstance(value, Mapping) and "class_name" in value:
        given = {
            key: _short(item)
            for key, item in (value.get("config") or {}).items()
            if item is not None and key not in LEFT_OUT
        }
        return {str(value["class_name"]): given} if given else str(value["class_name"])
    if isinstance(value, Mapping):
        return {str(key): _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return value if isinstance(value, bool | int | float | str | type(None)) else str(value)


def _watch(model: Any, table: _Table) -> tuple[list[Shape], list[Shape]]:
    """Describe a model without a graph by watching its layers work on one blank image."""
    import keras
    import numpy as np

    shape = _input_shape(model)
    image = keras.ops.convert_to_tensor(np.zeros((1, *shape), dtype="float32"))
    # The first call builds what is not built yet, and calls layers on the way.
    model(image, training=False)
    made = {id(image): _Source((), field_of_input(shape))}
    kept: list[Any] = [image]
    original = keras.Layer.__call__
    inside = 0

    def watched(layer: Any, *args: Any, **kwargs: Any) -> Any:
        """Note the innermost layers; of Keras's own, also those that are made of layers."""
        nonlocal inside
        parts = list(layer._flatten_layers(include_self=False))
        leaf = not inside and not _is_model(layer) and (not parts or _belongs_to_keras(layer))
        inside += leaf
        try:
            result = original(layer, *args, **kwargs)
        finally:
            inside -= leaf
        if leaf:
            given, given_back = _tensors([args, kwargs]), _tensors(result)
            sources = [made[id(tensor)] for tensor in given if id(tensor) in made]
            source = table.add(layer, _shapes(given), _shapes(given_back), sources)
            kept.extend(given_back)
            made.update({id(tensor): source for tensor in given_back})
        return result

    keras.Layer.__call__ = watched
    try:
        output = model(image, training=False)
    finally:
        keras.Layer.__call__ = original
    return [shape], _shapes(_tensors(output))


def _tensors(values: Any) -> list[Any]:
    """The tensors of an image batch among nested arguments or results."""
    import keras

    return [value for value in keras.tree.flatten(values) if getattr(value, "shape", ())]


def _input_shape(model: Any) -> tuple[int, ...]:
    shape = next(iter((model._build_shapes_dict or {}).values()))
    return tuple(shape[1:])
