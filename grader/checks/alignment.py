"""Laying two lists side by side at the least cost: the edit distance, and the way it takes."""

from __future__ import annotations

from collections.abc import Sequence

Places = tuple[int | None, int | None]
"""A place in each list; None where one has nothing beside the other's."""

BOTH, FIRST, SECOND = 0, 1, 2


def align(
    costs: Sequence[Sequence[int]], alone_first: Sequence[int], alone_second: Sequence[int]
) -> tuple[Places, ...]:
    """Lay two lists side by side.

    Args:
        costs: of the first list's item ``i`` beside the second's ``j``; may be below 0.
        alone_first: what it costs that an item of the first list stands alone.
        alone_second: the same for the second.

    Returns every place of both lists, in order. Of equal ways the one that pairs earliest.
    """
    rows, columns = len(alone_first), len(alone_second)
    moves: list[bytearray] = []
    below = [0] * (columns + 1)
    for j in reversed(range(columns)):
        below[j] = below[j + 1] + alone_second[j]
    for i in reversed(range(rows)):
        row, alone, move = costs[i], alone_first[i], bytearray(columns)
        best = below[columns] + alone
        here = [best] * (columns + 1)
        for j in reversed(range(columns)):
            best += alone_second[j]
            step = SECOND
            if below[j] + alone <= best:
                best, step = below[j] + alone, FIRST
            if row[j] + below[j + 1] <= best:
                best, step = row[j] + below[j + 1], BOTH
            here[j], move[j] = best, step
        below = here
        moves.append(move)
    return tuple(_follow(moves[::-1], rows, columns))


def _follow(moves: Sequence[bytearray], rows: int, columns: int) -> list[Places]:
    places: list[Places] = []
    i = j = 0
    while i < rows or j < columns:
        step = FIRST if j == columns else SECOND if i == rows else moves[i][j]
        places.append((i if step != SECOND else None, j if step != FIRST else None))
        i += step != SECOND
        j += step != FIRST
    return places
