"""Statements that fail for want of data: which the program goes on without, and with what."""

from __future__ import annotations

from typing import Any

import pytest

from grader.records import Problem
from grader.sandbox.client import Sandbox
from tests.sandbox.asking import LIMITS, ask, read_answer, refused
from tests.sandbox.forks import Forks

IMPORTS = "import keras\nfrom keras import layers"
INPUT = "inputs = keras.Input((28, 28, 1))"
REST = "flat = layers.Flatten()({})\nout = layers.Dense(10)(flat)\nmodel = keras.Model(inputs, out)"


def units(sandbox: Sandbox, *cells: str, **request: Any) -> list[int]:
    """The units of the dense layers of ``model``."""
    reply = ask(sandbox, "build", "model", IMPORTS, *cells, **request)
    answer = read_answer(reply, "model", LIMITS)
    layers = answer["architecture"]["config"]["layers"]
    return [layer["config"]["units"] for layer in layers if layer["class_name"] == "Dense"]


def notes(sandbox: Sandbox, *cells: str, **request: Any) -> list[str]:
    """What is noted of a program that gives a model, but for its input's shape."""
    reply = ask(sandbox, "build", "model", IMPORTS, *cells, **request)
    found = read_answer(reply, "model", LIMITS)["assumptions"]
    return [text for text in found if not text.startswith("The model names no input shape")]


def problem(sandbox: Sandbox, *cells: str) -> Problem:
    return refused(ask(sandbox, "build", "model", IMPORTS, *cells), "model")


def split(source: str) -> list[str]:
    return source.split("\n")


SHAPED = "model = keras.Sequential([keras.Input({}), layers.Flatten(), layers.Dense({})])"
STANDS = "{} is not here; made-up data of the exercise's shape stands for it."

WITH_DATA: dict[str, tuple[list[str], list[str]]] = {
    "a file that is not there": (
        [
            "import numpy as np",
            "x_train = np.load('x.npy')",
            SHAPED.format("x_train.shape[1:]", 10),
        ],
        [STANDS.format("x_train")],
    ),
    "data in a form that fails": (
        ["x_train = [1, 2].reshape(-1, 28, 28, 1)", SHAPED.format("x_train.shape[1:]", 10)],
        [STANDS.format("x_train")],
    ),
    "a count that fails": (
        [
            "import os",
            "num_classes = len(os.listdir('x'))",
            SHAPED.format("(28, 28, 1)", "num_classes"),
        ],
        ["num_classes could not be counted; 10 was taken for it."],
    ),
    "names of classes": (
        ["class_names = open('names').read().split()", SHAPED.format("(28,)", "len(class_names)")],
        [STANDS.format("class_names")],
    ),
    "several at once": (
        ["(x, y) = 7", SHAPED.format("x.shape[1:]", "len(set(y))")],
        [STANDS.format("x"), STANDS.format("y")],
    ),
    "a constant that a file would have held": (
        ["img_height = int(open('h').read())", SHAPED.format("(img_height, 28, 1)", 10)],
        ["img_height could not be had; 28 was taken for it."],
    ),
    "what a missing module gave": (
        ["import cv2", "images = cv2.imread('x')", SHAPED.format("images.shape[1:]", 10)],
        ["The module cv2 is not here; what it would do is left out.", STANDS.format("images")],
    ),
    "a look at the data": (
        ["x_train = [1]", "x_train.head(3)", SHAPED.format("(4,)", 10)],
        [],
    ),
    "a loop over files": (
        ["import os", "for file in os.listdir('x'):\n    image = file", SHAPED.format("(4,)", 10)],
        [STANDS.format("image")],
    ),
    "a file of weights": (
        [
            SHAPED.format("(4,)", 10),
            "with open('w', 'rb') as file:\n    model.set_weights(file.read())",
        ],
        ["Line 1 was left out: [Errno 2] No such file or directory: 'w'."],
    ),
}


