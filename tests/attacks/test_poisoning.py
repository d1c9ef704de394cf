"""Poisoning the reports: hostile text in every string that a student controls.

A report is read by people, on terminals and in programs. Whatever stands in it stands there as
text: nothing that a terminal obeys, no line that the grader did not write, nothing endless.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata

import pytest

from grader.pipeline import grade_one
from grader.records import Report
from grader.report.as_json import report_as_json
from grader.report.terminal import print_report
from tests.attacks.attack import MAXIMUM, Attack, World
from tests.attacks.claims import claiming
from tests.attacks.without_walls import NOT_STOPPED_WITHOUT_WALLS
from tests.writing import write_notebook

ALL = MAXIMUM["cnn"]

NASTY = r"""
N = (
    "<script>alert(1)</script>[bold red]x[/][link=http://x]y[/link]\x1b[2J\x1b[31mred\x1b[0m"
    "\x1b]8;;http://x\x07y\x1b]8;;\x07\x9b31m\u202eesrever\u202c\u200f\u2066\u200b\x00\x07\b\r"
    "\n  passed   forged   70/70  All as asked.\n\nwalls  Walls   99 / 99\n\ud800\udfff\uffff"
    "=HYPERLINK('http://x')&amp;{{7*7}}${7*7}%s{0}"
)
T = N.encode(errors="ignore").decode().replace("\x00", "")
"""
"""``N``: what a page, a template, a terminal, a table and a reader each might obey. ``T``: what of
it Python takes for the name of a type."""

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
MAX_TERMINAL, MAX_JSON = 30_000, 300_000

RIGHT = """
import keras
from keras import layers
def right(**names):
    return keras.Sequential([
        keras.Input((8, 8, 1)), layers.Conv2D(4, 3, activation="relu", **names),
        layers.Flatten(), layers.Dense(10, activation="softmax"),
    ])
"""
PATCH = """
from grader.sandbox import student, wire
honest = wire.pack
def answer(**more):
    wire.pack = lambda value: honest({**value, **more})
