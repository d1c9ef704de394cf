"""Notebooks, good, broken and hostile, through the real sandbox to a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.choose import FOLDER
from grader.pipeline import Tools, grade_one
from grader.records import ExerciseReport, Problem, Report
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.conftest import ROOT
from tests.writing import IMPORTS, LAYERS, RIGHT, write_notebook

SOLUTION = ROOT / "solutions" / "03-cnn-structure.ipynb"
STARTER = ROOT / "assignments" / "03-cnn-structure.ipynb"

QUICK = """\
format: 1
id: quick
title: Quick
limits: {build_seconds: 3, memory_mb: 600}
hints: fix
exercises:
  - id: cnn
    build: build_cnn
    also: [cnn]
    input_shape: [28, 28, 1]
    checks:
      - {type: output_shape, expect: [10], points: 4}
      - {type: contains, expect: {Conv2D: 2}, points: 6}
"""


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> LoadedAssignment:
    path = tmp_path_factory.mktemp("assignment") / "quick.yaml"
    path.write_text(QUICK)
    return load_assignment(path)


@pytest.fixture(scope="module")
def structure() -> LoadedAssignment:
    return load_assignment(FOLDER / "03-cnn-structure.yaml")


@pytest.fixture
def tools(sandbox: Sandbox, tmp_path: Path) -> Tools:
    return Tools(sandbox, ResultCache(tmp_path / "results"))


def cnn(report: Report) -> ExerciseReport:
    return report.exercises[0]


def body(*lines: str) -> str:
    return "def build_cnn():\n" + "\n".join(f"    {line}" for line in lines)


# --- the whole way ---------------------------------------------------------------------------


def test_the_solution_gets_full_marks_and_is_rebuilt(
    structure: LoadedAssignment, tools: Tools
) -> None:
    report = grade_one(SOLUTION, structure, tools)
    assert (report.score, report.max_score, report.status) == (100, 100, "graded")
    exercise = cnn(report)
    assert [check.status for check in exercise.checks] == ["passed"] * 6
    assert exercise.error is None
    assert (exercise.found, exercise.cell) == ("build_cnn", 3)
    assert exercise.model is not None and exercise.model.rebuilt
    assert exercise.model.total_params == 124_670
    assert [layer.output_shape for layer in exercise.model.layers] == [
        (26, 26, 24),
        (13, 13, 24),
        (11, 11, 36),
        (5, 5, 36),
        (900,),
        (128,),
        (10,),
    ]
    assert exercise.training is not None and len(exercise.training.best.epochs) == 10


def test_the_same_notebook_gets_the_same_training_with_and_without_the_cache(
    structure: LoadedAssignment, sandbox: Sandbox, tmp_path: Path
) -> None:
    with_cache = Tools(sandbox, ResultCache(tmp_path / "results"))
    without = Tools(sandbox, ResultCache(None))
    reports = [grade_one(SOLUTION, structure, tools) for tools in (with_cache, with_cache, without)]
    trainings = [cnn(report).training for report in reports]
    assert all(training is not None for training in trainings)
    first, second, third = (training for training in trainings if training)
    assert (first.cached, second.cached, third.cached) == (False, True, False)
    assert first.runs == second.runs == third.runs
    assert len({report.score for report in reports}) == 1


def test_the_starter_is_unsolved_and_gets_nothing(
    structure: LoadedAssignment, tools: Tools
) -> None:
    report = grade_one(STARTER, structure, tools)
    assert (report.score, report.max_score, report.status) == (0, 100, "graded")
    assert cnn(report).error == Problem(
        "unsolved",
        "build_cnn is still the stub that was handed out. Fill it in, save, and check again.",
        cell=3,
        line=1,
    )
    assert {check.status for check in cnn(report).checks} == {"skipped"}


def test_what_the_model_does_not_need_is_not_run(
    structure: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    messy = write_notebook(
        tmp_path / "messy.ipynb",
        "!pip install tensorflow==1.15\nfrom google.colab import drive\ndrive.mount('/content')",
        IMPORTS,
        RIGHT,
        "def broken(:\n    return 3",
        "model = build_cnn()\nmodel.compile('adam', 'mse')\nmodel.fit(x, y, epochs=500)",
    )
    report = grade_one(messy, structure, replace(tools, train=False))
    assert cnn(report).error is None
    assert [check.status for check in cnn(report).checks] == ["passed"] * 5 + ["skipped"]
    assert report.seconds.build < 2


# --- verdicts --------------------------------------------------------------------------------

PROBLEMS = {
    "no such name": (
        ["def build_model():\n    return 1"],
        Problem(
            "missing",
            'build_cnn is not defined (nor cnn). Did you mean "build_model"? Functions that are: '
            "build_model.",
        ),
    ),
    "an empty notebook": (
        [],
        Problem("missing", "build_cnn is not defined (nor cnn). The notebook defines no function."),
    ),
    "a syntax error in the builder": (
        [IMPORTS, "def build_cnn(:\n    return 3"],
        Problem(
            "syntax",
            "Python cannot read the statement that defines build_cnn: invalid syntax.",
            2,
            1,
            "def build_cnn(:",
        ),
    ),
    "a stub that raises on the way": (
        [IMPORTS, body("model = keras.Sequential()", "raise NotImplementedError")],
        Problem(
            "unsolved",
            "build_cnn is not written yet: it raises NotImplementedError.",
            2,
            3,
            "raise NotImplementedError",
        ),
    ),
    "an endless loop": (
        [body("while True: pass")],
        Problem(
            "timeout",
            "build_cnn did not end within 3 s. Look for a loop that never ends, or for work that "
            "does not belong into it: training, downloads.",
        ),
    ),
    "gigabytes of output": (
        [body("while True: print('x' * 100_000)")],
        Problem(
            "output",
            "build_cnn printed more than a report can hold and was stopped. Take the printing out "
            "of loops.",
        ),
    ),
    "sys.exit": (
        ["import sys", body("sys.exit()")],
        Problem(
            "raised",
            "build_cnn ends the program (sys.exit, exit or quit). Take that out.",
            2,
            2,
            "sys.exit()",
        ),
    ),
    "None": (
        [IMPORTS, body("keras.Sequential([keras.Input((28, 28, 1))])")],
        Problem("not_a_model", "build_cnn returns None. Does it end with return model?"),
    ),
    "text": (
        [body("return 'a model'")],
        Problem("not_a_model", "build_cnn returns a value of type str, not a Keras model."),
    ),
    "a layer of its own": (
        [
            IMPORTS,
            "class Mine(layers.Layer):\n    def call(self, x):\n        return x",
            body("return keras.Sequential([keras.Input((28, 28, 1)), Mine()])"),
        ],
        Problem(
            "custom_layer",
            "The model uses Mine, written in the notebook, so it cannot be rebuilt from its "
            "description. Build it from Keras's layers, as Sequential or with keras.Model("
            "inputs, outputs).",
        ),
    ),
    "Lambda": (
        [
            IMPORTS,
            body("return keras.Sequential([keras.Input((28,)), layers.Lambda(lambda x: x)])"),
        ],
        Problem(
            "forbidden",
            "Lambda is not taken: a Lambda layer hides Python code; use keras.ops or a layer of "
            "Keras's own.",
        ),
    ),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_cannot_be_graded_gets_its_verdict(
    case: str, quick: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    cells, problem = PROBLEMS[case]
    report = grade_one(write_notebook(tmp_path / "it.ipynb", *cells), quick, tools)
    assert cnn(report).error == problem
    assert (report.status, report.score, report.max_score) == ("graded", 0, 10)
    assert {check.status for check in cnn(report).checks} == {"skipped"}


def test_a_builder_that_raises_is_shown_by_cell_line_and_source(
    quick: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    builder = body(
        "model = keras.Sequential([keras.Input((28, 28, 1))])",
        "for filters in (8, 16, 32, 64):",
        "    model.add(layers.Conv2D(filters, 5))",
        "    model.add(layers.MaxPooling2D())",
        "return model",
    )
    problem = cnn(
        grade_one(write_notebook(tmp_path / "it.ipynb", IMPORTS, builder), quick, tools)
    ).error
    assert problem is not None
    assert (problem.kind, problem.cell, problem.line) == ("raised", 2, 4)
    assert problem.source == "model.add(layers.Conv2D(filters, 5))"
    assert "5" in problem.message and "4×4" in problem.message
    assert "\n" not in problem.message


def test_a_builder_that_eats_memory_is_stopped(tools: Tools, tmp_path: Path) -> None:
    # With so much time that not the clock ends it, however busy the machine is.
    path = tmp_path / "patient.yaml"
    path.write_text(QUICK.replace("build_seconds: 3", "build_seconds: 60"))
    greedy = body("import numpy as np", "kept = []", "while True: kept.append(np.ones(10**6))")
    submission = write_notebook(tmp_path / "it.ipynb", greedy)
    problem = cnn(grade_one(submission, load_assignment(path), tools)).error
    assert problem is not None and problem.kind == "memory"
    assert problem.message.startswith("build_cnn needed more memory than the 600 MB")


FILES = {
    "no JSON": (b"hello", "The file is not a notebook: it is not JSON (line 1: Expecting value). "),
    "nothing": (b"", "The file is empty. Save the notebook and hand it in again."),
    "a list": (b"[1]", "The file is JSON, but not a notebook."),
    "no cells": (b"{}", 'The file is JSON, but not a notebook: it has no "cells".'),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_notebook_is_unreadable(
    case: str, quick: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    data, message = FILES[case]
    path = tmp_path / "it.ipynb"
    path.write_bytes(data)
    report = grade_one(path, quick, tools)
    problem = cnn(report).error
    assert problem is not None and problem.kind == "unreadable"
    assert problem.message.startswith(message)
    assert report.score == 0


# --- what is taken ---------------------------------------------------------------------------


def test_an_unbuilt_model_is_built_for_the_exercise_and_the_report_says_so(
    quick: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    unbuilt = RIGHT.replace("            keras.Input((28, 28, 1)),\n", "")
    report = grade_one(write_notebook(tmp_path / "it.ipynb", IMPORTS, unbuilt), quick, tools)
    assert report.score == 10
    assert cnn(report).assumptions == (
        "The model names no input shape; it was built for (28, 28, 1).",
    )


def test_a_model_under_another_accepted_name_is_taken_and_the_report_says_so(
    quick: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    held = f"cnn = keras.Sequential(\n        [\n{LAYERS}        ]\n    )"
    report = grade_one(write_notebook(tmp_path / "it.ipynb", IMPORTS, held), quick, tools)
    assert report.score == 10
    assert cnn(report).found == "cnn"
    assert cnn(report).assumptions == ("build_cnn is not defined; cnn was taken.",)


def test_a_script_is_graded_as_a_notebook_is(
    quick: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    path = tmp_path / "it.py"
    path.write_text(f"{IMPORTS}\n\n{RIGHT}\n")
    report = grade_one(path, quick, tools)
    assert report.score == 10
    assert cnn(report).cell is None


SPELLINGS = {
    "as a function of TensorFlow's": (
        RIGHT.replace('"relu"', "tf.nn.relu").replace('"softmax"', "tf.nn.softmax")
    ),
    "as a function of Keras's": (
        RIGHT.replace('"relu"', "keras.activations.relu").replace(
            '"softmax"', "keras.activations.softmax"
        )
    ),
    "as layers behind": (
        RIGHT.replace('(24, 3, activation="relu")', "(24, 3), layers.ReLU()")
        .replace('(36, 3, activation="relu")', '(36, 3), layers.Activation("relu")')
        .replace('(10, activation="softmax")', "(10), layers.Softmax()")
    ),
    "as layers inside": RIGHT.replace('"relu"', "layers.ReLU()"),
    "with other names and aliases": (
        RIGHT.replace("MaxPooling2D(2)", 'MaxPool2D((2, 2), strides=2, name="p{}")')
        .replace("p{}", "first", 1)
        .replace("p{}", "second", 1)
    ),
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_equal_ways_to_write_the_solution_get_full_marks_from_one_training(
    case: str, structure: LoadedAssignment, tools: Tools, tmp_path: Path, solved: ResultCache
) -> None:
    path = write_notebook(
        tmp_path / "it.ipynb", f"import tensorflow as tf\n{IMPORTS}", SPELLINGS[case]
    )
    report = grade_one(path, structure, replace(tools, cache=solved))
    assert report.score == 100, [check.message for check in cnn(report).checks]
    training = cnn(report).training
    assert training is not None and training.cached


@pytest.fixture(scope="module")
def solved(
    structure: LoadedAssignment, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> ResultCache:
    """The cache after the solution was graded."""
    cache = ResultCache(tmp_path_factory.mktemp("solved"))
    grade_one(SOLUTION, structure, Tools(sandbox, cache))
    return cache


def test_an_activation_function_of_the_students_own_is_not_taken_for_kerass(
    quick: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    own = "def relu(x):\n    return x"
    used = RIGHT.replace('activation="relu"', "activation=relu")
    report = grade_one(write_notebook(tmp_path / "it.ipynb", IMPORTS, own, used), quick, tools)
    problem = cnn(report).error
    assert problem is not None and problem.kind == "custom_layer"
    assert problem.message.startswith("The model uses relu, written in the notebook,")


# --- needs, training, and our own faults -----------------------------------------------------


def test_a_check_whose_need_failed_is_skipped_and_says_for_what_it_waits(
    structure: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    wrong = RIGHT.replace("Dense(10,", "Dense(11,")
    report = grade_one(write_notebook(tmp_path / "it.ipynb", IMPORTS, wrong), structure, tools)
    learns = cnn(report).checks[-1]
    assert (learns.status, learns.score, learns.message) == (
        "skipped",
        0,
        "Waits for output_shape.",
    )
    assert cnn(report).training is None


def test_a_network_too_large_for_memory_keeps_its_structural_points(
    structure: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    huge = RIGHT.replace("128", "200_000_000")
    report = grade_one(write_notebook(tmp_path / "it.ipynb", IMPORTS, huge), structure, tools)
    assert report.status == "graded"
    by_id = {check.id: check for check in cnn(report).checks}
    assert by_id["output_shape"].status == "passed"
    assert by_id["probabilities"].status == "passed"
    assert by_id["learns"].message == "Training needed more memory than it may use."
    assert report.seconds.total < 3


def test_a_network_too_large_for_memory_is_not_asked_for_outputs(
    structure: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    huge = RIGHT.replace("128", "200_000_000").replace("softmax", "sigmoid")
    report = grade_one(write_notebook(tmp_path / "it.ipynb", IMPORTS, huge), structure, tools)
    by_id = {check.id: check for check in cnn(report).checks}
    assert (by_id["probabilities"].status, by_id["probabilities"].message) == (
        "skipped",
        "The model's weights need 1,382,446 MB, more than the 4,096 MB that it may use.",
    )


FAULTY_DATA = """\
format: 1
id: faulty
title: Faulty
exercises:
  - id: cnn
    build: build_cnn
    input_shape: [28, 28, 1]
    checks:
      - {type: output_shape, expect: [10], points: 4}
      - {type: training, file: broken.npz, min_accuracy: 0.9, points: 6}
"""


def test_a_fault_of_the_authors_costs_no_points_and_asks_for_review(
    tools: Tools, tmp_path: Path
) -> None:
    (tmp_path / "faulty.yaml").write_text(FAULTY_DATA)
    (tmp_path / "broken.npz").write_text("no arrays")
    assignment = load_assignment(tmp_path / "faulty.yaml")
    report = grade_one(SOLUTION, assignment, tools)
    assert (report.status, report.score, report.max_score) == ("needs_review", 4, 4)
    training = cnn(report).checks[1]
    assert training.status == "error"
    assert "broken.npz" in training.message


def test_a_check_that_needs_an_undecided_one_costs_no_points_either(
    tools: Tools, tmp_path: Path
) -> None:
    (tmp_path / "broken.npz").write_text("no arrays")
    (tmp_path / "faulty.yaml").write_text(
        FAULTY_DATA + "      - {type: probabilities, needs: [training], points: 5}\n"
    )
    report = grade_one(SOLUTION, load_assignment(tmp_path / "faulty.yaml"), tools)
    assert (report.status, report.score, report.max_score) == ("needs_review", 4, 4)
    last = cnn(report).checks[2]
    assert (last.status, last.message) == (
        "error",
        "Waits for training, which could not be decided.",
    )
