"""Plain values as a person reads them: the one place that words shapes, counts and shares."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from grader.records import Shape


def show_shape(shape: Shape) -> str:
    """``(26, 26, 24)`` as ``26×26×24``; an unknown size is ``?``, no axis at all ``a number``."""
    return "×".join("?" if axis is None else str(axis) for axis in shape) or "a number"


def show_shapes(shapes: Sequence[Shape]) -> str:
    return join_words([show_shape(shape) for shape in shapes])


def show_count(number: int) -> str:
    """``7812`` as ``7,812``."""
    return f"{number:,}"


def show_percent(share: float) -> str:
    """``0.95`` as ``95 %``, ``0.9815`` as ``98.2 %``; never rounded up to 100 %."""
    percent = round(100 * share, 1)
    if percent == 100 and share < 1:
        percent = 99.9
    return f"{percent:g} %"


def show_number(number: float) -> str:
    """Without a trailing ``.0``: ``40``, ``26.7``, ``0.001``."""
    return f"{number:.4g}" if isinstance(number, float) else str(number)


def join_words(words: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean "x"?`` with a leading space, or nothing when no known word is near."""
    known = list(known)
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return f' Did you mean "{folded[near[0]]}"?' if near else ""
