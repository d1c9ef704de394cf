"""Which column of Moodle's worksheet is which: by its title where we know the language, else by
what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from grader.errors import UsageError
from grader.report.exports.csv_cells import CsvText
from grader.report.exports.moodle_headers import HEADERS, Headers
from grader.report.exports.spreadsheet import read_number

_HOW = (
    "This is no offline grading worksheet of Moodle's: {}. Download it from the assignment: "
    "Submissions, Grading actions, Download grading worksheet."
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand; None where the worksheet has no such column that we know."""

    identifier: int
    grade: int
    maximum: int | None = None
    name: int | None = None
    email: int | None = None
    feedback: int | None = None


def find_columns(table: CsvText) -> Columns:
    """Find the columns of a worksheet in whatever language.

    Raises UsageError for a file that is no worksheet, and for grades that are words.
    """
    header = [cell.value.strip() for cell in table.rows[0]] if table.rows else []
    known = [found for headers in HEADERS.values() if (found := _by_title(header, headers))]
    columns = known[0] if known else _by_content(table, len(header))
    if columns is None:
        raise UsageError(_HOW.format("no columns of identifiers and grades were found in it"))
    numbers = [cell for cell in _cells(table, columns.identifier) if not participant(cell)[1]]
    if numbers:
        raise UsageError(_HOW.format('its identifiers are not like "Participant 123"'))
    worded = [c for c in _cells(table, columns.grade) if c.strip() and read_number(c) is None]
    if worded or (known and columns.maximum is None):
        raise UsageError("Moodle grades this assignment by a scale of words, not by points.")
    return columns


def participant(cell: str) -> tuple[str, str]:
    """``Participant 123`` as its word and its number; no number where it is nothing like it."""
    match = re.fullmatch(r"\s*(\D*?)\s*(\d{1,18})\s*", cell)
    return (match[1], match[2]) if match else ("", "")


def _by_title(header: list[str], headers: Headers) -> Columns | None:
    """The columns, where the identifier, the grade and its last change have these titles."""
    folded = [title.casefold() for title in header]

    def place(*titles: str) -> int | None:
        return next((folded.index(t.casefold()) for t in titles if t.casefold() in folded), None)

    identifier, grade = place(headers.identifier), place(*headers.grade)
    if identifier is None or grade is None or place(headers.modified) is None:
        return None
    return Columns(
        identifier,
        grade,
        place(headers.maximum),
        place(headers.name),
        place(headers.email),
        place(headers.feedback),
    )


def _by_content(table: CsvText, width: int) -> Columns | None:
    """The columns by what they hold, where each is the only one that can be it.

    An identifier is a word, the same in each row, and a number of its own. A maximum is one
    number for all, and the grade before it is empty or no more than it. With real names, the
    full name follows the identifier. Comments cannot be told from other text.
    """
    cells = [_cells(table, at) for at in range(width)]
    identifiers = [at for at in range(width) if _are_identifiers(cells[at])]
    maxima = [at for at in range(1, width) if _is_maximum(cells[at]) and _can_be_grades(cells, at)]
    if len(identifiers) != 1 or len(maxima) != 1 or not identifiers[0] < maxima[0] - 1:
        return None
    emails = [at for at in range(width) if cells[at] and all("@" in cell for cell in cells[at])]
    after = identifiers[0] + 1
    # The status stands right after the identifier where marking is blind; it repeats.
    named = len(set(cells[after])) > 1 and after not in emails and after < maxima[0] - 2
    return Columns(
        identifiers[0],
        maxima[0] - 1,
        maxima[0],
        after if named else None,
        emails[0] if len(emails) == 1 else None,
    )


def _cells(table: CsvText, column: int) -> list[str]:
    return [table.value(row, column) for row in range(1, len(table.rows)) if table.rows[row]]


def _are_identifiers(cells: Iterable[str]) -> bool:
    cells = list(cells)
    words = {participant(cell)[0] for cell in cells}
    numbers = {participant(cell)[1] for cell in cells}
    return len(words) == 1 and "" not in words | numbers and len(numbers) == len(cells)


def _is_maximum(cells: list[str]) -> bool:
    numbers = {read_number(cell) for cell in cells}
    return len(numbers) == 1 and (numbers.pop() or 0) > 0


def _can_be_grades(cells: list[list[str]], maximum: int) -> bool:
    highest = read_number(cells[maximum][0]) or 0
    grades = [read_number(cell) for cell in cells[maximum - 1] if cell.strip()]
    return all(grade is not None and 0 <= grade <= highest for grade in grades)
