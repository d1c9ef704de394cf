"""``results.json`` for Gradescope's autograder, one submission.

https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from grader.errors import UsageError
from grader.records import Graded
from grader.report.escape import visible
from grader.report.exports.matching import who
from grader.words import show_points

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]


def gradescope_results(graded: Graded, *, hidden_as: Visibility = "hidden") -> bytes:
    """The report of one submission as Gradescope reads it.

    Args:
        hidden_as: the visibility of hidden checks. With anything but ``visible`` Gradescope
            hides the total too, since it would give them away. Whatever it is, they say no
            more than the JSON report.

    Raises UsageError for a line without a report: Gradescope would take any score for a grade.
    """
    if graded.report is None or not math.isfinite(graded.score):
        raise UsageError(f"{who(graded.student)} has no report to export.")
    tests = list(_tests(graded.report, hidden_as))
    for number, test in enumerate(tests, 1):
        test["number"] = str(number)
    results = {
        "score": graded.score,
        "output": "\n".join(_output(graded)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": graded.report["seconds"]["total"],
        "tests": tests,
        "extra_data": {
            "assignment": graded.report["assignment"],
            "status": graded.status,
            "max_score": graded.max_score,
            "penalty": graded.penalty,
            "sha256": graded.report["submission"]["sha256"],
        },
    }
    return json.dumps(results, indent=1, allow_nan=False).encode("ascii")


def _output(graded: Graded) -> Iterator[str]:
    assert graded.report is not None
    yield visible(str(graded.report["title"]))
    if graded.status == "needs_review":
        yield "Not everything could be decided: a person has to look at this score."
    if graded.penalty:
        yield f"Late: {show_points(graded.penalty)} points taken off."
    for exercise in graded.report["exercises"]:
        yield from (visible(f"{exercise['title']}: {text}") for text in exercise["assumptions"])


def _tests(report: Mapping[str, Any], hidden_as: Visibility) -> Iterator[dict[str, Any]]:
    for exercise in report["exercises"]:
        if exercise["error"]:
            yield {
                "name": visible(str(exercise["title"])),
                "status": "failed",
                "output": visible(_place(exercise["error"])),
                "output_format": "text",
                "visibility": "visible",
            }
        for check in exercise["checks"]:
            yield {
                "name": visible(f"{exercise['title']}: {check['id']}"),
                "score": check["score"],
                "max_score": check["max_score"],
                "status": "passed" if check["status"] == "passed" else "failed",
                "output": _said(check),
                "output_format": "text",
                "tags": [check["type"]],
                "visibility": hidden_as if check["visibility"] == "hidden" else "visible",
            }


def _place(error: Mapping[str, Any]) -> str:
    where = ", ".join(f"{what} {error[what]}" for what in ("cell", "line") if error.get(what))
    return f"{where}: {error['message']}" if where else str(error["message"])


def _said(check: Mapping[str, Any]) -> str:
    hint = None if check["visibility"] == "hidden" else check["hint"]
    return "\n".join(visible(str(text)) for text in (check["message"], hint) if text)
