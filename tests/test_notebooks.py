"""Notebooks of our own with every hazard that real ones hold, and what must come of each.

The tables ``tests/notebooks/*.yaml`` say for each file which hazards it has and what the grader
must find: the model, by its output shape, parameters and layers, or the right verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.assignment.load import load_assignment
from grader.pipeline import Tools, grade_one
from grader.records import ExerciseReport
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache

FOLDER = Path(__file__).with_name("notebooks")
KEYS = {"hazards", "assignment", "verdict", "found", "output", "parameters", "layers"} | {
    "assumes",
    "says",
    "cell",
    "line",
    "source",
    "status",
}
TABLES = sorted(FOLDER.glob("*.yaml"))
ROWS: dict[str, dict[str, Any]] = {
    name: row for table in TABLES for name, row in yaml.safe_load(table.read_text()).items()
}
HAZARDS: dict[str, str] = yaml.safe_load((FOLDER / "hazards.yml").read_text())
"""Every hazard of the field, in words; each must be in two notebooks at least."""


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    with Sandbox() as sandbox:
        yield Tools(sandbox, ResultCache(None), train=False)


@pytest.mark.parametrize("name", ROWS)
def test_the_notebook_gives_its_model_or_the_right_verdict(name: str, tools: Tools) -> None:
    row = ROWS[name]
    assignment = FOLDER / "assignments" / f"{row.get('assignment', 'cnn')}.yaml"
    report = grade_one(FOLDER / name, load_assignment(assignment), tools)
    (exercise,) = report.exercises
    assert report.status == row.get("status", "graded"), exercise.checks[0].message
    assert verdict_of(exercise) == row["verdict"], exercise.error
    for text in row.get("assumes", []):
        assert any(text in assumption for assumption in exercise.assumptions), exercise.assumptions
    if "assumes" in row and not row["assumes"]:
        assert exercise.assumptions == ()
    if "found" in row:
        assert exercise.found == row["found"]
    if exercise.error is None:
        assert exercise.model is not None
        assert list(exercise.model.output_shapes[0]) == row["output"]
        assert exercise.model.total_params == row["parameters"]
        if "layers" in row:
            assert [layer.type for layer in exercise.model.layers] == row["layers"]
    else:
        assert row.get("says", "") in exercise.error.message
        for place in ("cell", "line", "source"):
            if place in row:
                assert getattr(exercise.error, place) == row[place]


def verdict_of(exercise: ExerciseReport) -> str:
    return exercise.error.kind if exercise.error else "model"


def test_every_notebook_is_in_one_table() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix in (".ipynb", ".py")}
    assert files == set(ROWS)
    assert sum(len(yaml.safe_load(table.read_text())) for table in TABLES) == len(ROWS)
    assert len(ROWS) >= 80


def test_every_row_says_what_must_come_of_it() -> None:
    for name, row in ROWS.items():
        assert set(row) <= KEYS, name
        assert row["hazards"], name
        wanted = {"output", "parameters"} if row["verdict"] == "model" else {"says"}
        assert wanted <= set(row), name


def test_every_hazard_of_the_field_is_in_two_notebooks_at_least() -> None:
    seen = Counter(hazard for row in ROWS.values() for hazard in row["hazards"])
    assert set(seen) == set(HAZARDS)
    assert {hazard for hazard, count in seen.items() if count < 2} == set()
