"""What a grader hands GitHub Classroom's reporter: base64 of JSON, one submission.

https://github.com/classroom-resources/autograding-grading-reporter. The reporter adds up the
tests' scores, so a penalty for lateness is a test of its own.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from grader.errors import UsageError
from grader.records import Graded
from grader.report.escape import visible
from grader.report.exports.matching import who
from grader.words import show_points


def github_result(graded: Graded) -> bytes:
    """The report of one submission as GitHub Classroom reads it, in base64.

    Messages are on one line each: the reporter prints them, and GitHub obeys printed lines that
    begin with ``::``.

    Raises UsageError for a line without a report.
    """
    if graded.report is None or not math.isfinite(graded.score):
        raise UsageError(f"{who(graded.student)} has no report to export.")
    tests = list(_tests(graded))
    statuses = {test["status"] for test in tests}
    worst = next((status for status in ("error", "fail") if status in statuses), "pass")
    result = {
        "version": 1,
        "status": "error" if graded.status == "needs_review" else worst,
        "max_score": graded.max_score,
        "tests": tests,
    }
    return base64.b64encode(json.dumps(result, allow_nan=False).encode("ascii"))


def _tests(graded: Graded) -> Iterator[dict[str, Any]]:
    assert graded.report is not None
    for exercise in graded.report["exercises"]:
        error = exercise["error"]
        if error:
            message, line = str(error["message"]), error.get("line") or 0
            yield _test(str(exercise["title"]), "fail", 0.0, message, line)
        for check in exercise["checks"]:
            name = f"{exercise['title']}: {check['id']}"
            yield _test(name, _status(check), check["score"], str(check["message"]))
    if graded.penalty:
        message = f"{show_points(graded.penalty)} points taken off."
        yield _test("handed in late", "fail", -graded.penalty, message)


def _status(check: Mapping[str, Any]) -> str:
    return {"passed": "pass", "error": "error"}.get(check["status"], "fail")


def _test(name: str, status: str, score: float, message: str, line: int = 0) -> dict[str, Any]:
    return {
        "name": visible(name),
        "status": status,
        "score": score,
        "message": visible(message),
        "test_code": "",
        "filename": "",
        "line_no": line,
        "duration": 0,
    }
