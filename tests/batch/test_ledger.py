"""The ledger: what is kept, for whom, and what it says when it cannot be kept."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment.late import Late
from grader.batch.ledger import FILE, Key, Ledger, RollLine, Version
from grader.batch.migrations import VERSION
from grader.errors import InternalError, UsageError
from grader.records import Student
from tests.batch.grade_books import ANN, BOB, BROKEN, RIGHT, report
from tests.conftest import ROOT
from tests.report.reports import FAILED, PASSED

KEY = Key("ab" * 32, "assignment-1", "0.1.0", "settings-1")
REPORT = report()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out" / FILE


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger.open(path) as opened:
        yield opened


def test_what_was_recorded_is_known_and_nothing_else(ledger: Ledger) -> None:
    assert ledger.known(KEY) is None
    ledger.record(KEY, REPORT)
    assert ledger.known(KEY) == REPORT
    for field in ("submission", "assignment", "grader", "settings"):
        assert ledger.known(replace(KEY, **{field: "another"})) is None


def test_it_is_still_known_when_the_ledger_is_opened_again(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.record(KEY, REPORT)
    with Ledger.open(path) as ledger:
        assert ledger.known(KEY) == REPORT
    with Ledger.read(path.parent) as ledger:
        assert ledger.known(KEY) == REPORT


def test_the_last_report_counts(ledger: Ledger) -> None:
    ledger.record(KEY, REPORT)
    better = report(RIGHT, PASSED)
    ledger.record(KEY, better)
    assert ledger.known(KEY) == better


def test_what_could_not_be_decided_is_kept_and_made_again(ledger: Ledger) -> None:
    undecided = report(FAILED, BROKEN)
    ledger.record(KEY, undecided)
    ledger.set_roll([RollLine(ANN, "a.ipynb", KEY)])
    assert ledger.known(KEY) is None
    assert ledger.lines()[0].status == "needs_review"
    assert ledger.lines()[0].report is not None
    ledger.record(KEY, REPORT)
    assert ledger.known(KEY) == REPORT


def test_what_rests_on_a_claim_is_for_review_and_not_made_again(ledger: Ledger) -> None:
    claimed = {**REPORT, "status": "needs_review"}
    ledger.record(KEY, claimed)
    assert ledger.known(KEY) == claimed


def test_two_students_with_the_same_bytes_share_one_report_and_not_their_names(
    ledger: Ledger, path: Path
) -> None:
    ledger.record(KEY, REPORT)
    ledger.set_roll([RollLine(BOB, "bob.ipynb", KEY), RollLine(ANN, "ann.ipynb", KEY)])
    told = [line.report and line.report["submission"] for line in ledger.lines()]
    assert told == [
        {"path": "bob.ipynb", "student": "Bob", "sha256": "ab" * 32},
        {"path": "ann.ipynb", "student": "Ann Ames", "sha256": "ab" * 32},
    ]
    assert rows(path, "SELECT count(*) FROM graded") == [(1,)]


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """What another program sees."""
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def test_each_kind_of_line(ledger: Ledger) -> None:
    other, crashed = replace(KEY, submission="cd" * 32), replace(KEY, submission="ef" * 32)
    ledger.record(KEY, REPORT)
    ledger.record_failure(crashed, "The worker was killed.")
    ledger.set_roll(
        [
            RollLine(ANN, "a.ipynb", KEY, attempt=3, note="Two files."),
            RollLine(BOB),
            RollLine(BOB, "gone.ipynb", note="The file is gone."),
            RollLine(BOB, "b.ipynb", crashed, note="Two files."),
            RollLine(BOB, "c.ipynb", other),
        ]
    )
    lines = ledger.lines()
    assert [(line.status, line.score, line.max_score, line.note) for line in lines] == [
        ("graded", 80.0, 100.0, "Two files."),
        ("missing", 0.0, 0.0, ""),
        ("failed", 0.0, 0.0, "The file is gone."),
        ("failed", 0.0, 0.0, "Two files. The worker was killed."),
        ("failed", 0.0, 0.0, "Not graded yet."),
    ]
    assert (lines[0].student, lines[0].attempt, lines[0].path) == (ANN, 3, "a.ipynb")
    assert [line.report is None for line in lines] == [False, True, True, True, True]
    assert ledger.known(crashed) is None


def test_a_failure_never_takes_the_place_of_a_report(ledger: Ledger) -> None:
    ledger.record(KEY, REPORT)
    ledger.record_failure(KEY, "The worker was killed.")
    ledger.set_roll([RollLine(ANN, "a.ipynb", KEY)])
    assert ledger.lines()[0].note == (
        "Graded before; grading it again failed: The worker was killed."
    )
    assert ledger.lines()[0].score == 80
    ledger.record(KEY, REPORT)
    assert ledger.lines()[0].note == ""


def test_the_roll_is_the_latest_runs(ledger: Ledger) -> None:
    ledger.set_roll([RollLine(ANN), RollLine(BOB)])
    ledger.set_roll([RollLine(BOB)])
    assert [line.student for line in ledger.lines()] == [BOB]


def test_two_students_with_one_id_are_two_lines(ledger: Ledger) -> None:
    ledger.set_roll([RollLine(ANN), RollLine(replace(ANN, name="Another Ann"))])
    assert [line.student.name for line in ledger.lines()] == ["Ann Ames", "Another Ann"]


def test_lines_are_a_sequence(ledger: Ledger) -> None:
    ledger.set_roll([RollLine(Student(str(n), f"S{n}")) for n in range(12)])
    lines = ledger.lines()
    assert len(lines) == 12
    assert [line.student.key for line in lines] == [str(n) for n in range(12)]
    assert [line.student.key for line in lines[2:4]] == ["2", "3"]
    assert lines[-1].student.key == "11"
    assert list(lines) == list(lines)


LATE = Late(per_day=0.1, max=0.5)


@pytest.mark.parametrize(
    ("late", "days", "score", "penalty", "note"),
    [
        (False, None, 80.0, 0.0, ""),
        (True, 1.5, 60.0, 20.0, ""),
        (True, 30.0, 30.0, 50.0, ""),
        (True, None, 80.0, 0.0, "Late, but nobody knows by how much: nothing is taken off."),
    ],
)
def test_lateness_is_taken_off_the_line_and_not_off_the_report(
    ledger: Ledger, late: bool, days: float | None, score: float, penalty: float, note: str
) -> None:
    ledger.record(KEY, REPORT)
    ledger.set_roll([RollLine(ANN, "a", KEY, late, days)], LATE)
    (line,) = ledger.lines()
    assert (line.score, line.penalty, line.note) == (score, penalty, note)
    assert (line.late, line.days_late) == (late, days)
    assert line.report is not None and line.report["score"] == 80


def test_without_a_rule_lateness_costs_nothing_and_is_not_spoken_of(ledger: Ledger) -> None:
    ledger.record(KEY, REPORT)
    ledger.set_roll([RollLine(ANN, "a", KEY, True, 3.0)], LATE)
    ledger.set_roll([RollLine(ANN, "a", KEY, True)])
    (line,) = ledger.lines()
    assert (line.score, line.penalty, line.note) == (80.0, 0.0, "")


def test_another_version_of_the_assignment_can_be_read_with_its_own_rule(path: Path) -> None:
    seconds = iter(range(0, 1000, 10))
    new = replace(KEY, assignment="assignment-2")
    older = replace(KEY, grader="0.0.9")
    with Ledger.open(path, now=lambda: next(seconds)) as ledger:
        ledger.set_roll([RollLine(ANN, "a", KEY, True, 1.0)], LATE)
        ledger.record(older, report(RIGHT, PASSED))
        ledger.record(KEY, REPORT)
        ledger.record(new, report(RIGHT, PASSED))
        ledger.set_roll(
            [RollLine(ANN, "a", new, True, 1.0), RollLine(BOB, "b", replace(new, submission="x"))]
        )
        assert ledger.versions() == (
            Version("assignment-1", "03-cnn-structure", 2, "1970-01-01T00:00:10.000+00:00"),
            Version("assignment-2", "03-cnn-structure", 1, "1970-01-01T00:00:20.000+00:00"),
        )
        assert [line.score for line in ledger.lines()] == [100, 0]
        before = ledger.lines("assignment-1")
        assert [(line.score, line.penalty, line.note) for line in before] == [
            (70.0, 10.0, ""),
            (0.0, 0.0, "Not graded with this version of the assignment."),
        ]


HOSTILE = '김철수, "Jr"\n=1+1\x00\x1b[31m\'; DROP TABLE roll; --\u202e'


def test_any_text_is_kept_as_it_is(ledger: Ledger) -> None:
    student = Student(HOSTILE, HOSTILE, HOSTILE)
    ledger.record(KEY, {**REPORT, "title": HOSTILE})
    ledger.set_roll([RollLine(student, HOSTILE, KEY, note=HOSTILE)])
    (line,) = ledger.lines()
    assert (line.student, line.path, line.note) == (student, HOSTILE, HOSTILE)
    assert line.report is not None and line.report["title"] == HOSTILE


def test_names_that_are_no_text_and_numbers_without_end_are_taken(ledger: Ledger) -> None:
    line = RollLine(Student("a\udcff", "a\udcff"), "a\udcff.ipynb", attempt=10**40)
    ledger.set_roll([line])
    assert ledger.lines()[0].path == "a\\udcff.ipynb"
    assert ledger.lines()[0].attempt == 2**31


def test_the_folder_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "50% of #1? 김" / FILE
    with Ledger.open(path) as ledger:
        ledger.record(KEY, REPORT)
    with Ledger.read(path) as ledger:
        assert ledger.known(KEY) == REPORT


def test_a_ledger_can_be_read_as_it_was_while_it_is_written(ledger: Ledger, path: Path) -> None:
    ledger.set_roll([RollLine(ANN, "a", KEY), RollLine(BOB)])
    with Ledger.read(path) as reader:
        lines = reader.lines()
        ledger.set_roll([RollLine(BOB)])
        ledger.record(KEY, REPORT)
        assert [line.status for line in lines] == ["failed", "missing"]
    with Ledger.read(path) as reader:
        assert reader.known(KEY) == REPORT


def complaint(path: Path, read: bool = False) -> str:
    """What is said of a ledger that cannot be opened; the file is left as it was."""
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(UsageError) as caught:
        Ledger.read(path) if read else Ledger.open(path)
    assert (path.read_bytes() if path.is_file() else b"") == before
    return str(caught.value).replace(str(path), "LEDGER").replace(str(path.parent), "OUT")


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("content", [b"student,score\n" * 500, b"\xff" * 5000, b"PK\x03\x04" * 99])
def test_what_is_no_sqlite_file_is_refused(path: Path, content: bytes, read: bool) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert complaint(path, read) == (
        "LEDGER is no ledger: it is not an SQLite file. Nothing in it was changed. Move it away, "
        "or give another folder with --out."
    )


@pytest.mark.parametrize("read", [False, True])
def test_another_programs_database_is_refused(path: Path, read: bool) -> None:
    path.parent.mkdir()
    rows(path, "CREATE TABLE gradebook (x)")
    assert complaint(path, read) == (
        "LEDGER is an SQLite file, but no ledger of this grader. Nothing in it was changed. Move "
        "it away, or give another folder with --out."
    )


@pytest.mark.parametrize("read", [False, True])
def test_a_newer_ledger_is_refused(path: Path, read: bool) -> None:
    Ledger.open(path).close()
    rows(path, "PRAGMA user_version = 99")
    assert complaint(path, read) == (
        "The ledger LEDGER was written by a newer version of the grader (format 99; this one "
        f"reads up to {VERSION}). Nothing in it was changed. Update the grader, or give another "
        "folder with --out."
    )


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("where", ["first page", "middle", "cut"])
def test_a_damaged_ledger_is_refused_before_anything_is_graded(
    path: Path, where: str, read: bool
) -> None:
    with Ledger.open(path) as ledger:
        for number in range(50):
            ledger.record(replace(KEY, submission=str(number)), REPORT)
    content = bytearray(path.read_bytes())
    start = 200 if where == "first page" else len(content) // 2
    content[start : start + 9000] = b"\xa5" * 9000
    path.write_bytes(content[: len(content) // 2] if where == "cut" else content)
    said = complaint(path, read)
    assert said.startswith("The ledger LEDGER is damaged (")
    assert said.endswith(
        "). Nothing in it was changed. Move it away, with ledger.sqlite-wal if that is there, and "
        "run again: everything is graded anew. What can still be read of it comes out with: "
        "sqlite3 ledger.sqlite .recover"
    )
    assert "\n" not in said


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 100_000])
def test_a_report_that_was_tampered_with_is_told(path: Path, text: str) -> None:
    with Ledger.open(path) as ledger:
        ledger.record(KEY, REPORT)
        ledger.set_roll([RollLine(ANN, "a", KEY)])
    database = sqlite3.connect(path)
    with database:
        database.execute("UPDATE graded SET report = ?", (text,))
    database.close()
    with Ledger.read(path) as ledger:
        with pytest.raises(UsageError, match=r"is damaged \(a report is no"):
            ledger.known(KEY)
        with pytest.raises(UsageError, match=r"is damaged \(a report is no"):
            list(ledger.lines())


def test_an_empty_file_becomes_a_ledger(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with Ledger.open(path) as ledger:
        ledger.record(KEY, REPORT)


def test_there_is_nothing_to_read_where_no_ledger_is(path: Path) -> None:
    assert complaint(path, read=True) == "There is no ledger LEDGER."


def test_a_file_in_the_place_of_the_folder_is_told(path: Path) -> None:
    path.parent.touch()
    assert complaint(path) == (
        "The folder OUT cannot be made: File exists. Give another one with --out."
    )


def test_a_folder_in_the_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    assert complaint(path) == (
        "LEDGER cannot be opened or written: unable to open database file. Give another folder "
        "with --out."
    )


def run(code: str, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        **options,  # type: ignore[call-overload]
    )


READ_ONLY = """
import os, sys
from pathlib import Path
from grader.batch.ledger import Ledger
from grader.errors import UsageError
os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setuid(65534)
try:
    Ledger.open(Path("ledger.sqlite"))
