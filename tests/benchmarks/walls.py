"""What the walls cost a submission: the same notebooks behind them and without, in turn."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from grader.assignment.load import load_assignment
from grader.choose import FOLDER
from grader.pipeline import Tools, grade_one
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.benchmarks.measure import Row, seconds_each, show
from tests.sandbox.asking import ask
from tests.writing import IMPORTS, RIGHT, write_notebook

COUNT = 60
NOTHING = "facts = {}"


def measure() -> list[Row]:
    """One submission with one job, and a job that has nothing to do."""
    assignment = load_assignment(FOLDER / "03-cnn-structure.yaml")
    with tempfile.TemporaryDirectory() as name, Sandbox() as walled, Sandbox("none") as plain:
        folder = Path(name)
        notebook = write_notebook(folder / "same.ipynb", IMPORTS, RIGHT)
        tools = [
            Tools(sandbox, ResultCache(folder / "cache"), train=False)
            for sandbox in (walled, plain)
        ]
        submissions: list[list[float]] = [[], []]
        jobs: list[list[float]] = [[], []]
        for turn in range(COUNT + 10):
            for kept, one in zip(submissions, tools, strict=True):
                times = seconds_each(lambda _, one=one: grade_one(notebook, assignment, one), 1)
                kept += times if turn >= 10 else []
            for kept, sandbox in zip(jobs, (walled, plain), strict=True):
                times = seconds_each(lambda _, box=sandbox: ask(box, "read", "facts", NOTHING), 1)
                kept += times if turn >= 10 else []
        names = f"{walled.name} against {plain.name}"
    return [
        _row(f"one submission, {names}", *submissions),
        _row(f"a job with nothing to do, {names}", *jobs),
    ]


def _row(what: str, walled: list[float], plain: list[float]) -> Row:
    more = 1000 * (statistics.median(walled) - statistics.median(plain))
    return Row(what, show(walled), f"{show(plain)}: {more:+.0f} ms", "≤ 30 ms more")
