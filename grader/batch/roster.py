"""The list of a class: who should have handed in.

A CSV file with a header. The columns are found by their usual names, so that what an LMS or
nbgrader exports can be given as it is: Canvas's grade book, Moodle's worksheet, nbgrader's list.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.batch.files import read_file, shown
from grader.errors import UsageError
from grader.words import join_words, quoted

_NAMES = (
    "name",
    "full name",
    "fullname",
    "student",
    "student name",
    "display name",
    "이름",
    "성명",
)
_FIRST = ("first name", "firstname", "given name", "first")
_LAST = ("last name", "lastname", "family name", "surname", "last")
_IDS = ("id", "student id", "studentid", "user id", "sis user id", "sis id", "id number", "학번")
_PARTICIPANT = ("identifier",)
_LOGINS = (
    *("login", "login id", "sis login id", "username", "user name"),
    *("email", "e mail", "email address", "이메일"),
)
_DAYS_LATE = ("days late",)
_KNOWN = frozenset((*_NAMES, *_FIRST, *_LAST, *_IDS, *_PARTICIPANT, *_LOGINS))
_NO_STUDENT = frozenset(("pointspossible", "studenttest", "teststudent"))
"""Rows of Canvas's grade book."""
_LISTED_AS = (
    "a name (name, full name, student, or first name and last name), an id (id, student id, "
    "SIS user id) or a login (login, email)"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One student on the list."""

    line: int
    name: str
    ids: tuple[str, ...] = ()
    """The first is what the list calls ``id``."""
    participant: str | None = None
    """Moodle's number of the student in one assignment."""
    logins: tuple[str, ...] = ()
    days_late: float | None = None

    @property
    def id(self) -> str | None:
        """The list's own number of the student."""
        return self.ids[0] if self.ids else self.participant

    @property
    def key(self) -> str:
        """What tells the student from others of that name."""
        return self.id or next(iter(self.logins), self.name)


class Roster:
    """Students, found by what an LMS or a file's name says of them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        self._participants = _index(rows, lambda row: filter(None, (row.participant,)))
        self._ids = _index(rows, lambda row: map(str.casefold, row.ids))
        self._logins = _index(rows, _login_forms)
        self._names = _index(rows, lambda row: (fold_name(row.name),))
        self._turned = _index(rows, lambda row: turned_names(row.name))

    def find(self, name: str, id: str | None = None, is_participant: bool = False) -> Row | None:
        """The student who is meant, by id, then login, then name; None when that is not sure.

        An id of one student with the name of another is neither.
        """
        by_name = self.by_name(name)
        if id is not None:
            ids = self._participants if is_participant else self._ids
            by_id = _only(ids.get(id if is_participant else id.casefold()))
            if by_id is None and is_participant:
                by_id = self._participant_as_id(id, name)
            if by_id is not None:
                return by_id if by_name in (None, by_id) else None
        handle = name.strip().casefold()
        return _only(self._ids.get(handle)) or _only(self._logins.get(handle)) or by_name

    def _participant_as_id(self, number: str, name: str) -> Row | None:
        """Moodle's number, where a list holds it as the id of somebody of that very name."""
        row = _only(self._ids.get(number))
        same = row is not None and turned_names(name) & turned_names(row.name)
        return row if same else None

    def by_name(self, name: str) -> Row | None:
        """The only student of a name, whatever its case, accents, blanks and order."""
        exact = self._names.get(fold_name(name))
        if exact:
            return _only(exact)
        rows = {row.line: row for form in turned_names(name) for row in self._turned.get(form, ())}
        return _only(list(rows.values()))


def read_roster(path: Path) -> Roster:
    """Read a list of students.

    Raises UsageError for a file that cannot be read, has no header with a known column, holds no
    student, or holds two whom nothing tells apart.
    """
    try:
        text = _decode(read_file(str(path.resolve())))
    except UsageError as error:
        raise UsageError(f"The roster {shown(str(path))}: {error}") from error
    try:
        header, lines = _table(text)
        rows = [row for line, cells in lines if (row := _row(line, _by_column(header, cells)))]
        if not rows:
            raise UsageError("It holds no student below its header.")
        return Roster(_each_once(rows))
    except csv.Error as error:
        raise UsageError(f"The roster {shown(str(path))} is no CSV file: {error}.") from error
    except UsageError as error:
        raise UsageError(f"The roster {shown(str(path))}: {error}") from error


def fold_name(name: str) -> str:
    """A name without case, accents, blanks and signs, as Canvas writes it into file names."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in plain if character.isalnum())


def turned_names(name: str) -> frozenset[str]:
    """``Ann Doe``, ``Doe, Ann`` and Canvas's ``doeann`` have a form in common."""
    words = [fold for word in re.split(r"[\s,]+", name) if (fold := fold_name(word))]
    return frozenset("".join(words[at:] + words[:at]) for at in range(min(len(words), 8)))


def _decode(data: bytes) -> str:
    """As spreadsheets write it: UTF-8, UTF-16, or what the system of a country prefers."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "euc_kr"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", errors="replace")


def _table(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header's columns, and the other lines with their numbers."""
    read = {delimiter: _lines(text, delimiter) for delimiter in ",;\t"}
    best = max(read, key=lambda delimiter: len(_known(read[delimiter])))
    lines = read[best]
    if not lines:
        raise UsageError("It is empty.")
    if not _known(lines):
        raise UsageError(
            f"Its first line has no column that is known: {quoted(best.join(lines[0][1]))}. It "
            f"needs a header that names {_LISTED_AS}."
        )
    return [_column(cell) for cell in lines[0][1]], lines[1:]


def _lines(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    if found and "".join(found[0][1]).strip().lower().startswith("sep="):
        return found[1:]
    return found


def _known(lines: Sequence[tuple[int, list[str]]]) -> frozenset[str]:
    return _KNOWN.intersection(_column(cell) for cell in lines[0][1]) if lines else frozenset()


def _column(cell: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", cell.casefold()).split())


def _by_column(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    by_column: dict[str, str] = {}
    for column, cell in zip(header, cells, strict=False):
        by_column.setdefault(column, unicodedata.normalize("NFC", cell).strip())
    return by_column


def _row(line: int, cells: dict[str, str]) -> Row | None:
    """None for a line that stands for no student."""
    name = _first(cells, _NAMES)
    if not name:
        name = f"{_first(cells, _FIRST)} {_first(cells, _LAST)}".strip()
    ids = tuple(dict.fromkeys(cells[column] for column in _IDS if cells.get(column)))
    logins = tuple(cells[column] for column in _LOGINS if cells.get(column))
    number = re.search(r"[0-9]+$", _first(cells, _PARTICIPANT))
    participant = number[0] if number else None
    if not (name or ids or participant or logins) or fold_name(name) in _NO_STUDENT:
        return None
    days_late = _days(line, _first(cells, _DAYS_LATE))
    return Row(line, name, ids, participant, logins, days_late)


def _first(cells: dict[str, str], columns: Iterable[str]) -> str:
    return next((cells[column] for column in columns if cells.get(column)), "")


def _days(line: int, cell: str) -> float | None:
    if not cell:
        return None
    try:
        days = float(cell.replace(",", "."))
    except ValueError:
        days = math.nan
    if not 0 <= days < math.inf:
        raise UsageError(f"Line {line}: days_late is {quoted(cell)}, not a number of days.")
    return days


def _each_once(rows: Sequence[Row]) -> list[Row]:
    """The students, each listed once; who is in two sections may stand on two lines.

    Raises UsageError for two of one id, or two of one name where there is no id.
    """
    kept: dict[tuple[str, str], Row] = {}
    by_id: dict[tuple[int, str], Row] = {}
    for row in rows:
        key = "" if row.key == row.name else row.key
        twin = kept.setdefault((key, fold_name(row.name)), row)
        if twin is not row and not key:
            raise UsageError(
                f"Lines {twin.line} and {row.line} are both {quoted(row.name)}, and no id tells "
                "them apart."
            )
        if twin is not row:
            continue
        own = [*enumerate(row.ids), *((-1, login) for login in row.logins)]
        for place, id in [*own, *([(-2, row.participant)] if row.participant else [])]:
            other = by_id.setdefault((place, id.casefold()), row)
            if other is not row:
                both = join_words([quoted(other.name), quoted(row.name)])
                raise UsageError(
                    f"Lines {other.line} and {row.line} have one id, {quoted(id)}: {both}. Each "
                    "student needs an own one."
                )
    return list(kept.values())


def _login_forms(row: Row) -> Iterable[str]:
    for login in row.logins:
        yield login.casefold()
        yield login.casefold().partition("@")[0]


def _index(rows: Sequence[Row], forms: Callable[[Row], Iterable[str]]) -> dict[str, list[Row]]:
    index: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for form in dict.fromkeys(forms(row)):
            if form:
                index[form].append(row)
    return dict(index)


def _only(rows: Sequence[Row] | None) -> Row | None:
    return rows[0] if rows and len(rows) == 1 else None
