"""Models that cannot be rebuilt outside, functions and answers: what is asked and believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.pipeline import Tools, grade_one
from grader.records import CheckResult, ExerciseReport
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.writing import IMPORTS, write_notebook

CUSTOM = """\
format: 1
id: custom
title: Layers of one's own
allow_custom_layers: true
hints: fix
limits: {build_seconds: 20, train_seconds: 60}
exercises:
  - id: net
    build: build_net
    input_shape: [8, 8, 1]
    checks:
      - {type: output_shape, expect: [10], points: 1}
      - {type: parameters, expect: 650, points: 1}
      - {type: probabilities, points: 1}
      - {type: training, dataset: digits, epochs: 10, min_accuracy: 0.6, points: 1}
"""
OWN_LAYER = """\
class Half(layers.Layer):
    def call(self, x):
        return x / 2"""
OWN_MODEL = """\
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = layers.Flatten()
        self.dense = layers.Dense(10, activation="softmax")

    def call(self, x, training=None):
        if training:
            x = x + 0
        return self.dense(self.flatten(x))"""
BUILDERS = {
    "a layer of one's own": (
        OWN_LAYER,
        "def build_net():\n    return keras.Sequential([keras.Input((8, 8, 1)), Half(), "
        'layers.Flatten(), layers.Dense(10, activation="softmax")])',
    ),
    "a subclassed model": (OWN_MODEL, "def build_net():\n    return Net()"),
}


@pytest.fixture(scope="module")
def custom(tmp_path_factory: pytest.TempPathFactory) -> LoadedAssignment:
    path = tmp_path_factory.mktemp("custom") / "custom.yaml"
    path.write_text(CUSTOM)
    return load_assignment(path)


@pytest.fixture
def tools(sandbox: Sandbox) -> Tools:
    return Tools(sandbox, ResultCache(None))


def grade(tools: Tools, assignment: LoadedAssignment, path: Path) -> ExerciseReport:
    return grade_one(path, assignment, tools).exercises[0]


@pytest.mark.parametrize("case", BUILDERS)
def test_what_cannot_be_rebuilt_is_described_and_trained_inside_the_walls(
    case: str, custom: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    path = write_notebook(tmp_path / "it.ipynb", IMPORTS, *BUILDERS[case])
    exercise = grade(tools, custom, path)
    assert exercise.error is None
    assert exercise.model is not None and not exercise.model.rebuilt
    assert [(check.id, check.status) for check in exercise.checks] == [
        ("output_shape", "passed"),
        ("parameters", "passed"),
        ("probabilities", "passed"),
        ("training", "passed"),
    ]
    assert exercise.training is not None
    assert len(exercise.training.best.epochs) == 10


def test_training_inside_the_walls_is_the_same_every_time(
    custom: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    path = write_notebook(tmp_path / "it.ipynb", IMPORTS, *BUILDERS["a subclassed model"])
    first, second = (grade(tools, custom, path).training for _ in range(2))
    assert first is not None and second is not None
    assert first.runs == second.runs


def test_a_check_that_needs_a_rebuilt_model_says_so_of_one_that_is_not(
    tools: Tools, tmp_path: Path
) -> None:
    image = "{random: {shape: [8, 8, 1], seed: 1}}"
    (tmp_path / "it.yaml").write_text(
        CUSTOM[: CUSTOM.index("      - {type: output_shape")]
        + "      - {type: invariance, size: 4, shifts: [[0, 1]], points: 1}\n"
        + f"      - {{type: response, cases: [{{image: {image}, expect: [1]}}], points: 1}}\n"
    )
    path = write_notebook(tmp_path / "it.ipynb", IMPORTS, *BUILDERS["a subclassed model"])
    exercise = grade(tools, load_assignment(tmp_path / "it.yaml"), path)
    said = "This check needs a model that can be rebuilt from Keras's own layers."
    assert [(check.status, check.message) for check in exercise.checks] == [("skipped", said)] * 2


def test_an_image_of_the_wrong_shape_is_the_authors_fault(tools: Tools, tmp_path: Path) -> None:
    image = "{random: {shape: [4, 4, 1], seed: 1}}"
    (tmp_path / "it.yaml").write_text(
        CUSTOM[: CUSTOM.index("      - {type: output_shape")]
        + f"      - {{type: response, cases: [{{image: {image}, expect: [1]}}], points: 1}}\n"
    )
    flat = (
        "def build_net():\n    return keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten()])"
    )
    path = write_notebook(tmp_path / "it.ipynb", IMPORTS, flat)
    (check,) = grade(tools, load_assignment(tmp_path / "it.yaml"), path).checks
    assert check.status == "error"
    assert check.message == "Check response: an image of it is (4, 4, 1), not (8, 8, 1)."


FORGED = """\
from grader.sandbox import wire

