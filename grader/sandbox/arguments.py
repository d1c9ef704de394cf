"""Arguments for a student's function: arrays of its own to write to, and real tuples."""

from __future__ import annotations

from typing import Any

TUPLE = "$tuple"
"""The only key of a dict that stands for a tuple, which JSON does not have."""


def unpack_arguments(value: Any) -> Any:
    """A copy of plain values, each array writable as a notebook's own would be."""
    import numpy as np

    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list):
        return [unpack_arguments(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {TUPLE}:
            return tuple(unpack_arguments(item) for item in value[TUPLE])
        return {key: unpack_arguments(item) for key, item in value.items()}
    return value


def was_changed(before: Any, now: Any) -> bool:
    """Whether a function wrote into what it was given."""
    import numpy as np

    if isinstance(before, np.ndarray):
        return not (
            isinstance(now, np.ndarray)
            and before.shape == now.shape
            and before.tobytes() == now.tobytes()
        )
    if isinstance(before, list):
        return type(now) is not list or len(before) != len(now) or _any_changed(before, now)
    if isinstance(before, dict) and set(before) == {TUPLE}:
        return _any_changed(before[TUPLE], list(now))
    if isinstance(before, dict):
        return set(before) != set(now) or any(was_changed(before[key], now[key]) for key in before)
    return False


def _any_changed(before: list[Any], now: list[Any]) -> bool:
    return any(was_changed(one, other) for one, other in zip(before, now, strict=True))
