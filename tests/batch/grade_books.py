"""Lines of a grade book, made by hand, with reports as the pipeline gives them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.records import CheckResult, Graded, Student
from grader.report.as_json import report_as_json
from tests.report.reports import FAILED, PASSED, with_exercise

ANN, BOB = Student("1", "Ann Ames", "1"), Student("2", "Bob")


def report(*checks: CheckResult, sha256: str = "ab" * 32, **exercise: object) -> dict[str, Any]:
    """A report of one exercise, as JSON; its score and status follow from the checks."""
    checks = checks or (FAILED, PASSED)
    counted = [check for check in checks if check.status != "error"]
    score = sum(check.score for check in counted)
    most = sum(check.max_score for check in counted)
    content = with_exercise(checks=checks, score=score, max_score=most, **exercise)
    status = "graded" if len(counted) == len(checks) else "needs_review"
    made = replace(content, status=status, score=score, max_score=most, sha256=sha256)
    return report_as_json(made)


def line(student: Student, *checks: CheckResult, **report_changes: Any) -> Graded:
    """A line of the grade book, on time, with its report."""
    content = report(*checks, **report_changes)
    return Graded(
        student,
        f"{student.key}.ipynb",
        content["status"],
        content["score"],
        content["max_score"],
        report=content,
    )


BROKEN = replace(PASSED, status="error", score=0.0, message="The data file is gone.")
RIGHT = replace(FAILED, status="passed", score=40.0)
WRONG = replace(FAILED, status="failed", score=0.0)