except UsageError as error:
    print(error)
with Ledger.read(Path("ledger.sqlite")) as ledger:
    print(ledger.lines()[0].student.name)
"""


def test_a_folder_that_cannot_be_written_can_be_read() -> None:
    # Not below pytest's folders: nobody else may enter those.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        with Ledger.open(path) as ledger:
            ledger.set_roll([RollLine(ANN)])
        for file in path.parent.iterdir():
            file.chmod(0o444)
        path.parent.chmod(0o555)
        done = run(READ_ONLY, folder)
        path.parent.chmod(0o755)
    assert (done.stdout, done.stderr) == (
        "ledger.lock cannot be locked: Permission denied. Give another folder with --out.\n"
        "Ann Ames\n",
        "",
    )


def test_a_full_disk_loses_nothing_that_was_recorded(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.record(KEY, REPORT)
        ledger._database.execute("PRAGMA max_page_count = 20")
        large = {**REPORT, "title": "x" * 200_000}
        with pytest.raises(InternalError) as caught:
            ledger.record(replace(KEY, submission="large"), large)
        assert str(caught.value).replace(str(path), "LEDGER") == (
            "The disk is full, so LEDGER could not be written. What was graded before is kept. "
            "Give the same command again when that is put right; it goes on from there."
        )
        assert ledger.known(KEY) == REPORT
        ledger._database.execute("PRAGMA max_page_count = 100000")
        ledger.record(replace(KEY, submission="large"), large)
    with Ledger.open(path) as ledger:
        assert ledger.known(KEY) == REPORT


QUOTA = """
import resource, sys
from pathlib import Path
from grader.batch.ledger import Key, Ledger
from grader.errors import InternalError
from tests.batch.test_ledger import REPORT
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
with Ledger.open(Path(sys.argv[1])) as ledger:
    try:
        for number in range(1000):
            ledger.record(Key(str(number), "a", "g", "s"), REPORT)
            kept = number
    except InternalError as error:
        print(kept, error)
