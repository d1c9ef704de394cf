"""The two-card AlexNet of assignment 05, structure only."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from grader.assignment.load import LoadedAssignment
from grader.pipeline import Tools, grade_one
from grader.sandbox.client import Reply, Sandbox
from grader.training.cache import ResultCache
from tests.assignments.grading import only
from tests.benchmarks.measure import ROOT, Row, seconds_each, show
from tests.writing import IMPORTS, write_notebook

ROUNDS = 9
SOLUTION = ROOT / "solutions" / "05-convolution-arithmetic.ipynb"
SMALL = """\
def build_alexnet():
    return keras.Sequential([keras.Input((227, 227, 3)), layers.GlobalAveragePooling2D()])

alexnet_weights = {"conv1": 34848}
"""


class Measured(Sandbox):
    """Keeps what each job used."""

    def __init__(self) -> None:
        super().__init__("auto")
        self.replies: list[Reply] = []

    def ask_student(self, *order: object) -> Reply:  # type: ignore[override]
        self.replies.append(super().ask_student(*order))  # type: ignore[arg-type]
        return self.replies[-1]

    def ask_trusted(self, *order: object) -> Reply:  # type: ignore[override]
        self.replies.append(super().ask_trusted(*order))  # type: ignore[arg-type]
        return self.replies[-1]


def measure() -> list[Row]:
    """Warm, and nothing known from before: build, check, rebuild, describe, compare."""
    assignment = only("05-convolution-arithmetic", "alexnet")
    with tempfile.TemporaryDirectory() as name, Measured() as sandbox:
        small = write_notebook(Path(name) / "small.ipynb", IMPORTS, SMALL)
        tools = Tools(sandbox, ResultCache(None), train=False)
        _grade(small, assignment, tools)
        sandbox.replies.clear()
        times = seconds_each(lambda _: _grade(SOLUTION, assignment, tools), ROUNDS)
        peak = max(reply.peak_bytes for reply in sandbox.replies) / 2**20
        others = seconds_each(lambda _: _grade(small, assignment, tools), ROUNDS)
        report = grade_one(SOLUTION, assignment, tools)
    model = report.exercises[0].model
    assert model is not None and report.score == report.max_score
    against = f"{statistics.median(times) / statistics.median(others):.2f} × a network of one layer"
    what = f"AlexNet, {model.total_params:,} parameters, over the start-up"
    return [
        Row(what, show(times), against, "≤ 0.3 s"),
        Row("its memory above the warm process", f"{peak:.0f} MiB", "", "≤ 100 MiB"),
    ]


def _grade(path: Path, assignment: LoadedAssignment, tools: Tools) -> None:
    report = grade_one(path, assignment, tools)
    assert report.exercises[0].model is not None, report.exercises[0].error
