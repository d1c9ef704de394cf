"""What a check expected beside what it got, laid out where that says more than its sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.words import show_shape

MOST, LONGEST = 60, 120
"""Items of a list, and characters of one, that are shown."""
SHAPES = ("feature_maps", "output_shape")
"""Types of checks whose lists of whole numbers are shapes."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two lists in words, item by item."""

    expected: Sequence[str]
    got: Sequence[str]


def beside(expected: Any, got: Any, check_type: str) -> Sides | None:
    """Lay two lists, or two mappings, side by side; None for what its sentence has said already.

    A single number or word is in the check's message. Lists of layers, shapes or answers are
    not, and are what one wants to compare.
    """
    show = _shape_or_text if check_type in SHAPES else _text
    if isinstance(expected, list) and isinstance(got, list):
        words = [[show(value) for value in values] for values in (expected, got)]
    elif isinstance(expected, dict) and isinstance(got, dict):
        words = [
            [f"{key}: {show(value)}" for key, value in values.items()] for values in (expected, got)
        ]
    else:
        return None
    if max(map(len, words)) < 2 or words[0] == words[1]:
        return None
    return Sides(*(_cut(items) for items in words))


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _shape_or_text(value: Any) -> str:
    return show_shape(tuple(value)) if _is_shape(value) else _text(value)


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and all(axis is None or type(axis) is int for axis in value)


def _cut(items: list[str]) -> list[str]:
    if len(items) <= MOST:
        return items
    return [*items[:MOST], f"… and {len(items) - MOST} more"]
