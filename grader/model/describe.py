"""A Keras model as plain values, layer by layer. Runs where Keras is: in a fork."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from grader.model.arithmetic import Field, multiply_adds, window_of
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
    rows: list[Row] = []
    if graph is not None:
        _Walker(rows).walk(graph, [() for _ in graph.inputs])
        inputs, outputs = _shapes(graph.inputs), _shapes(graph.outputs)
    else:
        inputs, outputs = _trace(model, rows)
    _add_receptive_fields(rows, inputs)
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


class _Walker:
    """Follows tensors through a graph, and through the graphs nested in it."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.index: dict[int, int] = {}

    def walk(self, graph: Any, feeders: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Add the graph's layers; return for each of its outputs the rows it comes from."""
        made = {id(t): feeder for t, feeder in zip(graph.inputs, feeders, strict=True)}
        for node in _nodes(graph):
            operation = node.operation
            if all(id(t) in made for t in node.outputs):
                continue
            sources = [made.get(id(t), ()) for t in node.input_tensors]
            nested = _graph_of(operation) if _is_model(operation) else None
            if nested is not None:
                results = self.walk(nested, sources)
            else:
                results = [(self._add(operation, node, sources),)] * len(node.outputs)
            made |= {id(t): result for t, result in zip(node.outputs, results, strict=True)}
        return [made.get(id(t), ()) for t in graph.outputs]

    def _add(self, operation: Any, node: Any, sources: list[tuple[int, ...]]) -> int:
        inbound = tuple(dict.fromkeys(i for source in sources for i in source))
        if id(operation) in self.index:
            row = self.rows[self.index[id(operation)]]
            row["calls"] += 1
            row["inbound"] = tuple(dict.fromkeys([*row["inbound"], *inbound]))
            return self.index[id(operation)]
        row = _row(operation, _shapes(node.input_tensors), _shapes(node.outputs))
        row["inbound"] = inbound
        self.rows.append(row)
        self.index[id(operation)] = len(self.rows) - 1
        return len(self.rows) - 1


def _nodes(graph: Any) -> Iterator[Any]:
    """The graph's nodes, each after those it reads from."""
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        yield from graph._nodes_by_depth[depth]


def _is_model(operation: Any) -> bool:
    import keras

    return isinstance(operation, keras.Model)


def _row(layer: Any, inputs: list[Shape], outputs: list[Shape]) -> Row:
    kind, config = type(layer).__name__, _plain_config(layer)
    weights, trainable = getattr(layer, "weights", []), getattr(layer, "trainable_weights", [])
    return {
        "name": str(layer.name),
        "type": kind,
        "config": config,
        "input_shapes": inputs,
        "output_shapes": outputs,
        "params": _count(weights),
        "trainable_params": _count(trainable),
        "multiply_adds": multiply_adds(kind, config, inputs[0], outputs[0]) if inputs else 0,
        "receptive_field": None,
        "inbound": (),
        "calls": 1,
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
    return {key: _short(value) for key, value in config.items() if key not in LEFT_OUT}


def _short(value: Any) -> Any:
    if isinstance(value, Mapping) and "class_name" in value:
        given = {
            key: _short(item)
            for key, item in (value.get("config") or {}).items()
            if item is not None and key != "name"
        }
        return {str(value["class_name"]): given} if given else str(value["class_name"])
    if isinstance(value, Mapping):
        return {str(key): _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return value if isinstance(value, bool | int | float | str | type(None)) else str(value)


def _add_receptive_fields(rows: list[Row], inputs: list[Shape]) -> None:
    """Carry the receptive field along; it ends where a layer mixes all positions."""
    axes = max((len(shape) - 1 for shape in inputs), default=0)
    if axes < 1:
        return
    start = Field((1,) * axes, (1,) * axes)
    fields: list[Field | None] = []
    for row in rows:
        before = [fields[i] for i in row["inbound"]] or [start]
        fields.append(_field_after(row, before))
        field = fields[-1]
        row["receptive_field"] = field.size if field else None


def _field_after(row: Row, before: list[Field | None]) -> Field | None:
    known = [field for field in before if field is not None]
    if len(known) < len(before) or any(field.jump != known[0].jump for field in known):
        return None
    sizes = zip(*(field.size for field in known), strict=True)
    widest = Field(tuple(map(max, sizes)), known[0].jump)
    window = window_of(row["type"], row["config"])
    if window is not None:
        return widest.through(window) if len(window.kernel) == len(widest.size) else None
    shape, given = row["output_shapes"][0], row["input_shapes"][0]
    if row["type"] == "Dense":
        return widest if len(given) > 1 else None
    return widest if len(shape) == len(given) and shape[:-1] == given[:-1] else None


def _trace(model: Any, rows: list[Row]) -> tuple[list[Shape], list[Shape]]:
    """Describe a model without a graph by watching its layers work on one blank image."""
    import keras
    import numpy as np

    shape = _input_shape(model)
    makers: dict[int, int] = {}
    kept: list[Any] = []
    original = keras.Layer.__call__

    def watched(layer: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(layer, *args, **kwargs)
        if layer is not model and not _is_model(layer) and not list(layer._flatten_layers())[1:]:
            given = [value for value in args if hasattr(value, "shape")]
            row = _row(layer, _shapes(given), _shapes([result]))
            row["inbound"] = tuple(makers[id(value)] for value in given if id(value) in makers)
            rows.append(row)
            makers[id(result)] = len(rows) - 1
            kept.append(result)
        return result

    keras.Layer.__call__ = watched
    try:
        output = model(np.zeros((1, *shape), dtype="float32"), training=False)
    finally:
        keras.Layer.__call__ = original
    return [shape], _shapes([output])


def _input_shape(model: Any) -> tuple[int, ...]:
    shape = next(iter((model._build_shapes_dict or {}).values()))
    return tuple(shape[1:])
