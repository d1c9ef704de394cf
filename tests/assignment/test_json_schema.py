"""The JSON Schema for editors: it takes what the loader takes, and offers what Keras has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from grader.assignment.load import assignment_json_schema
from grader.checks.table import CHECK_TYPES
from grader.model import keras_names
from tests.assignment.faults import ANSWERS, BUILD, FUNCTION, HEAD, complaints, every_check

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = assignment_json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_long_table_is_written_once() -> None:
    text = json.dumps(SCHEMA)
    assert text.count('"MaxPooling2D": {') == 1
    assert text.count('"RMSprop": {') == 1
    assert len(text) < 100_000


@pytest.mark.parametrize(
    "path", sorted((ROOT / "assignments").glob("*.yaml")), ids=lambda path: path.name
)
def test_the_assignments_that_come_with_the_grader_are_valid(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_example_of_every_check_is_valid() -> None:
    VALIDATOR.validate(every_check())


RIGHT = {
    "no id": BUILD + "      - {type: probabilities, points: 1}\n",
    "every key of a check": BUILD
    + "      - {type: probabilities, id: a, points: 1.5, needs: [], hint: fix, "
    + "visibility: hidden}\n",
    "limits": "limits: {build_seconds: 0.5, memory_mb: 64}\n"
    + BUILD
    + "      - {type: probabilities, points: 1}\n",
    "a name": BUILD + "      - {type: layers, expect: [Flatten], points: 1}\n",
    "a name with nothing": BUILD + "      - {type: layers, expect: [{Flatten: }], points: 1}\n",
    "arguments": BUILD
    + "      - {type: layers, expect: [{Conv2D: {filters: 4, strides: [1, 1]}}], points: 1}\n",
    "another name of a layer": BUILD
    + "      - {type: layers, expect: [MaxPool2D, {AvgPool2D: {pool_size: 2}}], points: 1}\n",
    "counts": BUILD
    + "      - {type: contains, expect: {MaxPool2D: 1, ReLU: {min: 1}}, points: 1}\n",
    "ranges": BUILD
    + "      - {type: parameters, expect: {total: 5, trainable: {max: 9}}, points: 1}\n",
    "a count alone": BUILD + "      - {type: parameters, expect: 5, points: 1}\n",
    "one shape": BUILD + "      - {type: output_shape, expect: [null, 10], points: 1}\n",
    "shapes": BUILD + "      - {type: output_shape, expect: [[10], [null, 4]], points: 1}\n",
    "an optimizer": BUILD
    + "      - {type: compile, expect: {optimizer: adam, loss: mse, metrics: [acc]}, points: 1}\n",
    "a set optimizer": BUILD
    + "      - {type: compile, expect: {optimizer: {SGD: {momentum: 0.9}}}, points: 1}\n",
    "training": BUILD
    + "      - {type: training, dataset: digits, min_accuracy: 1, optimizer: Adam, points: 1}\n",
    "cases": FUNCTION + "      - {type: returns, cases: [{args: [1], expect: [2]}], points: 1}\n",
    "answers": ANSWERS + "      - {type: answers, expect: {a: 1, b: text}, points: 1}\n",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_loads_is_valid(tmp_path: Path, text: str) -> None:
    assert complaints(tmp_path, text) == []
    VALIDATOR.validate(yaml.safe_load(text))


WRONG = {
    "nothing": "{}",
    "a list": "[]",
    "another format": RIGHT["no id"].replace("format: 1", "format: 2"),
    "no exercises": "format: 1\nid: a\ntitle: T\n",
    "an empty list of exercises": "format: 1\nid: a\ntitle: T\nexercises: []\n",
    "no checks": HEAD + "    answers: a\n",
    "an empty list of checks": HEAD + "    answers: a\n    checks: []\n",
    "an unknown key": "colour: red\n" + RIGHT["no id"],
    "an unknown limit": "limits: {build_second: 1}\n" + RIGHT["no id"],
    "a title of another type": RIGHT["no id"].replace("title: T", "title: 5"),
    "an id with a space": RIGHT["no id"].replace("id: a", "id: a b"),
    "a name with a dash": RIGHT["no id"].replace("build_cnn", "build-cnn"),
    "no shape": RIGHT["no id"].replace("    input_shape: [28, 28, 1]\n", ""),
    "a shape with a zero": RIGHT["no id"].replace("[28, 28, 1]", "[28, 0, 1]"),
    "build and function": RIGHT["no id"].replace("    build:", "    function: g\n    build:"),
    "none of the three": RIGHT["no id"].replace("    build: build_cnn\n", ""),
    "a check without a type": BUILD + "      - {points: 1}\n",
    "an unknown type": BUILD + "      - {type: layrs, points: 1}\n",
    "no expectation": BUILD + "      - {type: layers, points: 1}\n",
    "negative points": BUILD + "      - {type: probabilities, points: -1}\n",
    "an unknown layer": BUILD + "      - {type: layers, expect: [Conv2d], points: 1}\n",
    "an unknown argument": BUILD
    + "      - {type: layers, expect: [{Conv2D: {filtres: 1}}], points: 1}\n",
    "two layers in one": BUILD
    + "      - {type: layers, expect: [{Flatten: {}, Dense: {}}], points: 1}\n",
    "a count of an unknown layer": BUILD
    + "      - {type: contains, expect: {Conv2d: 1}, points: 1}\n",
    "a negative count": BUILD + "      - {type: contains, expect: {Conv2D: -1}, points: 1}\n",
    "a negative count alone": BUILD + "      - {type: parameters, expect: -5, points: 1}\n",
    "an unknown bound": BUILD + "      - {type: contains, expect: {Conv2D: {mim: 1}}, points: 1}\n",
    "an unknown optimizer": BUILD
    + "      - {type: compile, expect: {optimizer: adma}, points: 1}\n",
    "an unknown loss": BUILD + "      - {type: compile, expect: {loss: mes}, points: 1}\n",
    "an unknown metric": BUILD + "      - {type: compile, expect: {metrics: [ac]}, points: 1}\n",
    "an unknown data set": BUILD
    + "      - {type: training, dataset: digit, min_accuracy: 1, points: 1}\n",
    "an accuracy above one": BUILD
    + "      - {type: training, dataset: digits, min_accuracy: 95, points: 1}\n",
    "an unknown key of a case": FUNCTION
    + "      - {type: returns, cases: [{arg: [1], expect: 2}], points: 1}\n",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_the_schema_refuses_does_not_load(tmp_path: Path, text: str) -> None:
    assert not VALIDATOR.is_valid(yaml.safe_load(text))
    assert complaints(tmp_path, text)


def test_an_editor_is_offered_every_check_type() -> None:
    checks = SCHEMA["$defs"]["Exercise"]["properties"]["checks"]["items"]
    names = [ref["$ref"].removeprefix("#/$defs/") for ref in checks["oneOf"]]
    offered = [SCHEMA["$defs"][name]["properties"]["type"]["const"] for name in names]
    assert offered == list(CHECK_TYPES)


def test_an_editor_is_offered_every_layer_with_its_arguments() -> None:
    names, with_arguments = SCHEMA["$defs"]["Layer"]["anyOf"]
    assert names["enum"] == list(keras_names.layer_words())
    for name, arguments in with_arguments["properties"].items():
        canonical = keras_names.resolve_layer(name)
        assert canonical
        known: Any = keras_names.class_arguments("layers", canonical)
        assert list(arguments["properties"]) == list(known)


def test_an_editor_is_told_what_a_key_means() -> None:
    shape = SCHEMA["$defs"]["Exercise"]["properties"]["input_shape"]
    assert shape["description"] == "Without the batch axis."
