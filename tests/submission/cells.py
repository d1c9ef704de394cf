"""A submission from the sources of its code cells, without a file; and how often to try."""

from __future__ import annotations

from typing import Literal

from hypothesis import HealthCheck, settings

from grader.records import BrokenStatement, Statement, Submission
from grader.submission.statements import split_cell


def submission(*cells: str, kind: Literal["notebook", "script"] = "notebook") -> Submission:
    """Read the cells as a notebook's, counted from 1, or as those of a script."""
    statements: list[Statement] = []
    broken: list[BrokenStatement] = []
    for number, source in enumerate(cells, 1):
        read, unread = split_cell(source, number if kind == "notebook" else None)
        statements += read
        broken += unread
    return Submission("x", "", kind, tuple(statements), tuple(broken), None)


def examples(count: int) -> settings:
    """The same examples on every run, however slow the machine."""
    slow = [HealthCheck.too_slow]
    return settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=slow)
