"""A small class with its reports, and hostile strings, for what only renders them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.records import CheckResult, Graded, Problem, Student
from grader.report.as_json import report_as_json
from tests.report.reports import EXERCISE, FAILED, PASSED, REPORT

HIDDEN = CheckResult(
    id="secret",
    type="parameters",
    status="failed",
    score=0.0,
    max_score=10.0,
    message="A hidden check.",
    expected={"total": 73728},
    got={"total": 12},
    hint="Ask for 73728 parameters.",
    visibility="hidden",
)
"""With what a hidden check knows; the JSON report drops it."""
UNDECIDED = replace(FAILED, id="budget", status="error", message="The grader broke.", score=0.0)
WAITING = replace(FAILED, id="later", status="skipped", message="Waits for layers.", score=0.0)
CHECKS = (FAILED, PASSED, HIDDEN, WAITING)
ALL_CHECKS = replace(REPORT, exercises=(replace(EXERCISE, checks=CHECKS),))
BROKEN = Problem("raised", "NameError: name 'x' is not defined", 2, 3, "x = y")

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "  +1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "a;=1+1",
    "＝1+1",
    "</testcase><x>&amp;",
    "<script>alert(1)</script>",
    '"quoted", and; more\ttabs',
    "new\nline\r\n::error::x",
    "\x00nul \x1b[31mred \x9b31m",
    "lone \ud800 surrogate",
    "\u202egnp.exe \u200f",
    "\ufffe\uffff \U0001fffe",
    "]]> <!-- -->",
    "$(x) `x` %s {0} \\n",
    "김민수 李 Ñandú",
    "x" * 1_000_000,
    "",
]


def student(name: str, number: str | None = None) -> Student:
    return Student(key=number or name, name=name, id=number)


def graded(name: str = "Ann Doe", number: str | None = "1001", **changes: Any) -> Graded:
    """One line: 80 of 100, with a report."""
    line = Graded(
        student(name, number),
        path=f"class.zip/{number}.ipynb",
        status="graded",
        score=80.0,
        max_score=100.0,
        report=report_as_json(REPORT),
    )
    return replace(line, **changes)


def hostile(text: str) -> Graded:
    """A line that says ``text`` wherever a stranger can write."""
    check = replace(FAILED, id=text, message=text, hint=text)
    exercise = replace(
        EXERCISE,
        id=text,
        title=text,
        assumptions=(text,),
        error=Problem("raised", text, 1, 1, text),
        checks=(check,),
    )
    report = replace(REPORT, title=text, path=text, exercises=(exercise,))
    plain = report_as_json(report)
    return graded(text, text, path=text, note=text, report=plain)
