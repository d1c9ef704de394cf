"""The CSV that ``nbgrader export`` writes, for whatever reads it.

Its columns: https://nbgrader.readthedocs.io/en/stable/plugins/export-plugin.html. It knows no
status, so a line whose score is not settled has none.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from grader.records import Graded
from grader.report.exports.spreadsheet import number_cell, text_cell

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def nbgrader_csv(graded: Sequence[Graded]) -> bytes:
    """The class as nbgrader would write it; who handed in nothing has 0, as there.

    Dates are unknown here, and a name is parted only where a comma parts it.
    """
    assignments = [str(line.report["assignment"]) for line in graded if line.report is not None]
    only = assignments[0] if len(set(assignments)) == 1 else ""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in graded:
        assignment = only if line.report is None else str(line.report["assignment"])
        writer.writerow([text_cell(assignment), "", "", *_student(line), *_scores(line)])
    return file.getvalue().encode("utf-8")


def _student(line: Graded) -> list[str]:
    student = line.student
    last, _, first = student.name.partition(",")
    email = next((text for text in (student.id or "", student.key) if "@" in text[1:]), "")
    cells = (student.id or student.key, last.strip(), first.strip(), email)
    return [text_cell(text, 200) for text in cells]


def _scores(line: Graded) -> list[str]:
    maximum = number_cell(line.max_score)
    if line.status not in ("graded", "missing"):
        return ["", "", "", maximum]
    points = (line.score + line.penalty, line.penalty, line.score)
    return [*map(number_cell, points), maximum]