"""


def test_files_that_may_not_grow_lose_nothing_that_was_recorded(path: Path) -> None:
    done = run(QUOTA, str(path))
    assert done.stderr == ""
    kept, _, said = done.stdout.partition(" ")
    assert said.replace(str(path), "LEDGER") == (
        "LEDGER could not be read or written (disk I/O error): the disk is full, over its quota, "
        "or failing. What was graded before is kept. Give the same command again when that is put "
        "right; it goes on from there.\n"
    )
    with Ledger.open(path) as ledger:
        assert all(ledger.known(Key(str(n), "a", "g", "s")) for n in range(int(kept) + 1))
        assert ledger.known(Key(str(int(kept) + 1), "a", "g", "s")) is None


def test_another_program_that_keeps_the_file_to_itself_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.batch.database.BUSY_SECONDS", 0.05)
    with Ledger.open(path) as ledger:
        browser = sqlite3.connect(path, isolation_level=None)
        browser.execute("BEGIN IMMEDIATE")
        with pytest.raises(UsageError, match="such as a database browser"):
            ledger.record(KEY, REPORT)
        browser.close()
        ledger.record(KEY, REPORT)


HOLDER = """
import sys
from pathlib import Path
from grader.batch.ledger import Ledger
with Ledger.open(Path(sys.argv[1])) as ledger:
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another run that has the ledger."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_a_second_run_says_who_has_the_ledger(path: Path, holder: subprocess.Popen[str]) -> None:
    said: list[str] = []
    with pytest.raises(UsageError) as caught:
        Ledger.open(path, wait_seconds=0.1, say=said.append)
    who = f"Another run (process {holder.pid}) is using {path}"
    assert said == [f"{who}; waiting for it"]
    assert str(caught.value) == (
        f"{who}. Start this one when that has ended, or give it another folder with --out."
    )


