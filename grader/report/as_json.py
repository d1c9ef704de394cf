"""The report as JSON, schema 1. Hidden checks keep what they know to themselves."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from grader.records import CheckResult, ExerciseReport, ModelDescription, Report, TrainingResult

SCHEMA = 1


def report_as_json(report: Report) -> dict[str, Any]:
    """Plain values that ``json.dumps(..., allow_nan=False)`` takes; NaN and infinity are null."""
    submission = {"path": report.path, "student": report.student, "sha256": report.sha256}
    if report.student is None:
        del submission["student"]
    plain = {
        "schema": SCHEMA,
        "assignment": report.assignment,
        "title": report.title,
        "submission": submission,
        "status": report.status,
        "score": report.score,
        "max_score": report.max_score,
        "exercises": [_exercise(exercise) for exercise in report.exercises],
        "seconds": asdict(report.seconds),
        "environment": asdict(report.environment),
    }
    strict: dict[str, Any] = _strict(plain)
    return strict


def _exercise(exercise: ExerciseReport) -> dict[str, Any]:
    return {
        "id": exercise.id,
        "title": exercise.title,
        "score": exercise.score,
        "max_score": exercise.max_score,
        "found": exercise.found,
        "cell": exercise.cell,
        "assumptions": list(exercise.assumptions),
        "error": asdict(exercise.error) if exercise.error else None,
        "model": _model(exercise.model) if exercise.model else None,
        "training": _training(exercise.training) if exercise.training else None,
        "checks": [_check(check) for check in exercise.checks],
        "repairs": [asdict(repair) for repair in exercise.repairs],
        "remarks": [asdict(remark) for remark in exercise.remarks],
    }


def _model(model: ModelDescription) -> dict[str, Any]:
    single = len(model.output_shapes) == 1
    return {
        "total_params": model.total_params,
        "trainable_params": model.trainable_params,
        "multiply_adds": model.multiply_adds,
        "input_shapes": model.input_shapes,
        "output_shape": model.output_shapes[0] if single else model.output_shapes,
        "rebuilt": model.rebuilt,
        "layers": [
            {
                "name": layer.name,
                "type": layer.type,
                "config": layer.config,
                "output_shape": layer.output_shape,
                "params": layer.params,
                "inbound": layer.inbound,
            }
            for layer in model.layers
        ],
    }


def _training(training: TrainingResult) -> dict[str, Any]:
    best = training.best
    return {
        "accuracy": best.accuracy,
        "epochs": [asdict(epoch) for epoch in best.epochs],
        "seconds": training.seconds,
        "cached": training.cached,
        "seed": best.seed,
        "runs": [
            {"seed": run.seed, "accuracy": run.accuracy, "outcome": run.outcome}
            for run in training.runs
        ],
    }


def _check(check: CheckResult) -> dict[str, Any]:
    plain = {
        key: getattr(check, key)
        for key in ("id", "type", "status", "score", "max_score", "message")
    }
    if check.visibility == "hidden":
        nothing: dict[str, Any] = {"expected": None, "got": None, "hint": None, "layers": []}
        return {**plain, **nothing, "visibility": "hidden"}
    told = {key: getattr(check, key) for key in ("expected", "got", "hint", "visibility")}
    return plain | told | {"layers": [asdict(note) for note in check.layers]}


def _strict(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        # A lone surrogate cannot be written as UTF-8.
        return value.encode("utf-8", errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    return value
