"""Whose row is whose: by the strongest sign that both sides have, and never by a guess.

Two rows, or two students, that share a sign are told apart by nobody: they are left out and
listed, and no weaker sign is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.records import Graded, Student
from grader.report.exports.filled import LeftOut
from grader.words import quoted


@dataclass(frozen=True, slots=True)
class FileRow:
    """One student in the LMS's file."""

    index: int
    """Among the rows of the file, from 0."""
    name: str
    signs: tuple[str, ...] = ()
    """Id, login and so on, in the order of the levels; empty where the file has none."""

    @property
    def who(self) -> str:
        told = [quoted(text) for text in (self.name, *self.signs[:1]) if text.strip()]
        return f"row {self.index + 1}, {', '.join(told)}" if told else f"row {self.index + 1}"


@dataclass(frozen=True, slots=True)
class Level:
    """One sign by which a row and a student may be the same person."""

    name: str
    of_row: Callable[[FileRow], set[str]]
    of_student: Callable[[Student], set[str]]


@dataclass(frozen=True, slots=True)
class Matching:
    pairs: tuple[tuple[FileRow, Graded], ...]
    students: tuple[LeftOut, ...]
    rows: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def match_rows(
    rows: Sequence[FileRow], graded: Sequence[Graded], levels: Sequence[Level]
) -> Matching:
    """Pair rows and students, level by level.

    Raises UsageError where there are both, and not one pair or doubt: another course's file.
    """
    rows_left = {row.index: row for row in rows}
    graded_left = dict(enumerate(graded))
    pairs: list[tuple[FileRow, Graded]] = []
    students_out: list[LeftOut] = []
    rows_out: list[LeftOut] = []
    notes: list[str] = []
    for level in levels:
        row_signs = {index: level.of_row(row) for index, row in rows_left.items()}
        own_signs = {at: level.of_student(line.student) for at, line in graded_left.items()}
        rows_of = _holders(row_signs)
        students_of = _holders(own_signs)
        for at, signs in own_signs.items():
            near = {index for sign in signs for index in rows_of[sign]}
            if not near:
                continue
            line = graded_left.pop(at)
            only = next(iter(near))
            if len(near) == 1 and set().union(*(students_of[s] for s in row_signs[only])) == {at}:
                row = rows_left.pop(only)
                pairs.append((row, line))
                notes += _doubt(row, line, level)
                continue
            what = "Several rows" if len(near) > 1 else "Several students"
            students_out.append(LeftOut(who(line.student), f"{what} have the same {level.name}."))
            for row in [rows_left.pop(index) for index in near if index in rows_left]:
                rows_out.append(LeftOut(row.who, f"Its {level.name} is not one student's alone."))
    if rows and graded and not pairs and not students_out:
        raise UsageError(
            f"Nobody of this class is in the file, so it seems to be another course's. It has, "
            f"for example, {rows[0].who}; the class has {who(graded[0].student)}."
        )
    students_out += [LeftOut(who(line.student), "No row matches.") for line in graded_left.values()]
    rows_out += [LeftOut(row.who, "No student matches.") for row in rows_left.values()]
    return Matching(tuple(pairs), tuple(students_out), tuple(rows_out), tuple(notes))


def who(student: Student) -> str:
    told = dict.fromkeys(text for text in (student.name, student.id or student.key) if text)
    return ", ".join(quoted(text) for text in told)


def _holders(signs: dict[int, set[str]]) -> defaultdict[str, set[int]]:
    holders: defaultdict[str, set[int]] = defaultdict(set)
    for holder, texts in signs.items():
        for text in texts:
            holders[text].add(holder)
    return holders


def _doubt(row: FileRow, line: Graded, level: Level) -> list[str]:
    """A note where an id says one thing and the names another."""
    name = line.student.name
    known = {line.student.key, line.student.id, *row.signs}
    if not row.name.strip() or name in known or squeezed_names(row.name) & squeezed_names(name):
        return []
    return [f"{who(line.student)} was filled in at {row.who}: the same {level.name}, other names."]


def by_sign(position: int, name: str) -> Level:
    """By an id or login of the file, against the student's id and key."""
    return Level(
        name,
        lambda row: _folded([row.signs[position]]),
        lambda student: _folded([student.id or "", student.key]),
    )


def by_name() -> Level:
    """By the name, in whichever order its parts are written."""
    return Level(
        "name", lambda row: written_names(row.name), lambda student: written_names(student.name)
    )


def by_squeezed_name() -> Level:
    """By the name as Canvas writes it in a zip: ``doeann``; only where that is all we know."""
    return Level(
        "name",
        lambda row: squeezed_names(row.name),
        lambda student: {student.name} & squeezed_names(student.name),
    )


def _folded(texts: Iterable[str]) -> set[str]:
    return {text.strip().casefold() for text in texts if text.strip()}


def written_names(name: str) -> set[str]:
    """``Doe, Ann`` as ``doe ann`` and ``ann doe``."""
    plain = unicodedata.normalize("NFC", name).casefold()
    parts = [" ".join(part.split()) for part in plain.split(",")]
    parts = [part for part in parts if part]
    orders = [parts, [*parts[1:], *parts[:1]]] if len(parts) > 1 else [parts]
    return {" ".join(order) for order in orders} - {""}


def squeezed_names(name: str) -> set[str]:
    """``Doe, Ann`` as ``doeann`` and ``anndoe``: lower case, letters and digits only."""
    return {re.sub(r"[\W_]", "", written) for written in written_names(name)} - {""}
