"""The layers up to the one that failed: read behind the walls, worded outside."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.client import Sandbox
from grader.sandbox.so_far import layers_so_far
from tests.sandbox.asking import ask, refused

LINES = "import keras\nfrom keras.layers import *\nfrom keras import Input, Sequential, Model\n"

WAYS: dict[str, tuple[str, str]] = {
    "Sequential of a list": (
        "return Sequential([Input((28, 28, 1)), Conv2D(8, 3, padding='same'), MaxPooling2D(),"
        " Conv2D(8, 3, padding='same'), MaxPooling2D(), MaxPooling2D(), Conv2D(8, 5)])",
        'A 5×5 kernel does not fit over a 3×3×8 feature map with padding="valid". Three poolings '
        "have halved 28 → 14 → 7 → 3.",
    ),
    "layer by layer": (
        "m = Sequential()\n    m.add(Conv2D(8, 3, input_shape=(28, 28, 1)))\n    m.add(Flatten())\n"
        "    m.add(Conv2D(8, 3))\n    return m",
        "Conv2D takes feature maps (height×width×channels); here it gets a vector of 5,408 values, "
        "such as Flatten or Dense gives. Before it: Conv2D 26×26×8 and Flatten 5408.",
    ),
    "a functional model": (
        "x = i = Input((28, 28, 1))\n    for _ in range(4):\n        x = Conv2D(8, 3)(x)\n"
        "        x = MaxPooling2D()(x)\n    return Model(i, x)",
        'A 3×3 kernel does not fit over a 1×1×8 feature map with padding="valid". On the way to '
        "it: 28 → 26 (Conv2D) → 13 (MaxPooling2D) → 11 (Conv2D) → 5 (MaxPooling2D) → 3 (Conv2D) → "
        "1 (MaxPooling2D).",
    ),
    "no input, and a session that is cleared": (
        "keras.backend.clear_session()\n    return Sequential([Conv2D(8, 3), MaxPooling2D(13),"
        " MaxPooling2D(3)])",
        'A 3×3 pooling window does not fit over a 2×2×8 feature map with padding="valid". On the '
        "way to it: 28 → 26 (Conv2D) → 2 (MaxPooling2D).",
    ),
    "behind branches": (
        "i = Input((28, 28, 1))\n    a = Conv2D(8, 3, padding='same')(i)\n    x = Add()([a, a])\n"
        "    x = AveragePooling2D()(AveragePooling2D()(x))\n    return Model(i, Conv2D(3, 9)(x))",
        'A 9×9 kernel does not fit over a 7×7×8 feature map with padding="valid". Two poolings '
        "have halved 28 → 14 → 7.",
    ),
    "many layers": (
        "return Sequential([Input((28, 28, 1)), *[ReLU() for _ in range(6)], Flatten(),"
        " MaxPooling2D()])",
        "MaxPooling2D takes feature maps (height×width×channels); here it gets a vector of 784 "
        "values, such as Flatten or Dense gives. Before it: 2 layers, ReLU 28×28×1, ReLU 28×28×1, "
        "ReLU 28×28×1, ReLU 28×28×1 and Flatten 784.",
    ),
    "the first layer": (
        "return Sequential([Input((4, 4, 1)), Conv2D(8, 5)])",
        'A 5×5 kernel does not fit over a 4×4×1 feature map with padding="valid".',
    ),
    "two inputs": (
        "i = Input((28, 28, 1))\n    return Model(i, Add()([Conv2D(8, 3)(i), Conv2D(8, 5)(i)]))",
        "Feature maps that are added or multiplied must have the same shape; here they have "
        "26×26×8 and 24×24×8.",
    ),
    "no layer's call": (
        "x = Conv2D(8, 3)(Input((28, 28, 1)))\n    return x.no_such_thing",
        "AttributeError: 'KerasTensor' object has no attribute 'no_such_thing'",
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_way_to_the_layer_that_failed_is_told(sandbox: Sandbox, name: str) -> None:
    code, message = WAYS[name]
    problem = refused(ask(sandbox, "build", "build_cnn", f"{LINES}\ndef build_cnn():\n    {code}"))
    assert (problem.kind, problem.message) == ("raised", message)


HOSTILE = """
class Own(keras.layers.Layer):
    def __getattribute__(self, name):
        if name == "kernel_size":
            raise SystemExit(3)
        return super().__getattribute__(name)

    def call(self, x):
        raise ValueError("no")
"""


def test_a_layer_that_does_not_want_to_be_read_costs_only_the_way(sandbox: Sandbox) -> None:
    code = f"{LINES}{HOSTILE}\ndef build_cnn():\n    return Own()(Flatten()(Input((4, 4, 1))))"
    problem = refused(ask(sandbox, "build", "build_cnn", code))
    assert problem.source == 'raise ValueError("no")'
    assert "Before it" not in problem.message


def test_a_layer_of_the_students_own_is_not_spoken_of(sandbox: Sandbox) -> None:
    own = "class Own(keras.layers.Layer):\n    def call(self, x):\n        return x @ 3\n"
    code = f"{LINES}{own}\ndef build_cnn():\n    return Own()(Flatten()(Input((4, 4, 1))))"
    problem = refused(ask(sandbox, "build", "build_cnn", code))
    assert "Before it" not in problem.message


def test_an_honest_builder_may_catch_what_keras_raises(sandbox: Sandbox) -> None:
    code = """
    try:
        return Sequential([Input((28, 28, 1)), Conv2D(2, 31)])
    except ValueError:
        return Sequential([Input((28, 28, 1)), Conv2D(2, 3)])
    """
    reply = ask(sandbox, "build", "build_cnn", f"{LINES}\ndef build_cnn():{code}")
    assert reply.ending == "answered" and "error" not in reply.answer


def test_an_exception_without_keras_has_no_way() -> None:
    error: Any = None
    try:
        raise KeyError("x")
    except KeyError as caught:
        error = caught
    assert layers_so_far(error) is None
