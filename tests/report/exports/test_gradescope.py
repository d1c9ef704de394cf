"""Gradescope's results.json."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.errors import UsageError
from grader.records import Graded
from grader.report.as_json import report_as_json
from grader.report.exports.gradescope import gradescope_results
from tests.report.exports.classes import ALL_CHECKS, BROKEN, HOSTILE, graded, hostile
from tests.report.reports import FAILED, with_exercise


def results(line: Graded, **options: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(gradescope_results(line, **options))
    return read


def test_a_report_has_the_fields_that_gradescope_reads() -> None:
    line = graded(score=75.0, penalty=5.0, late=True, report=report_as_json(ALL_CHECKS))
    read = results(line)
    tests = read.pop("tests")
    assert read == {
        "score": 75.0,
        "output": "A small CNN for handwritten digits\nLate: 5 points taken off.\nConvolve, pool, "
        "classify: The model names no input shape; it was built for (28, 28, 1).",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": 2.9,
        "extra_data": {
            "assignment": "03-cnn-structure",
            "status": "graded",
            "max_score": 100.0,
            "penalty": 5.0,
            "sha256": "ab" * 32,
        },
    }
    assert tests[0] == {
        "name": "Convolve, pool, classify: layers",
        "number": "1",
        "score": 20.0,
        "max_score": 40.0,
        "status": "failed",
        "output": f"{FAILED.message}\n{FAILED.hint}",
        "output_format": "text",
        "tags": ["layers"],
        "visibility": "visible",
    }
    assert [test["status"] for test in tests] == [
        "passed" if n == 1 else "failed" for n in range(4)
    ]


@pytest.mark.parametrize("visibility", ["hidden", "after_due_date", "after_published", "visible"])
def test_a_hidden_check_says_no_more_than_the_json_report(visibility: str) -> None:
    line = graded(report=report_as_json(ALL_CHECKS))
    hidden = results(line, hidden_as=visibility)["tests"][2]
    assert (hidden["output"], hidden["visibility"]) == ("A hidden check.", visibility)
    assert "73728" not in gradescope_results(line, hidden_as=visibility).decode()  # type: ignore[arg-type]


def test_a_hidden_check_that_still_has_a_hint_keeps_it() -> None:
    report = report_as_json(ALL_CHECKS)
    report["exercises"][0]["checks"][2]["hint"] = "Ask for 73728 parameters."
    assert "73728" not in gradescope_results(graded(report=report)).decode()


def test_an_exercise_that_broke_is_a_test_with_its_place() -> None:
    read = results(graded(report=report_as_json(with_exercise(error=BROKEN))))
    assert read["tests"][0] == {
        "name": "Convolve, pool, classify",
        "number": "1",
        "status": "failed",
        "output": "cell 2, line 3: NameError: name 'x' is not defined",
        "output_format": "text",
        "visibility": "visible",
    }


def test_a_score_that_needs_review_says_so() -> None:
    assert "a person has to look at this score" in results(graded(status="needs_review"))["output"]


@pytest.mark.parametrize("changes", [{"report": None}, {"score": float("nan")}])
def test_what_was_not_graded_is_no_result(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        gradescope_results(graded(**changes))
    assert str(caught.value) == '"Ann Doe", "1001" has no report to export.'


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_a_string(text: str) -> None:
    read = results(hostile(text))
    for test in read["tests"]:
        assert test["name"].isprintable()
        assert all(line.isprintable() for line in test["output"].split("\n"))
    assert len(json.dumps(read)) < 30_000
