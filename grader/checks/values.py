"""Comparing what a student's code gave with what was expected: numbers, lists, arrays."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import Field

from grader.records import Plain

Tolerance = Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
"""Relative, and absolute below 1. None: ``FLOATS`` for floats, and whole numbers exactly."""
FLOATS = 1e-6
SHOWN = 80
"""Characters of a value in a sentence."""
LISTED = 200
"""Items of a value that the report holds in full."""
KINDS = {
    bool: "the boolean",
    int: "the number",
    float: "the number",
    str: "the text",
    list: "the list",
    dict: "the dict",
}
LARGEST_ARRAY = 100_000
"""Items of an array that are compared one by one: more than an assignment file lists."""


def difference(
    expected: Any, got: Any, tolerance: float | None = None, at: tuple[int | str, ...] = ()
) -> str | None:
    """What is wrong with ``got``, in one clause; None when it is as expected.

    Whole numbers and floats compare by value, lists, tuples and arrays item by item. A boolean
    is no number, and text is no number either.

    Args:
        expected: plain values.
        got: plain values, and arrays anywhere among them.
        tolerance: see ``Tolerance``.
        at: the place inside the whole value, for the clause.
    """
    expected, got = _as_lists(expected), _as_lists(got)
    place = f" (at {''.join(f'[{key!r}]' for key in at)})" if at else ""
    if isinstance(expected, list):
        return _list_difference(expected, got, tolerance, at, place)
    if isinstance(expected, dict):
        return _dict_difference(expected, got, tolerance, at, place)
    if expected is None or isinstance(expected, bool | str):
        right = type(expected) is type(got) and expected == got
        return None if right else f"expected {show(expected)}, got {show(got)}{place}"
    if isinstance(got, bool) or not isinstance(got, int | float):
        return f"expected the number {show(expected)}, got {_named(got)}{place}"
    if close(expected, got, tolerance):
        return None
    shown = show(expected), show(got)
    one, other = shown if shown[0] != shown[1] else (repr(expected), repr(got))
    return f"expected {one}, got {other}{place}"


def close(expected: float, got: float, tolerance: float | None) -> bool:
    """Whether two numbers are equal within a tolerance. NaN equals nothing."""
    if expected == got:
        return True
    if tolerance is None:
        if isinstance(expected, int) and isinstance(got, int):
            return False
        tolerance = FLOATS
    try:
        distance = abs(expected - got)
        return distance < float("inf") and distance <= tolerance * max(1.0, abs(expected))
    except OverflowError:
        return False


def _list_difference(
    expected: list[Any], got: Any, tolerance: float | None, at: tuple[int | str, ...], place: str
) -> str | None:
    wanted, has = shape_of(expected), shape_of(got)
    if has == () or (wanted is None and not isinstance(got, list)):
        return f"expected {_values_words(wanted, len(expected))}, got {_named(got)}{place}"
    if wanted is not None and wanted != has:
        if has is not None and len(wanted) == len(has) == 1:
            return f"expected {_values_words(wanted, len(expected))}, got {has[0]}{place}"
        return f"expected the shape {wanted}, got {has or 'rows of different lengths'}{place}"
    if len(expected) != len(got):
        return f"expected {_values_words(None, len(expected))}, got {len(got)}{place}"
    for index, (one, other) in enumerate(zip(expected, got, strict=True)):
        wrong = difference(one, other, tolerance, (*at, index))
        if wrong:
            return wrong
    return None


def _dict_difference(
    expected: dict[Any, Any],
    got: Any,
    tolerance: float | None,
    at: tuple[int | str, ...],
    place: str,
) -> str | None:
    if not isinstance(got, dict):
        return f"expected a dict, got {_named(got)}{place}"
    # The keys of a dict that came over the wall are texts.
    wanted = {str(key): value for key, value in expected.items()}
    has = {str(key): value for key, value in got.items()}
    for key, value in wanted.items():
        if key not in has:
            return f"the key {show(key)} is missing{place}"
        wrong = difference(value, has[key], tolerance, (*at, key))
        if wrong:
            return wrong
    extra = next((key for key in has if key not in wanted), None)
    return None if extra is None else f"the key {show(extra)} is not asked for{place}"


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Shape of an array or of nested lists; None where the rows differ in length."""
    if hasattr(value, "shape"):
        return tuple(value.shape)
    if not isinstance(value, list | tuple):
        return ()
    inner = {shape_of(item) for item in value}
    if len(inner) > 1 or None in inner:
        return None
    rest = inner.pop() if inner else ()
    return None if rest is None else (len(value), *rest)


def _values_words(shape: tuple[int, ...] | None, count: int) -> str:
    if shape is not None and len(shape) > 1:
        return f"values of the shape {shape}"
    return "1 value" if count == 1 else f"{count} values"


def _as_lists(value: Any) -> Any:
    """A tuple, and an array that is not too large, as a list."""
    if isinstance(value, tuple):
        return list(value)
    if not hasattr(value, "tolist") or _items(value) > LARGEST_ARRAY:
        return value
    # A float of 16 bytes would stay NumPy's.
    return (value.astype("float64") if value.dtype.kind == "f" else value).tolist()


def _items(array: Any) -> int:
    """Of the lists that an array would become: a million rows of nothing are a million lists."""
    return math.prod(max(axis, 1) for axis in array.shape)


def _named(value: Any) -> str:
    """A value of another kind than expected, with its kind."""
    if hasattr(value, "shape"):
        return show(value)
    return f"{KINDS.get(type(value), '')} {show(value)}".strip()


def show(value: Any) -> str:
    """Short, and on one line."""
    text = _text(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _text(value: Any) -> str:
    if hasattr(value, "shape") and _items(value) > SHOWN:
        return f"an array of the shape {tuple(value.shape)}"
    value = _as_lists(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value[:SHOWN]))}]"
    if isinstance(value, dict):
        items = list(value.items())[:SHOWN]
        return f"{{{', '.join(f'{_text(key)}: {_text(item)}' for key, item in items)}}}"
    return repr(value[:SHOWN] if isinstance(value, str) else value)


def for_report(value: Any) -> Plain:
    """What the report's ``got`` holds: arrays as lists, and a long value as a short text."""
    return _plain(value) if _weight(value) <= LISTED else show(value)


def _weight(value: Any) -> int:
    if hasattr(value, "shape"):
        return _items(value)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return 1 + sum(map(_weight, value))
    return 1 + len(value) // SHOWN if isinstance(value, str) else 1


def _plain(value: Any) -> Plain:
    value = _as_lists(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    plain: Plain = value
    return plain
