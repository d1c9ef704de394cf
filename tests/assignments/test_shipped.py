"""What is handed out: solutions, starters, stored values, thresholds."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from grader.assignment.load import load_assignment
from grader.authoring import release_values
from grader.checks.training import Training
from grader.choose import FOLDER
from grader.pipeline import Tools, grade_one
from grader.report.as_json import report_as_json
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.conftest import ROOT

IDS = [path.stem for path in sorted(FOLDER.glob("*.yaml"))]
SOLUTIONS = ROOT / "solutions"


@pytest.fixture(scope="module")
def tools(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Tools:
    return Tools(sandbox, ResultCache(tmp_path_factory.mktemp("results")))


@pytest.mark.parametrize("name", IDS)
def test_a_solution_gets_full_marks(name: str, tools: Tools) -> None:
    assignment = load_assignment(FOLDER / f"{name}.yaml")
    report = grade_one(SOLUTIONS / f"{name}.ipynb", assignment, tools)
    wrong = [
        (exercise.id, exercise.error, check.id, check.message)
        for exercise in report.exercises
        for check in exercise.checks
        if check.status != "passed"
    ]
    assert wrong == []
    assert report.score == report.max_score == 100


@pytest.mark.parametrize("name", IDS)
def test_a_starter_is_unsolved_and_nothing_else(name: str, tools: Tools) -> None:
    assignment = load_assignment(FOLDER / f"{name}.yaml")
    report = grade_one(FOLDER / f"{name}.ipynb", assignment, tools)
    assert (report.score, report.status) == (0, "graded")
    for exercise in report.exercises:
        assert exercise.error is not None and exercise.error.kind == "unsolved", exercise.id
        assert {check.status for check in exercise.checks} == {"skipped"}


@pytest.mark.parametrize("folder", ["assignments", "solutions"])
@pytest.mark.parametrize("name", IDS)
def test_a_notebook_runs_from_top_to_bottom_in_jupyter(
    name: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    notebook = nbformat.read(ROOT / folder / f"{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()


@pytest.mark.parametrize("name", IDS)
def test_a_student_without_the_solutions_checks_against_the_stored_values(
    name: str, tools: Tools, tmp_path: Path
) -> None:
    alone = tmp_path / "assignments"
    alone.mkdir()
    for path in FOLDER.glob(f"{name}*"):
        shutil.copy(path, alone)
    shutil.copy(SOLUTIONS / f"{name}.ipynb", tmp_path / "student.ipynb")
    assignment = load_assignment(alone / f"{name}.yaml")
    report = grade_one(tmp_path / "student.ipynb", assignment, tools)
    statuses = {check.status for exercise in report.exercises for check in exercise.checks}
    assert statuses == {"passed"}
    assert report.max_score <= 100


@pytest.mark.parametrize("name", IDS)
def test_stored_values_are_those_that_the_solution_gives_today(
    name: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    stored = FOLDER / f"{name}.values.json"
    for folder in ("assignments", "solutions"):
        (tmp_path / folder).mkdir()
        for path in (ROOT / folder).glob(f"{name}*"):
            shutil.copy(path, tmp_path / folder)
    assignment = load_assignment(tmp_path / "assignments" / f"{name}.yaml")
    count = release_values(assignment, sandbox)
    assert stored.exists() == bool(count)
    if count:
        assert json.loads(assignment.values.read_text()) == json.loads(stored.read_text())


@pytest.mark.parametrize("name", IDS)
def test_a_threshold_lets_the_solution_in_with_each_of_twenty_seeds_and_no_linear_model(
    name: str,
) -> None:
    content = load_assignment(FOLDER / f"{name}.yaml").content
    checks = {
        (exercise.id, check.id): check
        for exercise in content.exercises
        for check in exercise.checks
        if isinstance(check, Training)
    }
    if not checks:
        assert not (SOLUTIONS / f"{name}.seeds.csv").exists()
        return
    with (SOLUTIONS / f"{name}.seeds.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for (exercise, check), spec in checks.items():
        found = {
            model: [
                float(row["accuracy"])
                for row in rows
                if (row["exercise"], row["check"], row["model"]) == (exercise, check, model)
            ]
            for model in ("solution", "linear")
        }
        assert len(found["solution"]) == len(found["linear"]) == 20
        assert min(found["solution"]) >= spec.min_accuracy > max(found["linear"])


@pytest.mark.parametrize("name", IDS)
def test_a_hidden_check_tells_a_student_nothing_but_whether_it_passed(
    name: str, tools: Tools
) -> None:
    assignment = load_assignment(FOLDER / f"{name}.yaml")
    report = grade_one(SOLUTIONS / f"{name}.ipynb", assignment, Tools(tools.sandbox, tools.cache))
    hidden = [
        check
        for exercise in report_as_json(report)["exercises"]
        for check in exercise["checks"]
        if check["visibility"] == "hidden"
    ]
    assert hidden or not (SOLUTIONS / f"{name}.hidden.yaml").exists()
    for check in hidden:
        told = (check["message"], check["expected"], check["got"], check["hint"])
        assert told == ("A hidden check.", None, None, None)