def test_a_second_run_waits_for_the_first(path: Path, holder: subprocess.Popen[str]) -> None:
    assert holder.stdin is not None
    with Ledger.open(path, wait_seconds=30, say=lambda _: holder.stdin.close()) as ledger:  # type: ignore[union-attr]
        ledger.record(KEY, REPORT)
    assert holder.wait() == 0


def test_a_killed_run_holds_nothing(path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    Ledger.open(path, wait_seconds=0).close()


FORKED = """
import os, sys
from pathlib import Path
from grader.batch.ledger import Ledger
ledger = Ledger.open(Path(sys.argv[1]))
if os.fork() == 0:
    print("forked", flush=True)
    sys.stdin.read()
    os._exit(0)
os.kill(os.getpid(), 9)
"""


def test_a_fork_that_outlives_a_killed_run_holds_nothing(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FORKED, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "forked\n"
        assert process.wait() == -9
        Ledger.open(path, wait_seconds=0).close()


WRITER = """
import sys
from pathlib import Path
from grader.batch.ledger import Key, Ledger
from tests.batch.test_ledger import REPORT
print("start", flush=True)
with Ledger.open(Path(sys.argv[1])) as ledger:
    for number in range(int(sys.argv[2]), 100_000):
        key = Key(str(number), "a", "g", "s")
        assert ledger.known(key) is None, number
        ledger.record(key, {**REPORT, "title": str(number) * 20_000})
        print(number, flush=True)
"""


def test_kill_9_loses_at_most_what_was_being_recorded(path: Path) -> None:
    chance, recorded = random.Random(6), 0
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(recorded)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            for _ in range(chance.choice([1, 2, 3, 10, 30])):
                assert process.stdout.readline()
            for _ in range(chance.randrange(200_000)):
                pass  # the moment within a transaction is chosen, too
            process.kill()
            told = process.stdout.read().split()
            process.wait()
        with Ledger.open(path, wait_seconds=0):
            pass
        (found,) = rows(path, "SELECT count(*), max(CAST(submission AS INTEGER)) FROM graded")
        count, last = int(str(found[0])), found[1]
        assert count == (0 if last is None else int(str(last)) + 1)
        assert count >= recorded
        if told and told[-1].isdecimal():
            assert int(told[-1]) + 1 <= count <= int(told[-1]) + 2
        recorded = count
        assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert recorded > 12
    titles = rows(path, "SELECT submission, json_extract(report, '$.title') FROM graded")
    assert all(title == str(submission) * 20_000 for submission, title in titles)


def test_an_interrupted_write_leaves_the_roll_as_it_was(ledger: Ledger) -> None:
    ledger.set_roll([RollLine(ANN)])

    def lines() -> Iterator[RollLine]:
        yield RollLine(BOB)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.set_roll(lines())
    with pytest.raises(AttributeError):
        ledger.set_roll([RollLine(BOB), None])  # type: ignore[list-item]
    assert [line.student for line in ledger.lines()] == [ANN]
    ledger.set_roll([RollLine(BOB)])
    assert [line.student for line in ledger.lines()] == [BOB]


def test_a_report_is_strict_json_or_is_not_kept(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="JSON"):
        ledger.record(KEY, {**REPORT, "title": float("nan")})
    assert ledger.known(KEY) is None


def test_the_rows_are_for_any_program_to_read(ledger: Ledger, path: Path) -> None:
    ledger.record(KEY, REPORT)
    ((text, *values),) = rows(path, "SELECT report, status, score, max_score FROM graded")
    assert json.loads(str(text)) == REPORT
    assert values == ["graded", 80.0, 100.0]
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]
