"""Grading from a program instead of the command line."""

from __future__ import annotations

from pathlib import Path

from grader.choose import assignment_for, named_assignment
from grader.pipeline import Tools, grade_one
from grader.records import Report
from grader.sandbox.client import Mode, Sandbox
from grader.training.cache import ResultCache
from grader.training.folders import cache_folder


def grade(
    path: str | Path, assignment: str | None = None, *, train: bool = True, sandbox: Mode = "auto"
) -> Report:
    """Grade a notebook or script as ``python grade.py PATH`` does.

    Args:
        path: of the notebook (.ipynb) or script (.py).
        assignment: its id, or a YAML file. Default: found from the file.
        train: whether models are trained; without, the structure alone is looked at.
        sandbox: the walls around the student's code: ``auto``, ``bwrap`` or ``none``.

    Raises UsageError for a path or an assignment that is not there, AssignmentError for a faulty
    assignment file. Whatever is wrong with the submission is in the report.
    """
    path = Path(path)
    with Sandbox(sandbox) as warm:
        loaded = named_assignment(assignment) if assignment else assignment_for(path)
        tools = Tools(warm, ResultCache(cache_folder("results")), train)
        return grade_one(path, loaded, tools)
