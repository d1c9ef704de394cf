"""Comparing what a student's code gave with what was expected: numbers, lists, arrays."""

from __future__ import annotations

import math
from typing import Any

TOLERANCE = 1e-6
"""Relative, and absolute below 1."""
SHOWN = 80


def difference(expected: Any, got: Any, tolerance: float = TOLERANCE) -> str | None:
    """What is wrong with ``got``, in one clause; None when it is as expected.

    Whole numbers and floats compare by value, lists, tuples and arrays item by item. A boolean
    is no number, and text is no number either.
    """
    expected, got = _as_lists(expected), _as_lists(got)
    if isinstance(expected, list):
        return _list_difference(expected, got, tolerance)
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        same = type(expected) is type(got) and expected == got
        return None if same else f"expected {show(expected)}, got {show(got)}"
    if isinstance(expected, dict):
        same = isinstance(got, dict) and got == expected
        return None if same else f"expected {show(expected)}, got {show(got)}"
    if isinstance(got, bool) or not isinstance(got, int | float):
        return f"expected the number {show(expected)}, got {_kind(got)} {show(got)}"
    return (
        None if close(expected, got, tolerance) else f"expected {show(expected)}, got {show(got)}"
    )


def close(expected: float, got: float, tolerance: float) -> bool:
    """Equal within ``tolerance``; whole numbers exactly."""
    if isinstance(expected, int) and isinstance(got, int):
        return expected == got
    try:
        return math.isclose(expected, got, rel_tol=tolerance, abs_tol=tolerance)
    except OverflowError:
        return False


def _list_difference(expected: list[Any], got: Any, tolerance: float) -> str | None:
    if not isinstance(got, list):
        return f"expected {len(expected)} values, got {_kind(got)} {show(got)}"
    wanted, has = shape_of(expected), shape_of(got)
    if wanted != has:
        return f"expected the shape {wanted}, got {has or 'rows of different lengths'}"
    for place, (one, other) in enumerate(zip(expected, got, strict=True)):
        wrong = difference(one, other, tolerance)
        if wrong:
            return f"{wrong} (at place {place})" if "at place" not in wrong else wrong
    return None


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Shape of nested lists; None where the rows differ in length."""
    if not isinstance(value, list):
        return ()
    inner = {shape_of(item) for item in value}
    if len(inner) > 1 or None in inner:
        return None
    return (len(value), *(inner.pop() if inner else ()))  # type: ignore[misc]


def _as_lists(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _kind(value: Any) -> str:
    names = {bool: "the boolean", str: "the text", list: "the list", dict: "the dict"}
    return names.get(type(value), "")


def show(value: Any) -> str:
    """Short, and on one line."""
    text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
