"""The ledger: what was graded, kept through whatever happens, so that nothing is graded twice.

A report belongs to a submission's bytes, not to a student: two who handed in the same share it.
Who handed in what is the roll, and it is the latest run's.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.assignment.late import Late
from grader.batch.database import open_to_read, open_to_write, read_report, told
from grader.batch.files import LEDGER
from grader.batch.lines import Lines
from grader.batch.lock import Lock
from grader.errors import UsageError
from grader.records import Student

FILE = LEDGER
WAIT_SECONDS = 10.0
MAX_ATTEMPT = 2**31
"""A file's name may claim any number."""


@dataclass(frozen=True, slots=True)
class Key:
    """All that a report depends on."""

    submission: str
    """SHA-256 of what was handed in: its bytes, and the suffix by which they are read."""
    assignment: str
    """SHA-256 of the assignment file, with its hidden checks."""
    grader: str
    """Version."""
    settings: str
    """SHA-256 of what else was asked for: trained or not, which sandbox, versions beneath."""


@dataclass(frozen=True, slots=True)
class RollLine:
    """What one student handed in."""

    student: Student
    path: str = ""
    """For people; empty where nothing was handed in."""
    key: Key | None = None
    """None: there is nothing that could be graded, and ``note`` says why."""
    late: bool = False
    days_late: float | None = None
    attempt: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an assignment that the ledger has reports for."""

    sha256: str
    name: str
    """The assignment's id."""
    reports: int
    last: str
    """When the last of them was written, ISO 8601 in UTC."""


class Ledger:
    """A context manager over one SQLite file.

    Made by ``open`` or ``read``. It belongs to the thread that opened it, and no forked process
    may touch it.
    """

    def __init__(
        self,
        path: Path,
        database: sqlite3.Connection,
        lock: Lock | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._database = database
        self._lock = lock
        self._now = now

    @classmethod
    def open(
        cls,
        path: Path,
        wait_seconds: float = WAIT_SECONDS,
        say: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.time,
    ) -> Ledger:
        """Open a ledger to write in, with its folder made when missing.

        Args:
            path: the file.
            wait_seconds: how long to wait for another run that has it.
            say: is told that it waits.
            now: seconds since 1970.

        Raises UsageError for whatever the caller can put right, such as a ledger that is in use,
        damaged or newer; InternalError for a full or failing disk. Neither changes the file.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(
                f"The folder {path.parent} cannot be made: {reason}. Give another one with --out."
            ) from error
        lock = Lock.take(path.with_suffix(".lock"), path, wait_seconds, say)
        try:
            return cls(path, open_to_write(path), lock, now)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """Open a ledger only to read it, be it in use or old; a folder stands for the one in it."""
        file = path / FILE if path.is_dir() else path
        return cls(file, open_to_read(file))

    def known(self, key: Key) -> dict[str, Any] | None:
        """The report that need not be made again, or None.

        One with a check that ended in ``error`` is made again: what broke then, such as this
        machine, may hold now. Its path is that of whoever handed it in first.
        """
        with told(self.path):
            row = self._database.execute(
                "SELECT report FROM graded WHERE submission = ? AND assignment = ? AND grader = ? "
                "AND settings = ? AND NOT undecided AND report IS NOT NULL",
                _values(key),
            ).fetchone()
        return read_report(self.path, row[0]) if row else None

    def record(self, key: Key, report: Mapping[str, Any]) -> None:
        """Keep a report (JSON, schema 1) in place of an earlier one; kept when this returns."""
        text = json.dumps(report, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        undecided = any(
            check["status"] == "error"
            for exercise in report["exercises"]
            for check in exercise["checks"]
        )
        values = (text, report["status"], report["score"], report["max_score"], undecided)
        with self._writing():
            self._database.execute(
                """
                INSERT INTO graded (submission, assignment, grader, settings,
                    report, status, score, max_score, undecided, written)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (submission, assignment, grader, settings) DO UPDATE SET
                    report = excluded.report, status = excluded.status, score = excluded.score,
                    max_score = excluded.max_score, undecided = excluded.undecided,
                    written = excluded.written, failure = NULL
                """,
                (*_values(key), *values, self._when()),
            )

    def record_failure(self, key: Key, why: str) -> None:
        """Keep that the grader could not grade it; an earlier report stays, and it is tried again.

        Args:
            why: for the instructor, as a whole sentence.
        """
        with self._writing():
            self._database.execute(
                """
                INSERT INTO graded (submission, assignment, grader, settings, failure, written)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (submission, assignment, grader, settings) DO UPDATE SET
                    failure = excluded.failure
                """,
                (*_values(key), _text(why), self._when()),
            )

    def set_roll(self, lines: Iterable[RollLine], late: Late | None = None) -> None:
        """Put who handed in what in place of what an earlier run found, in the given order.

        Args:
            late: what lateness costs in the assignment that these lines are for.
        """
        lines = list(lines)
        assignments = {line.key.assignment for line in lines if line.key}
        with self._writing():
            self._database.execute("DELETE FROM roll")
            self._database.executemany(
                f"INSERT INTO roll VALUES ({', '.join('?' * 13)})",
                (_roll_values(place, line) for place, line in enumerate(lines)),
            )
            for assignment in assignments:
                self._database.execute("DELETE FROM late WHERE assignment = ?", (assignment,))
                if late is not None:
                    values = (assignment, late.per_day, late.max)
                    self._database.execute("INSERT INTO late VALUES (?, ?, ?)", values)

    def lines(self, assignment: str | None = None) -> Lines:
        """The grade book of the latest run's roll, in its order.

        Args:
            assignment: SHA-256 of another version of the assignment; of each submission, the
                report that was written last for that version is taken.
        """
        return Lines(self.path, self._database, assignment)

    def versions(self) -> tuple[Version, ...]:
        """The versions of assignments that there are reports for, the latest last."""
        with told(self.path):
            rows = self._database.execute(
                "SELECT assignment, max(json_extract(report, '$.assignment')), count(*), "
                "max(written) FROM graded WHERE report IS NOT NULL "
                "GROUP BY assignment ORDER BY max(written), max(id)"
            ).fetchall()
        return tuple(Version(*row) for row in rows)

    def close(self) -> None:
        """Let go of the file, and of the lock; a second call does nothing."""
        self._database.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: all of it is kept, or nothing."""
        with told(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def _when(self) -> str:
        return datetime.fromtimestamp(self._now(), UTC).isoformat(timespec="milliseconds")


def _values(key: Key) -> tuple[str, str, str, str]:
    return (key.submission, key.assignment, key.grader, key.settings)


def _roll_values(place: int, line: RollLine) -> tuple[object, ...]:
    student, key = line.student, line.key
    return (
        place,
        _text(student.key),
        _text(student.name),
        None if student.id is None else _text(student.id),
        _text(line.path),
        *(_values(key) if key else (None,) * 4),
        line.late,
        line.days_late,
        min(line.attempt, MAX_ATTEMPT),
        _text(line.note),
    )


def _text(text: str) -> str:
    """Names of files may hold bytes that are no text; what SQLite keeps is UTF-8."""
    return text.encode("utf-8", errors="backslashreplace").decode()
