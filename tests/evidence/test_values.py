"""What students' functions and dicts of answers give, however odd."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.load import load_assignment
from grader.pipeline import Tools, grade_one
from grader.records import CheckResult, ExerciseReport
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache

FUNCTION = """\
format: 1
id: it
title: It
hints: fix
limits: {build_seconds: 3, memory_mb: 700}
exercises:
  - id: double
    function: double
    checks:
      - type: returns
        cases: [{args: [{array: [[1, 2], [3, 4]]}], expect: [[2, 4], [6, 8]]}]
        points: 1
"""
ANSWERS = """\
format: 1
id: it
title: It
hints: fix
exercises:
  - id: counts
    answers: counts
    checks:
      - {type: answers, expect: {conv: 73728, dense: 10}, points: 2}
"""


def grade(sandbox: Sandbox, folder: Path, assignment: str, source: str) -> CheckResult | str:
    """The one check's result, or the problem before it."""
    exercise = report(sandbox, folder, assignment, source)
    return exercise.error.message if exercise.error else exercise.checks[0]


def report(sandbox: Sandbox, folder: Path, assignment: str, source: str) -> ExerciseReport:
    (folder / "it.yaml").write_text(assignment)
    (folder / "it.py").write_text(f"import numpy as np\n{source}\n")
    loaded = load_assignment(folder / "it.yaml")
    graded = grade_one(folder / "it.py", loaded, Tools(sandbox, ResultCache(None)))
    (exercise,) = graded.exercises
    return exercise


RIGHT = {
    "an array": "def double(x):\n    return 2 * x",
    "nested lists": "def double(x):\n    return (2 * x).tolist()",
    "floats": "def double(x):\n    return 2.0 * x",
    "a tuple of arrays": "def double(x):\n    return tuple(2 * x)",
}


@pytest.mark.parametrize("case", RIGHT)
def test_equal_values_are_equal_in_any_form(case: str, sandbox: Sandbox, tmp_path: Path) -> None:
    check = grade(sandbox, tmp_path, FUNCTION, RIGHT[case])
    assert isinstance(check, CheckResult) and check.score == 1
    assert check.message == "The case is right."


def test_a_function_that_writes_into_its_argument_is_right_and_told(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    check = grade(sandbox, tmp_path, FUNCTION, "def double(x):\n    x *= 2\n    return x")
    assert isinstance(check, CheckResult) and check.score == 1
    assert check.message == (
        "The case is right. It writes into its arguments, though: whoever calls it finds them "
        "changed. Work on a copy."
    )


WRONG = {
    "another shape": ("return x[:1]", "Expected the shape (2, 2), got (1, 2)."),
    "None": ("y = 2 * x\n    return None", "got None"),
    "NaN": ("return x * np.nan", "nan"),
    "text": ("return 'four'", "'four'"),
    "an object equal to everything": (
        "return type('Yes', (), {'__eq__': lambda *_: True, '__array__': lambda *_: 1 / 0})()",
        "",
    ),
    "ten gigabytes": ("return np.zeros(10 * 2**30, dtype=np.uint8)", ""),
    "ten gigabytes that cost nothing": (
        "return np.broadcast_to(np.uint8(0), (10 * 2**30,))",
        "",
    ),
    "a generator": ("return (y for y in x)", ""),
    "itself": ("return double", ""),
    "a list that holds itself": ("a = []\n    a.append(a)\n    return a", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_odd_values_earn_nothing_and_are_told_in_a_sentence(
    case: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    body, told = WRONG[case]
    check = grade(sandbox, tmp_path, FUNCTION, f"def double(x):\n    {body}")
    assert isinstance(check, CheckResult), check
    assert (check.status, check.score) == ("failed", 0)
    assert told in check.message
    assert "Traceback" not in check.message and "\n" not in check.message


ANSWERED = {
    "numbers": ("{'conv': 73728, 'dense': 10}", 2),
    "expressions": ("{'conv': 3 * 3 * 128 * 64, 'dense': 20 // 2}", 2),
    "NumPy's numbers": ("{'conv': np.int64(73728), 'dense': np.float32(10)}", 2),
    "text that is a number": ("{'conv': '73,728', 'dense': '10'}", 2),
    "an expression as text": ("{'conv': '3*3*128*64', 'dense': 10}", 1),
    "a missing key": ("{'dense': 10}", 1),
    "one None": ("{'conv': None, 'dense': 10}", 1),
    "a function": ("{'conv': print, 'dense': 10}", 1),
    "keys that are no text": ("{1: 2, 'dense': 10}", 1),
}


@pytest.mark.parametrize("case", ANSWERED)
def test_answers_are_read_as_people_write_them(case: str, sandbox: Sandbox, tmp_path: Path) -> None:
    text, score = ANSWERED[case]
    check = grade(sandbox, tmp_path, ANSWERS, f"counts = {text}")
    assert isinstance(check, CheckResult), check
    assert check.score == score
    assert ("taken as a number" in check.message) == (case == "text that is a number")


@pytest.mark.parametrize(
    "source, message",
    [
        ("counts = [73728, 10]", "counts is of type list, not a dict of answers."),
        ("counts = {'conv': None, 'dense': None}", "Every answer in counts is still None."),
        ("counts = dict(conv=None)", "Every answer in counts is still None."),
        ("count = {}", "counts is not defined."),
    ],
)
def test_what_holds_no_answers_says_so(
    source: str, message: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    told = grade(sandbox, tmp_path, ANSWERS, source)
    assert isinstance(told, str) and told.startswith(message)


@pytest.mark.parametrize(
    ("assignment", "source"),
    [
        (FUNCTION, "import wandb\n\ndef double(x):\n    wandb.log(x)\n    return 2 * x"),
        (FUNCTION, "import wandb\n\ndef double(x):\n    wandb.log(x)\n    raise ValueError"),
        (ANSWERS, "import wandb\nwandb.init()\ncounts = {'conv': wandb and 73728}"),
        (ANSWERS, "import wandb\nwandb.init()\ncounts = {'conv': wandb and 1 / 0}"),
    ],
)
def test_what_is_not_here_is_told_of_functions_and_answers_too(
    sandbox: Sandbox, tmp_path: Path, assignment: str, source: str
) -> None:
    exercise = report(sandbox, tmp_path, assignment, source)
    told = "The module wandb is not here; what it would do is left out."
    assert exercise.assumptions == (told,)
