"""``grades.csv``: one line for each student, for people and spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.records import Graded, Student
from grader.report.exports.spreadsheet import number_cell, text_cell

BEFORE = ("student", "id", "assignment")
AFTER = ("score", "max_score", "status", "late", "penalty", "attempt", "path", "note")
MAX_NAME = 200


def grade_book(graded: Sequence[Graded]) -> bytes:
    """The class as CSV in UTF-8, in the order given, with a column for each exercise.

    Cells that nobody earned anything in, for want of a submission or a report, are empty: a 0
    is a score. A ``failed`` line has no score.
    """
    exercises = _exercises(graded)
    head = [*BEFORE, *map(text_cell, exercises.values()), *AFTER]
    return _as_csv([head, *(_cells(line, list(exercises)) for line in graded)])


def left_out_csv(rows: Iterable[tuple[Student | None, str, str]]) -> bytes:
    """Who and what is not in the grade book, or needs a look: student, path and reason."""
    lines = [
        [
            text_cell(student.name if student else "", MAX_NAME),
            text_cell((student.id or student.key) if student else "", MAX_NAME),
            text_cell(path),
            text_cell(why),
        ]
        for student, path, why in rows
    ]
    return _as_csv([["student", "id", "path", "why"], *lines])


def _as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode("utf-8")


Exercise = tuple[str, str]
"""Its assignment and its id."""


def _exercises(graded: Sequence[Graded]) -> dict[Exercise, str]:
    """Each exercise of the class, in the order of the reports, and the title of its column."""
    found = dict.fromkeys(key for line in graded for key in _scores(line))
    several = len({assignment for assignment, _ in found}) > 1
    titles = {key: "/".join(key) if several else key[1] for key in found}
    taken = {*BEFORE, *AFTER}
    return {key: f"exercise {title}" if title in taken else title for key, title in titles.items()}


def _scores(line: Graded) -> dict[Exercise, float]:
    if line.report is None:
        return {}
    assignment = str(line.report["assignment"])
    return {
        (assignment, str(exercise["id"])): exercise["score"]
        for exercise in line.report["exercises"]
    }


def _cells(line: Graded, exercises: list[Exercise]) -> list[str]:
    scores = _scores(line)
    assignment = "" if line.report is None else str(line.report["assignment"])
    graded = line.status != "failed"
    return [
        text_cell(line.student.name, MAX_NAME),
        text_cell(line.student.id or line.student.key, MAX_NAME),
        text_cell(assignment),
        *(number_cell(scores[key]) if key in scores else "" for key in exercises),
        number_cell(line.score) if graded else "",
        number_cell(line.max_score),
        line.status,
        "yes" if line.late else "no",
        number_cell(line.penalty),
        str(line.attempt),
        text_cell(line.path),
        text_cell(line.note),
    ]
