"""The alignment against all ways to lay two lists side by side."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.alignment import Places, align


def all_ways(rows: int, columns: int, i: int = 0, j: int = 0) -> Iterator[list[Places]]:
    if i == rows and j == columns:
        yield []
    if i < rows and j < columns:
        yield from ([(i, j), *rest] for rest in all_ways(rows, columns, i + 1, j + 1))
    if i < rows:
        yield from ([(i, None), *rest] for rest in all_ways(rows, columns, i + 1, j))
    if j < columns:
        yield from ([(None, j), *rest] for rest in all_ways(rows, columns, i, j + 1))


Costs = tuple[list[list[int]], list[int], list[int]]


def total(way: list[Places] | tuple[Places, ...], costs: Costs) -> int:
    both, first, second = costs
    return sum(
        both[i][j]
        if i is not None and j is not None
        else first[i]
        if i is not None
        else second[j or 0]
        for i, j in way
    )


@st.composite
def cost_tables(draw: st.DrawFn, largest: int) -> Costs:
    rows, columns = draw(st.integers(0, largest)), draw(st.integers(0, largest))
    cost = st.integers(-3, 5)
    row = st.lists(cost, min_size=columns, max_size=columns)
    return (
        draw(st.lists(row, min_size=rows, max_size=rows)),
        draw(st.lists(cost, min_size=rows, max_size=rows)),
        draw(row),
    )


@settings(deadline=None, max_examples=150)
@given(costs=cost_tables(largest=4))
def test_no_other_way_costs_less(costs: Costs) -> None:
    way = align(*costs)
    ways = all_ways(len(costs[1]), len(costs[2]))
    assert total(way, costs) == min(total(other, costs) for other in ways)


@settings(deadline=None)
@given(costs=cost_tables(largest=12))
def test_every_place_of_both_lists_comes_once_and_in_order(costs: Costs) -> None:
    way = align(*costs)
    assert [i for i, _ in way if i is not None] == list(range(len(costs[1])))
    assert [j for _, j in way if j is not None] == list(range(len(costs[2])))
    assert (None, None) not in way


@settings(deadline=None)
@given(costs=cost_tables(largest=8))
def test_the_lists_may_change_sides(costs: Costs) -> None:
    both, first, second = costs
    turned = ([[row[j] for row in both] for j in range(len(second))], second, first)
    assert total(align(*turned), turned) == total(align(*costs), costs)


def test_of_equal_ways_the_earliest_pair_is_taken() -> None:
    assert align([[0, 0]], [1], [1, 1]) == ((0, 0), (None, 1))
    assert align([[0], [0]], [1, 1], [1]) == ((0, 0), (1, None))