@pytest.mark.parametrize("what", WITH_DATA)
def test_a_program_goes_on_without_its_data(sandbox: Sandbox, what: str) -> None:
    cells, expected = WITH_DATA[what]
    assert units(sandbox, *cells) == [10]
    assert sorted(notes(sandbox, *cells)) == sorted(expected)


def test_data_by_a_name_that_nothing_binds(sandbox: Sandbox) -> None:
    model = SHAPED.format("x_train.shape[1:]", "len(set(y_train))")
    assert units(sandbox, model, unbound=["y_train", "x_train", "helper"], classes=7) == [7]
    assert notes(sandbox, model, unbound=["x_train", "y_train"]) == [
        STANDS.format("x_train"),
        STANDS.format("y_train"),
    ]


MISTAKES: dict[str, tuple[list[str], int, str]] = {
    "of a layer whose name is x": (
        [INPUT, "x = layers.Conv2D(4, 3, padding='sam')(inputs)", *split(REST.format("x"))],
        3,
        'padding is "valid" or "same"; here it is "sam".',
    ),
    "of an input": (
        ["inputs = keras.Input(28, 28, 1)", *split(REST.format("inputs"))],
        2,
        "A shape is a tuple: (28,) instead of 28.",
    ),
    "of a model whose name speaks of data": (
        [
            "test_model = keras.Sequential([layers.Flatten(), layers.Dense(10, 'rleu')])",
            "model = test_model",
        ],
        2,
        '"rleu" is not an activation of Keras. Did you mean "relu"?',
    ),
    "of a layer that a name keeps": (
        [INPUT, "dense = layers.Dense(3)", "x = dense(inputs, 5, y=2)", *split(REST.format("x"))],
        4,
        "",
    ),
    "of what is added to a model whose name is x": (
        ["x = keras.Sequential([layers.Flatten()])", "x.add(layers.Dense(-1))", "model = x"],
        3,
        "units is a whole number above 0; here it is -1.",
    ),
    "of a constant that a missing module has": (
        [
            "import config",
            INPUT,
            "x = layers.Dense(config.units)(inputs)",
            *split(REST.format("x")),
        ],
        4,
        "The model needs the value of config.units, ",
    ),
    "of names that are no data": (["size = [1].width", SHAPED.format("(4,)", "size")], 2, ""),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_that_makes_layers_stays_one(sandbox: Sandbox, what: str) -> None:
    cells, cell, message = MISTAKES[what]
    found = problem(sandbox, *cells)
    assert (found.kind, found.cell) == ("raised", cell)
    assert found.message.startswith(message)
    assert "Examples" not in found.message


EMPTY = "model = keras.Sequential([keras.Input((4,))])"
ADDS: dict[str, list[str]] = {
    "in a loop over a file": [EMPTY, "for n in open('n'):\n    model.add(layers.Dense(int(n)))"],
    "in a file's block": [
        EMPTY,
        "with open('n') as f:\n    model.add(layers.Dense(int(f.read())))",
    ],
    "in a condition": [EMPTY, "if open('n').read():\n    n = 3\n    model.add(layers.Dense(n))"],
    "in a try": [
        EMPTY,
        "try:\n    n = int(open('n').read())\n    model.add(n)\nfinally:\n    pass",
    ],
    "to a list of layers": [
        "parts = [layers.Flatten()]",
        "for n in open('n'):\n    parts.append(layers.Dense(int(n)))",
        "model = keras.Sequential(parts)",
    ],
    "by a function that is handed the model": [
        EMPTY,
        "def more(model, n):\n    model.add(layers.Dense(n))",
        "for n in open('n'):\n    more(model, n=int(n))",
    ],
    "to a tensor": [INPUT, "h = inputs", "for n in open('n'):\n    h = layers.Dense(int(n))(h)"],
}


@pytest.mark.parametrize("what", ADDS)
def test_layers_that_hang_on_a_file_are_not_left_out(sandbox: Sandbox, what: str) -> None:
    more = ["flat = layers.Flatten()(h)", "model = keras.Model(inputs, flat)"]
    cells = ADDS[what] + (more if "tensor" in what else ["model.add(layers.Dense(10))"])
    found = problem(sandbox, *cells)
    assert found.message.startswith("FileNotFoundError: [Errno 2] No such file or directory: 'n'")


def test_what_kept_a_model_away_is_told_when_it_is_asked_for(sandbox: Sandbox) -> None:
    found = problem(sandbox, "model = open('model.json').read()")
    assert found.message == "FileNotFoundError: [Errno 2] No such file or directory: 'model.json'"
    assert (found.cell, found.line) == (2, 1)


def test_a_variable_of_a_comprehension_is_its_own(sandbox: Sandbox) -> None:
    cells = ["i = 5", "names = [i for i in open('names')]", SHAPED.format("(4,)", "i")]
    assert units(sandbox, *cells) == [5]


def test_a_name_that_is_gone_does_not_take_along_those_beside_it(sandbox: Sandbox) -> None:
    imports = "from keras.layers import Dense, Gone, Flatten as Flat"
    assert units(sandbox, imports, "model = keras.Sequential([Flat(), Dense(3)])") == [3]
    found = problem(sandbox, imports, "model = keras.Sequential([Gone(3)])")
    assert found.message == "keras.layers has no Gone in the version that grades."


def test_where_values_are_asked_for_nothing_is_made_up(sandbox: Sandbox) -> None:
    reply = ask(
        sandbox, "read", "facts", "import numpy as np", "x = np.load('x')", "facts = {1: x}"
    )
    found = refused(reply, "facts")
    assert found.message.startswith("FileNotFoundError")


RESCUE = """
import ast
from grader.sandbox.standins.rescue import Rescue, is_missing, makes_layers, targets
"""


def test_the_names_that_a_statement_stores_to(forks: Forks) -> None:
    sources = {
        "a, (b, *c) = d = 1": "abcd",
        "a.b = c[0] = 1": "",
        "for a in b:\n    c += a": "ac",
        "with a as b, c as (d, e):\n    pass": "bde",
        "a = [b for b in c if (d := b)]": "ad",
        "a = {b: c for b, c in d}": "a",
        "if a:\n    b = 1\nelse:\n    c = 2": "bc",
        "a = lambda b: b": "a",
        "if a:\n    b = 1\n    def c():\n        d = 1": "",
    }
    facts = forks.facts(
        f"{RESCUE}\nfor source in {list(sources)!r}:\n"
        "    facts[source] = ''.join(sorted(targets(ast.parse(source).body[0])))"
    )
    assert facts == sources


def test_a_hostile_value_is_only_asked_for_its_class(forks: Forks) -> None:
    facts = forks.facts(
        f"""{RESCUE}
class Liar(list):
    def __iter__(self):
        raise RuntimeError
    __eq__ = __bool__ = __len__ = __call__ = __getattr__ = __iter__
endless = []
endless.append(endless)
tree = ast.parse("x = f(liar, endless, liar.append(1), key=liar)").body[0]
facts["makes"] = makes_layers(tree, dict(liar=Liar(), endless=endless, f=Liar()))
"""
    )
    assert facts == {"makes": False}


def test_errors_that_tell_of_what_is_not_there(forks: Forks) -> None:
    facts = forks.facts(
        f"""{RESCUE}
import tensorflow as tf
from grader.sandbox.standins.absent import AbsentValue
errors = [FileNotFoundError(), ConnectionError(), AbsentValue(), tf.errors.NotFoundError(0, 0, "")]
facts["missing"] = [is_missing(error) for error in errors]
facts["mistakes"] = [is_missing(e) for e in (ValueError(), TypeError("no"), KeyError("Absent"))]
"""
    )
    assert facts == {"missing": [True] * 4, "mistakes": [False] * 3}
