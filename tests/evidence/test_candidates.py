"""Which of several definitions is the exercise's model, and what is said of the choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.evidence.candidates import class_count
from grader.pipeline import Tools, grade_one
from grader.records import ExerciseReport
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.writing import IMPORTS, write_notebook

ASSIGNMENT = """\
format: 1
id: it
title: It
exercises:
  - id: net
    build: {build}
    input_shape: [8, 8, 1]
    {more}
    checks:
      - {{type: parameters, expect: {{total: {{min: 1}}}}, points: 1}}
"""
MODEL = "keras.Sequential([keras.Input({}), layers.Flatten(), layers.Dense({})])"


def load(folder: Path, build: str = "model", more: str = "") -> LoadedAssignment:
    path = folder / "it.yaml"
    path.write_text(ASSIGNMENT.format(build=build, more=more))
    return load_assignment(path)


def look(
    sandbox: Sandbox, folder: Path, *cells: str, build: str = "model", more: str = ""
) -> ExerciseReport:
    path = write_notebook(folder / "it.ipynb", IMPORTS, *cells)
    tools = Tools(sandbox, ResultCache(None), train=False)
    (exercise,) = grade_one(path, load(folder, build, more), tools).exercises
    return exercise


def found(exercise: ExerciseReport) -> tuple[int | None, int]:
    """The cell of the definition, and the units of its last layer."""
    assert exercise.error is None, exercise.error
    assert exercise.model is not None
    return exercise.cell, exercise.model.layers[-1].config["units"]


def made(units: int, shape: str = "(8, 8, 1)") -> str:
    return f"model = {MODEL.format(shape, units)}"


PASSED_OVER: dict[str, tuple[list[str], tuple[int, int], str]] = {
    "a model for other images": (
        [made(3), made(4, "(5, 5, 3)")],
        (2, 3),
        "takes 5×5×3 and not 8×8×1",
    ),
    "a definition that raises": (
        [made(3), "model = keras.Sequential([layers.Dense(-1)])"],
        (2, 3),
        "gives no model (units is a whole number above 0; here it is -1.)",
    ),
    "what is no model": (
        [made(3), "model = model.layers"],
        (2, 3),
        "gives no model (model is a list of layers, not a model: keras.Sequential(…) makes one of "
        "them.)",
    ),
    "made-up data that may stand for features": (
        [made(3), f"model = {MODEL.format('train_features.shape[1:]', 4)}"],
        (2, 3),
        "takes made-up data that may stand for something else than images",
    ),
    "two that do not fit": (
        [made(3), made(4, "(5, 5, 3)"), "model = 7"],
        (2, 3),
        "gives no model (model is a value of type int, not a Keras model.)",
    ),
}


@pytest.mark.parametrize("what", PASSED_OVER)
def test_an_earlier_definition_is_taken_and_the_reason_told(
    sandbox: Sandbox, tmp_path: Path, what: str
) -> None:
    cells, place, why = PASSED_OVER[what]
    exercise = look(sandbox, tmp_path, *cells)
    assert found(exercise) == place
    assert exercise.assumptions == (
        f"The last definition of model {why}; the one before it, in cell 2, was taken.",
    )


def test_the_last_definition_that_fits_is_the_one_and_nothing_is_said(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    exercise = look(sandbox, tmp_path, made(3), made(4), made(5))
    assert found(exercise) == (4, 5)
    assert exercise.assumptions == ()


def test_a_definition_with_an_open_shape_fits(sandbox: Sandbox, tmp_path: Path) -> None:
    conv = "model = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(4, 3)])"
    exercise = look(sandbox, tmp_path, made(3), conv)
    assert exercise.error is None and exercise.cell == 3


def test_where_none_fits_the_last_is_graded_and_the_student_told(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    exercise = look(sandbox, tmp_path, made(3, "(9, 9, 1)"), made(4, "(5, 5, 3)"))
    assert found(exercise) == (3, 4)
    assert exercise.assumptions == ("The model takes (5, 5, 3); the exercise gives (8, 8, 1).",)


def test_where_none_is_a_model_the_last_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    exercise = look(sandbox, tmp_path, "model = 'a'", "model = 7")
    assert exercise.error is not None
    assert (exercise.error.kind, exercise.error.message) == (
        "not_a_model",
        "model is a value of type int, not a Keras model.",
    )


def test_what_cannot_be_is_not_passed_over(sandbox: Sandbox, tmp_path: Path) -> None:
    limits = ASSIGNMENT.replace("exercises:", "limits: {{build_seconds: 1}}\nexercises:")
    (tmp_path / "it.yaml").write_text(limits.format(build="model", more=""))
    hang = "model = next(i for i in iter(int, 1) if i)"
    path = write_notebook(tmp_path / "it.ipynb", IMPORTS, made(3), hang)
    tools = Tools(sandbox, ResultCache(None), train=False)
    (exercise,) = grade_one(path, load_assignment(tmp_path / "it.yaml"), tools).exercises
    assert exercise.error is not None and exercise.error.kind == "timeout"


def test_a_builder_that_cannot_be_called_is_called_as_the_notebook_calls_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    builder = f"def build(units, name):\n    return {MODEL.format('(8, 8, 1)', 'units')}"
    exercise = look(
        sandbox, tmp_path, builder, "old = build(4, 'a')", "new = build(5, 'b')", build="build"
    )
    assert found(exercise) == (4, 5)
    assert exercise.found == "new"
    assert exercise.assumptions == ("build was called as in cell 4, where new is made by it.",)


def test_a_script_is_told_by_its_lines(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "it.py"
    path.write_text(f"{IMPORTS}\n{made(3)}\n{made(4, '(5, 5, 3)')}\n")
    tools = Tools(sandbox, ResultCache(None), train=False)
    (exercise,) = grade_one(path, load(tmp_path), tools).exercises
    assert exercise.assumptions == (
        "The last definition of model takes 5×5×3 and not 8×8×1; the one before it, in line 3, was "
        "taken.",
    )


def test_a_model_under_another_name_is_pointed_to(sandbox: Sandbox, tmp_path: Path) -> None:
    exercise = look(sandbox, tmp_path, f"cnn = {MODEL.format('(8, 8, 1)', 3)}", build="build_cnn")
    assert exercise.error is not None
    assert exercise.error.kind == "missing"
    assert exercise.error.message == (
        "build_cnn is not defined; cnn in cell 2 holds a model: name it build_cnn, or ask for cnn "
        "to be accepted."
    )


def test_a_method_is_found_by_its_own_name_and_by_that_of_its_class(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    net = f"class Net:\n    def make():\n        return {MODEL.format('(8, 8, 1)', 3)}"
    exercise = look(sandbox, tmp_path, net, build="Net.make")
    assert (found(exercise), exercise.found, exercise.assumptions) == ((2, 3), "Net.make", ())
    exercise = look(sandbox, tmp_path, net, build="make")
    assert (exercise.found, exercise.assumptions) == ("Net.make", ("make is a method of Net.",))


COUNTS: dict[str, tuple[str, int | None]] = {
    "nothing": ("", None),
    "what is said": ("classes: 7", 7),
}


@pytest.mark.parametrize("what", COUNTS)
def test_the_number_of_classes_is_the_assignments(tmp_path: Path, what: str) -> None:
    more, count = COUNTS[what]
    assert class_count(load(tmp_path, more=more).content.exercises[0]) == count


TRAINING = "      - {type: training, dataset: digits, min_accuracy: 0.5, points: 1}\n"


def test_a_named_data_set_has_ten_classes_unless_the_assignment_says_another(
    tmp_path: Path,
) -> None:
    path = tmp_path / "it.yaml"
    counts: list[Any] = []
    for more in ("", "classes: 3"):
        path.write_text(ASSIGNMENT.format(build="model", more=more) + TRAINING)
        counts.append(class_count(load_assignment(path).content.exercises[0]))
    assert counts == [10, 3]


def test_a_builder_that_asks_for_the_number_of_classes_is_given_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    builder = f"def model(num_classes):\n    return {MODEL.format('(8, 8, 1)', 'num_classes')}"
    assert found(look(sandbox, tmp_path, builder, more="classes: 7")) == (2, 7)
    refused = look(sandbox, tmp_path, builder)
    assert refused.error is not None and refused.error.kind == "raised"
