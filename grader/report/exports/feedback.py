"""A report as the short comment that an LMS shows a student beside the grade."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.records import Graded
from grader.report.escape import visible
from grader.words import show_points

OPENING = "Graded automatically:"
"""How each comment begins, by which an earlier one is known as ours."""
MAX_CHECKS = 20
MAX_LINE = 400


def feedback_text(graded: Graded) -> str:
    """Plain text: the score, each exercise's, and what each check that did not pass says."""
    return "\n".join(_lines(graded))


def feedback_html(graded: Graded) -> str:
    """The same for an LMS that renders HTML, on one line and in ASCII, so that no encoding harms.

    ``×`` is ``&#215;``. A spreadsheet set up for semicolons cuts the line at those, so what
    would begin a formula behind one is written in the same way.
    """
    escaped = "<br>".join(html.escape(line, quote=False) for line in _lines(graded))
    plain = escaped.encode("ascii", errors="xmlcharrefreplace").decode("ascii")
    return re.sub(r"(?<=;)[\s=+\-@]+", _as_references, plain)


def _as_references(match: re.Match[str]) -> str:
    return "".join(c if c.isspace() else f"&#{ord(c)};" for c in match[0])


def _lines(graded: Graded) -> Iterator[str]:
    yield f"{OPENING} {show_points(graded.score)} / {show_points(graded.max_score)}"
    if graded.penalty:
        yield f"Late: {show_points(graded.penalty)} points taken off."
    if graded.status == "needs_review":
        yield "A person will look at this once more."
    shown = 0
    for exercise in (graded.report or {}).get("exercises", ()):
        score, maximum = show_points(exercise["score"]), show_points(exercise["max_score"])
        yield visible(f"{exercise['title']}: {score} / {maximum}", MAX_LINE)
        if exercise["error"]:
            yield visible(f"- {exercise['error']['message']}", MAX_LINE)
        told = [check for check in exercise["checks"] if _is_told(check, exercise)]
        room = max(0, MAX_CHECKS - shown)
        shown += len(told)
        yield from (_check(check) for check in told[:room])
        if told[room:]:
            yield f"- … and {len(told[room:])} more in the report"


def _is_told(check: Mapping[str, Any], exercise: Mapping[str, Any]) -> bool:
    """Checks that were not made because of the exercise's error would only repeat it."""
    passed = check["status"] == "passed"
    return not passed and not (exercise["error"] and check["status"] == "skipped")


def _check(check: Mapping[str, Any]) -> str:
    score = f"{show_points(check['score'])}/{show_points(check['max_score'])}"
    return visible(f"- {check['id']} {score}: {check['message']}", MAX_LINE)
