"""The ledger's file: opened for writing or for reading, and its faults in plain words."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.batch.migrations import VERSION, migrate, version_of
from grader.errors import GraderError, InternalError, UsageError

BUSY_SECONDS = 10.0
"""How long another program, such as a database browser, may keep the file to itself."""


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a ledger, made when missing and migrated when old.

    Raises UsageError for what is no ledger, is damaged, is newer, or cannot be written, and
    leaves it as it was; InternalError for a full or failing disk.
    """
    with told(path), contextlib.ExitStack() as stack:
        database = stack.enter_context(contextlib.closing(_connect(str(path))))
        version = _checked_version(database, path)
        database.execute("PRAGMA journal_mode = WAL")
        # In WAL a killed process loses nothing that was committed. A power cut may lose the last
        # few submissions, which are then graded again; that saves a sync for each.
        database.execute("PRAGMA synchronous = NORMAL")
        migrate(database, version)
        stack.pop_all()
        return database


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a ledger as it is now, whoever writes to it; an old one is migrated in memory only.

    Raises UsageError for what is no ledger, is not there, is damaged or newer.
    """
    if not path.is_file():
        raise UsageError(f"There is no ledger {path}.")
    with told(path), contextlib.ExitStack() as stack:
        database = stack.enter_context(contextlib.closing(_connect_to_read(path)))
        version = _checked_version(database, path)
        if version != VERSION:
            copy = stack.enter_context(contextlib.closing(_connect(":memory:")))
            database.backup(copy)
            database.close()
            migrate(copy, version)
            database = copy
        database.execute("BEGIN")  # what is read from here on is of one moment
        stack.pop_all()
        return database


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Say what SQLite complains of in plain words."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # ours: a closed connection, or another thread's
    except sqlite3.Error as error:
        raise _explained(path, error) from error


def damaged(path: Path, what: object) -> UsageError:
    """What to do about a ledger that cannot be read."""
    return UsageError(
        f"The ledger {path} is damaged ({what}). Nothing in it was changed. Move it away, with "
        f"{path.name}-wal if that is there, and run again: everything is graded anew. What can "
        f"still be read of it comes out with: sqlite3 {path.name} .recover"
    )


def read_report(path: Path, text: str) -> dict[str, Any]:
    """A report as it was written; UsageError where it is none any more."""
    try:
        report = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(path, "a report is no JSON") from error
    if not isinstance(report, dict):
        raise damaged(path, "a report is no mapping")
    return report


def _connect(name: str, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(name, timeout=BUSY_SECONDS, isolation_level=None, uri=uri)


def _connect_to_read(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(contextlib.closing(_connect(address, uri=True)))
        try:
            database.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError:
            log = Path(f"{path}-wal")
            if log.exists() and log.stat().st_size:
                raise
            # In a folder that cannot be written SQLite has no place for its index of the log;
            # where there is no log, none is needed.
            database = stack.enter_context(
                contextlib.closing(_connect(f"{address}&immutable=1", uri=True))
            )
            database.execute("PRAGMA user_version").fetchone()
        stack.pop_all()
        return database


def _checked_version(database: sqlite3.Connection, path: Path) -> int:
    version = version_of(database)
    if version is None:
        raise UsageError(
            f"{path} is an SQLite file, but no ledger of this grader. Nothing in it was changed. "
            "Move it away, or give another folder with --out."
        )
    if version > VERSION:
        raise UsageError(
            f"The ledger {path} was written by a newer version of the grader (format {version}; "
            f"this one reads up to {VERSION}). Nothing in it was changed. Update the grader, or "
            "give another folder with --out."
        )
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise damaged(path, str(verdict).replace("\n", " "))
    return version


def _explained(path: Path, error: sqlite3.Error) -> GraderError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    kept = (
        "What was graded before is kept. Give the same command again when that is put right; it "
        "goes on from there."
    )
    if code == sqlite3.SQLITE_NOTADB:
        return UsageError(
            f"{path} is no ledger: it is not an SQLite file. Nothing in it was changed. Move it "
            "away, or give another folder with --out."
        )
    if code == sqlite3.SQLITE_CORRUPT:
        return damaged(path, error)
    if code == sqlite3.SQLITE_FULL:
        return InternalError(f"The disk is full, so {path} could not be written. {kept}")
    if code == sqlite3.SQLITE_IOERR:
        return InternalError(
            f"{path} could not be read or written ({error}): the disk is full, over its quota, "
            f"or failing. {kept}"
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UsageError(
            f"Another program keeps {path} to itself, such as a database browser. Close it there. "
            f"{kept}"
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return UsageError(
            f"{path} cannot be opened or written: {error}. Give another folder with --out."
        )
    return InternalError(f"The ledger {path}: {error}.")
