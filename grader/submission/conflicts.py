"""What git leaves in a file that two people changed: both versions, between markers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Conflict:
    """Lines of the markers; ``base`` is ``middle`` where git did not write down the common one."""

    start: int
    base: int
    middle: int
    end: int


def sides(text: str) -> Iterator[str]:
    """The text with the first version in every conflict, then with the second.

    Every line keeps its number. Nothing where there is no conflict in it.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    conflicts = list(_conflicts(lines))
    if conflicts:
        yield _kept(lines, conflicts, lambda one: range(one.start + 1, one.base))
        yield _kept(lines, conflicts, lambda one: range(one.middle + 1, one.end))


def _conflicts(lines: Sequence[str]) -> Iterator[_Conflict]:
    """In one pass: a file may be all markers."""
    start = base = middle = None
    for at, line in enumerate(lines):
        if start is None:
            start = at if _marks(line, "<") else None
        elif middle is None:
            if line == "=" * 7:
                middle = at
            elif base is None and line.startswith("|" * 7):
                base = at
        elif _marks(line, ">"):
            yield _Conflict(start, middle if base is None else base, middle, at)
            start = base = middle = None


def _marks(line: str, sign: str) -> bool:
    return line.startswith(sign * 7) and line[7:8] in ("", " ")


def _kept(
    lines: Sequence[str], conflicts: Sequence[_Conflict], side: Callable[[_Conflict], range]
) -> str:
    """The text with one side of each conflict; its other lines, and the markers, are empty."""
    kept = list(lines)
    for one in conflicts:
        wanted = side(one)
        for at in range(one.start, one.end + 1):
            if at not in wanted:
                kept[at] = ""
    return "\n".join(kept)
