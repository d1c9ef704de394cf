"""Neutral names for the layers of a claimed architecture.

Names are free in Keras, they change nothing, and free text of a student's has no business inside
the trusted process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.model.allow_list import is_model
from grader.model.refusals import unreadable

MODEL_NAME = "model"


def rename_layers(model: dict[str, Any]) -> list[str]:
    """Name every layer ``n0``, ``n1``, … in place, models in models and layers in wrappers too.

    Args:
        model: as ``copy_allowed`` gives it.

    Returns:
        The names that were there, in the order of the new ones.
    """
    renaming = _Renaming()
    _forget_calls(model)
    renaming.model(model["config"])
    model["config"]["name"] = MODEL_NAME
    return renaming.names


class _Renaming:
    def __init__(self) -> None:
        self.names: list[str] = []

    def _next(self, old: Any) -> str:
        self.names.append(str(old))
        return f"n{len(self.names) - 1}"

    def model(self, config: dict[str, Any]) -> None:
        new: dict[str, str] = {}
        for layer in config["layers"]:
            old = str(layer.get("name", layer["config"].get("name")))
            if old in new:
                raise unreadable("two of its layers have the same name")
            new[old] = layer["config"]["name"] = self._next(old)
            if "name" in layer:
                layer["name"] = new[old]
            self._inside(layer)
        for key in ("input_layers", "output_layers"):
            if key in config:
                config[key] = _rename_ends(config[key], new)
        for layer in config["layers"]:
            if "inbound_nodes" in layer:
                _rename_history(layer["inbound_nodes"], new)

    def _inside(self, item: dict[str, Any]) -> None:
        if is_model(item):
            self.model(item["config"])
        else:
            self._within(item["config"])
        self._within(item.get("inbound_nodes"))

    def _within(self, value: Any) -> None:
        """Layers among the arguments of a layer, such as that of TimeDistributed."""
        if isinstance(value, list):
            for item in value:
                self._within(item)
        elif isinstance(value, dict) and "class_name" in value:
            _forget_calls(value)
            config = value["config"]
            if isinstance(config, dict) and "name" in config:
                config["name"] = self._next(config["name"])
            if is_model(value):
                self.model(config)
            else:
                self._within(config)
        elif isinstance(value, dict):
            for item in value.values():
                self._within(item)


def _forget_calls(item: dict[str, Any]) -> None:
    """Only what stands in a model's own list of layers is called there, by its name."""
    item.pop("name", None)
    item.pop("inbound_nodes", None)


def _rename_ends(ends: Any, new: Mapping[str, str]) -> Any:
    """``["conv", 0, 0]``, or any nesting of such."""
    match ends:
        case [str(name), int(node), int(tensor)]:
            return [_new_name(name, new), node, tensor]
    if isinstance(ends, list):
        return [_rename_ends(end, new) for end in ends]
    if isinstance(ends, dict):
        return {key: _rename_ends(end, new) for key, end in ends.items()}
    raise unreadable("its inputs or outputs are not named")


def _rename_history(value: Any, new: Mapping[str, str]) -> None:
    """Rename, in place, the layer in every ``keras_history``."""
    if isinstance(value, list):
        for item in value:
            _rename_history(item, new)
    elif isinstance(value, dict):
        history = value.get("keras_history")
        if isinstance(history, list) and history and isinstance(history[0], str):
            history[0] = _new_name(history[0], new)
        for item in value.values():
            _rename_history(item, new)


def _new_name(old: str, new: Mapping[str, str]) -> str:
    if old not in new:
        raise unreadable("a layer reads from a layer that is not there")
    return new[old]
