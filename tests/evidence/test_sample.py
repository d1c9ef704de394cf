"""Outputs that are known without a run, and those that only look as if they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.pipeline import Tools, grade_one
from grader.records import CheckResult
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.writing import write_notebook

ASSIGNMENT = """\
format: 1
id: it
title: It
exercises:
  - id: net
    build: build_net
    input_shape: [8, 8, 1]
    checks:
      - {type: probabilities, points: 1}
"""
IMPORTS = "import keras\nfrom keras import ops\nfrom keras.layers import *"
PROVEN = {"by": "softmax"}
CHAINS = {
    "sequential": 'keras.Sequential([i, Flatten(), Dense(4, activation="softmax")])',
    "a graph": "keras.Model(i, Softmax()(Dense(4)(Flatten()(i))))",
    "nested": "keras.Sequential([i, keras.Sequential([Flatten(), Dense(4)]), Softmax()])",
}
MEASURED = {
    "a branch": "keras.Model(i, Softmax()(Add()([Dense(4)(h), h])))",
    "an operation": "keras.Model(i, ops.softmax(h))",
    "behind softmax": "keras.Sequential([i, Flatten(), Dense(4), Softmax(), Dropout(0.1)])",
}
NO_PROBABILITIES = {
    "an output that nothing reads": "keras.Model(i, keras.Model(i, [h, Softmax()(h)])(i)[0])",
    "what is infinite before": "keras.Model(i, Softmax()(h + 3e38 + 3e38))",
    "a mask": "keras.Model(i, Softmax()(h, mask=h))",
    "channels that are none": (
        'keras.Sequential([i, Conv2D(4, 1, activation="softmax"), '
        'GlobalAveragePooling2D(data_format="channels_first")])'
    ),
    "axes that were moved": (
        'keras.Sequential([i, Conv2D(4, 1, activation="softmax"), Permute((3, 1, 2)), '
        "GlobalAveragePooling2D()])"
    ),
    "positions that were mixed": (
        'keras.Sequential([i, Conv2D(4, 1, activation="softmax"), Reshape((8, 32)), '
        "GlobalAveragePooling1D()])"
    ),
    "sums of sums": (
        "x = i\n    for _ in range(60): x = Add()([x] * 5)\n"
        '    return keras.Model(i, Dense(4, activation="softmax")(Flatten()(x)))'
    ),
}


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> LoadedAssignment:
    path = tmp_path_factory.mktemp("assignment") / "it.yaml"
    path.write_text(ASSIGNMENT)
    return load_assignment(path)


def judge(sandbox: Sandbox, assignment: LoadedAssignment, folder: Path, model: str) -> CheckResult:
    lines = model if "return " in model else f"return {model}"
    builder = (
        "def build_net():\n    i = keras.Input((8, 8, 1))\n    h = Dense(4)(Flatten()(i))\n"
        f"    {lines}"
    )
    path = write_notebook(folder / "it.ipynb", IMPORTS, builder)
    (exercise,) = grade_one(path, assignment, Tools(sandbox, ResultCache(None))).exercises
    assert exercise.error is None
    return exercise.checks[0]


@pytest.mark.parametrize("case", CHAINS)
def test_a_chain_that_ends_in_softmax_is_not_run(
    case: str, sandbox: Sandbox, assignment: LoadedAssignment, tmp_path: Path
) -> None:
    result = judge(sandbox, assignment, tmp_path, CHAINS[case])
    assert (result.status, result.got) == ("passed", PROVEN)


@pytest.mark.parametrize("case", MEASURED)
def test_whatever_else_gives_probabilities_is_run(
    case: str, sandbox: Sandbox, assignment: LoadedAssignment, tmp_path: Path
) -> None:
    result = judge(sandbox, assignment, tmp_path, MEASURED[case])
    assert result.status == "passed"
    assert result.got != PROVEN


@pytest.mark.parametrize("case", NO_PROBABILITIES)
def test_a_softmax_somewhere_proves_nothing(
    case: str, sandbox: Sandbox, assignment: LoadedAssignment, tmp_path: Path
) -> None:
    assert judge(sandbox, assignment, tmp_path, NO_PROBABILITIES[case]).status == "failed"


@pytest.mark.parametrize("activation", ["LeakyReLU(0.1)", "PReLU()", "ReLU(6)"])
def test_a_layer_as_an_activation_is_run(
    activation: str, sandbox: Sandbox, assignment: LoadedAssignment, tmp_path: Path
) -> None:
    model = (
        f"keras.Sequential([i, Conv2D(2, 3, activation={activation}), Flatten(), "
        'Dense(4, activation="softmax")])'
    )
    result = judge(sandbox, assignment, tmp_path, model)
    assert result.status == "passed"
    assert result.got != PROVEN
