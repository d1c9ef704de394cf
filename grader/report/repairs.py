"""What would put a model right, in words: a heading, and a sentence for each way."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Repair
from grader.words import show_points


def repair_words(repairs: Sequence[Repair]) -> tuple[str, tuple[str, ...]]:
    """A heading and the ways, at least one of them; a way of two changes names both.

    Raises ValueError where there is none.
    """
    if not repairs:
        raise ValueError("no repairs")
    first = repairs[0]
    ways = [" ".join(repair.changes) for repair in repairs]
    if first.unlisted:
        ways.append(f"{first.unlisted} more that do as much, which are not listed.")
    both = len(first.changes) > 1
    if len(ways) == 1:
        return f"{_aim(first)}{', both' if both else ''}:", tuple(ways)
    what = "Any one of these pairs" if both else "Any one of these"
    return f"{what} {_does(first)}:", tuple(ways)


def _aim(repair: Repair) -> str:
    if repair.whole:
        return "To put it right"
    return f"To earn {show_points(repair.gain)} more" if repair.gain else "To come nearer"


def _does(repair: Repair) -> str:
    if repair.whole:
        return "puts it right"
    return f"earns {show_points(repair.gain)} more" if repair.gain else "comes nearer"
