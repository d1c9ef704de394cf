"""A class graded from the command line, as an instructor does it."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import resource
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from grader.batch.ledger import FILE, Ledger
from tests.batch.classes import (
    ASSIGNMENT,
    BROKEN,
    ENDLESS,
    HALF,
    MODEL,
    RIGHT,
    WITH_TRAINING,
    WITHOUT,
    command,
    grade_book,
    notebook,
    reports,
    rows,
    run,
    scores,
    start,
    write_assignment,
    write_class,
)
from tests.batch.leftovers import nothing_left
from tests.batch.zips import write_zip
from tests.conftest import ROOT

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay (7),Small (8)
    Points Possible,,,,,10.00,20.00
"Ames, Ann",1001,s1,ann,A,3.00,
"Berg, Bob",1002,s2,bob,A,,
"Cruz, Cyd",1003,s3,cyd,"A, evening",,5.00
"Dahl, Dee",1004,s4,dee,A,,
"Zorn, Zoe",1999,s9,zoe,A,,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
"Participant 31","Ann Ames",ann@u.example,"Submitted for grading - ",,10.00,Yes,-,-,
"""
ROSTER = """\
name,id,days_late
"Ames, Ann",1001,
"Berg, Bob",1002,1.5
"Cruz, Cyd",1003,
"Dahl, Dee",1004,
"Eder, Eve",1005,
"Frey, Fay",1006,
"""
TRAINED = notebook("answers = {'weights': 36, 'biases': 4}", MODEL)
CLASS = {
    "amesann_1001_1_small.ipynb": TRAINED,
    "bergbob_LATE_1002_2_small.ipynb": TRAINED,
    "cruzcyd_1003_3_small.ipynb": notebook("answers = {'weights': 36, 'biases': 5}", MODEL + "\n"),
    "dahldee_1004_4_small.ipynb": BROKEN,
    "kimmin_1009_5_small.ipynb": WITHOUT,
}
SUMMARY = """\
7 students: 5 graded, 1 that could not be graded and 1 missing.
Missing: 1 (Frey, Fay).
No model or answer in an exercise: 2 (cannot be read 1, not found 1).
Late: 1, and 1 lost points by it.
Not on the roster: 1 (kimmin).
Passed over: 1 (
"""
WRITTEN = """\
written  {out}/grades.csv
written  {out}/junit.xml
written  {out}/github
written  {out}/canvas.csv: 4 grades
  1 of these rows held another grade before.
  left out: "kimmin", "1009": No row matches.
  left out: "Eder, Eve", "1005": No row matches.
  left out: "Frey, Fay", "1006": No row matches.
  left out: row 7, "Zorn, Zoe", "1999": No student matches.
written  {out}/left_out.csv
written  {out}/index.html
"""
CHANGED = """\
1 of 3 students changes: 1 gains points.

Because of
  counts/answers  1 student  +5 points

bob  5 → 10 / 10  +5
    counts/answers  partial 5/10 → passed 10/10
"""