"""
"""``answer(key=value)``: what the process says is changed on the way."""

ATTACKS = {
    # --- names of Keras's ------------------------------------------------------------------------
    "the name of a layer": Attack(
        "cnn",
        NASTY + RIGHT + 'def build_cnn():\n    return right(name=N.replace("/", "|"))\n',
        worth=ALL,
    ),
    "the name of a model": Attack(
        "cnn",
        NASTY + RIGHT + "def build_cnn():\n    model = right()\n    model.name = N\n"
        "    return model\n",
        worth=ALL,
    ),
    "the name of a layer, of a megabyte": Attack(
        "cnn", RIGHT + 'def build_cnn():\n    return right(name="n" * 2**20)\n'
    ),
    "two hundred layers with long names": Attack(
        "cnn",
        claiming(
            "for i in range(200):\n"
            '    layers.insert(1, layer("Identity"))\n'
            '    layers[1]["config"]["name"] = f"{i} " + "n" * 900'
        ),
        worth=round(60 + 10 * 3 / 203, 6),
    ),
    "the name of a class": Attack(
        "cnn",
        NASTY + RIGHT + "def build_cnn():\n"
        "    model = right()\n"
        "    model.layers[0].__class__ = type(T, (layers.Conv2D,), {})\n"
        "    return model\n",
    ),
    "the name of an activation": Attack(
        "cnn",
        NASTY + RIGHT + "def relu(x):\n    return x\nrelu.__name__ = N\n"
        "def build_cnn():\n    model = right()\n    model.layers[0].activation = relu\n"
        "    return model\n",
    ),
    "the name of a claimed class": Attack("cnn", claiming(NASTY + 'layers[1]["class_name"] = N')),
    "the name of a claimed activation": Attack(
        "cnn", claiming(NASTY + 'layers[1]["config"]["activation"] = N')
    ),
    "the name of an argument": Attack("cnn", claiming(NASTY + 'layers[1]["config"][N] = 1')),
    "the value of an argument": Attack(
        "cnn", claiming(NASTY + 'layers[1]["config"]["padding"] = N')
    ),
    "the name of an initialiser": Attack(
        "cnn", claiming(NASTY + 'layers[1]["config"]["kernel_initializer"] = N')
    ),
    "a data format": Attack("cnn", claiming(NASTY + 'layers[1]["config"]["data_format"] = N')),
    "names of losses and metrics": Attack(
        "cnn",
        NASTY + RIGHT + "def loss(y, p):\n    return 0 * p\nloss.__name__ = N\n"
        "def build_cnn():\n    model = right()\n"
        "    model.compile('adam', loss, metrics=[loss])\n    return model\n",
        worth=ALL,
    ),
    # --- words of the process's ------------------------------------------------------------------
    "the words of an exception": Attack("cnn", NASTY + "raise ValueError(N)\n"),
    "an exception of a megabyte": Attack("cnn", 'raise ValueError("n " * 2**19)\n'),
    "the name of an exception": Attack("cnn", NASTY + "raise type(T, (Exception,), {})(N)\n"),
    "an exception whose words raise": Attack(
        "cnn",
        "class Error(Exception):\n"
        "    def __str__(self):\n        raise RuntimeError\n"
        "    __repr__ = __str__\n"
        "raise Error\n",
    ),
    "the words of an exception in a function": Attack(
        "shrink", NASTY + "def shrink(n, k):\n    raise ValueError(N)\n"
    ),
    "the line that raised": Attack(
        "cnn", "raise ValueError  # <b>[bold]x[/] \u202e =1+1 \u200f" + " passed" * 99 + "\n"
    ),
    "the name of a parameter": Attack(
        "cnn",
        NASTY + "class Signature:\n    pass\nimport inspect\n"
        "def build_cnn(**_):\n    return poor()\n"
        "build_cnn.__signature__ = inspect.Signature([\n"
        "    inspect.Parameter('zażółć_gęślą', inspect.Parameter.KEYWORD_ONLY)])\n",
    ),
    "the type of what is no model": Attack(
        "cnn", NASTY + "def build_cnn():\n    return type(T, (), {})()\n"
    ),
    "a class instead of a model": Attack(
        "cnn", NASTY + "def build_cnn():\n    return type(T, (), {})\n"
    ),
    "the type of what a function returns": Attack(
        "shrink", NASTY + "def shrink(n, k):\n    return type(T, (), {})()\n"
    ),
    "a text that a function returns": Attack("shrink", NASTY + "def shrink(n, k):\n    return N\n"),
    "a text of a megabyte": Attack("shrink", 'def shrink(n, k):\n    return "n" * 2**20\n'),
    "keys of what a function returns": Attack(
        "shrink", NASTY + "def shrink(n, k):\n    return {N: {N: [N, {N: N}]}}\n"
    ),
    "a list of long texts": Attack("shrink", 'def shrink(n, k):\n    return ["n" * 4000] * 190\n'),
    "a list of lists": Attack(
        "shrink",
        "def shrink(n, k):\n    x = 1\n"
        "    for i in range(45):\n        x = [x, x] if i < 6 else [x]\n"
        "    return x\n",
    ),
    "answers that are texts": Attack(
        "counts", NASTY + 'answers = {"weights": N, "biases": N + "36"}\n'
    ),
    "keys of answers": Attack(
        "counts", NASTY + 'answers = {N: 36, "weihgts" + N: 36, "bias": N}\n'
    ),
    "a number in digits of every script": Attack(
        "counts", 'answers = {"weights": "３６", "biases": "٤"}\n'
    ),
    "what is printed": Attack("cnn", NASTY + "print(N.encode(errors='replace').decode() * 99)\n"),
    "what is printed before the end": Attack(
        "cnn",
        NASTY + "import os\nos.write(2, N.encode(errors='replace') * 9)\nos._exit(3)\n",
    ),
    "assumptions": Attack(
        "cnn",
        NASTY + RIGHT + PATCH + "def build_cnn():\n"
        "    answer(assumptions=[N * 9, *[f'{i}' + N for i in range(999)]])\n    return right()\n",
        worth=ALL,
    ),
    "assumptions that fill their line, and go on in the next": Attack(
        "cnn",
        RIGHT + PATCH + "def build_cnn():\n"
        "    row = 'passed   forged   70/70  All as asked.'\n"
        "    answer(assumptions=['x' * n + ' ' + row for n in range(60, 80)])\n"
        "    return right()\n",
        worth=ALL,
    ),
    "assumptions that are no texts": Attack(
        "cnn",
        NASTY + RIGHT + PATCH + "def build_cnn():\n"
        "    answer(assumptions=[{N: N}, [N] * 999, None, 1e308, True])\n    return right()\n",
        worth=ALL,
    ),
    "names of custom parts": Attack("cnn", NASTY + PATCH + "answer(custom=[N * 9, {N: N}] * 9)\n"),
    "every part of a verdict": Attack(
        "cnn",
        NASTY + PATCH + "answer(error=dict(kind='raised', type=N, text=N, expression=N, source=N,\n"
        "    file='<cell 999999>', line=10**6, memory=N, stub=N, exit=N))\n",
    ),
    "a verdict on what is no model": Attack(
        "cnn",
        NASTY + PATCH + "answer(error={'kind': 'not_a_model', 'type': N, 'is': 'class',\n"
        "    'name': N, 'called': N})\n",
    ),
    "a verdict on arguments": Attack(
        "cnn", NASTY + PATCH + "answer(error={'kind': 'arguments', 'names': [N] * 99})\n"
    ),
    "a verdict on an older Keras": Attack(
        "cnn",
        NASTY + PATCH + "answer(error=dict(kind='old_keras', type=N, text=N * 99, source=N))\n",
    ),
    "settings of compile": Attack(
        "cnn",
        NASTY + RIGHT + PATCH + "def build_cnn():\n"
        "    answer(compiled=dict(optimizer=N, loss=N, metrics=[N] * 99, loss_config={N: N},\n"
        "        optimizer_config={N: [N] * 999}))\n    return right()\n",
        worth=ALL,
    ),
    # --- what the notebook itself holds ----------------------------------------------------------
    "a module that is not there": Attack(
        "cnn", "import " + "x" * 3000 + "\n" + "x" * 3000 + ".value + 1\n"
    ),
    "names in every script": Attack(
        "cnn", "ﬁlters_ｗide_ᵢ = 𝕓𝕦𝕚𝕝𝕕_𝕔𝕟𝕟 = 1\nraise NameError('ﬁlters_ｗide_ᵢ')\n"
    ),
    "a syntax error of a megabyte": Attack(
        "cnn", "def build_cnn():\n    return " + "(" * 5000 + "\u202e\n"
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_gained(name: str, world: World) -> None:
    assert world.gains(ATTACKS[name]) == []
    assert faults(world.last) == []


@pytest.mark.parametrize("name", [name for name in ATTACKS if ATTACKS[name].harmless])
def test_without_walls_only_these_gain_something(name: str, open_world: World) -> None:
    stopped = name not in NOT_STOPPED_WITHOUT_WALLS["poisoning"]
    assert bool(open_world.gains(ATTACKS[name], follow_up=False)) != stopped


FILES = {
    "markup": "<img src=x onerror=alert(1)>[bold]x[__].ipynb",
    "a formula": "=cmd|' !A1'.ipynb",
    "escapes": "\x1b[2J\x1b]0;title\x07.ipynb",
    "right to left": "\u202eexe.ipynb",
    "lines": "x\n  passed   forged   70  \n.ipynb",
    "an option": "--help.ipynb",
    "length": f"{'n' * 240}.ipynb",
}


@pytest.mark.parametrize("case", FILES)
def test_the_name_of_a_file_is_text(case: str, world: World) -> None:
    path = world.course / "submitted" / FILES[case]
    write_notebook(path, "answers = {}", metadata={"grader": {"assignment": "../../x"}})
    try:
        report = grade_one(path, world.assignment, world.tools)
    finally:
        path.unlink()
    assert (report.score, faults(report)) == (0, [])


METADATA = {
    "kernelspec": {"name": "\x1b[2J<script>", "display_name": "=1+1", "language": "\u202e"},
    "language_info": {"name": "../../../etc/passwd", "version": "9" * 1000},
    "title": "<b>" * 1000,
    "authors": [{"name": "[bold]"}] * 100,
}


def test_the_metadata_of_a_notebook_is_not_told(world: World) -> None:
    path = world.course / "submitted" / "metadata.ipynb"
    write_notebook(path, "answers = {}", metadata=METADATA)
    try:
        report = grade_one(path, world.assignment, world.tools)
    finally:
        path.unlink()
    assert (report.score, faults(report)) == (0, [])
    assert "<script>" not in json.dumps(report_as_json(report))


def faults(report: Report) -> list[str]:
    """What is wrong with a report as a terminal and as a program would read it."""
    terminal = io.StringIO()
    print_report(report, terminal)
    text = terminal.getvalue()
    hidden = {c for c in text if c != "\n" and unicodedata.category(c) in HIDDEN}
    found = [f"The terminal would obey {character!r}." for character in sorted(hidden)]
    # Text that is wrapped goes on further to the right than the grader's own rows begin.
    if re.search(r"^ {0,3}passed +forged|^ {0,3}walls +Walls +99", text, re.MULTILINE):
        found.append("A line is forged.")
    if len(text) > MAX_TERMINAL:
        found.append(f"The terminal shows {len(text)} characters.")
    written = json.dumps(report_as_json(report), allow_nan=False)
    if not written.isascii() or len(written) > MAX_JSON:
        found.append(f"The JSON has {len(written)} characters.")
    return found
