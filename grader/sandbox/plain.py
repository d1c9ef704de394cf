"""Student's values as plain data: what JSON can hold, and arrays of numbers.

Runs where the student's classes are, so nothing here asks a value what it is: its type decides,
and the type's own methods are called, not those of a subclass.
"""

from __future__ import annotations

from typing import Any

from grader.sandbox.stop import Stop, type_name

MAX_NESTING = 50
MAX_KEY = 2_000
MAX_TEXT = 20_000
MAX_BITS = 4096
"""Of a whole number."""


class Budget:
    """What may still be converted; one for all values of a job."""

    def __init__(
        self,
        values: int = 100_000,
        characters: int = 500_000,
        arrays: int = 200,
        array_bytes: int = 32 * 2**20,
    ) -> None:
        self.values = values
        self.characters = characters
        self.arrays = arrays
        self.array_bytes = array_bytes

    def take(self, **amounts: int) -> None:
        for name, amount in amounts.items():
            left = getattr(self, name) - amount
            if left < 0:
                raise Stop("too_large")
            setattr(self, name, left)


def as_plain(value: Any, budget: Budget | None = None) -> Any:
    """A value as JSON can hold it, with arrays of numbers left as arrays.

    A tuple becomes a list, a key a text, and ``...``, which stands for what is still to be
    written, None. Raises Stop for what is neither, or too much.
    """
    return _plain(value, MAX_NESTING, budget or Budget())


def _plain(value: Any, depth: int, budget: Budget) -> Any:
    budget.take(values=1)
    if depth == 0:
        raise Stop("too_large")
    kind = type(value)
    if kind is bool:
        return value
    if value is None or value is Ellipsis:
        return None
    if issubclass(kind, str):
        return _text(value, MAX_TEXT, budget)
    if issubclass(kind, int):
        if int.bit_length(value) > MAX_BITS:
            raise Stop("too_large")
        return int.__index__(value)
    if issubclass(kind, float):
        return float.__float__(value)
    if issubclass(kind, dict):
        return {
            _text(key if issubclass(type(key), str) else str(key), MAX_KEY, budget): _plain(
                item, depth - 1, budget
            )
            for key, item in dict.items(value)
        }
    for sequence in (list, tuple, set, frozenset, range):
        if issubclass(kind, sequence):
            return [_plain(item, depth - 1, budget) for item in sequence.__iter__(value)]
    return _array(value, budget)


def _text(value: str, bound: int, budget: Budget) -> str:
    text = str.__getitem__(value, slice(bound))
    budget.take(characters=len(text))
    return text


def _array(value: Any, budget: Budget) -> Any:
    import numpy as np

    if not hasattr(type(value), "__array__"):
        raise Stop("not_plain", type=type_name(value))
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise Stop("not_plain", type=f"array of {array.dtype}"[:100])
    if issubclass(type(value), np.generic):
        return array.astype(float if array.dtype.kind == "f" else array.dtype).item()
    budget.take(arrays=1, array_bytes=array.nbytes)
    return np.array(array, copy=True, subok=False)
