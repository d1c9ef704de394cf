"""A network of 200 million parameters, structure only."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.pipeline import Tools, grade_one
from grader.sandbox.client import Reply, Sandbox
from grader.training.cache import ResultCache
from tests.benchmarks.measure import Row, seconds_each, show
from tests.notebooks import IMPORTS, write_notebook

ROUNDS = 9
ALEXNET = """\
def build_alexnet():
    return keras.Sequential(
        [
            keras.Input((224, 224, 3)),
            layers.Conv2D(96, 11, strides=4, padding="same", activation="relu"),
            layers.MaxPooling2D(3, strides=2),
            layers.Conv2D(256, 5, padding="same", groups=2, activation="relu"),
            layers.MaxPooling2D(3, strides=2, padding="same"),
            layers.Conv2D(384, 3, padding="same", activation="relu"),
            layers.Conv2D(384, 3, padding="same", groups=2, activation="relu"),
            layers.Conv2D(256, 3, padding="same", groups=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(4096, activation="relu"),
            layers.Dense(4096, activation="relu"),
            layers.Dense(1000, activation="softmax"),
        ]
    )
"""
SMALL = """\
def build_alexnet():
    return keras.Sequential([keras.Input((224, 224, 3)), layers.GlobalAveragePooling2D()])
"""
ASSIGNMENT = """\
format: 1
id: alexnet
title: AlexNet
exercises:
  - id: alexnet
    build: build_alexnet
    input_shape: [224, 224, 3]
    checks:
      - {type: output_shape, expect: [1000], points: 1}
      - {type: parameters, expect: {total: {min: 200000000}}, points: 1}
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
    """Warm, and nothing known from before: build, check the architecture, rebuild, describe."""
    with tempfile.TemporaryDirectory() as name, Measured() as sandbox:
        folder = Path(name)
        (folder / "alexnet.yaml").write_text(ASSIGNMENT)
        assignment = load_assignment(folder / "alexnet.yaml")
        large = write_notebook(folder / "large.ipynb", IMPORTS, ALEXNET)
        small = write_notebook(folder / "small.ipynb", IMPORTS, SMALL)
        tools = Tools(sandbox, ResultCache(None), train=False)
        _grade(small, assignment, tools)
        sandbox.replies.clear()
        times = seconds_each(lambda _: _grade(large, assignment, tools), ROUNDS)
        peak = max(reply.peak_bytes for reply in sandbox.replies) / 2**20
        others = seconds_each(lambda _: _grade(small, assignment, tools), ROUNDS)
        params = grade_one(large, assignment, tools).exercises[0].model
    assert params is not None
    against = f"{statistics.median(times) / statistics.median(others):.2f} × a network of one layer"
    what = f"AlexNet, {params.total_params:,} parameters, over the start-up"
    return [
        Row(what, show(times), against, "≤ 0.3 s"),
        Row("its memory above the warm process", f"{peak:.0f} MiB", "", "≤ 100 MiB"),
    ]


def _grade(path: Path, assignment: LoadedAssignment, tools: Tools) -> None:
    report = grade_one(path, assignment, tools)
    assert report.exercises[0].model is not None, report.exercises[0].error
