"""GitHub Classroom's result."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from grader.errors import UsageError
from grader.records import Graded
from grader.report.as_json import report_as_json
from grader.report.exports.github import github_result
from tests.report.exports.classes import ALL_CHECKS, BROKEN, HOSTILE, UNDECIDED, graded, hostile
from tests.report.reports import FAILED, PASSED, with_exercise


def result(line: Graded) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(base64.b64decode(github_result(line), validate=True))
    return read


def test_a_report_has_the_fields_that_the_reporter_reads() -> None:
    read = result(graded(report=report_as_json(ALL_CHECKS)))
    assert {key: read[key] for key in ("version", "status", "max_score")} == {
        "version": 1,
        "status": "fail",
        "max_score": 100.0,
    }
    assert read["tests"][0] == {
        "name": "Convolve, pool, classify: layers",
        "status": "fail",
        "score": 20.0,
        "message": FAILED.message,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }
    assert [test["status"] for test in read["tests"]] == ["fail", "pass", "fail", "fail"]
    assert "73728" not in json.dumps(read)


def test_the_tests_add_up_to_the_score() -> None:
    for line in (graded(), graded(score=70.0, penalty=10.0)):
        assert sum(test["score"] for test in result(line)["tests"]) == line.score


@pytest.mark.parametrize(
    "report, status, expected",
    [
        (with_exercise(checks=(PASSED,)), "graded", "pass"),
        (with_exercise(checks=(PASSED, FAILED)), "graded", "fail"),
        (with_exercise(checks=(UNDECIDED,)), "needs_review", "error"),
        (with_exercise(checks=(PASSED,)), "needs_review", "error"),
    ],
)
def test_the_status_is_the_worst_of_all(report: Any, status: str, expected: str) -> None:
    assert result(graded(status=status, report=report_as_json(report)))["status"] == expected


def test_an_exercise_that_broke_has_its_line() -> None:
    [broken, *_] = result(graded(report=report_as_json(with_exercise(error=BROKEN))))["tests"]
    assert (broken["message"], broken["line_no"]) == ("NameError: name 'x' is not defined", 3)


def test_what_was_not_graded_is_no_result() -> None:
    with pytest.raises(UsageError, match="has no report to export"):
        github_result(graded(report=None))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_one_line(text: str) -> None:
    for test in result(hostile(text))["tests"]:
        assert test["name"].isprintable() and test["message"].isprintable()
    assert len(github_result(hostile(text))) < 30_000
