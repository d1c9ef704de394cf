"""The report as JSON, schema 1."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from grader.records import Epoch, Problem
from grader.report.as_json import report_as_json
from tests.report.reports import EXERCISE, FAILED, MODEL, REPORT, RUN, TRAINING, with_exercise


def test_a_report_has_every_field_that_the_schema_names() -> None:
    plain = report_as_json(REPORT)
    assert {key: value for key, value in plain.items() if key != "exercises"} == {
        "schema": 1,
        "assignment": "03-cnn-structure",
        "title": "A small CNN for handwritten digits",
        "submission": {"path": "student.ipynb", "sha256": "ab" * 32},
        "status": "graded",
        "score": 80.0,
        "max_score": 100.0,
        "seconds": {"read": 0.1, "build": 1.5, "checks": 0.01, "train": 1.26, "total": 2.9},
        "environment": {
            "grader": "0.1.0",
            "python": "3.11.7",
            "tensorflow": "2.21.0",
            "keras": "3.15.1",
            "sandbox": "bwrap+namespaces",
        },
    }


def test_an_exercise_has_its_model_training_and_checks() -> None:
    exercise = report_as_json(REPORT)["exercises"][0]
    assert {key: exercise[key] for key in ("id", "title", "score", "max_score", "found")} == {
        "id": "cnn",
        "title": "Convolve, pool, classify",
        "score": 80.0,
        "max_score": 100.0,
        "found": "build_cnn",
    }
    assert exercise["error"] is None
    assert exercise["assumptions"] == list(EXERCISE.assumptions)
    assert exercise["model"]["output_shape"] == [14, 14, 24]
    assert exercise["model"]["rebuilt"] is True
    assert exercise["model"]["layers"][0] == {
        "name": "conv2d",
        "type": "Conv2D",
        "config": MODEL.layers[0].config,
        "output_shape": [28, 28, 24],
        "params": 240,
        "inbound": [],
    }
    assert exercise["training"] == {
        "accuracy": 0.963,
        "epochs": [
            {"loss": 1.5, "accuracy": 0.6, "val_accuracy": 0.8},
            {"loss": 0.25, "accuracy": 0.95, "val_accuracy": 0.96},
        ],
        "seconds": 1.26,
        "cached": False,
        "seed": 1,
        "runs": [{"seed": 1, "accuracy": 0.963, "outcome": "finished"}],
    }
    assert exercise["checks"][0] == {
        "id": "layers",
        "type": "layers",
        "status": "partial",
        "score": 20.0,
        "max_score": 40.0,
        "message": FAILED.message,
        "expected": ["Conv2D"],
        "got": ["Conv2D"],
        "hint": FAILED.hint,
        "visibility": "visible",
        "layers": [
            {
                "index": 0,
                "verdict": "wrong",
                "text": "expected 26×26×24",
                "expected_shape": [26, 26, 24],
            },
            {
                "index": 1,
                "verdict": "follows",
                "text": "ok, follows from above",
                "expected_shape": None,
            },
        ],
    }
    assert exercise["repairs"] == exercise["remarks"] == []


def test_a_problem_is_told_with_its_place() -> None:
    problem = Problem("raised", "Why.", 2, 5, "x = 1")
    report = with_exercise(error=problem, model=None, training=None)
    exercise = report_as_json(report)["exercises"][0]
    assert exercise["error"] == {
        "kind": "raised",
        "message": "Why.",
        "cell": 2,
        "line": 5,
        "source": "x = 1",
    }
    assert exercise["model"] is None and exercise["training"] is None


def test_several_outputs_are_listed() -> None:
    model = replace(MODEL, output_shapes=((10,), (3,)))
    exercise = report_as_json(with_exercise(model=model))["exercises"][0]
    assert exercise["model"]["output_shape"] == [[10], [3]]


def test_a_hidden_check_tells_neither_what_was_expected_nor_what_came() -> None:
    hidden = replace(FAILED, visibility="hidden")
    told = report_as_json(with_exercise(checks=(hidden,)))["exercises"][0]["checks"][0]
    assert (told["expected"], told["got"], told["hint"]) == (None, None, None)
    assert told["visibility"] == "hidden"


def test_any_report_can_be_written_as_strict_json() -> None:
    run = replace(RUN, epochs=(Epoch(math.nan, math.inf, -math.inf),), accuracy=None)
    layer = replace(MODEL.layers[0], name="lone \ud800", config={"rate": math.nan, "n": 10**30})
    report = with_exercise(
        training=replace(TRAINING, runs=(run,)), model=replace(MODEL, layers=(layer,))
    )
    text = json.dumps(report_as_json(report), allow_nan=False, ensure_ascii=False)
    back = json.loads(text.encode("utf-8"))["exercises"][0]
    assert back["training"]["epochs"] == [{"loss": None, "accuracy": None, "val_accuracy": None}]
    assert back["model"]["layers"][0]["name"] == "lone \\ud800"
    assert back["model"]["layers"][0]["config"] == {"rate": None, "n": 10**30}


def test_a_students_name_is_told_where_it_is_known() -> None:
    submission = report_as_json(replace(REPORT, student="김철수"))["submission"]
    assert submission["student"] == "김철수"