class Course:
    """A class of seven, graded once with everything that can be asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = write_class(folder / "class", CLASS)
        with (self.folder / "edereve_1005_6_small.ipynb").open("wb") as file:
            file.truncate(300 * 2**20)
        self.out = folder / "out"
        self.lms = write_class(folder / "lms", {"c.csv": CANVAS.encode()})
        (self.lms / "roster.csv").write_text(ROSTER)
        self.assignment = write_assignment(folder, WITH_TRAINING)
        self.arguments = (self.folder, "-a", self.assignment, "--out", self.out)
        self.arguments += ("--roster", self.lms / "roster.csv", "--jobs", 2)
        self.cache = {"XDG_CACHE_HOME": str(folder / "cache")}
        with nothing_left():
            self.done = run(
                *self.arguments,
                *("--canvas-gradebook", self.lms / "c.csv"),
                *(word for name in ("junit", "github") for word in ("--export", name)),
                *("--json", folder / "class.jsonl"),
                **self.cache,
            )
        lines = (folder / "class.jsonl").read_text().splitlines()
        self.lines = [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("course"))


def test_a_class_gets_its_grade_book(course: Course) -> None:
    columns = ("student", "id", "counts", "cnn", "score", "max_score", "status", "late", "penalty")
    book = [" | ".join(line[name] for name in columns) for line in grade_book(course.out)]
    assert book == [
        "Ames, Ann | 1001 | 10 | 10 | 20 | 20 | graded | no | 0",
        "Berg, Bob | 1002 | 10 | 10 | 16 | 20 | graded | yes | 4",
        "Cruz, Cyd | 1003 | 5 | 10 | 15 | 20 | graded | no | 0",
        "Dahl, Dee | 1004 | 0 | 0 | 0 | 20 | graded | no | 0",
        "kimmin | 1009 | 0 | 0 | 0 | 20 | graded | no | 0",
        "Eder, Eve | 1005 |  |  |  | 0 | failed | no | 0",
        "Frey, Fay | 1006 |  |  | 0 | 0 | missing | no | 0",
    ]
    assert grade_book(course.out)[5]["note"] == "It is larger than 128 MiB."


def test_one_that_cannot_be_graded_makes_it_end_with_1(course: Course) -> None:
    assert (course.done.returncode, course.done.stderr) == (1, "")


def test_the_summary_tells_who_is_missing_late_and_left_out(course: Course) -> None:
    assert course.done.stdout.startswith(SUMMARY.strip())
    review = "A person has to look at\n  Eder, Eve  It is larger than 128 MiB.\n\nwritten  "
    assert review in course.done.stdout


def test_what_was_written_is_told_and_who_is_not_in_the_lms_s_file(course: Course) -> None:
    told = course.done.stdout.partition("written  ")[1:]
    assert "".join(told) == WRITTEN.format(out=course.out)


def test_canvas_s_file_is_filled_in_and_nothing_else_of_it_changed(course: Course) -> None:
    expected = CANVAS
    for old, new in (("ann,A,3.00,", "20"), ("bob,A,,", "16"), ("dee,A,,", "0")):
        assert expected.count(f"{old}\n") == 1
        expected = expected.replace(f"{old}\n", f"{old}{new}\n")
    expected = expected.replace(",,5.00", ",,15")
    assert (course.out / "canvas.csv").read_text() == expected


def test_a_class_s_model_is_trained_once(course: Course) -> None:
    models = [r["exercises"][1]["training"] for r in course.lines if r["exercises"][1]["training"]]
    assert len(models) == 3
    # Ann's and Bob's notebook is one and the same; Cyd's has the same model.
    assert {model["cached"] for model in models} == {False, True}
    assert len({model["accuracy"] for model in models}) == 1
    cache = Path(course.cache["XDG_CACHE_HOME"])
    assert {path.suffix for path in cache.rglob("*") if path.is_file()} == {".json"}


def test_each_report_is_a_line_of_json_and_a_file(course: Course) -> None:
    assert [line["submission"]["student"] for line in course.lines] == [
        *("Ames, Ann", "Berg, Bob", "Cruz, Cyd", "Dahl, Dee", "kimmin")
    ]
    found = reports(course.out)
    assert sorted(found) == [
        *("0001-ames-ann.json", "0002-berg-bob.json", "0003-cruz-cyd.json"),
        *("0004-dahl-dee.json", "0005-kimmin.json"),
    ]
    assert [found[name] for name in sorted(found)] == course.lines


def contents(out: Path) -> dict[str, bytes]:
    """Everything but the ledger."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and not path.name.startswith("ledger")
    }


def when(out: Path) -> list[tuple[str, str]]:
    """What was graded, and when."""
    with contextlib.closing(sqlite3.connect(out / FILE)) as database:
        return database.execute("SELECT submission, written FROM graded ORDER BY 1").fetchall()


