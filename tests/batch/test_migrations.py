"""Old ledgers become new ones, whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from grader.batch import migrations
from grader.batch.ledger import FILE, Key, Ledger
from grader.batch.migrations import APPLICATION, VERSION
from grader.errors import InternalError, UsageError
from tests.batch.grade_books import ANN, BROKEN, report
from tests.report.reports import FAILED

KEY = Key("ab" * 32, "assignment", "0.1.0", "settings")
UNDECIDED = Key("cd" * 32, "assignment", "0.1.0", "settings")


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Path]:
    """A ledger of version 1, as its time left it."""
    path = tmp_path / FILE
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in migrations.MIGRATIONS[0]:
            database.execute(statement)
        for key, content in ((KEY, report()), (UNDECIDED, report(FAILED, BROKEN))):
            database.execute(
                "INSERT INTO graded (submission, assignment, grader, settings, report, status, "
                "score, max_score, written) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(key.submission, key.assignment, key.grader, key.settings),
                    json.dumps(content),
                    *(content["status"], content["score"], content["max_score"]),
                    "2026-01-01T00:00:00.000+00:00",
                ),
            )
        database.execute(
            "INSERT INTO roll VALUES (0, '1', 'Ann Ames', '1', 'a', ?, ?, ?, ?, 1, 2.0, 1, '')",
            (KEY.submission, KEY.assignment, KEY.grader, KEY.settings),
        )
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute("PRAGMA user_version = 1")
    yield path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def check(ledger: Ledger) -> None:
    """All that version 1 knew is known, and what it could not tell is made out."""
    assert ledger.known(KEY) == report()
    assert ledger.known(UNDECIDED) is None
    (line,) = ledger.lines()
    assert (line.student, line.score, line.days_late) == (ANN, 80.0, 2.0)


def test_an_old_ledger_is_brought_up_to_date_with_all_it_holds(old: Path) -> None:
    for _ in range(2):
        with Ledger.open(old) as ledger:
            check(ledger)
        assert version(old) == VERSION


def test_an_old_ledger_can_be_read_and_stays_as_it_is(old: Path) -> None:
    before = old.read_bytes()
    with Ledger.read(old) as ledger:
        check(ledger)
    assert old.read_bytes() == before


def test_a_migration_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (*migrations.MIGRATIONS, ("DROP TABLE roll", "DROP TABLE another"))
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", broken)
        patch.setattr(migrations, "VERSION", 3)
        with pytest.raises(InternalError, match="no such table: another"):
            Ledger.open(old)
    assert version(old) == 1
    with Ledger.open(old) as ledger:
        check(ledger)


def test_a_report_that_is_no_json_does_not_stop_a_migration(old: Path) -> None:
    with closing(sqlite3.connect(old)) as database, database:
        database.execute("UPDATE graded SET report = '{' WHERE submission = ?", (KEY.submission,))
    with Ledger.open(old) as ledger, pytest.raises(UsageError, match="damaged"):
        ledger.known(KEY)


def test_a_new_ledger_has_the_tables_of_one_that_was_migrated(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new" / FILE
    Ledger.open(old).close()
    Ledger.open(new).close()
    tables = []
    for path in (old, new):
        with closing(sqlite3.connect(path)) as database:
            tables.append(database.execute("SELECT name, sql FROM sqlite_master").fetchall())
    assert tables[0] == tables[1]
