"""The table of Keras's names: up to date, readable without Keras, and deaf to hostile names."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from grader.model import keras_names
from grader.model.make_keras_names import TABLE, as_text

REGENERATE = "run: python -m grader.model.make_keras_names"

MAKE = """
import json, sys
import keras
from grader.model.make_keras_names import as_text, keras_names

table = keras_names()
gets = {
    "losses": [type(keras.losses.get(name)).__name__ for name in table["losses"]],
    "activations": [callable(keras.activations.get(name)) for name in table["activations"]],
    "optimizers": [
        type(keras.optimizers.get({"class_name": name, "config": {}})).__name__
        for name in table["optimizers"]
    ],
}
conv = keras.layers.Conv2D(3, 3)
json.dump({"text": as_text(table), "gets": gets, "conv": sorted(conv.get_config())}, sys.stdout)
"""
"""Keras is asked in a process of its own: this one stays free of TensorFlow."""


@pytest.fixture(scope="module")
def made() -> Any:
    run = subprocess.run([sys.executable, "-c", MAKE], check=True, capture_output=True, text=True)
    return json.loads(run.stdout.splitlines()[-1])


def test_the_table_is_what_the_installed_keras_says(made: Any) -> None:
    stored = TABLE.read_text(encoding="utf-8")
    table, installed = json.loads(stored), json.loads(made["text"])
    assert table["keras"] == installed["keras"], (
        f"keras_names.json is of Keras {table['keras']}, installed is {installed['keras']}; "
        f"{REGENERATE}"
    )
    assert stored == made["text"], f"keras_names.json is out of date; {REGENERATE}"


def test_keras_finds_what_the_table_names(made: Any) -> None:
    assert len(made["gets"]["losses"]) == len(keras_names.loss_names())
    assert all(made["gets"]["activations"])
    assert made["gets"]["optimizers"] == list(keras_names.class_names("optimizers"))


def test_the_arguments_are_those_of_a_real_layer(made: Any) -> None:
    known = keras_names.class_arguments("layers", "Conv2D")
    assert known is not None
    assert sorted(known) == made["conv"]


def test_this_process_never_imports_keras() -> None:
    code = "import sys, grader.model.keras_names as k; k.layer_words(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"keras", "tensorflow"} & set(run.stdout.split())


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Conv2D", "Conv2D"),
        ("Convolution2D", "Conv2D"),
        ("MaxPool2D", "MaxPooling2D"),
        ("AvgPool1D", "AveragePooling1D"),
        ("GlobalAvgPool2D", "GlobalAveragePooling2D"),
        ("InputLayer", "InputLayer"),
    ],
)
def test_every_name_of_a_layer_leads_to_its_class(name: str, canonical: str) -> None:
    assert keras_names.resolve_layer(name) == canonical
    assert name in keras_names.layer_words()


HOSTILE = [
    "",
    "conv2d",
    "Conv2D ",
    " Conv2D",
    "Conv2D\x00",
    "Conv2D\n",
    "keras.layers.Conv2D",
    "Сonv2D",  # begins with a Cyrillic letter
    "__class__",
    "__init__",
    "get",
    "items",
    "layers",
    "layer_aliases",
    "Layer",
    "required",
    "Model",
    "Sequential",
    "os.system",
    "x" * 1_000_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:20]))
def test_a_name_that_is_not_keras_own_is_none(name: str) -> None:
    assert keras_names.resolve_layer(name) is None
    kinds: list[keras_names.Kind] = [
        "layers",
        "initializers",
        "regularizers",
        "constraints",
        "optimizers",
    ]
    for kind in kinds:
        assert keras_names.class_arguments(kind, name) is None
    assert name not in keras_names.activation_names()
    assert name not in keras_names.loss_names()
    assert name not in keras_names.metric_names()
    assert not keras_names.is_operation("keras.src.ops.numpy", name)
    assert not keras_names.is_operation(name, "Add")


@pytest.mark.parametrize(
    ("module", "name", "known"),
    [
        ("keras.src.ops.numpy", "Add", True),
        ("keras.src.ops.nn", "Relu", True),
        ("keras.src.ops.nn", "Add", False),
        ("keras.src.ops.numpy", "np", False),
        ("keras.src.ops.numpy", "Operation", False),
        ("keras.ops.numpy", "Add", False),
        ("keras.src.ops", "Add", False),
        ("operations", "Add", False),
    ],
)
def test_an_operation_is_known_in_its_own_module_only(module: str, name: str, known: bool) -> None:
    assert keras_names.is_operation(module, name) is known


def test_an_alias_is_no_class() -> None:
    """What Keras saves names the class itself."""
    assert keras_names.class_arguments("layers", "MaxPool2D") is None


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        ("layers", "Layer"),
        ("initializers", "Initializer"),
        ("regularizers", "Regularizer"),
        ("constraints", "Constraint"),
        ("optimizers", "Optimizer"),
    ],
)
def test_a_base_class_is_nothing_to_build_from(kind: keras_names.Kind, base: str) -> None:
    assert base not in keras_names.class_names(kind)


def test_the_text_of_a_table_has_a_line_for_each_class() -> None:
    table = {
        "keras": "1.2.3",
        "layers": {"A": {"x": ["required"], "y": None}, "B": {}},
        "words": [],
    }
    assert as_text(table) == (
        '{\n"keras": "1.2.3",\n"layers": {\n  "A": {"x": ["required"], "y": null},\n  "B": {}\n},\n'
        '"words": []\n}\n'
    )
    assert json.loads(as_text(table)) == table
