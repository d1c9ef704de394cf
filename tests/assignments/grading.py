"""Grades one answer to one exercise of a shipped assignment."""

from __future__ import annotations

from pathlib import Path

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.choose import FOLDER
from grader.pipeline import Tools, grade_one
from grader.records import ExerciseReport

Right = dict[str, dict[str, str]]
"""By exercise, then by what is special about it: the source of an answer."""
Wrong = dict[str, dict[str, tuple[str, dict[str, str]]]]
"""The same with the status of every check that does not pass."""


def only(assignment: str, exercise: str) -> LoadedAssignment:
    """The assignment with one of its exercises, hidden checks included."""
    loaded = load_assignment(FOLDER / f"{assignment}.yaml")
    kept = tuple(one for one in loaded.content.exercises if one.id == exercise)
    content = loaded.content.model_copy(update={"exercises": kept})
    return LoadedAssignment(content, loaded.path, loaded.sha256)


def grade_answer(
    assignment: str, exercise: str, source: str, tools: Tools, folder: Path
) -> ExerciseReport:
    """Write the answer as a script, and grade it as a student's."""
    path = folder / "answer.py"
    path.write_text(source, encoding="utf-8")
    return grade_one(path, only(assignment, exercise), tools).exercises[0]
