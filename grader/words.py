"""Plain values as a person reads them: the one place that words shapes, counts and shares."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from grader.records import Shape


def show_shape(shape: Shape) -> str:
    """``(26, 26, 24)`` as ``26×26×24``; an unknown size is ``?``, no axis at all ``a number``."""
    return "×".join("?" if axis is None else str(axis) for axis in shape) or "a number"


def show_count(number: int) -> str:
    """``7812`` as ``7,812``."""
    return f"{number:,}"


def show_percent(share: float) -> str:
    """``0.95`` as ``95 %``, ``0.9815`` as ``98.2 %``; never rounded up to 100 %."""
    percent = round(100 * share, 1)
    if percent == 100 and share < 1:
        percent = 99.9
    return f"{percent + 0.0:g} %"  # + 0.0: no negative zero


def show_points(points: float) -> str:
    """``40``, ``26.67``, ``0.5``."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def show_number(number: float) -> str:
    """Without a trailing ``.0``, to four digits or one decimal: ``40``, ``26.67``, ``1234.5``."""
    if not isinstance(number, float):
        return str(number)
    # + 0.0: no negative zero.
    return f"{number + 0.0:.4g}" if abs(number) < 1000 else f"{round(number, 1):.15g}"


def show_value(value: Any) -> str:
    """What was found instead of what was expected: ``5``, ``the text "five"``, ``a list``."""
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    kinds = {list: "a list", dict: "a mapping", type(None): "nothing"}
    return kinds.get(type(value)) or printable(str(value))


def quoted(text: str) -> str:
    """Text of unknown origin between quotes, on one line and not too long."""
    return f'"{printable(text)}"'


def printable(text: str, bound: int = 80) -> str:
    """Text with line breaks and control characters written out, cut at ``bound`` characters."""
    cut = text[:bound] + ("…" if len(text) > bound else "")
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in cut
    )


def join_words(words: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, whatever its case; None when none is near."""
    known, word_folded = sorted(set(known)), word.lower()
    folded = list(dict.fromkeys(name.lower() for name in known))
    near = difflib.get_close_matches(word_folded, folded, n=5, cutoff=0.6)
    # Letters in another order are the likeliest slip, and difflib is not made for it.
    near.sort(key=lambda name: sorted(name) != sorted(word_folded))
    spellings = [name for name in known if name.lower() in near[:1]]
    return max(spellings, key=lambda name: _same_letters(word, name), default=None)


def _same_letters(one: str, other: str) -> int:
    return sum(a == b for a, b in zip(one, other, strict=False))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Did you mean "x"?`` with a leading space, or nothing when no known word is near."""
    near = nearest(word, known)
    return f' Did you mean "{near}"?' if near else ""


def meant_or_known(word: str, known: Iterable[str]) -> str:
    """`` Did you mean "x"?``, or everything that is known when no known word is near."""
    known = list(known)
    return did_you_mean(word, known) or f" Known are {join_words(known)}."
