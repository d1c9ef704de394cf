"""One root cause is told once, and never more of it than the checks' levels allow."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.pipeline import Tools, grade_one
from grader.records import CheckResult
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.writing import IMPORTS, RIGHT, write_notebook

LAYERS: dict[str, Any] = {
    "type": "layers",
    "points": 7,
    "expect": [
        {"Conv2D": {"filters": 24, "kernel_size": 3, "padding": "valid", "activation": "relu"}},
        "MaxPooling2D",
        {"Conv2D": {"filters": 36, "kernel_size": 3, "padding": "valid", "activation": "relu"}},
        "MaxPooling2D",
        "Flatten",
        {"Dense": {"units": 128}},
        {"Dense": {"units": 10}},
    ],
}
MAPS: dict[str, Any] = {
    "type": "feature_maps",
    "points": 4,
    "expect": [[26, 26, 24], [13, 13, 24], [11, 11, 36], [5, 5, 36]],
}
COUNT: dict[str, Any] = {"type": "parameters", "points": 5, "expect": 124670}
OUTPUT: dict[str, Any] = {"type": "output_shape", "points": 1, "expect": [10]}
BUDGET: dict[str, Any] = {
    "type": "budget",
    "points": 2,
    "expect": {"multiply_adds": {"max": 1_210_000}},
}
SAME = RIGHT.replace("36, 3,", '36, 3, padding="same",')
COUNTED = (
    "Layer 6, Dense (dense): 900·128 + 128 = 115,328, you have 166,016: it reads 1,296 values "
    "instead of 900."
)


@pytest.fixture
def grade(sandbox: Sandbox, tmp_path: Path) -> Any:
    def run(code: str, *checks: dict[str, Any], hints: str = "fix") -> dict[str, CheckResult]:
        exercise = {
            "id": "cnn",
            "build": "build_cnn",
            "input_shape": [28, 28, 1],
            "checks": list(checks),
        }
        content = {"format": 1, "id": "it", "title": "It", "hints": hints, "exercises": [exercise]}
        (tmp_path / "it.yaml").write_text(json.dumps(content))
        assignment: LoadedAssignment = load_assignment(tmp_path / "it.yaml")
        path = write_notebook(tmp_path / "student.ipynb", IMPORTS, code)
        report = grade_one(path, assignment, Tools(sandbox, ResultCache(None)))
        return {result.id: result for result in report.exercises[0].checks}

    return run


def words(result: CheckResult) -> tuple[str, str | None]:
    return result.message, result.hint


def test_what_follows_from_a_wrong_layer_says_so_in_one_sentence(grade: Any) -> None:
    results = grade(SAME, OUTPUT, MAPS, LAYERS, COUNT, BUDGET)
    said = "Follows from layer 3, see layers."
    assert words(results["feature_maps"]) == (said, None)
    assert words(results["parameters"]) == (said, COUNTED)
    assert words(results["budget"]) == (said, None)
    assert results["output_shape"].message == "The output is 10."
    assert results["layers"].message == (
        'Layer 3, Conv2D (conv2d_1), has padding="same". It gives 13×13×36; expected 11×11×36.'
    )


def test_points_and_facts_stay_as_they_are(grade: Any) -> None:
    together, alone = grade(SAME, MAPS, LAYERS), grade(SAME, MAPS)
    assert words(together["feature_maps"]) != words(alone["feature_maps"])
    told = dataclasses.replace(together["feature_maps"], message="", hint=None)
    assert told == dataclasses.replace(alone["feature_maps"], message="", hint=None)
    assert (told.status, told.score) == ("partial", 2)


def test_the_output_follows_from_the_last_layer(grade: Any) -> None:
    results = grade(RIGHT.replace("Dense(10,", "Dense(12,"), OUTPUT, LAYERS)
    assert words(results["output_shape"]) == ("Follows from layer 7, see layers.", None)


def test_a_missing_layer_has_no_number(grade: Any) -> None:
    results = grade(RIGHT.replace("            layers.MaxPooling2D(2),\n", "", 1), MAPS, LAYERS)
    assert words(results["feature_maps"]) == ("Follows from the missing layer, see layers.", None)


def test_several_wrong_layers_are_named_where_it_takes_them_all(grade: Any) -> None:
    wrong = SAME.replace("24, 3,", '24, 3, padding="same",')
    assert grade(wrong, MAPS, LAYERS)["feature_maps"].message == (
        "Follows from layers 1 and 3, see layers."
    )
    # What else is wrong has nothing to do with the feature maps.
    assert grade(SAME.replace("Dense(10,", "Dense(12,"), MAPS, LAYERS)["feature_maps"].message == (
        "Follows from layer 3, see layers."
    )


def test_the_layer_that_matters_is_named_and_not_the_first(grade: Any) -> None:
    wrong = SAME.replace('24, 3, activation="relu"', "24, 3").replace("Dense(10,", "Dense(12,")
    results = grade(wrong, OUTPUT, MAPS, LAYERS)
    assert results["output_shape"].message == "Follows from layer 7, see layers."
    assert results["feature_maps"].message == "Follows from layer 3, see layers."
    assert results["layers"].message.startswith("Layer 1, Conv2D (conv2d), has activation=")


def test_a_wrong_and_a_missing_layer_are_named_together(grade: Any) -> None:
    wrong = RIGHT.replace("            layers.MaxPooling2D(2),\n", "", 1)
    wrong = wrong.replace("24, 3,", '24, 3, padding="same",')
    assert grade(wrong, MAPS, LAYERS)["feature_maps"].message == (
        "Follows from layer 1 and the missing layer, see layers."
    )


def test_what_is_asked_of_a_part_says_nothing_of_the_whole_count(grade: Any) -> None:
    wide = (
        "def build_cnn():\n    return keras.Sequential([keras.Input((28, 28, 1)), "
        "layers.Conv2D(32, 3), layers.Conv2D(32, 3), layers.Conv2D(10, 3), "
        "layers.GlobalAveragePooling2D()])"
    )
    part = {
        "type": "layers",
        "expect": [{"Conv2D": {"filters": 10, "kernel_size": 1}}, "GlobalAveragePooling2D"],
        "allow": ["Conv2D"],
        "points": 1,
    }
    few = {"type": "parameters", "expect": {"total": {"max": 9000}}, "points": 1}
    message = grade(wide, part, few)["parameters"].message
    assert "12,458" in message and "Follows" not in message


def test_where_the_order_is_wrong_no_layer_is_advised(grade: Any) -> None:
    """A pool that stands one place too early is neither missing nor too much."""
    lines = RIGHT.splitlines()
    pool = next(at for at, text in enumerate(lines) if "MaxPooling2D" in text)
    lines[pool], lines[pool - 1] = lines[pool - 1], lines[pool]
    swapped = grade("\n".join(lines), LAYERS, MAPS)["layers"]
    assert swapped.status == "partial"
    assert "Add " not in (swapped.hint or "")
    other = RIGHT.replace("36, 3,", '36, 3, padding="same",')
    assert "Try" in (grade(other, LAYERS, MAPS)["layers"].hint or "")


def test_a_model_all_wrong_is_told_in_full(grade: Any) -> None:
    other = {**LAYERS, "expect": [*LAYERS["expect"], *[{"Dense": {"units": 10}}] * 9]}
    assert grade(SAME, MAPS, other)["feature_maps"].message.startswith("No layer gives 11×11×36;")


def test_what_does_not_follow_is_told_in_full(grade: Any) -> None:
    other = {**MAPS, "expect": [[7, 7, 24]]}
    assert grade(SAME, other, LAYERS)["feature_maps"].message.startswith("No layer gives 7×7×24;")
    assert grade(RIGHT, other, LAYERS)["feature_maps"].message.startswith("No layer gives 7×7×24;")


def test_an_id_of_the_authors_is_named(grade: Any) -> None:
    results = grade(SAME, MAPS, {**LAYERS, "id": "order"})
    assert results["feature_maps"].message == "Follows from layer 3, see order."


@pytest.mark.parametrize("hints", ["where", "why", "fix"])
def test_the_layer_is_named_from_where_on(grade: Any, hints: str) -> None:
    results = grade(SAME, MAPS, LAYERS, COUNT, hints=hints)
    assert words(results["feature_maps"]) == ("Follows from layer 3, see layers.", None)
    told = None if hints == "where" else COUNTED
    assert words(results["parameters"]) == ("Follows from layer 3, see layers.", told)


def test_at_none_nothing_is_named(grade: Any) -> None:
    results = grade(SAME, MAPS, LAYERS, hints="none")
    assert words(results["feature_maps"]) == ("Not passed.", None)


def test_a_check_with_a_level_of_its_own_keeps_it(grade: Any) -> None:
    silent = grade(SAME, {**MAPS, "hint": "none"}, LAYERS)
    assert words(silent["feature_maps"]) == ("Not passed.", None)
    root = grade(SAME, MAPS, {**LAYERS, "hint": "none"})
    assert root["feature_maps"].message.startswith("No layer gives 11×11×36;")


def test_a_hidden_check_neither_folds_nor_is_folded(grade: Any) -> None:
    hidden = grade(SAME, {**MAPS, "visibility": "hidden"}, LAYERS)
    assert words(hidden["feature_maps"]) == ("A hidden check.", None)
    root = grade(SAME, MAPS, {**LAYERS, "visibility": "hidden"}, COUNT)
    assert root["feature_maps"].message.startswith("No layer gives 11×11×36;")
    # Nor does the count say what only the hidden check asks for.
    assert root["parameters"].hint == (
        "Most are in Dense (dense): 1296·128 + 128 = 166,016. Count each layer's parameters by "
        "hand and compare with the table."
    )


def test_what_was_not_looked_at_is_not_folded(grade: Any) -> None:
    results = grade(SAME, {**MAPS, "needs": ["layers"]}, LAYERS)
    assert words(results["feature_maps"]) == ("Waits for layers.", None)
