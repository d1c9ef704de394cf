"""The ledger's tables, version by version; a new ledger goes the same way as an old one.

A version that was ever released is never edited: what changes is appended.
"""

from __future__ import annotations

import sqlite3

APPLICATION = 0x434E4E47
"""Marks an SQLite file as a ledger of this grader: ``CNNG``."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    # 1: what was graded, and who handed in what in the latest run. Many students may have handed
    # in the same bytes. `place` is the order of the grade book, and nothing else is unique there:
    # two students with one id are two lines.
    (
        """
        CREATE TABLE graded (
            id INTEGER PRIMARY KEY,
            submission TEXT NOT NULL,
            assignment TEXT NOT NULL,
            grader TEXT NOT NULL,
            settings TEXT NOT NULL,
            report TEXT,
            status TEXT,
            score REAL,
            max_score REAL,
            written TEXT NOT NULL,
            UNIQUE (submission, assignment, grader, settings)
        )
        """,
        """
        CREATE TABLE roll (
            place INTEGER PRIMARY KEY,
            student TEXT NOT NULL,
            name TEXT NOT NULL,
            student_id TEXT,
            path TEXT NOT NULL,
            submission TEXT,
            assignment TEXT,
            grader TEXT,
            settings TEXT,
            late INTEGER NOT NULL,
            days_late REAL,
            attempt INTEGER NOT NULL,
            note TEXT NOT NULL
        )
        """,
    ),
    # 2: why grading failed, which reports are to be made again, and what lateness costs.
    (
        "ALTER TABLE graded ADD COLUMN failure TEXT",
        "ALTER TABLE graded ADD COLUMN undecided INTEGER NOT NULL DEFAULT 0",
        """
        UPDATE graded SET undecided = EXISTS (
            SELECT 1 FROM json_each(graded.report, '$.exercises') AS exercise,
                json_each(exercise.value, '$.checks') AS checked
            WHERE json_extract(checked.value, '$.status') = 'error'
        ) WHERE json_valid(report)
        """,
        """
        CREATE TABLE late (
            assignment TEXT PRIMARY KEY,
            per_day REAL NOT NULL,
            most REAL NOT NULL,
            CHECK (0 < per_day AND per_day <= most AND most <= 1)
        )
        """,
    ),
)
VERSION = len(MIGRATIONS)


def version_of(database: sqlite3.Connection) -> int | None:
    """The version of a ledger's tables, 0 of an empty file, None of what is no ledger."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application == APPLICATION and version > 0:
        return int(version)
    return 0 if (application, version, tables) == (0, 0, 0) else None


def migrate(database: sqlite3.Connection, version: int) -> None:
    """Bring the tables from ``version`` to ours, in one transaction: all of it or nothing."""
    if version == VERSION:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
