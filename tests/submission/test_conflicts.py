"""Both versions of what git could not merge, each line where it stood."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission.conflicts import sides

START, BASE, MIDDLE, END = "<<<<<<< HEAD", "||||||| merged", "=======", ">>>>>>> theirs"


def both(*lines: str) -> list[list[str]]:
    return [side.split("\n") for side in sides("\n".join(lines))]


def test_each_side_keeps_its_lines_where_they_stood() -> None:
    assert both("a", START, "b", "c", MIDDLE, "d", END, "e") == [
        ["a", "", "b", "c", "", "", "", "e"],
        ["a", "", "", "", "", "d", "", "e"],
    ]


def test_what_both_had_before_is_neither_side() -> None:
    assert both(START, "b", BASE, "x", "y", MIDDLE, "d", END) == [
        ["", "b", "", "", "", "", "", ""],
        ["", "", "", "", "", "", "d", ""],
    ]


def test_a_side_may_be_empty_and_conflicts_several() -> None:
    assert both(START, MIDDLE, "d", END, "a", START, "b", MIDDLE, END) == [
        ["", "", "", "", "a", "", "b", "", ""],
        ["", "", "d", "", "a", "", "", "", ""],
    ]


def test_lines_that_end_as_in_windows_are_read_alike() -> None:
    text = "\n".join(["a", START, "b", MIDDLE, "d", END, ""])
    assert list(sides(text.replace("\n", "\r\n"))) == list(sides(text))


NO_CONFLICT = {
    "nothing": [""],
    "a heading": ["Title", "======="],
    "no middle": [START, "a", END],
    "no end": [START, "a", MIDDLE, "b"],
    "no start": ["a", MIDDLE, "b", END],
    "the wrong order": [END, MIDDLE, START],
    "markers within a line": ["x = '" + START, "'======='", "# " + END],
    "markers that go on": ["<<<<<<<<", "a", "=======", "b", ">>>>>>>>"],
    "a middle with words": [START, "a", "======= b", END],
    "six signs": ["<<<<<< a", "======", ">>>>>> b"],
}


@pytest.mark.parametrize("what", NO_CONFLICT)
def test_anything_else_is_no_conflict(what: str) -> None:
    assert both(*NO_CONFLICT[what]) == []


LINES = st.sampled_from([START, "<<<<<<<", BASE, MIDDLE, END, ">>>>>>>", "a", "", "b = 1"])


@given(st.lists(LINES, max_size=20))
def test_no_line_moves_or_is_made_up(lines: list[str]) -> None:
    found = both(*lines)
    assert len(found) in (0, 2)
    for side in found:
        assert len(side) == len(lines)
        assert all(kept in ("", line) for kept, line in zip(side, lines, strict=True))
        assert side != lines
    for mine, theirs in zip(*found, strict=True) if found else ():
        assert mine == theirs or "" in (mine, theirs)


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<<\n" * 200_000,
        "<<<<<<<\n" + "|||||||\n" * 200_000,
        "<<<<<<<\n" * 50_000 + "|||||||\n" * 50_000 + "=======\n" * 50_000,
        "<<<<<<< " + "a" * 1_000_000,
    ],
    ids=["starts", "bases", "all but the end", "one long line"],
)
def test_a_file_of_markers_costs_no_more_than_any_other(text: str) -> None:
    started = time.process_time()
    assert list(sides(text)) == []
    assert time.process_time() - started < 1
