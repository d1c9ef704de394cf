"""A class, graded by ``python grade.py FOLDER`` and by ``nbgrader autograde``.

Ours is the whole command, start-up and grade book in it, and nothing is known from before. Of
nbgrader a sample is timed, drawn to the same proportions, its start-up left out.
"""

from __future__ import annotations

import csv
import os
import random
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from itertools import groupby
from pathlib import Path

from tests.benchmarks.classes import Member, all_different, mostly_equal, structure_only
from tests.benchmarks.family import Watched, watch
from tests.benchmarks.measure import Row, show
from tests.benchmarks.nbgrader_course import Graded, autograde, interpreter, test_cells

EQUAL, DIFFERENT, LARGE = 200, 40, 3000
SAMPLE_EQUAL, SAMPLE_DIFFERENT = 12, 8
PART = 500
"""Submissions at the beginning and at the end of the large class whose rate is compared."""
WORKERS = 2
LOOK_SECONDS = 2.0
"""Between two looks at the memory of all processes, each of which costs some time."""
ENDLESS, EMPTY = "endless", "empty file"
"""Not drawn for the sample: one is timed for itself, and of the other nbgrader makes nothing."""


def measure() -> list[Row]:
    """Three classes, and the memory of one more worker."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = interpreter(folder / "nbgrader")
        return [
            *_mostly_equal(folder / "equal", python),
            *_all_different(folder / "different", python),
            *_structure_only(folder / "large"),
        ]


def _mostly_equal(folder: Path, python: Path) -> list[Row]:
    members = mostly_equal(folder / "submitted", EQUAL, test_cells())
    sample = _sample(members, SAMPLE_EQUAL)
    rival, ours = _in_turn(folder, python, members, sample)
    what = f"{EQUAL} notebooks, mostly equal, trained"
    return [_against(what, members, ours, rival, 40)]


def _all_different(folder: Path, python: Path) -> list[Row]:
    members = all_different(folder / "submitted", DIFFERENT, test_cells())
    rival, ours = _in_turn(folder, python, members, members[: SAMPLE_DIFFERENT + 1])
    what = f"{DIFFERENT} notebooks, {DIFFERENT} architectures, trained"
    return [_against(what, members, ours, rival, 3)]


def _in_turn(
    folder: Path, python: Path, members: Sequence[Member], sample: Sequence[Member]
) -> tuple[Graded, list[float]]:
    """Ours, the rival, ours again."""
    first = _grade(folder, "first")
    rival = autograde(python, folder / "course", sample)
    second = _grade(folder, "second")
    _check_right(members, _scores(folder / "first"))
    _check_right(sample, rival.scores)
    return rival, [first.seconds, second.seconds]


def _structure_only(folder: Path) -> list[Row]:
    structure_only(folder / "submitted", LARGE)
    watched = {
        jobs: _grade(folder, f"with-{jobs}", LOOK_SECONDS, f"--jobs={jobs}", "--no-train")
        for jobs in (WORKERS, WORKERS + 1)
    }
    two, three = watched[WORKERS], watched[WORKERS + 1]
    begin, end = _rates(folder / f"with-{WORKERS}")
    each = two.seconds / LARGE
    more = statistics.median(three.family) - statistics.median(two.family)
    early, late = (statistics.median(part) for part in _halves(two.parent))
    return [
        Row(
            f"{LARGE:,} notebooks, structure only, {WORKERS} workers: each",
            f"{each:.3f} s",
            f"{two.seconds:.0f} s in all",
            "≤ 0.06 s",
        ),
        Row(
            f"the last {PART} of them: a second",
            f"{end:.1f}",
            f"{end / begin:.2f} × the first {PART} ({begin:.1f})",
            "0.9 to 1.1 ×",
        ),
        Row(
            "memory of one more worker, its sandbox in it",
            f"{more:.0f} MiB",
            f"{statistics.median(two.family):.0f} MiB with {WORKERS}, all in all",
            "≤ 400 MiB",
        ),
        Row(
            "memory of the parent: at most",
            f"{max(two.parent):.0f} MiB",
            f"{late:.0f} MiB in the second half, {early:.0f} MiB in the first",
            "the same",
        ),
    ]


def _grade(folder: Path, out: str, look_seconds: float | None = None, *options: str) -> Watched:
    """Grade a class into the folder ``out``, with a cache of its own."""
    command = [sys.executable, "grade.py", str(folder / "submitted"), f"--out={folder / out}"]
    cache = {"XDG_CACHE_HOME": str(folder / f"{out}-cache")}
    watched = watch([*command, *options], cache, look_seconds)
    print(
        f"{folder.name} {out}: {watched.seconds:.1f} s, load {os.getloadavg()[0]:.1f}",
        file=sys.stderr,
    )
    return watched


def _sample(members: Sequence[Member], count: int) -> list[Member]:
    """One to warm up with, then so many, as large a share of each kind as in the whole class.

    What never ends is there beside them.
    """
    rng = random.Random(count)
    usual = sorted(
        (member for member in members if member.what not in (ENDLESS, EMPTY)),
        key=lambda member: member.kind,
    )
    drawn = [member for member in members if member.what == ENDLESS]
    for _, group in groupby(usual, key=lambda member: member.kind):
        same_kind = list(group)
        drawn += rng.sample(same_kind, round(count * len(same_kind) / len(usual)))
    drawn.sort(key=lambda member: member.name)
    first = min((member for member in usual if member not in drawn), key=lambda one: one.name)
    return [first, *(member for member in drawn if member.name > first.name)]


def _against(
    what: str, members: Sequence[Member], ours: Sequence[float], rival: Graded, budget: int
) -> Row:
    """The mean of the sample for each, and what never ends for itself."""
    endless = {member.name for member in members if member.what == ENDLESS}
    alone = sum(seconds for name, seconds in rival.seconds.items() if name in endless)
    sample = [seconds for name, seconds in rival.seconds.items() if name not in endless]
    count = sum(member.what not in (ENDLESS, EMPTY) for member in members)
    total = count * statistics.mean(sample) + alone
    error = count * statistics.stdev(sample) / len(sample) ** 0.5
    return Row(
        what,
        show(ours),
        f"{total / statistics.median(ours):.0f} × faster than nbgrader: {total:,.0f} ± "
        f"{error:,.0f} s, from {len(sample)} of {min(sample):.1f} to {max(sample):.1f} s"
        + (f" and {len(endless)} endless of {alone:.0f} s" if alone else ""),
        f"≥ {budget} ×",
    )


def _check_right(members: Sequence[Member], scores: dict[str, float]) -> None:
    """Figures of a grader that grades wrongly are worth nothing."""
    wrong = [
        member.name
        for member in members
        if member.kind != "broken" and (member.kind == "right") != (scores[member.name] == 100)
    ]
    assert not wrong, wrong


def _scores(out: Path) -> dict[str, float]:
    with (out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["student"]: float(row["score"]) for row in csv.DictReader(file)}


def _rates(out: Path) -> tuple[float, float]:
    """Submissions a second, of the first and of the last part, by when each was written."""
    with closing(sqlite3.connect(out / "ledger.sqlite")) as database:
        rows = database.execute("SELECT written FROM graded ORDER BY written").fetchall()
    times = [datetime.fromisoformat(written).timestamp() for (written,) in rows]
    first, last = times[: PART + 1], times[-PART - 1 :]
    return PART / (first[-1] - first[0]), PART / (last[-1] - last[0])


def _halves(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    middle = len(values) // 2
    return values[:middle], values[middle:]
