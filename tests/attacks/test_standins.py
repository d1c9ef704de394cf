"""Stand-ins: made-up data, absent modules, older Keras, what is left out, what is taken instead.

They are there so that a model is found in a notebook that cannot run as a whole. None of them may
give a point for what a program does not say, and none may make another model without a word.
"""

from __future__ import annotations

import pytest

from tests.attacks.attack import MAXIMUM, Attack, World
from tests.attacks.test_forging import LOOK

ALL = MAXIMUM["cnn"]
STRIDE_OF_3 = 30
"""What the model is worth with it: its outputs and its layers, and that it is a network."""

START = "import keras\nfrom keras import layers\n"
CONV = 'layers.Conv2D(4, 3, activation="relu")'
DENSE = 'layers.Dense(10, activation="softmax")'
GROW = """
def grow(model, plan):
    for line in plan:
        model.add(layers.Dense(int(line)))
"""
"""Adds layers as a file says that is not here."""


def builder(*lines: str, conv: str = CONV, dense: str = DENSE, start: str = "") -> str:
    """``build_cnn``, with lines between the layers in front of the last and the last."""
    between = "".join(f"    {line}\n" for line in lines)
    return (
        f"{START}{start}\ndef build_cnn():\n    model = keras.Sequential([\n"
        f"        keras.Input((8, 8, 1)), {conv}, layers.Flatten()])\n{between}"
        f"    model.add({dense})\n    return model\n"
    )


def absent(layer: str) -> Attack:
    """A model that holds something of a module that is not here."""
    return Attack("cnn", builder(conv=layer, start="import course\n"))


REFUSED = {
    "a kernel of Keras 1 that is a stride today": Attack(
        "cnn", builder(conv='layers.Convolution2D(4, 3, 3, activation="relu")')
    ),
    "a kernel of Keras 1 beside other words of it": Attack(
        "cnn", builder(conv='layers.Conv2D(4, 3, 3, init="uniform", activation="relu")')
    ),
    "a mode of normalisation that is gone": Attack(
        "cnn", builder("model.add(layers.BatchNormalization(mode=2))")
    ),
    "a layer that is gone": Attack("cnn", builder("model.add(layers.Highway())")),
    "an argument by both its names": Attack(
        "cnn", builder(conv='layers.Conv2D(4, 3, border_mode="valid", padding="same")')
    ),
    "a layer that is not here": absent(f"{CONV}, course.Layer(3)"),
    "an activation that is not here": absent("layers.Conv2D(4, 3, activation=course.relu)"),
    "an activation that is made elsewhere": absent("layers.Conv2D(4, 3, activation=course.r(1))"),
    "a regulariser that is not here": absent("layers.Conv2D(4, 3, kernel_regularizer=course.l2)"),
    "an initialiser that is not here": absent(
        "layers.Conv2D(4, 3, kernel_initializer=course.i(0))"
    ),
    "a constraint that is not here": absent("layers.Conv2D(4, 3, kernel_constraint=course.c())"),
    "a padding that is not here": absent("layers.Conv2D(4, 3, padding=course.padding)"),
    "a number of filters that is not here": absent("layers.Conv2D(course.filters, 3)"),
    "a number of filters that is typed": Attack(
        "cnn", builder(conv="layers.Conv2D(int(input()), 3, activation='relu')")
    ),
    "a shape that is not here": absent("layers.Reshape(course.target)"),
    "a model that is not here": Attack("cnn", f"{START}import course\nbuild_cnn = course.net()\n"),
    "a value that is not here": Attack("shrink", "import course\nshrink = course.divide\n"),
    "a value that equals everything": Attack(
        "shrink",
        "import course\nfrom grader.sandbox.standins.absent import Absent\n"
        "Absent.__eq__ = lambda s, o: True\n"
        "def shrink(n, k):\n    return course.divide(n, k)\n",
    ),
    "scores of a training that was not run": Attack(
        "counts",
        "from grader.sandbox.standins.training import Score\n"
        "Score.__eq__ = lambda s, o: True\n"
        "answers = {name: Score(36.5) for name in ('weights', 'biases', 'password', 'sum')}\n",
    ),
    "whatever the stand-ins know": Attack(
        "cnn",
        LOOK
        + """
from grader.sandbox.standins.data import Declared
for value in gc.get_objects():
    if type(value) is Declared:
        look([getattr(value, name) for name in Declared.__slots__])
    elif type(value) is dict:
        look(value, 1)
""",
    ),
}
"""Worth nothing, whatever stands in for what is missing."""

