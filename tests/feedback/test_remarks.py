"""Which remarks a report holds, in which order, and when it holds none."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import grader.feedback.remark_layers
import grader.feedback.remark_learning
from grader.assignment.load import load_assignment
from grader.assignment.schema import Assignment
from grader.choose import FOLDER
from grader.feedback.remarks import MOST, REMARKS, find_remarks
from grader.pipeline import Tools, grade_one
from grader.records import CheckResult, Epoch, Evidence, LayerNote, TrainingResult, TrainingRun
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.checks.models import build
from tests.conftest import ROOT
from tests.feedback.solutions import solved_exercises

IDS = [path.stem for path in sorted(FOLDER.glob("*.yaml"))]
CHECKS: list[dict[str, Any]] = [
    {"type": "layers", "expect": ["Conv2D"], "points": 1},
    {"type": "probabilities"},
    {"type": "training", "id": "learns", "dataset": "digits", "min_accuracy": 0.9},
]
COLLAPSES = "Conv2D(8, 3, name='a'), Conv2D(8, 3, name='b'), Flatten(), Dense(10)"
EVERYTHING = (
    "Conv2D(8, 3), Conv2D(8, 3, activation='relu'), ReLU(), MaxPooling2D(24),"
    " Conv2D(4, 3, padding='same'), Dropout(0.1), BatchNormalization(), Flatten(),"
    " Dense(10, activation='sigmoid'), Dropout(0.1)"
)
GUESSES = TrainingRun(1, 0.1, (Epoch(9.9, 0.1, 0.1), Epoch(5.0, 0.1, 0.1)), "finished", 11.0)


def assignment(checks: list[dict[str, Any]] = CHECKS, **settings: Any) -> Assignment:
    exercise = {"id": "cnn", "build": "model", "input_shape": [28, 28, 1], "checks": checks}
    content = {"format": 1, "id": "it", "title": "It", "exercises": [exercise], **settings}
    return Assignment.model_validate(content)


def results(content: Assignment, **changes: Any) -> list[CheckResult]:
    given: dict[str, Any] = {"status": "passed", **changes}
    plain = ("message", "expected", "got", "hint")
    return [
        CheckResult(
            id=spec.id,
            type=spec.type,
            score=0,
            max_score=1,
            visibility=spec.visibility,
            **{**dict.fromkeys(plain), **given},
        )
        for spec in content.exercises[0].checks
    ]


def ids(content: Assignment, evidence: Evidence, **changes: Any) -> list[str]:
    specs = content.exercises[0].checks
    found = find_remarks(content, specs, results(content, **changes), evidence)
    return [remark.id for remark in found]


@pytest.fixture(scope="module")
def collapses(sandbox: Sandbox) -> Evidence:
    return Evidence(model=build(sandbox, f"Sequential([Input((28, 28, 1)), {COLLAPSES}])"))


@pytest.fixture(scope="module")
def everything(sandbox: Sandbox) -> Evidence:
    model = build(sandbox, f"Sequential([Input((28, 28, 1)), {EVERYTHING}])")
    training = {"learns": TrainingResult((GUESSES,), 270, 1.0, False)}
    return Evidence(model=model, training=training)


def test_no_solution_is_remarked_on(sandbox: Sandbox) -> None:
    for solved in solved_exercises(sandbox):
        for kind in REMARKS.values():
            assert kind.find(solved.evidence) is None, solved.name


@pytest.mark.parametrize("name", IDS)
def test_no_solution_is_remarked_on_when_it_has_learned(sandbox: Sandbox, name: str) -> None:
    content = load_assignment(FOLDER / f"{name}.yaml")
    tools = Tools(sandbox, ResultCache(None))
    report = grade_one(ROOT / "solutions" / f"{name}.ipynb", content, tools)
    assert report.score == report.max_score
    assert [exercise.remarks for exercise in report.exercises] == [()] * len(report.exercises)


def test_a_few_at_most_and_the_most_important_first(everything: Evidence) -> None:
    found = ids(assignment(), everything)
    assert found == [
        "at-chance",
        "first-loss",
        "no-activation",
        "two-activations",
        "sigmoid-on-classes",
    ]
    assert len(found) == MOST
    assert found == sorted(found, key=list(REMARKS).index)


@pytest.mark.parametrize("hints", ["where", "why", "fix"])
def test_remarks_are_made_from_where_on(collapses: Evidence, hints: str) -> None:
    assert ids(assignment(hints=hints), collapses) == ["no-activation"]


def test_without_hints_there_are_no_remarks(collapses: Evidence) -> None:
    assert ids(assignment(hints="none"), collapses) == []


def test_an_author_may_want_none(collapses: Evidence) -> None:
    assert ids(assignment(remarks=False), collapses) == []


def test_what_a_check_says_already_is_not_remarked(
    collapses: Evidence, everything: Evidence
) -> None:
    note = (LayerNote(0, "wrong", 'expected activation="relu"'),)
    assert ids(assignment(), collapses, status="partial", layers=note) == []
    assert "sigmoid-on-classes" in ids(assignment(), everything, status="passed")
    assert "sigmoid-on-classes" not in ids(assignment(), everything, status="failed")


def test_a_hidden_training_stays_hidden(everything: Evidence) -> None:
    for setting in ({"visibility": "hidden"}, {"hint": "none"}):
        content = assignment([*CHECKS[:2], {**CHECKS[2], **setting}])
        assert not {"at-chance", "first-loss"} & set(ids(content, everything))


def test_without_a_model_there_are_none() -> None:
    assert ids(assignment(), Evidence()) == []


@pytest.mark.parametrize("id", REMARKS)
def test_a_row_is_named_for_what_it_finds(id: str) -> None:
    assert f'"{id}"' in inspect.getsource(REMARKS[id].find)
    assert set(REMARKS[id].but_for) <= set(list(REMARKS)[: list(REMARKS).index(id)])
    assert inspect.getdoc(REMARKS[id].find)


def test_every_remark_is_in_the_table() -> None:
    rooms = (grader.feedback.remark_layers, grader.feedback.remark_learning)
    written = {
        value
        for room in rooms
        for value in vars(room).values()
        if inspect.isfunction(value) and "-> 'Remark | None'" in str(inspect.signature(value))
    }
    assert written == {kind.find for kind in REMARKS.values()}


HOSTILE: list[dict[str, Any]] = [
    {"input_shapes": ((),), "output_shapes": ((),)},
    {"config": {"filters": "many", "kernel_size": [0], "activation": ["relu"], "rate": {}}},
    {"config": {"units": -1, "use_bias": "no", "center": [], "groups": 0, "strides": None}},
    {"output_shapes": ((None,),), "params": 2**61},
    {"inbound": (0,)},
]


@pytest.mark.parametrize("claim", HOSTILE, ids=lambda claim: json.dumps(claim)[:40])
def test_a_model_as_a_students_program_describes_it_breaks_nothing(
    everything: Evidence, claim: dict[str, Any]
) -> None:
    model = everything.model
    assert model is not None
    layers = tuple(replace(layer, **claim) for layer in model.layers)
    lied = replace(model, layers=layers, output_shapes=layers[0].output_shapes)
    for kind in REMARKS.values():
        found = kind.find(replace(everything, model=lied))
        assert found is None or found.id in REMARKS


def test_a_report_from_a_notebook_holds_them(sandbox: Sandbox, tmp_path: Path) -> None:
    exercise = {
        "id": "cnn",
        "build": "model",
        "input_shape": [28, 28, 1],
        "checks": [{"type": "output_shape", "expect": [10], "points": 1}],
    }
    content = {"format": 1, "id": "it", "title": "It", "exercises": [exercise]}
    (tmp_path / "it.yaml").write_text(json.dumps(content))
    lines = "import keras\nfrom keras.layers import *\n"
    model = f"model = keras.Sequential([keras.Input((28, 28, 1)), {COLLAPSES}])\n"
    (tmp_path / "it.py").write_text(lines + model)
    tools = Tools(sandbox, ResultCache(None))
    report = grade_one(tmp_path / "it.py", load_assignment(tmp_path / "it.yaml"), tools)
    assert [remark.id for remark in report.exercises[0].remarks] == ["no-activation"]
    assert report.score == 1