def test_a_second_run_grades_nothing_and_writes_the_same(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(course.out, out)
    for name in contents(out):
        (out / name).unlink()
    exports = ("--export", "junit", "--export", "github", "--export", "canvas")
    canvas = ("--canvas-gradebook", course.lms / "c.csv")
    done = run(*course.arguments, "--out", out, *exports, *canvas, **course.cache)
    assert (done.returncode, done.stderr) == (1, "")
    assert contents(out) == contents(course.out)
    assert when(out) == when(course.out)
    assert done.stdout.replace(str(out), str(course.out)) == course.done.stdout


def test_structure_alone_is_another_question_and_stands_beside(
    course: Course, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(course.out, out)
    done = run(*course.arguments, "--out", out, "--no-train", **course.cache)
    assert (done.returncode, done.stderr) == (1, "")
    assert scores(out)["Ames, Ann"] == "10"
    assert set(when(course.out)) < set(when(out))
    assert rows(out) == 2 * rows(course.out)


class Quick:
    """Small courses in which nothing has to be run."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.assignment = write_assignment(folder)
        self.out = folder / "out"

    def grade(
        self, files: dict[str, bytes], *more: object, **given: Any
    ) -> subprocess.CompletedProcess[str]:
        folder = write_class(self.path / "class", files)
        return run(folder, "-a", self.assignment, "--out", self.out, "--jobs", 1, *more, **given)


@pytest.fixture
def quick(tmp_path: Path) -> Quick:
    return Quick(tmp_path)


def test_where_all_have_a_grade_it_ends_with_0_though_some_are_missing(quick: Quick) -> None:
    roster = write_class(quick.path, {"r.csv": b"name\nann\nbob\n"}) / "r.csv"
    done = quick.grade({"ann.ipynb": WITHOUT}, "--roster", roster)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 students: 1 graded and 1 missing.\nMissing: 1 (bob).\n")


def test_all_is_graded_again_where_that_is_asked_for(quick: Quick) -> None:
    quick.grade({"ann.ipynb": WITHOUT, "bob.ipynb": BROKEN})
    before = when(quick.out)
    assert quick.grade({}, "--regrade").returncode == 0
    assert [name for name, _ in when(quick.out)] == [name for name, _ in before]
    assert all(new > old for (_, new), (_, old) in zip(when(quick.out), before, strict=True))


def test_a_terminal_sees_how_far_it_is_and_is_left_clean(quick: Quick) -> None:
    shows, written = pty.openpty()
    folder = write_class(quick.path / "class", {"ann.ipynb": WITHOUT, "bob.ipynb": BROKEN})
    arguments = (folder, "-a", quick.assignment, "--out", quick.out, "--jobs", 1)
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    done = subprocess.run(
        command(*arguments), env=environment, stdout=subprocess.PIPE, stderr=written, timeout=120
    )
    os.close(written)
    seen = b""
    with contextlib.suppress(OSError):  # what Linux says at the end of a terminal
        while some := os.read(shows, 100_000):
            seen += some
    os.close(shows)
    assert done.returncode == 0
    assert b"grading" in seen and b"2/2" in seen and b"Traceback" not in seen
    assert seen.rstrip(b"\r\n").endswith(b"\x1b[2K")


def test_moodle_s_zip_goes_in_and_its_worksheet_comes_back(quick: Quick) -> None:
    folder = "Ann Ames_31_assignsubmission_file_"
    zipped = write_zip(quick.path / "moodle.zip", {f"{folder}/small.ipynb": WITHOUT})
    sheet = write_class(quick.path, {"sheet.csv": MOODLE.encode()}) / "sheet.csv"
    arguments = (zipped, "-a", quick.assignment, "--out", quick.out)
    done = run(*arguments, "--moodle-worksheet", sheet)
    assert (done.returncode, done.stderr) == (0, "")
    with (quick.out / "moodle.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    (before,) = csv.DictReader(MOODLE.splitlines())
    assert line.pop("Grade") == "0"
    assert "answers" in line.pop("Feedback comments")
    assert line.items() <= before.items()
    assert done.stdout.endswith(
        f"written  {quick.out}/grades.csv\nwritten  {quick.out}/moodle.csv: 1 grade\n"
        f"written  {quick.out}/index.html\n"
    )


def test_reports_go_to_stdout_and_all_else_to_stderr(quick: Quick) -> None:
    done = quick.grade({"ann.ipynb": WITHOUT, "bob.ipynb": BROKEN}, "--json", "-")
    kinds = [json.loads(line)["exercises"][0]["error"]["kind"] for line in done.stdout.splitlines()]
    assert kinds == ["missing", "unreadable"]
    assert done.stderr.startswith("2 students: 2 graded.\n")


def test_a_class_is_graded_though_its_json_cannot_be_written(quick: Quick) -> None:
    done = quick.grade({"ann.ipynb": WITHOUT}, "--json", quick.path / "no" / "x.jsonl")
    assert done.returncode == 2
    assert done.stderr == f"{quick.path}/no/x.jsonl: No such file or directory.\n"
    assert scores(quick.out) == {"ann": "0"}
    assert "1 student: 1 graded." in done.stdout


def test_the_assignment_is_found_from_what_was_handed_in(tmp_path: Path) -> None:
    starter = (ROOT / "assignments" / "03-cnn-structure.ipynb").read_bytes()
    folder = write_class(tmp_path / "class", {"ann.ipynb": starter, "bob.ipynb": BROKEN})
    done = run(folder, "--out", tmp_path / "out", "--jobs", 1)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line["assignment"] for line in grade_book(tmp_path / "out")] == ["03-cnn-structure"] * 2


def test_several_assignments_in_one_folder_are_told(tmp_path: Path) -> None:
    names = ("02-pooling", "03-cnn-structure")
    files = {f"{n}.ipynb": (ROOT / "assignments" / f"{n}.ipynb").read_bytes() for n in names}
    files["ann_02-pooling.ipynb"] = WITHOUT
    done = run(write_class(tmp_path / "class", files), "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "The submissions are for 02-pooling (2) and 03-cnn-structure (1); say which to grade with "
        "--assignment.\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_class_that_fits_no_assignment_is_asked_for_it(tmp_path: Path) -> None:
    folder = write_class(tmp_path / "class", {"ann.ipynb": WITHOUT})
    done = run(folder, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ann.ipynb defines nothing that an assignment asks for; ")


REFUSED = {
    "an export without the lms's file": (
        ("--export", "canvas"),
        "--export canvas fills in the file that the LMS gave: name it with --canvas-gradebook "
        "FILE.\n",
    ),
    "an lms's file that is not there": (
        ("--moodle-worksheet", "gone.csv"),
        "gone.csv cannot be read: No such file or directory.\n",
    ),
    "an account of many": (
        ("--explain-slice",),
        "--explain-slice explains one notebook; name one.\n",
    ),
    "an out that is a file": (
        ("--out", os.devnull),
        "The folder /dev/null cannot be made: File exists. Give another one with --out.\n",
    ),
    "walls on a machine without": (
        ("--sandbox", "bwrap"),
        "A class is strangers' code, and is not run without walls around it: bubblewrap is not "
        "installed. Either install bubblewrap (Debian, Ubuntu: sudo apt-get install bubblewrap), "
        "or say --sandbox none.\n",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_said_before_anything_is_graded(case: str, quick: Quick) -> None:
    arguments, message = REFUSED[case]
    environment = {"PATH": "/nowhere"} if case.startswith("walls") else {}
    done = quick.grade({"ann.ipynb": ENDLESS}, *arguments, **environment)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
    assert not quick.out.exists()


def test_without_walls_a_class_is_graded_only_where_that_is_asked_for(quick: Quick) -> None:
    refused = quick.grade({"ann.ipynb": WITHOUT}, PATH="/nowhere")
    assert refused.stderr == REFUSED["walls on a machine without"][1]
    done = quick.grade({}, "--sandbox", "none", PATH="/nowhere")
    assert done.returncode == 0
    (report,) = reports(quick.out).values()
    assert report["environment"]["sandbox"] == "none"


def test_another_course_s_grade_book_keeps_nothing_else_back(quick: Quick) -> None:
    other = CANVAS.replace("Small (8)", "Poem (8)").encode()
    export = write_class(quick.path, {"c.csv": other}) / "c.csv"
    done = quick.grade({"ann.ipynb": WITHOUT}, "--canvas-gradebook", export)
    assert done.returncode == 1
    assert done.stdout.endswith(
        f"written  {quick.out}/grades.csv\n"
        f'not written  {quick.out}/canvas.csv: No column of the grade book fits "small" or '
        '"Small"; it has "Essay (7)" and "Poem (8)". Say --canvas-column and its title.\n'
        f"written  {quick.out}/index.html\n"
    )
    named = quick.grade({}, "--canvas-gradebook", export, "--canvas-column", "8")
    assert named.returncode == 0
    assert named.stdout.count("  left out: row ") == 4
    assert (quick.out / "canvas.csv").read_bytes() == other.replace(b"3.00,\n", b"3.00,0\n")


def test_a_file_that_cannot_be_replaced_is_told_and_what_was_graded_is_kept(quick: Quick) -> None:
    (quick.out / "grades.csv" / "mine").mkdir(parents=True)
    done = quick.grade({"ann.ipynb": WITHOUT})
    assert done.returncode == 2
    assert done.stderr == f"{quick.out}/grades.csv cannot be written: Is a directory. See --out.\n"
    assert rows(quick.out) == 1


@pytest.mark.parametrize(
    ("newer", "message"),
    [
        (False, "is no ledger: it is not an SQLite file. Nothing in it was changed."),
        (True, "was written by a newer version of the grader (format 99; this one reads up to "),
    ],
)
def test_a_ledger_that_cannot_be_used_is_left_as_it_is(
    newer: bool, message: str, quick: Quick
) -> None:
    ledger = quick.out / FILE
    Ledger.open(ledger).close()
    if newer:
        with contextlib.closing(sqlite3.connect(ledger)) as database:
            database.execute("PRAGMA user_version = 99")
    else:
        ledger.write_bytes(b"nonsense" * 200)
    before = ledger.read_bytes()
    done = quick.grade({"ann.ipynb": ENDLESS})
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr and "Traceback" not in done.stderr
    assert ledger.read_bytes() == before


def test_a_full_disk_is_told_and_the_run_goes_on_from_there(quick: Quick) -> None:
    many = {f"s{number}.ipynb": notebook(f"x = {number}") for number in range(40)}
    full = (40_000, resource.RLIM_INFINITY)
    done = quick.grade(many, prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, full))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"The grader failed, not the submission: {quick.out}/{FILE} could not be read or written "
        "(disk I/O error): the disk is full, over its quota, or failing. What was graded before "
        "is kept. Give the same command again when that is put right; it goes on from there.\n"
    )
    kept = when(quick.out)
    assert quick.grade({}).returncode == 0
    assert len(scores(quick.out)) == rows(quick.out) == 40
    assert set(kept) <= set(when(quick.out))


def test_a_run_is_waited_for_and_ends_cleanly_when_it_is_stopped(quick: Quick) -> None:
    quick_one = {"ann.ipynb": ENDLESS, "bob.ipynb": WITHOUT}
    folder = write_class(quick.path / "first", quick_one)
    arguments = ("-a", quick.assignment, "--out", quick.out, "--jobs", 2)
    with nothing_left(), start(folder, *arguments) as first:
        while rows(quick.out) == 0:
            assert first.poll() is None
        second = start(write_class(quick.path / "second", {"cyd.ipynb": BROKEN}), *arguments)
        with second:
            assert second.stderr is not None
            said = second.stderr.readline()
            holder = f"Another run (process {first.pid}) is using {quick.out / FILE}"
            assert said == f"{holder}; waiting for it\n"
            os.killpg(first.pid, signal.SIGINT)
            stopped = first.communicate()
            shown, _ = second.communicate()
    assert stopped == (
        "",
        "Stopped. What was graded is kept; the same command goes on from there.\n",
    )
    assert (first.returncode, second.returncode) == (130, 0)
    assert shown.startswith("1 student: 1 graded.\n")
    assert rows(quick.out) == 2


def test_a_student_who_is_gone_from_the_class_leaves_no_report_behind(quick: Quick) -> None:
    quick.grade({"ann.ipynb": WITHOUT, "bob.ipynb": BROKEN}, "--export", "gradescope")
    (quick.path / "class" / "ann.ipynb").unlink()
    (quick.out / "reports" / "notes.json").write_text("{}")
    quick.grade({}, "--export", "gradescope")
    assert sorted(contents(quick.out)) == [
        *("grades.csv", "gradescope/0001-bob/results.json", "index.html"),
        *("pages/0001-bob.html", "reports/0001-bob.json", "reports/notes.json"),
    ]


# What changed, and why.

WITHOUT_BIASES = ASSIGNMENT.replace(", biases: 4", "")


def test_two_versions_of_an_assignment_are_compared(quick: Quick) -> None:
    quick.grade({"ann.ipynb": WITHOUT, "bob.ipynb": HALF, "cyd.ipynb": RIGHT})
    one = run("diff", quick.out)
    assert (one.returncode, one.stdout) == (2, "")
    assert one.stderr == (f"{quick.out} has one version of its assignment; name another ledger.\n")
    before = shutil.copytree(quick.out, quick.path / "before")
    write_assignment(quick.path, WITHOUT_BIASES)
    quick.grade({})
    assert scores(quick.out) == {"ann": "0", "bob": "10", "cyd": "10"}
    done = run("diff", quick.out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == CHANGED.split()
    assert run("diff", before, quick.out).stdout == done.stdout
    assert run("diff", before / FILE, quick.out / FILE).stdout == done.stdout
    with Ledger.read(quick.out) as ledger:
        old, new = (version.sha256 for version in ledger.versions())
    named = run("diff", f"{quick.out}@{old[:8]}", f"{quick.out}@{new[:8]}")
    assert named.stdout == done.stdout
    unknown = run("diff", f"{quick.out}@xyz", quick.out)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr == (
        f"{quick.out} has not one version that begins with xyz: it has {old[:12]} and {new[:12]}.\n"
    )


@pytest.mark.parametrize("names", [["gone"], ["gone@12", "gone"], ["gone", "gone"]])
def test_a_ledger_that_is_not_there_cannot_be_compared(names: list[str], tmp_path: Path) -> None:
    done = run("diff", *names, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "There is no ledger gone.\n")
