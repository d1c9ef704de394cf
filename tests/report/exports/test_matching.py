"""Whose row is whose."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from grader.errors import UsageError
from grader.records import Graded
from grader.report.exports.filled import LeftOut
from grader.report.exports.matching import (
    FileRow,
    Matching,
    by_name,
    by_sign,
    by_squeezed_name,
    match_rows,
)
from tests.report.exports.classes import HOSTILE, graded

LEVELS = (by_sign(0, "ID"), by_sign(1, "login"), by_name(), by_squeezed_name())


def match(rows: Sequence[FileRow], lines: Sequence[Graded]) -> Matching:
    return match_rows(rows, lines, LEVELS)


def pairs(matching: Matching) -> list[tuple[int, str]]:
    return [(row.index, line.student.name) for row, line in matching.pairs]


@pytest.mark.parametrize(
    "name, number, row",
    [
        ("anything", "1001", FileRow(1, "Doe, Ann", ("1001", "adoe"))),
        ("adoe", None, FileRow(1, "Doe, Ann", ("1001", "ADoe"))),
        ("Ann Doe", None, FileRow(1, "Doe, Ann", ("1001", "adoe"))),
        ("doe,  ann", None, FileRow(1, "Ann Doe", ("", ""))),
        ("doeann", None, FileRow(1, "Doe, Ann", ("1001", ""))),
        ("müllerjörgo", None, FileRow(1, "Müller, Jörg-O.", ("1001", ""))),
        ("김민수", None, FileRow(1, "김민수", ("1001", ""))),
        ("José Ñandú", None, FileRow(1, "N\u0303andu\u0301, Jose\u0301", ("1", ""))),
    ],
)
def test_a_student_is_known_by_id_login_or_name(
    name: str, number: str | None, row: FileRow
) -> None:
    matching = match([row], [graded(name, number)])
    assert pairs(matching) == [(1, name)]
    assert (matching.students, matching.rows) == ((), ())


def test_an_id_counts_more_than_a_name() -> None:
    rows = [FileRow(1, "Kim, Lee", ("7", "")), FileRow(2, "Kim, Lee", ("8", ""))]
    matching = match(rows, [graded("Lee Kim", "8"), graded("Lee Kim", "7")])
    assert [(row.index, line.student.id) for row, line in matching.pairs] == [(2, "8"), (1, "7")]
    assert matching.notes == ()


def test_two_rows_of_one_name_are_nobodys() -> None:
    rows = [FileRow(1, "Kim, Lee", ("7", "")), FileRow(2, "Kim, Lee", ("8", ""))]
    matching = match(rows, [graded("Lee Kim", None)])
    assert matching.pairs == ()
    assert matching.students == (LeftOut('"Lee Kim"', "Several rows have the same name."),)
    assert matching.rows == (
        LeftOut('row 2, "Kim, Lee", "7"', "Its name is not one student's alone."),
        LeftOut('row 3, "Kim, Lee", "8"', "Its name is not one student's alone."),
    )


def test_two_students_of_one_id_are_both_left_out() -> None:
    rows = [FileRow(1, "Doe, Ann", ("7", "")), FileRow(2, "Roe, Bob", ("8", ""))]
    matching = match(rows, [graded("Ann Doe", "7"), graded("Bob Roe", "7")])
    assert matching.pairs == ()
    assert [out.why for out in matching.students] == ["Several students have the same ID."] * 2
    assert [out.why for out in matching.rows] == [
        "Its ID is not one student's alone.",
        "No student matches.",
    ]


def test_a_squeezed_name_is_no_sign_of_a_name_that_is_written_out() -> None:
    matching = match(
        [FileRow(1, "Ndoe, A", ("1", "")), FileRow(2, "X", ("2", ""))],
        [graded("X", None), graded("An Doe", None)],
    )
    assert pairs(matching) == [(2, "X")]
    assert matching.students == (LeftOut('"An Doe"', "No row matches."),)


def test_one_id_with_two_names_is_told() -> None:
    matching = match([FileRow(1, "Roe, Bob", ("7", ""))], [graded("Ann Doe", "7")])
    assert pairs(matching) == [(1, "Ann Doe")]
    assert matching.notes == (
        '"Ann Doe", "7" was filled in at row 2, "Roe, Bob", "7": the same ID, other names.',
    )


def test_another_courses_file_is_told_by_nobody_being_in_it() -> None:
    with pytest.raises(UsageError) as caught:
        match([FileRow(1, "Doe, Ann", ("7", ""))], [graded("Bob Roe", "8")])
    assert str(caught.value) == (
        "Nobody of this class is in the file, so it seems to be another course's. It has, for "
        'example, row 2, "Doe, Ann", "7"; the class has "Bob Roe", "8".'
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_matched_and_shown_in_short(text: str) -> None:
    rows = [FileRow(1, text, ("", "")), FileRow(2, "Doe, Ann", ("7", ""))]
    matching = match(rows, [graded("Ann Doe", "7"), graded(text, None)])
    assert len(matching.pairs) + len(matching.students) == 2
    for out in (*matching.students, *matching.rows):
        assert out.who.isprintable() and len(out.who) < 1000


def test_three_thousand_of_one_name_take_no_time() -> None:
    rows = [FileRow(index, "x", ("", "")) for index in range(3000)]
    started = time.perf_counter()
    matching = match(rows, [graded("x", None) for _ in range(3000)])
    assert (len(matching.students), len(matching.rows)) == (3000, 3000)
    assert time.perf_counter() - started < 20
