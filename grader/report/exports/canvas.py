"""Fill in the grade book that Canvas exported, so that Canvas takes it back.

What Canvas makes of the file: https://github.com/instructure/canvas-lms, in
``lib/gradebook_exporter.rb`` and ``lib/gradebook_importer.rb``. Only cells of one assignment's
column change; Canvas ignores its own columns of totals, and takes no comments this way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.errors import UsageError
from grader.records import Graded
from grader.report.exports.csv_cells import CsvText, read_whole_csv
from grader.report.exports.filled import (
    Filled,
    LeftOut,
    Scale,
    only_assignment,
    why_no_grade,
)
from grader.report.exports.matching import (
    FileRow,
    by_name,
    by_sign,
    by_squeezed_name,
    match_rows,
    who,
)
from grader.report.exports.spreadsheet import decimal_mark, number_cell, read_number
from grader.words import join_words, meant_or_known, quoted

_SIGNS = ("ID", "SIS User ID", "SIS Login ID")
_ABOUT_STUDENTS = {
    *_SIGNS,
    *("Student", "LastName", "FirstName", "Integration ID", "Root Account", "Section"),
}
_TOTALS = re.compile(
    r"\b(Current|Final) (Score|Points|Grade)\b|\bOverride (Score|Grade|Status)\b", re.IGNORECASE
)
_LEVELS = (
    *(by_sign(position, name) for position, name in enumerate(_SIGNS)),
    by_name(),
    by_squeezed_name(),
)
_NOT_OURS = {
    "ex": "Is excused (EX).",
    "n/a": "Is not assigned to this student (N/A).",
}


def fill_canvas(
    exported: bytes,
    graded: Sequence[Graded],
    column: str | None = None,
    *,
    scale: bool = True,
    include_review: bool = False,
) -> Filled:
    """Write scores into one assignment's column of a grade book that Canvas exported.

    Args:
        exported: the file, as it was downloaded.
        graded: lines of one assignment.
        column: the column's title, with or without Canvas's number, or the number alone; None
            for the only column whose title is, or holds, the assignment's title or id.
        scale: whether scores are brought to the column's ``Points Possible``.
        include_review: whether scores that need review are written too.

    Raises UsageError for a file that is no such grade book, another course's grade book, and a
    column that is missing, ambiguous or read-only.
    """
    table = read_whole_csv(exported)
    header = _header(table)
    possible, rows = _rows(table, header)
    names = only_assignment(graded)
    target = _column(table, header, possible, column, names)
    matching = match_rows(rows, graded, _LEVELS)

    maximum = read_number(table.value(possible, target)) if possible is not None else None
    scaling = Scale(maximum if scale else None)
    before = [table.value(row.index, target) for row in rows]
    mark = decimal_mark([*before, table.value(possible, target) if possible is not None else ""])
    values: dict[tuple[int, int], str] = {}
    written: list[Graded] = []
    students, left = list(matching.students), list(matching.rows)
    overwritten = 0
    for row, line in matching.pairs:
        old = table.value(row.index, target).strip()
        reason = why_no_grade(line, include_review)
        if reason is None and old.casefold() in _NOT_OURS:
            left.append(LeftOut(row.who, _NOT_OURS[old.casefold()]))
            continue
        if reason is not None:
            students.append(LeftOut(who(line.student), reason))
            continue
        new = number_cell(scaling.points(line), mark)
        written.append(line)
        if read_number(old) != read_number(new):
            values[row.index, target] = new
            overwritten += old not in ("", "-")
    notes = [*scaling.notes(written), *matching.notes]
    if not maximum and written:
        notes.append('The file has no "Points Possible" for it: scores are written as graded.')
    if overwritten:
        notes.append(f"{overwritten} of these rows held another grade before.")
    return Filled(table.edited(values), len(written), tuple(students), tuple(left), tuple(notes))


def _header(table: CsvText) -> list[str]:
    """The titles of the columns."""
    header = [cell.value.strip() for cell in table.rows[0]] if table.rows else []
    named = {"Student"} <= {*header} or {"LastName", "FirstName"} <= {*header}
    if not named or "ID" not in header or "Section" not in header:
        raise UsageError(
            "This is no grade book that Canvas exported: its first line has to name the columns "
            '"Student", "ID" and "Section". Use Grades, Export in Canvas.'
        )
    return header


def _rows(table: CsvText, header: list[str]) -> tuple[int | None, list[FileRow]]:
    """The row of points possible, and the rows of students."""
    possible, rows = None, []
    name_columns = (
        [header.index("Student")]
        if "Student" in header
        else [header.index("LastName"), header.index("FirstName")]
    )
    sign_columns = [header.index(sign) if sign in header else None for sign in _SIGNS]
    for index, cells in enumerate(table.rows[1:], 1):
        values = [cell.value for cell in cells]
        # A student may be called "Points Possible"; the row of points has no id.
        unnamed = not any(table.value(index, at) for at in sign_columns)
        if possible is None and unnamed and values and "Points Possible" in values[0]:
            possible = index
        elif not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", text) for text in values):
            name = ", ".join(filter(None, (table.value(index, at) for at in name_columns)))
            signs = tuple(table.value(index, at) for at in sign_columns)
            rows.append(FileRow(index, name, signs))
    return possible, rows


def _column(
    table: CsvText,
    header: list[str],
    possible: int | None,
    asked: str | None,
    names: tuple[str, ...],
) -> int:
    """The column to fill in."""

    def read_only(at: int) -> bool:
        points = table.value(possible, at) if possible is not None else ""
        return bool(_TOTALS.search(header[at])) or "read only" in points.casefold()

    shown = [at for at, title in enumerate(header) if title and title not in _ABOUT_STUDENTS]
    writable = [at for at in shown if not read_only(at)]
    titles = join_words([quoted(header[at]) for at in writable]) or "none"
    if asked is not None:
        found = [at for at in shown if asked.strip().casefold() in _titles(header[at])]
        if not found:
            hint = meant_or_known(asked, [header[at] for at in writable])
            raise UsageError(f"The grade book has no column {quoted(asked)}.{hint}")
        if len(found) == 1 and found[0] not in writable:
            raise UsageError(f"Canvas takes no grades in the column {quoted(header[found[0]])}.")
    else:
        found = next((fit for fit in _fits(header, writable, names) if fit), [])
    if len(found) == 1:
        return found[0]
    wanted = join_words([quoted(name) for name in ([asked] if asked else names)], "or")
    several = join_words([quoted(header[at]) for at in found])
    problem = (
        f"Several columns fit {wanted}: {several}."
        if found
        else f"No column of the grade book fits {wanted or 'the assignment'}; it has {titles}."
    )
    raise UsageError(f"{problem} Say --canvas-column and its title.")


def _titles(title: str) -> set[str]:
    """All ways to name a column: ``hw 1 (4412)``, ``hw 1``, ``4412``."""
    numbered = re.fullmatch(r"(.*?)\s*\((\d+)\)", title)
    return {way.casefold() for way in (title, *(numbered.groups() if numbered else ()))}


def _fits(header: list[str], writable: list[int], names: tuple[str, ...]) -> Iterator[list[int]]:
    """Columns whose title is one of the names, then those whose title holds one."""
    words = [_words(name) for name in names if _words(name)]
    own = {at: [_words(title) for title in _titles(header[at])] for at in writable}
    yield [at for at, titles in own.items() if any(title in words for title in titles)]
    yield [
        at
        for at, titles in own.items()
        if any(f" {name} " in f" {title} " for name in words for title in titles)
    ]


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("_", " ")))
