"""The checks of each exercise accept every right answer, and no wrong one."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from grader.assignment.load import load_assignment
from grader.choose import FOLDER
from grader.pipeline import Tools
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.assignments.grading import Right, Wrong, grade_answer

IDS = [path.stem for path in sorted(FOLDER.glob("*.yaml"))]
TABLES: dict[str, tuple[Right, Wrong]] = {}
for _name in IDS:
    _module = importlib.import_module(f"tests.assignments.answers_{_name.replace('-', '_')}")
    TABLES[_name] = (_module.RIGHT, _module.WRONG)

EXERCISES = [
    (name, exercise.id)
    for name in IDS
    for exercise in load_assignment(FOLDER / f"{name}.yaml").content.exercises
]
RIGHT = [
    pytest.param(name, exercise, source, id=f"{name}-{exercise}-{case}")
    for name, exercise in EXERCISES
    for case, source in TABLES[name][0].get(exercise, {}).items()
]
WRONG = [
    pytest.param(name, exercise, source, failing, id=f"{name}-{exercise}-{case}")
    for name, exercise in EXERCISES
    for case, (source, failing) in TABLES[name][1].get(exercise, {}).items()
]


@pytest.fixture(scope="module")
def tools(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Tools:
    return Tools(sandbox, ResultCache(tmp_path_factory.mktemp("results")))


@pytest.mark.parametrize("name, exercise", EXERCISES)
def test_each_exercise_has_three_right_answers_and_six_wrong_ones(name: str, exercise: str) -> None:
    right, wrong = TABLES[name]
    assert len(set(right[exercise].values())) >= 3
    assert len({source for source, _ in wrong[exercise].values()}) >= 6


@pytest.mark.parametrize("name, exercise, source", RIGHT)
def test_a_right_answer_gets_full_marks(
    name: str, exercise: str, source: str, tools: Tools, tmp_path: Path
) -> None:
    report = grade_answer(name, exercise, source, tools, tmp_path)
    assert report.error is None
    assert {c.id: c.message for c in report.checks if c.status != "passed"} == {}
    assert report.score == report.max_score


@pytest.mark.parametrize("name, exercise, source, failing", WRONG)
def test_a_wrong_answer_fails_for_the_stated_reason_and_no_other(
    name: str,
    exercise: str,
    source: str,
    failing: dict[str, str],
    tools: Tools,
    tmp_path: Path,
) -> None:
    report = grade_answer(name, exercise, source, tools, tmp_path)
    assert failing
    assert {c.id: c.status for c in report.checks if c.status != "passed"} == failing
    assert report.score < report.max_score
