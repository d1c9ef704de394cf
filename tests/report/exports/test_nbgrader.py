"""The CSV of nbgrader."""

from __future__ import annotations

import csv
import io

import pytest

from grader.report.exports.nbgrader import nbgrader_csv
from tests.report.exports.classes import HOSTILE, graded, hostile


def test_a_class_as_nbgrader_writes_it() -> None:
    lines = [
        graded("Doe, Ann", "ann@u.example", score=75.0, penalty=5.0),
        graded("bob", None),
        graded("cy", None, status="missing", score=0.0, report=None),
        graded("di", None, status="failed", score=0.0, report=None),
        graded("ed", None, status="needs_review"),
    ]
    assert nbgrader_csv(lines).decode().splitlines() == [
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,"
        "late_submission_penalty,score,max_score",
        "03-cnn-structure,,,ann@u.example,Doe,Ann,ann@u.example,80,5,75,100",
        "03-cnn-structure,,,bob,bob,,,80,0,80,100",
        "03-cnn-structure,,,cy,cy,,,0,0,0,100",
        "03-cnn-structure,,,di,di,,,,,,100",
        "03-cnn-structure,,,ed,ed,,,,,,100",
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_in_one_cell(text: str) -> None:
    content = nbgrader_csv([hostile(text), graded()]).decode()
    assert content.count("\n") == 3
    for cell in next(csv.reader(io.StringIO(content.splitlines()[1]))):
        assert cell.lstrip()[:1] not in {*"=+-@＝"} or not cell
        assert cell.isprintable() and len(cell) <= 202
