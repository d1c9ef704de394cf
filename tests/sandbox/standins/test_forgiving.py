"""Functions that go on where a file is missing, and stay as they were where none is."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.client import Sandbox
from tests.sandbox.asking import LIMITS, ask, read_answer, refused
from tests.sandbox.forks import Forks

HEAD = "import keras\nfrom keras import layers\nimport cv2\n"
MODEL = "keras.Sequential([keras.Input((4,)), layers.Dense({})])"


def built(sandbox: Sandbox, body: str) -> tuple[list[int], list[str]]:
    """The units of the dense layers that a builder's body makes, and what is noted."""
    lines = "\n    ".join(body.split("\n"))
    reply = ask(sandbox, "build", "build_cnn", f"{HEAD}def build_cnn():\n    {lines}\n")
    answer = read_answer(reply, "build_cnn", LIMITS)
    layers = answer["architecture"]["config"]["layers"]
    dense = [layer["config"]["units"] for layer in layers if layer["class_name"] == "Dense"]
    return dense, [text for text in answer["assumptions"] if "cv2" not in text]


def left_out(line: int, path: str) -> str:
    said = f"[Errno 2] No such file or directory: '{path}'"
    return f"Line {line} was left out: {said}."


GOES_ON: dict[str, tuple[str, list[int], list[str]]] = {
    "a call for its effect": (
        f"open('a').read()\nreturn {MODEL.format(3)}",
        [3],
        [left_out(5, "a")],
    ),
    "a value that nobody needs": (f"text = open('a').read()\nreturn {MODEL.format(3)}", [3], []),
    "a name of data": (
        f"x_train = open('a')\nreturn {MODEL.format('x_train.shape[1]')}",
        [28],
        ["x_train is not here; made-up data of the exercise's shape stands for it."],
    ),
    "a constant of the exercise's": (
        f"num_channels = int(open('a').read())\nreturn {MODEL.format('num_channels')}",
        [1],
        ["num_channels could not be had; 1 was taken for it."],
    ),
    "statements in blocks": (
        f"if True:\n    open('a')\nelse:\n    pass\nfor n in (3, 4):\n    open('b')\n"
        f"model = {MODEL.format('n')}\nreturn model",
        [4],
        [left_out(6, "a"), left_out(10, "b")],
    ),
    "a block of a file": (
        f"with open('a') as file:\n    text = file.read()\nreturn {MODEL.format(3)}",
        [3],
        [],
    ),
    "a loop that collects images": (
        "import os\nimages = []\nfor name in os.listdir('a'):\n    images.append(name)\n"
        f"return {MODEL.format(3)}",
        [3],
        [],
    ),
    "a function inside": (
        f"def inner():\n    open('a')\n    return 5\nreturn {MODEL.format('inner()')}",
        [5],
        [left_out(6, "a")],
    ),
    "a class inside": (
        "class Maker:\n    size = 5\n    def make(self):\n        open('a')\n"
        "        __n = self.size\n        return __n\n"
        f"return {MODEL.format('Maker().make()')}",
        [5],
        [left_out(8, "a")],
    ),
    "the variable of a comprehension": (
        f"global n\nn = 6\nnames = [n for n in open('a')]\nreturn {MODEL.format('n')}",
        [6],
        [],
    ),
    "all names of a statement": (
        f"a, (b, *num_channels) = open('a')\nreturn {MODEL.format('num_channels')}",
        [1],
        ["num_channels could not be had; 1 was taken for it."],
    ),
}


@pytest.mark.parametrize("what", GOES_ON)
def test_a_builder_goes_on_without_a_file(sandbox: Sandbox, what: str) -> None:
    body, units, notes = GOES_ON[what]
    assert built(sandbox, body) == (units, notes)


def test_a_comprehension_leaves_the_name_outside_alone(sandbox: Sandbox) -> None:
    source = (
        f"{HEAD}n = 6\ndef build_cnn():\n    names = [n for n in open('a')]\n"
        f"    return {MODEL.format('n')}\n"
    )
    answer = read_answer(ask(sandbox, "build", "build_cnn", source), "build_cnn", LIMITS)
    assert answer["architecture"]["config"]["layers"][-1]["config"]["units"] == 6


