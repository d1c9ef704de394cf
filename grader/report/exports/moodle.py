"""Fill in the offline grading worksheet that Moodle gave, so that Moodle takes it back.

What Moodle makes of the file: https://github.com/moodle/moodle, in ``mod/assign/gradingtable.php``
(what is downloaded) and ``mod/assign/feedback/offline`` (what is taken back). Its titles are
translated, and it compares ``Last modified (grade)`` with what it knows: neither may change.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Graded
from grader.report.exports.csv_cells import CsvText, read_whole_csv
from grader.report.exports.feedback import OPENING, feedback_html
from grader.report.exports.filled import (
    Filled,
    LeftOut,
    Scale,
    only_assignment,
    why_no_grade,
)
from grader.report.exports.matching import FileRow, Level, by_name, by_sign, match_rows, who
from grader.report.exports.moodle_columns import Columns, find_columns, participant
from grader.report.exports.spreadsheet import decimal_mark, number_cell, read_number

_LEVELS: tuple[Level, ...] = (by_sign(0, "identifier"), by_sign(1, "email address"), by_name())


def fill_moodle(
    worksheet: bytes,
    graded: Sequence[Graded],
    *,
    scale: bool = True,
    feedback: bool = True,
    include_review: bool = False,
) -> Filled:
    """Write scores, and comments where there is a column for them, into Moodle's worksheet.

    A comment that is there and does not begin as ours do was written by a person; it stays.

    Args:
        worksheet: the file, as it was downloaded.
        graded: lines of one assignment.
        scale: whether scores are brought to the worksheet's maximum.
        feedback: whether comments are written.
        include_review: whether scores that need review are written too.

    Raises UsageError for a file that is no such worksheet, one of another course, and an
    assignment that Moodle grades in words.
    """
    table = read_whole_csv(worksheet)
    columns = find_columns(table)
    only_assignment(graded)
    rows = [
        _row(table, columns, index) for index, cells in enumerate(table.rows) if index and cells
    ]
    matching = match_rows(rows, graded, _LEVELS)

    mark = decimal_mark(
        [table.value(row.index, at) for row in rows for at in (columns.grade, columns.maximum)]
    )
    values: dict[tuple[int, int], str] = {}
    written: list[Graded] = []
    students, left = list(matching.students), list(matching.rows)
    notes: list[str] = []
    overwritten = 0
    for row, line in matching.pairs:
        reason = why_no_grade(line, include_review)
        if reason is not None:
            students.append(LeftOut(who(line.student), reason))
            continue
        scaling = Scale(read_number(table.value(row.index, columns.maximum)) if scale else None)
        notes += scaling.notes([line])
        written.append(line)
        old = table.value(row.index, columns.grade).strip()
        new = number_cell(scaling.points(line), mark)
        if read_number(old) != read_number(new):
            values[row.index, columns.grade] = new
            overwritten += bool(old)
        if feedback and columns.feedback is not None:
            comment = table.value(row.index, columns.feedback).strip()
            if comment and not comment.startswith(OPENING):
                left.append(LeftOut(row.who, "Has a comment that a person wrote; it stays."))
            else:
                values[row.index, columns.feedback] = feedback_html(line)
    notes = [*dict.fromkeys(notes), *matching.notes]
    if feedback and columns.feedback is None:
        notes.append("The worksheet has no column for comments that we know: only grades.")
    if overwritten:
        notes.append(f"{overwritten} of these rows held another grade before.")
    return Filled(table.edited(values), len(written), tuple(students), tuple(left), tuple(notes))


def _row(table: CsvText, columns: Columns, index: int) -> FileRow:
    _, number = participant(table.value(index, columns.identifier))
    signs = (number, table.value(index, columns.email))
    return FileRow(index, table.value(index, columns.name), signs)
