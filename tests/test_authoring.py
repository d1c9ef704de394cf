"""Setting thresholds by many trainings."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from grader.assignment.load import load_assignment
from grader.authoring import calibrate_training, release_values
from grader.errors import UsageError
from grader.pipeline import Tools
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.writing import IMPORTS, write_notebook

ASSIGNMENT = """\
format: 1
id: it
title: It
exercises:
  - id: net
    build: build
    input_shape: [8, 8, 1]
    checks:
      - {type: training, id: learns, dataset: digits, epochs: 1, min_accuracy: 0.9, points: 1}
"""
SOLUTION = (
    "def build():\n    return keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), "
    'layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")])'
)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for name in ("assignments", "solutions"):
        (tmp_path / name).mkdir()
    (tmp_path / "assignments" / "it.yaml").write_text(ASSIGNMENT)
    write_notebook(tmp_path / "solutions" / "it.ipynb", IMPORTS, SOLUTION)
    return tmp_path


def test_the_solution_and_a_linear_model_are_trained_once_with_each_seed(
    sandbox: Sandbox, course: Path
) -> None:
    said: list[str] = []
    assignment = load_assignment(course / "assignments" / "it.yaml")
    tools = Tools(sandbox, ResultCache(None))
    path = calibrate_training(assignment, tools, 2, said.append)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert path == course.resolve() / "solutions" / "it.seeds.csv"
    assert [(row["exercise"], row["check"], row["model"], row["seed"]) for row in rows] == [
        ("net", "learns", "solution", "1"),
        ("net", "learns", "solution", "2"),
        ("net", "learns", "linear", "1"),
        ("net", "learns", "linear", "2"),
    ]
    accuracies = [float(row["accuracy"]) for row in rows]
    assert all(0 < accuracy < 1 for accuracy in accuracies) and len(set(accuracies)) > 1
    assert [line.partition(": ")[0] for line in said] == [
        "net learns solution",
        "net learns linear",
    ]


def test_without_a_solution_there_is_nothing_to_calibrate(sandbox: Sandbox, course: Path) -> None:
    (course / "solutions" / "it.ipynb").unlink()
    assignment = load_assignment(course / "assignments" / "it.yaml")
    with pytest.raises(UsageError, match="There is no solution"):
        calibrate_training(assignment, Tools(sandbox, ResultCache(None)), 1, print)
    with pytest.raises(UsageError, match="There is no solution"):
        release_values(assignment, sandbox)


def test_an_assignment_that_trains_nothing_says_so(sandbox: Sandbox, course: Path) -> None:
    path = course / "assignments" / "it.yaml"
    check = "{type: output_shape, expect: [10], points: 1}"
    path.write_text(ASSIGNMENT[: ASSIGNMENT.index("{type")] + check + "\n")
    with pytest.raises(UsageError, match="trains nothing"):
        calibrate_training(load_assignment(path), Tools(sandbox, ResultCache(None)), 1, print)