TOLD = {
    "a stride that may be meant for a kernel": (
        Attack("cnn", builder(conv="layers.Conv2D(4, 3, 3, activation='relu')"), STRIDE_OF_3),
        "was read with the stride 3",
    ),
    "an argument by its older name": (
        Attack("cnn", builder(conv="layers.Conv2D(4, 3, bias=True, activation='relu')"), ALL),
        "Conv2D(bias=True) was read as Conv2D(use_bias=True).",
    ),
    "a text that says something else in small letters": (
        Attack(
            "cnn",
            builder(
                conv='layers.Conv2D(4, 3, border_mode=type("S", (str,), {"lower": lambda s: '
                '"valid"})("SAME"), activation="relu")'
            ),
            ALL,
        ),
        "was read as Conv2D(padding=…)",
    ),
    "a number of classes that is counted": (
        Attack("cnn", builder(dense='layers.Dense(len(set(y_train)), activation="softmax")'), ALL),
        "y_train is not here; made-up data",
    ),
    "a number of classes that has a default": (
        Attack(
            "cnn",
            builder(dense='layers.Dense(classes, activation="softmax")')
            .replace("build_cnn()", "build_cnn(shape=(28, 28, 1), classes=3)")
            .replace("(8, 8, 1)", "shape"),
            ALL,
        ),
        "build_cnn was called with shape=(8, 8, 1), classes=10.",
    ),
    "a model that was trained before another failed": (
        Attack(
            "cnn", builder().replace("return model", "model.fit(x_train)\n    return 1 / 0"), ALL
        ),
        "build_cnn gives no model; the one that it trained last was taken.",
    ),
    "a definition that a broken one follows": (
        Attack("cnn", f"{builder()}\ndef build_cnn():\n    raise ValueError('no')\n", ALL),
        "The last definition of build_cnn gives no model (ValueError: no)",
    ),
    "a definition that one for other images follows": (
        Attack("cnn", builder() + builder().replace("(8, 8, 1)", "(9, 9, 1)"), ALL),
        "The last definition of build_cnn takes 9×9×1 and not 8×8×1",
    ),
    "a choice by an accuracy that nobody reached": (
        Attack("cnn", builder("if model.evaluate(x_train) > 0.9: model.add(layers.Dense(9))"), ALL),
        "what it chooses by them says nothing",
    ),
    "a decorator that is not here": (
        Attack(
            "cnn",
            builder(start="import course\n").replace("def build", "@course.twice\ndef build"),
            ALL,
        ),
        "The module course is not here",
    ),
}
"""What another reader may take for another model, and what the report says of it."""

MANY = "".join(f"import absent{number}\n" for number in range(25))
USED = f"print({', '.join(f'absent{number}' for number in range(25))})"

UNTOLD = {
    "layers by a file, in a with": builder(
        "with open('plan.txt') as plan:", "    grow(model, plan)", start=GROW
    ),
    "layers by a file, in a loop": builder(
        "for line in open('plan.txt'):", "    grow(model, [line])", start=GROW
    ),
    "layers by a file, in an assignment": builder(
        "grown = grow(model, open('plan.txt'))", start=GROW
    ),
    "layers by a file, outside of a function": START
    + GROW
    + f"parts = {{'model': keras.Sequential([keras.Input((8, 8, 1)), {CONV}, layers.Flatten()])}}\n"
    + "with open('plan.txt') as plan:\n    grow(parts['model'], plan)\n"
    + f"parts['model'].add({DENSE})\nbuild_cnn = parts['model']\n",
}
"""Layers that are left out, as the file is not here that says how many there are."""

UNHEARD = {
    "an older word, behind twenty notes": (
        builder(USED, conv="layers.Conv2D(4, 3, bias=True, activation='relu')", start=MANY),
        "was read as Conv2D(use_bias=True)",
    ),
    "a choice by what is reckoned from an accuracy": (
        builder("if 1 - model.evaluate(x_train) < 0.1: model.add(layers.Dense(9))"),
        "what it chooses by them says nothing",
    ),
    "a choice by an accuracy that is just so": (
        builder("if model.evaluate(x_train) != 0.5: model.add(layers.Dense(9))"),
        "what it chooses by them says nothing",
    ),
}
"""What the report does not say of a model, though it should."""


def said(world: World) -> str:
    return " ".join(world.last.exercises[0].assumptions)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_missing_gains_nothing(name: str, world: World) -> None:
    assert world.gains(REFUSED[name], follow_up=False) == []


@pytest.mark.parametrize("name", TOLD)
def test_what_was_taken_instead_is_told(name: str, world: World) -> None:
    attack, words = TOLD[name]
    assert world.gains(attack, follow_up=False) == []
    assert words in said(world)


@pytest.mark.parametrize("name", UNTOLD)
def test_layers_are_not_left_out_without_a_word(name: str, world: World) -> None:
    world.gains(Attack("cnn", UNTOLD[name]), follow_up=False)
    assert world.last.score == 0 or "plan" in said(world)


@pytest.mark.parametrize("name", UNHEARD)
def test_a_note_is_not_lost(name: str, world: World) -> None:
    source, words = UNHEARD[name]
    world.gains(Attack("cnn", source, ALL), follow_up=False)
    assert words in said(world) or "more" in said(world)


@pytest.mark.parametrize("value", ["course.biases", "Odd()"])
def test_an_answer_that_is_not_here_does_not_cost_the_others(value: str, world: World) -> None:
    odd = "class Odd:\n    def __array__(self, *_, **__):\n        raise ValueError('no')\n"
    source = f'import course\n{odd}answers = {{"weights": 36, "biases": {value}}}\n'
    assert world.gains(Attack("counts", source, worth=5), follow_up=False) == []


def test_a_value_by_a_module_that_is_not_here_is_told(world: World) -> None:
    source = (
        "from sklearn.model_selection import train_test_split\n"
        "def shrink(n, k):\n    return len(train_test_split(list(range(int(n))))[1])\n"
    )
    world.gains(Attack("shrink", source), follow_up=False)
    messages = [check.message for check in world.last.exercises[0].checks]
    assert "sklearn" in " ".join([said(world), *messages])
