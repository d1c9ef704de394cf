"""Models in the form that Keras saves, written by hand: what a student's process may claim."""

from __future__ import annotations

from typing import Any

Saved = dict[str, Any]


def layer(class_name: str, module: str | None = "keras.layers", **config: Any) -> Saved:
    """One saved object; of Keras's layers unless said otherwise."""
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def entry(*shape: int | None, **config: Any) -> Saved:
    """An InputLayer."""
    return layer("InputLayer", batch_shape=[None, *shape], name="entry", **config)


def sequential(*layers: Saved, **config: Any) -> Saved:
    return layer("Sequential", "keras", name="sequential", layers=list(layers), **config)


def dense(units: Any = 4, name: str = "dense", **config: Any) -> Saved:
    return layer("Dense", name=name, units=units, **config)


def small(**config: Any) -> Saved:
    """A right model whose only Dense layer takes ``config``."""
    return sequential(entry(8), dense(**config))


def tensor(source: str, *shape: int | None) -> Saved:
    """The tensor that a layer gives, as an argument of the next."""
    history = {"shape": [None, *shape], "dtype": "float32", "keras_history": [source, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": history}


def call(saved: Saved, *args: Any, **kwargs: Any) -> Saved:
    """A layer of a functional model, and the one call of it."""
    nodes = [{"args": list(args), "kwargs": kwargs}] if args else []
    return saved | {"name": saved["config"]["name"], "inbound_nodes": nodes}


def functional(*calls: Saved, inputs: Any = None, outputs: Any = None) -> Saved:
    """A functional model; from its first layer to its last unless said otherwise."""
    return layer(
        "Functional",
        "keras.src.models.functional",
        name="functional",
        layers=list(calls),
        input_layers=inputs or [calls[0]["name"], 0, 0],
        output_layers=outputs or [calls[-1]["name"], 0, 0],
    )


def array(*values: Any, wrapper: str = "__numpy__") -> Saved:
    return {"class_name": wrapper, "config": {"value": list(values), "dtype": "float32"}}
