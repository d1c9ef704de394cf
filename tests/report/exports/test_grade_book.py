"""``grades.csv``."""

from __future__ import annotations

import csv
import io

import pytest

from grader.records import Graded
from grader.report.as_json import report_as_json
from grader.report.exports.grade_book import grade_book
from tests.report.exports.classes import HOSTILE, graded, hostile
from tests.report.reports import REPORT, with_exercise


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_a_class_as_a_table() -> None:
    late = graded("김, 민수", "1002", score=70.0, penalty=10.0, late=True, days_late=1.0, attempt=2)
    missing = graded("Roe, Bob", None, status="missing", score=0.0, report=None, path="")
    failed = graded(
        "Poe", "1004", status="failed", score=0.0, report=None, note="The file vanished."
    )
    assert grade_book([graded(), late, missing, failed]).decode().splitlines() == [
        "student,id,assignment,cnn,score,max_score,status,late,penalty,attempt,path,note",
        "Ann Doe,1001,03-cnn-structure,80,80,100,graded,no,0,1,class.zip/1001.ipynb,",
        '"김, 민수",1002,03-cnn-structure,80,70,100,graded,yes,10,2,class.zip/1002.ipynb,',
        '"Roe, Bob","Roe, Bob",,,0,100,missing,no,0,1,,',
        "Poe,1004,,,,100,failed,no,0,1,class.zip/1004.ipynb,The file vanished.",
    ]


def test_it_has_no_bom() -> None:
    assert grade_book([]).startswith(b"student,id,")


def test_exercises_of_several_assignments_have_columns_of_their_own() -> None:
    other = report_as_json(REPORT) | {"assignment": "04-padding"}
    [first, second] = read(grade_book([graded(), graded("Bob", "2", report=other)]))
    assert (first["03-cnn-structure/cnn"], first["04-padding/cnn"]) == ("80", "")
    assert (second["03-cnn-structure/cnn"], second["04-padding/cnn"]) == ("", "80")


def test_an_exercise_that_is_called_score_does_not_hide_the_score() -> None:
    report = report_as_json(with_exercise(id="score", score=3.0))
    [row] = read(grade_book([graded(report=report)]))
    assert (row["score"], row["exercise score"]) == ("80", "3")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_in_one_cell(text: str) -> None:
    content = grade_book([hostile(text), graded()])
    [row, plain] = read(content)
    assert content.decode().count("\n") == 3
    assert plain["student"] == "Ann Doe" and plain["status"] == "graded"
    for title, cell in row.items():
        assert cell.lstrip()[:1] not in {*"=+-@＝"} or not cell, title
        assert cell.isprintable() and len(cell) <= 2002


def test_three_thousand_students_are_one_table() -> None:
    lines: list[Graded] = [graded(f"s{n}", str(n)) for n in range(3000)]
    assert len(read(grade_book(lines))) == 3000
