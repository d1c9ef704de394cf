"""Values that the solution gives: computed where it is, stored where it is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grader.assignment.load import load_assignment
from grader.authoring import release_values
from grader.pipeline import Tools, grade_one
from grader.records import CheckResult
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.writing import write_notebook

ASSIGNMENT = """\
format: 1
id: it
title: It
hints: fix
exercises:
  - id: double
    function: double
    checks:
      - type: returns
        cases:
          - {args: [{random: {shape: [2, 2], seed: 3}}], expect_from: solution}
          - {args: [{array: [1, 2]}], expect: [2, 4]}
        points: 2
  - id: filters
    build: build
    input_shape: [3, 3, 1]
    checks:
      - type: response
        cases: [{image: {random: {shape: [3, 3, 1], seed: 5}}, expect_from: solution}]
        points: 2
"""
SOLUTION = (
    "import keras\nimport numpy as np\nfrom keras import layers",
    "def double(x):\n    return 2 * x",
    "def build():\n"
    "    model = keras.Sequential([keras.Input((3, 3, 1)), layers.Conv2D(2, 2)])\n"
    "    kernel = np.arange(8.0).reshape(2, 2, 1, 2)\n"
    "    model.layers[0].set_weights([kernel, np.zeros(2)])\n"
    "    return model",
)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for name in ("assignments", "solutions"):
        (tmp_path / name).mkdir()
    (tmp_path / "assignments" / "it.yaml").write_text(ASSIGNMENT)
    write_notebook(tmp_path / "solutions" / "it.ipynb", *SOLUTION)
    return tmp_path


def checks(sandbox: Sandbox, course: Path, *cells: str) -> list[CheckResult]:
    assignment = load_assignment(course / "assignments" / "it.yaml")
    path = write_notebook(course / "student.ipynb", *cells)
    report = grade_one(path, assignment, Tools(sandbox, ResultCache(None)))
    return [check for exercise in report.exercises for check in exercise.checks]


def test_the_solution_is_the_oracle_where_it_is(sandbox: Sandbox, course: Path) -> None:
    returns, response = checks(sandbox, course, *SOLUTION)
    assert (returns.status, response.status) == ("passed", "passed")
    wrong = SOLUTION[2].replace("np.arange(8.0)", "np.arange(8.0)[::-1]")
    returns, response = checks(
        sandbox, course, SOLUTION[0], "def double(x):\n    return x + x + 1e-3", wrong
    )
    assert (returns.status, returns.score) == ("failed", 0)
    assert "random numbers 2×2 (seed 3)" in returns.message
    assert (response.status, response.score) == ("failed", 0)


def test_an_initialiser_that_holds_the_kernels_is_as_good_as_set_weights(
    sandbox: Sandbox, course: Path
) -> None:
    constant = (
        "def build():\n"
        "    kernel = keras.initializers.Constant(np.arange(8.0).reshape(2, 2, 1, 2))\n"
        "    return keras.Sequential([keras.Input((3, 3, 1)), "
        "layers.Conv2D(2, 2, kernel_initializer=kernel)])"
    )
    _, response = checks(sandbox, course, *SOLUTION[:2], constant)
    assert response.status == "passed"


def test_stored_values_serve_where_the_solution_is_not(sandbox: Sandbox, course: Path) -> None:
    assignment = load_assignment(course / "assignments" / "it.yaml")
    assert release_values(assignment, sandbox) == 2
    (course / "solutions" / "it.ipynb").unlink()
    assert [check.status for check in checks(sandbox, course, *SOLUTION)] == ["passed"] * 2


def test_values_that_are_nowhere_are_the_authors_fault(sandbox: Sandbox, course: Path) -> None:
    shutil.rmtree(course / "solutions")
    for check in checks(sandbox, course, *SOLUTION):
        assert check.status == "error"
        assert check.message.endswith(
            "is there; run python grade.py release it where the solution is."
        )


def test_stored_values_of_other_cases_are_not_taken(sandbox: Sandbox, course: Path) -> None:
    path = course / "assignments" / "it.yaml"
    release_values(load_assignment(path), sandbox)
    (course / "solutions" / "it.ipynb").unlink()
    path.write_text(ASSIGNMENT.replace("seed: 3", "seed: 4"))
    returns, response = checks(sandbox, course, *SOLUTION)
    assert returns.status == "error" and "was made from other cases of returns" in returns.message
    assert response.status == "passed"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"double": {"returns": 3}}'])
def test_a_file_of_values_that_cannot_be_read_is_the_authors_fault(
    text: str, sandbox: Sandbox, course: Path
) -> None:
    (course / "solutions" / "it.ipynb").unlink()
    (course / "assignments" / "it.values.json").write_text(text)
    returns, _ = checks(sandbox, course, *SOLUTION)
    assert returns.status == "error" and "has no values for returns" in returns.message


def test_a_solution_that_does_not_give_a_value_is_the_authors_fault(
    sandbox: Sandbox, course: Path
) -> None:
    write_notebook(course / "solutions" / "it.ipynb", "def double(x):\n    return 1 / 0")
    returns, response = checks(sandbox, course, *SOLUTION)
    assert returns.status == "error" and "ZeroDivisionError" in returns.message
    assert response.status == "error" and "build is not defined" in response.message


def test_hidden_values_are_not_stored(sandbox: Sandbox, course: Path) -> None:
    (course / "solutions" / "it.hidden.yaml").write_text(
        "format: 1\nid: it\nexercises:\n  - id: double\n    checks:\n"
        "      - type: returns\n        id: secret\n        points: 1\n"
        "        cases: [{args: [3], expect_from: solution}]\n"
    )
    assignment = load_assignment(course / "assignments" / "it.yaml")
    release_values(assignment, sandbox)
    assert set(json.loads(assignment.values.read_text())["double"]) == {"returns"}