honest = wire.pack

def forged(answer):
    if "training" in answer:
        answer["training"] = {training}
    return honest(answer)

wire.pack = forged"""
TEST = "answer['training']['test']"
EPOCH = f"{{'loss': 0.0, 'accuracy': 1.0, 'validation': {TEST}}}"
FORGERIES = {
    "a number": ("7", "skipped"),
    "a list": ("[]", "skipped"),
    "text": ("'finished'", "skipped"),
    "texts": ("{'outcome': 'finished', 'epochs': 'many', 'test': 'all right'}", "skipped"),
    "an accuracy instead of predictions": (
        "{'outcome': 'finished', 'epochs': [], 'test': 1.0, 'accuracy': 1.0}",
        "skipped",
    ),
    "predictions of the wrong shape, and epochs without end": (
        f"{{'outcome': 'finished', 'epochs': [{EPOCH}] * 200, 'test': {TEST}[:9]}}",
        "failed",
    ),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_training_earns_nothing(
    case: str, custom: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    training, status = FORGERIES[case]
    own, builder = BUILDERS["a subclassed model"]
    cells = (
        IMPORTS,
        FORGED.format(training=training),
        own,
        builder.replace("Net()", "Net() if wire else 0"),
    )
    exercise = grade(tools, custom, write_notebook(tmp_path / "it.ipynb", *cells))
    check = exercise.checks[-1]
    assert (check.status, check.score) == (status, 0)
    assert exercise.training is None or len(exercise.training.best.epochs) <= 10


FUNCTIONS = """\
format: 1
id: functions
title: Functions and answers
hints: fix
limits: {build_seconds: 2}
exercises:
  - id: size
    function: size
    checks:
      - type: returns
        cases:
          - {args: [28, 3], expect: 26}
          - {args: [28, 3], kwargs: {stride: 2}, expect: 13}
        points: 2
  - id: counts
    answers: answers
    checks:
      - {type: answers, expect: {conv: 73728, dense: 10}, points: 2}
"""


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> LoadedAssignment:
    path = tmp_path_factory.mktemp("functions") / "functions.yaml"
    path.write_text(FUNCTIONS)
    return load_assignment(path)


def checked(
    tools: Tools, assignment: LoadedAssignment, tmp_path: Path, *cells: str
) -> list[CheckResult]:
    report = grade_one(write_notebook(tmp_path / "it.ipynb", *cells), assignment, tools)
    return [check for exercise in report.exercises for check in exercise.checks]


def test_functions_are_called_and_answers_read(
    functions: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    size, counts = checked(
        tools,
        functions,
        tmp_path,
        "def size(n, kernel, stride=1):\n    return (n - kernel) // stride + 1",
        "answers = {'conv': '73,728'}\nanswers['dense'] = 10",
    )
    assert (size.status, size.score) == ("passed", 2)
    assert (counts.status, counts.score) == ("passed", 2)
    assert "taken as a number: conv" in counts.message


def test_a_case_that_raises_costs_only_its_own_share(
    functions: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    size, counts = checked(
        tools,
        functions,
        tmp_path,
        "def size(n, kernel):\n    return n - kernel + 1",
        "answers = {'conv': 73792, 'dense': 10}",
    )
    assert (size.status, size.score) == ("partial", 1)
    assert "stride" in size.message
    assert (counts.status, counts.score) == ("partial", 1)


def test_a_value_that_equals_everything_equals_nothing_here(
    functions: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    size, counts = checked(
        tools,
        functions,
        tmp_path,
        "class Yes(int):\n    def __eq__(self, other):\n        return True\n"
        "    __hash__ = int.__hash__",
        "def size(*args, **kwargs):\n    return Yes(0)",
        "answers = {'conv': Yes(0), 'dense': Yes(0)}",
    )
    assert (size.score, counts.score) == (0, 0)


def test_answers_that_are_no_dict_are_named(
    functions: LoadedAssignment, tools: Tools, tmp_path: Path
) -> None:
    path = write_notebook(tmp_path / "it.ipynb", "answers = [1, 2]")
    problem = grade_one(path, functions, tools).exercises[1].error
    assert problem is not None
    assert "answers is of type list, not a dict" in problem.message
