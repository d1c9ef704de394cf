"""The grade book as a sequence that is read line by line: reports are large, classes too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import overload

from grader.assignment.late import DIGITS, Late
from grader.batch.database import read_report, told
from grader.records import Graded, Student

UNKNOWN_DAYS = "Late, but nobody knows by how much: nothing is taken off."
NOT_YET = "Not graded yet."
NOT_THEN = "Not graded with this version of the assignment."

COLUMNS = """
    roll.student, roll.name, roll.student_id, roll.path, roll.submission, roll.late,
    roll.days_late, roll.attempt, roll.note, late.per_day, late.most,
    graded.report, graded.status, graded.score, graded.max_score, graded.failure
"""
TABLES = """
    roll LEFT JOIN graded ON graded.id = (
        SELECT one.id FROM graded AS one
        WHERE one.submission = roll.submission
            AND one.assignment = coalesce(:assignment, roll.assignment)
            AND (:assignment IS NOT NULL
                OR (one.grader = roll.grader AND one.settings = roll.settings))
        ORDER BY one.report IS NOT NULL DESC, one.written DESC, one.id DESC LIMIT 1
    ) LEFT JOIN late ON late.assignment = coalesce(:assignment, roll.assignment)
"""


class Lines(Sequence[Graded]):
    """Lines of the grade book, each read from the ledger when it is asked for.

    It can be gone through again and again, as long as the ledger is open; how many lines there
    are is settled when it is made.
    """

    def __init__(self, path: Path, database: sqlite3.Connection, assignment: str | None) -> None:
        self._path = path
        self._database = database
        self._assignment = assignment
        with told(path):
            rows = database.execute("SELECT place FROM roll ORDER BY place").fetchall()
        self._places: list[int] = [place for (place,) in rows]

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Graded]:
        return map(self._line, self._places)

    @overload
    def __getitem__(self, index: int) -> Graded: ...

    @overload
    def __getitem__(self, index: slice) -> list[Graded]: ...

    def __getitem__(self, index: int | slice) -> Graded | list[Graded]:
        if isinstance(index, slice):
            return [self._line(place) for place in self._places[index]]
        return self._line(self._places[index])

    def _line(self, place: int) -> Graded:
        with told(self._path):
            cursor = self._database.cursor()
            cursor.row_factory = sqlite3.Row
            row = cursor.execute(
                f"SELECT {COLUMNS} FROM {TABLES} WHERE roll.place = :place",
                {"assignment": self._assignment, "place": place},
            ).fetchone()
        line = Graded(
            Student(row["student"], row["name"], row["student_id"]),
            row["path"],
            "failed" if row["path"] else "missing",
            score=0.0,
            max_score=0.0,
            late=bool(row["late"]),
            days_late=row["days_late"],
            attempt=row["attempt"],
            note=row["note"],
        )
        if row["report"] is not None:
            return self._with_report(line, row)
        if row["submission"] is None:
            return line
        why = row["failure"] or (NOT_THEN if self._assignment else NOT_YET)
        return replace(line, status="failed", note=_joined(line.note, why))

    def _with_report(self, line: Graded, row: sqlite3.Row) -> Graded:
        report = read_report(self._path, row["report"])
        # The same bytes may have come from somebody else first, who is not told of here.
        sha256 = report["submission"]["sha256"]
        student = {"path": line.path, "student": line.student.name, "sha256": sha256}
        notes, penalty = [line.note], 0.0
        if row["failure"]:
            notes.append(f"Graded before; grading it again failed: {row['failure']}")
        if line.late and row["per_day"] is not None:
            rule = Late(per_day=row["per_day"], max=row["most"])
            penalty = rule.penalty(row["score"], row["max_score"], line.days_late)
            if line.days_late is None:
                notes.append(UNKNOWN_DAYS)
        return replace(
            line,
            status=row["status"],
            score=round(row["score"] - penalty, DIGITS),
            max_score=row["max_score"],
            penalty=penalty,
            note=_joined(*notes),
            report={**report, "submission": student},
        )


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
