"""One change to a chain: which layers give way to which, and what that is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.feedback.chain import NOT_DESCRIBED, Chain, Link
from grader.feedback.hopes import Hopes
from grader.model import keras_names


@dataclass(frozen=True, slots=True)
class Change:
    """Some neighbouring layers give way to others."""

    says: str
    """The change in one sentence."""
    removed: tuple[Link, ...]
    added: tuple[Link, ...]
    behind: Link | None = None
    """Where nothing is removed: the layer before; None for the beginning."""
    cost: int = 1
    """How much of the notebook changes: 1 for a word. What hardly anybody means costs more."""
    distance: float = 0.0
    """How far a number moves, in proportion."""
    about: str = ""
    """What is changed of the layer: of changes about the same, the nearest stands for all."""

    @property
    def places(self) -> tuple[int, ...]:
        """Indices of the layers that it touches, in the found model."""
        touched = self.removed or ((self.behind,) if self.behind else ())
        return tuple(link.place for link in touched if link.place is not None)

    def apply(self, chain: Chain) -> Chain | None:
        """The changed chain; None where the layers are not there any more, side by side."""
        if self.removed:
            first = self.removed[0]
            if first not in chain.links:
                return None
            start = chain.links.index(first)
            stop = start + len(self.removed)
            if chain.links[start:stop] != self.removed:
                return None
            return chain.spliced(start, stop, self.added)
        if self.behind is None:
            return chain.spliced(0, 0, self.added)
        if self.behind not in chain.links:
            return None
        start = chain.links.index(self.behind) + 1
        return chain.spliced(start, start, self.added)


UNLIKELY = 10
"""What is added to the cost of a change that is seldom the right one."""

Apply = Callable[[Chain, Hopes], Iterator[Change]]
"""Every change of one kind that a chain allows, with the values that are worth trying."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A row of the table of edits."""

    name: str
    what: str
    """What it does, in words."""
    inverse: str
    """The edit that undoes it."""
    changes: Apply


SETTINGS = ("_initializer", "_regularizer", "_constraint")
"""Ends of arguments that say how a layer learns, not what it is."""


def layer_words(link: Link) -> str:
    """``layer 3, Conv2D (conv2d_1)``; a layer that a change brought in has no place yet."""
    if link.place is None:
        return f"the new {link.type}"
    return f"layer {link.place + 1}, {link.type} ({link.name[:60]})"


def start_sentence(words: str) -> str:
    """``Layer 3, …``."""
    return words[:1].upper() + words[1:]


def show_new(link: Link) -> str:
    """``Conv2D(filters=24, kernel_size=3)``: what one would write, defaults left out.

    A pool's size is said all the same.
    """
    known = keras_names.class_arguments("layers", link.type) or {}
    given = []
    for key, default in known.items():
        value = link.config.get(key)
        pooled = key == "strides" and "pool_size" in link.config
        usual = link.config.get("pool_size") if pooled else default
        untold = key in NOT_DESCRIBED or key.endswith(SETTINGS) or _is_usual(value, usual)
        if key == "pool_size" or not untold:
            given.append(f"{key}={show_argument(value)}")
    return f"{link.type}({', '.join(given)})"


def _is_usual(value: Any, default: Any) -> bool:
    spellings: dict[Any, Any] = {"linear": None, "channels_last": None}
    if isinstance(value, str):
        value = spellings.get(value, value)
    if isinstance(value, str) and isinstance(default, str):
        return value.replace("_", "").lower() == default.replace("_", "").lower()
    return bool(value == default)


def show_argument(value: Any) -> str:
    """``"same"``, ``3`` for 3 along all axes, ``(3, 5)``."""
    if isinstance(value, str):
        return f'"{value[:60]}"'
    if isinstance(value, list | tuple):
        inner = [show_argument(item) for item in value[:8]]
        return inner[0] if len(set(inner)) == 1 else f"({', '.join(inner)})"
    return str(value)[:60]
