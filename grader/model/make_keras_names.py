"""Writes ``keras_names.json``: the names and arguments that Keras itself has.

The main process never imports Keras, yet it knows every layer and argument, for the allow-list
and for "did you mean". Run ``python -m grader.model.make_keras_names`` after a Keras release.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("keras_names.json")

BASE_ARGUMENTS = {"name": None, "trainable": True, "dtype": None}
"""What every layer takes through ``**kwargs``."""

OPERATION_MODULES = ("numpy", "nn", "core", "math", "image")
"""Parts of ``keras.src.ops`` whose operations a functional model can hold."""

TRAINING_METRICS = ("accuracy", "acc", "crossentropy", "ce")
"""Words that ``compile`` turns into the metric that fits the labels."""


def keras_names() -> dict[str, Any]:
    """Collect everything from the Keras that is installed."""
    import keras
    from keras.src.losses import ALL_OBJECTS_DICT as LOSSES
    from keras.src.metrics import ALL_OBJECTS_DICT as METRICS

    layers, aliases = _classes(keras.layers, keras.Layer, BASE_ARGUMENTS)
    optimizers, _ = _classes(keras.optimizers, keras.Optimizer, {})
    by_name = _found_by(keras.optimizers.get, optimizers)
    metrics, _ = _classes(keras.metrics, keras.Metric, {})
    words = {*METRICS, *_functions(keras.metrics), *TRAINING_METRICS} - {"Metric", "metric"}
    return {
        "keras": keras.__version__,
        "layers": layers,
        "layer_aliases": aliases,
        "initializers": _classes(keras.initializers, keras.Initializer, {})[0],
        "regularizers": _classes(keras.regularizers, keras.Regularizer, {})[0],
        "constraints": _classes(keras.constraints, keras.constraints.Constraint, {})[0],
        "optimizers": {name: optimizers[name] for name in by_name},
        "losses": _found_by(keras.losses.get, set(LOSSES) - {"Loss"}),
        "metrics": sorted({*metrics, *words}),
        "activations": sorted(_functions(keras.activations)),
        "operations": _operations(),
    }


def _classes(
    module: Any, base: type, extra: dict[str, Any]
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Arguments with their defaults by class name, and the other names of the same classes."""
    found: dict[str, dict[str, Any]] = {}
    aliases: dict[str, str] = {}
    for name, value in sorted(vars(module).items()):
        if not (inspect.isclass(value) and issubclass(value, base)) or value is base:
            continue
        if name != value.__name__ and hasattr(module, value.__name__):
            aliases[name] = value.__name__
        else:
            found[name] = _arguments(value, extra)
    return found, aliases


def _arguments(cls: type, extra: dict[str, Any]) -> dict[str, Any]:
    """Default values by argument; ``"required"`` stands in a list for what has none."""
    arguments: dict[str, Any] = {}
    for parameter in inspect.signature(cls).parameters.values():
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            arguments[parameter.name] = _default(parameter)
    return arguments | {key: value for key, value in extra.items() if key not in arguments}


def _default(parameter: inspect.Parameter) -> Any:
    if parameter.default is parameter.empty:
        return ["required"]
    value = parameter.default
    plain = isinstance(value, bool | int | float | str | tuple | type(None))
    return value if plain else str(value)


def _found_by(get: Callable[[str], Any], names: Iterable[str]) -> list[str]:
    """The names that ``get`` turns into something that works without any arguments."""
    found = []
    for name in sorted(names):
        try:
            get(name)
        except (ValueError, TypeError, LookupError):
            continue
        found.append(name)
    return found


def _functions(module: Any) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and name not in ("get", "serialize", "deserialize")
    ]


def _operations() -> dict[str, list[str]]:
    """Operation classes by the module under which a saved model names them."""
    import importlib

    from keras.src.ops.operation import Operation

    found = {}
    for part in OPERATION_MODULES:
        module = importlib.import_module(f"keras.src.ops.{part}")
        found[module.__name__] = sorted(
            name
            for name, value in vars(module).items()
            if inspect.isclass(value)
            and issubclass(value, Operation)
            and value.__module__ == module.__name__
        )
    return found


def as_text(names: dict[str, Any]) -> str:
    """One line for each class, so that a change of Keras reads well in a diff."""
    parts = []
    for key, value in names.items():
        if isinstance(value, dict) and value:
            rows = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            parts.append(f"{json.dumps(key)}: {{\n{rows}\n}}")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TABLE.write_text(as_text(keras_names()), encoding="utf-8")