ENDS: dict[str, str] = {
    "the model itself": "model = open('a')\nreturn model",
    "a value that matters": f"n = open('a')\nreturn {MODEL.format('n')}",
    "what is returned": "return open('a')",
    "a layer that is added": "model = keras.Sequential()\nmodel.add(open('a'))\nreturn model",
    "layers in a loop": (
        f"model = {MODEL.format(3)}\nfor n in open('a'):\n    model.add(layers.Dense(int(n)))\n"
        "return model"
    ),
    "layers in a file's block": (
        f"model = {MODEL.format(3)}\nwith open('a') as f:\n    n = int(f.read())\n"
        "    model.add(layers.Dense(n))\nreturn model"
    ),
    "layers in a list": (
        "parts = [layers.Dense(3)]\nfor n in open('a'):\n    parts.append(layers.Dense(int(n)))\n"
        "return keras.Sequential(parts)"
    ),
    "layers by addition": (
        "parts = [layers.Dense(3)]\nfor n in open('a'):\n    parts += [layers.Dense(int(n))]\n"
        "return keras.Sequential(parts)"
    ),
    "a tensor": (
        "x = inputs = keras.Input((4,))\nfor n in open('a'):\n    x = layers.Dense(int(n))(x)\n"
        "return keras.Model(inputs, x)"
    ),
}


@pytest.mark.parametrize("what", ENDS)
def test_where_the_model_hangs_on_a_file_the_student_is_told(sandbox: Sandbox, what: str) -> None:
    lines = "\n    ".join(ENDS[what].split("\n"))
    problem = refused(ask(sandbox, "build", "build_cnn", f"{HEAD}def build_cnn():\n    {lines}\n"))
    assert problem.message == "FileNotFoundError: [Errno 2] No such file or directory: 'a'"
    assert problem.cell == 1
    assert "open('a')" in (problem.source or "")


MISTAKES = {
    "x = layers.Dense(-1)\nopen('a')": "units is a whole number above 0; here it is -1.",
    "open('a')\nundefined_thing()": "FileNotFoundError",
}


@pytest.mark.parametrize("body", MISTAKES)
def test_mistakes_are_not_forgiven(sandbox: Sandbox, body: str) -> None:
    lines = "\n    ".join(f"{body}\nreturn {MODEL.format(3)}".split("\n"))
    problem = refused(ask(sandbox, "build", "build_cnn", f"{HEAD}def build_cnn():\n    {lines}\n"))
    assert problem.message.startswith(MISTAKES[body])


PROGRAMS: dict[str, str] = {
    "values": "def f(a, b=2):\n    c = a + b\n    d, *e = [c, c + 1, c + 2]\n    return d, e",
    "loops": (
        "def f(a, b=2):\n    total = 0\n    for i in range(a):\n        if i == b:\n"
        "            continue\n        total = total + i\n    else:\n        total = -total\n"
        "    while total < 0:\n        total = total + b\n    return total"
    ),
    "generators": (
        "def f(a):\n    def g():\n        for i in range(a):\n            x = yield i\n"
        "    return list(g())"
    ),
    "closures": (
        "def f(a):\n    n = 0\n    def g():\n        nonlocal n\n        n = n + a\n"
        "        return n\n    g()\n    return g()"
    ),
    "blocks": (
        "import contextlib\ndef f(a):\n    with contextlib.nullcontext(a) as b:\n        c = b\n"
        "    try:\n        d = 1 / 0\n    except ZeroDivisionError:\n        d = c\n    finally:\n"
        "        e = d\n    return e"
    ),
    "classes": (
        "class A:\n    def __init__(self, n):\n        super().__init__()\n        self.__n = n\n"
        "    def get(self):\n        __m = self.__n\n        return __m\n"
        "def f(a):\n    return A(a).get()"
    ),
    "an exception": "def f(a):\n    b = [][a]\n    return b",
    "an exception of its own": "def f(a):\n    raise KeyError(a)",
}


def test_a_program_that_misses_nothing_does_the_same(forks: Forks) -> None:
    facts = forks.facts(
        f"""
import ast
from grader.sandbox.standins.forgiving import forgive
from grader.sandbox.standins.rescue import Rescue
def results(tree):
    space = dict(__name__="__main__")
    exec(compile(ast.fix_missing_locations(tree), "<cell 1>", "exec"), space)
    found = []
    for a in (0, 3, 7):
        try:
            found.append(space["f"](a))
        except Exception as error:
            trace = error.__traceback__.tb_next
            found.append([type(error).__name__, str(error), trace.tb_lineno])
    return repr(found)
for name, source in {PROGRAMS!r}.items():
    plain = ast.parse(source)
    forgiven = forgive(ast.parse(source), Rescue(declared, notes))
    facts[name] = [ast.dump(plain) != ast.dump(forgiven), results(plain) == results(forgiven)]
"""
    )
    expected: dict[str, Any] = {name: [True, True] for name in PROGRAMS}
    expected["an exception of its own"] = [False, True]
    assert facts == expected
