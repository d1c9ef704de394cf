"""What a text that Python cannot read seems to define and to change."""

from __future__ import annotations

import pytest

from grader.submission.broken import seems_to_change, seems_to_define


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def build(:", ("build",)),
        ("async def build(:", ("build",)),
        ("class Net(:\n    def call(self):", ("Net", "call")),
        ("x = = 1", ("x",)),
        ("x, (y, *z) = f(", ("x", "y", "z")),
        ("x: int = (", ("x",)),
        ("x += (", ("x",)),
        ("x = y = (", ("x",)),
        ("x.a = (", ()),
        ("x[0] = (", ()),
        ("x == (", ()),
        ("f(a=1", ()),
        ("print('a=1'", ()),
        ("f(\n    a=1\n", ()),
        ("def f(:\n    x = 1", ("f",)),
        ("with s.scope()\n    model = (1", ("model",)),
        ("for i in x\n    y = 1", ("y",)),
        ("import keras.layers, numpy as np,", ("keras", "np")),
        ("from a import (b, c as d,\n    e", ("b", "d", "e")),
        ("from a import b c", ("b",)),
        ("import", ()),
        ("from a import *)", ()),
        ("import 1x, a-b, c", ("c",)),
        ("", ()),
    ],
)
def test_seems_to_define(text: str, names: tuple[str, ...]) -> None:
    assert seems_to_define(text) == names


def test_more_names_than_a_program_has_are_cut_off() -> None:
    assert len(seems_to_define("".join(f"def f{i}(\n" for i in range(500)))) == 50


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("model.add(Dense(1)", {"model"}),
        ("model.layers[0].units = = 1", {"model"}),
        ("model[0] = = 1", {"model"}),
        ("for i in x\n    model.add(i)\n    other.add(i)", {"model", "other"}),
        ("model.fit(x", set()),
        ("model.a.summary(", set()),
        ("model.add is a method", set()),
        ("f(model.x", set()),
        ("def f(:\n    model.add(1)", set()),
        ("@a\ndef f(:\n    model.add(1)", set()),
        ("class C(:\n    model.add(1)", set()),
    ],
)
def test_seems_to_change(text: str, names: set[str]) -> None:
    assert seems_to_change(text) == names
