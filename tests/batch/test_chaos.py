"""A run that is killed again and again ends with the grade book of one that was left alone."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

from grader.batch.ledger import FILE
from tests.batch.classes import (
    BROKEN,
    command,
    grade_book,
    notebook,
    reports,
    run,
    write_assignment,
    write_class,
)
from tests.batch.leftovers import nothing_left

KILLS = 30
SEED = 20
STUDENTS = 25


def submissions() -> dict[str, bytes]:
    """Some of them run, most need nothing to be run, two are the same and one is broken."""
    files = {}
    for number in range(STUDENTS):
        runs = number % 5 == 0
        source = f"answers = {{'weights': 36, 'biases': {number % 10}}}" if runs else "print()"
        files[f"s{number:02}.ipynb"] = notebook(f"# {min(number, STUDENTS - 2)}", source)
    return {**files, "s11.ipynb": BROKEN}


Rows = dict[str, tuple[int, str]]


def graded(out: Path) -> Rows:
    """Each submission with the number of its row and when it was written."""
    with contextlib.closing(sqlite3.connect(out / FILE)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'graded'").fetchone():
            return {}  # killed before there was a table
        found = database.execute("SELECT submission, id, written FROM graded").fetchall()
    assert len({submission for submission, *_ in found}) == len(found), "a row was doubled"
    return {submission: (row, written) for submission, row, written in found}


def without_times(found: dict[str, Any]) -> dict[str, Any]:
    """Reports, but for how long they took to make."""
    return {name: {**report, "seconds": None} for name, report in found.items()}


class Chaos:
    """One class, and runs over it that are killed at random moments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = write_class(folder / "class", submissions())
        self.assignment = write_assignment(folder)
        self.chance = random.Random(SEED)
        begun = time.monotonic()
        assert run(*self.arguments(folder / "calm")).returncode == 0
        self.seconds = time.monotonic() - begun

    def arguments(self, out: Path) -> tuple[object, ...]:
        return (self.files, "-a", self.assignment, "--jobs", 2, "--out", out)

    def kill_one(self, out: Path) -> bool:
        """Start a run, and kill it as ``kill -9`` does; False where it has ended before."""
        (self.folder / "own").mkdir(exist_ok=True)
        with subprocess.Popen(
            command(*self.arguments(out)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(self.folder / "own")},
        ) as process:
            try:
                process.wait(self.chance.uniform(0, self.seconds))
            except subprocess.TimeoutExpired:
                process.kill()
                return True
        return False

    def has_all(self, out: Path, known: Rows) -> None:
        """The same as the run that was left alone, and all that was known before."""
        calm = self.folder / "calm"
        assert known.items() <= graded(out).items(), "what was graded was graded again"
        assert graded(out).keys() == graded(calm).keys()
        assert len(graded(out)) == STUDENTS - 1
        assert grade_book(out) == grade_book(calm)
        assert without_times(reports(out)) == without_times(reports(calm))


def test_runs_that_are_killed_thirty_times_lose_nothing_and_double_nothing(
    tmp_path: Path,
) -> None:
    """A run that ends in spite of it begins anew elsewhere, so that each kill hits something."""
    chaos, killed, finished = Chaos(tmp_path), 0, 0
    out, known = tmp_path / "wild0", Rows()
    with nothing_left():
        while killed < KILLS:
            if chaos.kill_one(out):
                killed += 1
                now = graded(out) if (out / FILE).exists() else Rows()
                assert known.items() <= now.items(), "what was graded was lost or graded again"
                known = now
            else:
                chaos.has_all(out, known)
                finished += 1
                out, known = tmp_path / f"wild{finished}", Rows()
    assert run(*chaos.arguments(out)).returncode == 0
    chaos.has_all(out, known)
