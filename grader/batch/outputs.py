"""What a graded class leaves in its folder: the grade book, reports, and files for the LMS.

Each file is written whole or not at all, and none is named by what a submission says.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unicodedata import combining, normalize

from grader.errors import UsageError
from grader.records import Graded, Intake
from grader.report.exports import (
    EXPORTS,
    ClassExport,
    Filled,
    FilledExport,
    StudentExport,
    fill_canvas,
    grade_book,
    left_out_csv,
)
from grader.training.folders import write_whole

GRADES = "grades.csv"
LEFT_OUT = "left_out.csv"
REPORTS = "reports"
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")
_OUR_NAME = re.compile(r"[0-9]{4,}(-[a-z0-9-]{1,40})?")
"""What ``report_name`` gives."""


@dataclass(frozen=True, slots=True)
class Exports:
    """Which files are asked for beside the grade book."""

    names: tuple[str, ...] = ()
    """Of ``EXPORTS``."""
    given: dict[str, Path] = field(default_factory=dict)
    """The files that the LMS gave, by the export that fills them in."""
    column: str | None = None
    """Of Canvas's grade book."""

    def check(self) -> None:
        """Raises UsageError for an export that lacks the LMS's file, before hours of grading."""
        for name in self.names:
            export = EXPORTS[name]
            if isinstance(export, FilledExport) and name not in self.given:
                raise UsageError(
                    f"--export {name} fills in the file that the LMS gave: name it with "
                    f"{export.option} FILE."
                )
        for path in self.given.values():
            read_file(path)


@dataclass(frozen=True, slots=True)
class Written:
    """One file that was written, or could not be."""

    path: Path
    filled: Filled | None = None
    why_not: str = ""


def write_outputs(folder: Path, lines: Sequence[Graded], exports: Exports) -> Iterator[Written]:
    """Write everything; what cannot be exported is told and keeps nothing else back.

    Raises UsageError where the folder itself cannot be written to.
    """
    yield write_file(folder / GRADES, grade_book(lines))
    _write_reports(folder / REPORTS, lines)
    for name in (*exports.names, *(name for name in exports.given if name not in exports.names)):
        try:
            yield from _export(name, folder, lines, exports)
        except UsageError as error:
            yield Written(folder / EXPORTS[name].file, why_not=str(error))


def write_left_out(folder: Path, intake: Intake) -> Iterator[Written]:
    """Every file that was not graded, with the reason, and what else a person should look at."""
    rows = [
        *((passed.student, passed.path, passed.why) for passed in intake.passed_over),
        *((note.student, note.path, f"Graded. {note.why}") for note in intake.notes),
        *((student, "", "Handed in, and is not on the roster.") for student in intake.unknown),
    ]
    path = folder / LEFT_OUT
    if rows:
        yield write_file(path, left_out_csv(rows))
    else:
        path.unlink(missing_ok=True)


def report_name(place: int, line: Graded) -> str:
    """``0012-ann-lee``: safe in every file system, whatever a student is called."""
    # Accents stand behind their letters then, and go with whatever else is no plain letter.
    plain = "".join(each for each in normalize("NFKD", line.student.name) if not combining(each))
    word = _NO_NAME.sub("-", plain).strip("-").lower()[:40]
    return f"{place:04}-{word}" if word else f"{place:04}"


def read_file(path: Path) -> bytes:
    """Raises UsageError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error


def _write_reports(folder: Path, lines: Sequence[Graded]) -> None:
    written = set()
    for place, line in enumerate(lines, 1):
        if line.report is not None:
            text = json.dumps(line.report, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
            path = folder / f"{report_name(place, line)}.json"
            written.add(write_file(path, text.encode("utf-8", errors="backslashreplace")).path)
    remove_others(folder.glob("*.json"), written, lambda path: path.stem)


def remove_others(
    files: Iterable[Path], written: Collection[Path], name_of: Callable[[Path], str]
) -> None:
    """Remove what an earlier run wrote for a class of other students, and nothing that is not ours.

    Args:
        name_of: what of a path would be ``report_name``'s.
    """
    for path in set(files) - set(written):
        if _OUR_NAME.fullmatch(name_of(path)):
            with contextlib.suppress(OSError):
                path.unlink()
                path.parent.rmdir()  # the folder of one student's, once it is empty


def _export(
    name: str, folder: Path, lines: Sequence[Graded], exports: Exports
) -> Iterator[Written]:
    export = EXPORTS[name]
    if isinstance(export, ClassExport):
        yield write_file(folder / export.file, export.write(lines))
    elif isinstance(export, StudentExport):
        written = set()
        for place, line in enumerate(lines, 1):
            if line.report is not None:
                own = folder / name / report_name(place, line) / export.file
                written.add(write_file(own, export.write(line)).path)
        others = (folder / name).glob(f"*/{export.file}")
        remove_others(others, written, lambda path: path.parent.name)
        yield Written(folder / name)
    else:
        fill = partial(fill_canvas, column=exports.column) if name == "canvas" else export.fill
        filled = fill(read_file(exports.given[name]), lines)
        yield Written(write_file(folder / export.file, filled.content).path, filled)


def write_file(path: Path, data: bytes) -> Written:
    """Write a file that is not that already. Raises UsageError."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return Written(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda file: file.write(data))
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{path} cannot be written: {reason}. See --out.") from error
    return Written(path)
