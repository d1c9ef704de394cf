"""Builders called by their signature, methods of classes, and the model among what they give."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from grader.records import Problem
from grader.sandbox.builders import MAX_CALLS, METHODS
from grader.sandbox.client import Sandbox
from tests.sandbox.asking import LIMITS, ask, read_answer, refused

IMPORTS = "import functools\nimport keras\nfrom keras import layers\n"
SHAPE = [24, 28, 3]
FORM = "return keras.Sequential([keras.Input({}), layers.Flatten(), layers.Dense({})])"
NO_INPUT = "The model names no input shape; it was built for (24, 28, 3)."


def built(
    sandbox: Sandbox, source: str, name: str = "build_cnn", **request: Any
) -> tuple[list[int], int, list[str]]:
    """The input's shape, the units of the last layer, and what is noted."""
    settings = {"input_shape": SHAPE, "classes": 7, **request}
    reply = ask(sandbox, "build", name, IMPORTS + textwrap.dedent(source), **settings)
    answer = read_answer(reply, name, LIMITS)
    layers = answer["architecture"]["config"]["layers"]
    shape = layers[0]["config"]["batch_shape"][1:]
    notes = [note for note in answer["assumptions"] if note != NO_INPUT]
    return shape, layers[-1]["config"]["units"], notes


def problem(sandbox: Sandbox, source: str, name: str = "build_cnn", **request: Any) -> Problem:
    settings = {"input_shape": SHAPE, "classes": 7, **request}
    reply = ask(sandbox, "build", name, IMPORTS + textwrap.dedent(source), **settings)
    return refused(reply, name)


CALLED: dict[str, tuple[str, str]] = {
    "nothing": (f"def build_cnn():\n    {FORM.format(SHAPE, 7)}", ""),
    "a shape": (
        f"def build_cnn(input_shape):\n    {FORM.format('input_shape', 7)}",
        "input_shape=(24, 28, 3)",
    ),
    "height, width, channels, classes": (
        f"def build_cnn(width, height, depth, classes):\n"
        f"    {FORM.format('(height, width, depth)', 'classes')}",
        "width=28, height=24, depth=3, classes=7",
    ),
    "a size of two": (
        f"def build_cnn(img_size, n_classes):\n    {FORM.format('(*img_size, 3)', 'n_classes')}",
        "img_size=(24, 28), n_classes=7",
    ),
    "settings": (
        f"def build_cnn(lr, optimizer, *, num_classes):\n    {FORM.format(SHAPE, 'num_classes')}",
        "lr=0.001, optimizer='adam', num_classes=7",
    ),
    "a shape that is left open": (
        f"def build_cnn(input_shape=None, classes=7):\n    {FORM.format('input_shape', 'classes')}",
        "input_shape=(24, 28, 3)",
    ),
    "defaults for other images": (
        f"def build_cnn(input_shape=(9, 9, 1), classes=3):\n"
        f"    {FORM.format('input_shape', 'classes')}",
        "input_shape=(24, 28, 3), classes=7",
    ),
    "defaults that fit stay": (
        f"def build_cnn(shape=(24, 28, 3), units=7):\n    {FORM.format('shape', 'units')}",
        "",
    ),
    "by position alone, behind a default": (
        f"def build_cnn(n=7, input_shape=None, /):\n    {FORM.format('input_shape', 'n')}",
        "input_shape=(24, 28, 3)",
    ),
    "anything and everything": (
        f"def build_cnn(*args, **more):\n    {FORM.format(SHAPE, '7 + len(args) + len(more)')}",
        "",
    ),
    "data": (
        f"def build_cnn(x_train, y_train):\n"
        f"    {FORM.format('x_train.shape[1:]', 'len(set(y_train.tolist()))')}",
        "x_train=made-up data, y_train=made-up data",
    ),
    "a part of a call": (
        f"def make(n, shape, *, extra):\n    {FORM.format('shape', 'n')}\n"
        "build_cnn = functools.partial(make, 7, extra=1)",
        "shape=(24, 28, 3)",
    ),
    "an object that can be called": (
        f"class Maker:\n    def __call__(self, shape):\n        {FORM.format('shape', 7)}\n"
        "build_cnn = Maker()",
        "shape=(24, 28, 3)",
    ),
}


@pytest.mark.parametrize("what", CALLED)
def test_a_builder_is_called_with_what_the_exercise_says(sandbox: Sandbox, what: str) -> None:
    source, arguments = CALLED[what]
    notes = [f"build_cnn was called with {arguments}."] if arguments else []
    assert built(sandbox, source) == (SHAPE, 7, notes)


TENSORS: dict[str, tuple[str, str]] = {
    "a tensor and gives one": (
        "def build_cnn(x):\n    return layers.Dense(7)(layers.Flatten()(x))",
        "x=keras.Input((24, 28, 3))",
    ),
    "a tensor and gives a model": (
        "def build_cnn(inputs):\n"
        "    return keras.Model(inputs, layers.Dense(7)(layers.Flatten()(inputs)))",
        "inputs=keras.Input((24, 28, 3))",
    ),
    "a shape that is named like one": (
        "def build_cnn(inputs):\n    image = keras.Input(inputs)\n"
        "    return keras.Model(image, layers.Dense(7)(layers.Flatten()(image)))",
        "inputs=(24, 28, 3)",
    ),
    "a shape for its first layer": (
        "def build_cnn(img):\n    return keras.Sequential(["
        "layers.Flatten(input_shape=img), layers.Dense(7)])",
        "img=(24, 28, 3)",
    ),
}


@pytest.mark.parametrize("what", TENSORS)
def test_a_builder_is_handed(sandbox: Sandbox, what: str) -> None:
    source, arguments = TENSORS[what]
    assert built(sandbox, source) == (SHAPE, 7, [f"build_cnn was called with {arguments}."])


def test_a_number_of_classes_that_nobody_says_is_asked_of_the_student(sandbox: Sandbox) -> None:
    source = f"def build_cnn(num_classes):\n    {FORM.format(SHAPE, 'num_classes')}"
    found = problem(sandbox, source, classes=None)
    assert found.message == (
        "build_cnn asks for num_classes, of which the exercise says nothing. Give it a default "
        "value."
    )


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("self", "self"),
        ("kernel, shape", "kernel"),
        ("kernel, shape, *, activation", "kernel and activation"),
    ],
)
def test_a_parameter_that_means_nothing_here_is_named(
    sandbox: Sandbox, parameters: str, named: str
) -> None:
    found = problem(sandbox, f"def build_cnn({parameters}):\n    {FORM.format(SHAPE, 7)}")
    them = "them" if " and " in named else "it"
    assert (found.kind, found.message) == (
        "raised",
        f"build_cnn asks for {named}, of which the exercise says nothing. Give {them} a default "
        "value.",
    )


def test_long_and_many_parameters_fit_into_a_message(sandbox: Sandbox) -> None:
    names = ", ".join(f"{letter * 10_000}q" for letter in "bfgjklmpqrsvz")
    found = problem(sandbox, f"def build_cnn({names}):\n    pass")
    assert found.message.startswith("build_cnn asks for bbbbbbbbbb")
    assert len(found.message) < 700


def test_a_builder_is_tried_a_few_times_and_the_first_error_told(sandbox: Sandbox) -> None:
    source = """
    calls = []
    def build_cnn(img_size, image_size):
        calls.append(1)
        raise ValueError(f"call {len(calls)} of at most {MAX}")
    """.replace("{MAX}", str(MAX_CALLS))
    assert problem(sandbox, source).message == f"ValueError: call 1 of at most {MAX_CALLS}"
    source = f"""
    calls = []
    def build_cnn(img_size, image_size):
        calls.append(1)
        if len(calls) < {{}}:
            raise ValueError
        {FORM.format(SHAPE, 7)}
    """
    assert built(sandbox, source.format(MAX_CALLS))[:2] == (SHAPE, 7)
    assert problem(sandbox, source.format(MAX_CALLS + 1)).kind == "raised"


def test_an_exception_that_counts_as_false_is_told_like_another(sandbox: Sandbox) -> None:
    source = """
    class Odd(Exception):
        def __bool__(self):
            raise RuntimeError("asked")
    def build_cnn(img_size):
        raise Odd(repr(img_size))
    """
    assert problem(sandbox, source).message == "Odd: (24, 28, 3)"


def test_of_several_meanings_the_one_that_takes_the_images_is_kept(sandbox: Sandbox) -> None:
    source = f"""
    def build_cnn(img_size):
        shape = (5, 5, 1) if isinstance(img_size, tuple) else (img_size, 28, 3)
        {FORM.format("shape", 7)}
    """
    assert built(sandbox, source) == (SHAPE, 7, ["build_cnn was called with img_size=24."])


def test_where_no_meaning_takes_the_images_the_first_is_kept(sandbox: Sandbox) -> None:
    source = f"def build_cnn(img_size):\n    {FORM.format('(5, 5, 1)', 7)}"
    expected = ([5, 5, 1], 7, ["build_cnn was called with img_size=(24, 28, 3)."])
    assert built(sandbox, source) == expected


SHAPED = FORM.format("shape", 7)
METHODS_OF: dict[str, str] = {
    "without self": f"class Net:\n    def build(shape):\n        {SHAPED}",
    "of an object": f"class Net:\n    def build(self, shape):\n        {SHAPED}",
    "of the class": f"class Net:\n    @classmethod\n    def build(cls, shape):\n        {SHAPED}",
    "static": f"class Net:\n    @staticmethod\n    def build(shape):\n        {SHAPED}",
    "inherited": (
        f"class Base:\n    def build(self, shape):\n        {SHAPED}\nclass Net(Base):\n    pass"
    ),
}


@pytest.mark.parametrize("name", ["Net.build", "Net"])
@pytest.mark.parametrize("what", METHODS_OF)
def test_a_method_gives_the_model(sandbox: Sandbox, what: str, name: str) -> None:
    notes = [f"{name} was called with shape=(24, 28, 3)."]
    assert built(sandbox, METHODS_OF[what], name) == (SHAPE, 7, notes)


def test_an_object_is_made_with_what_the_exercise_says(sandbox: Sandbox) -> None:
    source = f"""
    class Net:
        def __init__(self, input_shape, classes):
            self.shape, self.classes = input_shape, classes
        def make(self):
            {FORM.format("self.shape", "self.classes")}
    """
    notes = ["Net was called with input_shape=(24, 28, 3), classes=7."]
    assert built(sandbox, source, "Net.make") == (SHAPE, 7, notes)
    made = f"{textwrap.dedent(source)}\nnet = Net((24, 28, 3), 5)"
    assert built(sandbox, made, "net.make") == (SHAPE, 5, [])


def test_methods_are_looked_for_in_their_order(sandbox: Sandbox) -> None:
    assert METHODS[0] == "build"
    bodies = "".join(
        f"    def {name}():\n        {FORM.format(SHAPE, 7 + at)}\n"
        for at, name in reversed(list(enumerate(METHODS)))
    )
    assert built(sandbox, f"class Net:\n{bodies}", "Net") == (SHAPE, 7, [])
    last = f"class Net:\n    def {METHODS[-1]}():\n        {FORM.format(SHAPE, 9)}\n"
    assert built(sandbox, last, "Net") == (SHAPE, 9, [])


NOT_THERE: dict[str, tuple[str, str, str]] = {
    "a method of another name": (
        "class Net:\n    pass",
        "missing",
        "Net.build is not defined when the notebook has run.",
    ),
    "an attribute that is None": (
        "class Net:\n    build = None",
        "not_a_model",
        "Net.build returns None. Does it end with return model?",
    ),
    "an attribute that is empty": (
        "class Net:\n    build = ()",
        "not_a_model",
        "Net.build returns a value of type tuple, not a Keras model.",
    ),
    "what a missing module would have held": (
        "import helpers\nclass Net:\n    build = helpers.make(3)",
        "raised",
        "The model needs the value of helpers.make(…), but the module helpers is not here. Write "
        "the value, or the function, into the notebook.",
    ),
}


@pytest.mark.parametrize("what", NOT_THERE)
def test_a_method_that_is_not_there(sandbox: Sandbox, what: str) -> None:
    source, kind, message = NOT_THERE[what]
    found = problem(sandbox, source, "Net.build")
    assert (found.kind, found.message) == (kind, message)


def test_a_model_from_a_module_that_is_not_here(sandbox: Sandbox) -> None:
    found = problem(sandbox, "import helpers\ndef build_cnn():\n    return helpers.make()")
    assert found.message == (
        "The model needs the value of helpers.make(…), but the module helpers is not here. Write "
        "the value, or the function, into the notebook."
    )


def test_the_model_that_an_object_keeps_is_taken(sandbox: Sandbox) -> None:
    model = FORM.format(SHAPE, 7).removeprefix("return ")
    source = f"class Net:\n    def __init__(self):\n        self.net = {model}\n"
    note = "{} gives a Net; its net was taken."
    assert built(sandbox, source, "Net") == (SHAPE, 7, [note.format("Net")])
    assert built(sandbox, f"{source}net = Net()", "net") == (SHAPE, 7, [note.format("net")])
    two = f"{source}        self.other = self.net.layers and {model}\n"
    assert problem(sandbox, two, "Net").message == (
        "Net returns a value of type Net, not a Keras model."
    )


TRAINS = f"""
def build_cnn(epochs):
    model = (lambda: {FORM.format(SHAPE, 7).removeprefix("return ")})()
    history = model.fit(None, epochs=epochs)
    {{}}
"""
CALLED_WITH = "build_cnn was called with epochs=1."
TAKEN = "build_cnn gives no model; the one that it trained last was taken."
TRAINED = {
    "return epochs, max(history.history['accuracy'])": TAKEN,
    "return None": TAKEN,
    "return undefined": TAKEN,
    "while model.evaluate(1)[0] < 0.9:\n        pass": TAKEN,
    "while True:\n        model.fit(1)": TAKEN,
    "return model": None,
    "return model, history": "build_cnn gives 2 values; the model among them was taken.",
}


@pytest.mark.parametrize("end", TRAINED)
def test_a_builder_that_trains_has_its_model_taken(sandbox: Sandbox, end: str) -> None:
    shape, units, notes = built(sandbox, TRAINS.format(end))
    assert (shape, units) == (SHAPE, 7)
    assert notes[0] == "fit was not run."
    assert CALLED_WITH in notes
    others = [note for note in notes[1:] if "was not run" not in note and note != CALLED_WITH]
    assert others == ([TRAINED[end]] if TRAINED[end] else [])


MODEL = FORM.format(SHAPE, 7).removeprefix("return ")
HOSTILE: dict[str, tuple[str, str]] = {
    "a class that equals every other": (
        "class Meta(type):\n    def __eq__(self, other):\n        return True\n"
        "    __hash__ = type.__hash__\nclass Value(metaclass=Meta):\n    pass\n"
        "def build_cnn():\n    return Value()",
        "build_cnn returns a value of type Value, not a Keras model.",
    ),
    "a class whose name is a number": (
        "class Meta(type):\n    __name__ = 5\nclass Value(metaclass=Meta):\n    pass\n"
        "def build_cnn():\n    return Value()",
        "build_cnn returns a value of type Value, not a Keras model.",
    ),
    "a class of a long name": (
        "Value = type('V' * 10_000, (), {})\ndef build_cnn():\n    return Value()",
        f"build_cnn returns a value of type {'V' * 80}, not a Keras model.",
    ),
    "a value that cannot be shown": (
        "class Value:\n    def __repr__(self):\n        raise RuntimeError\n"
        "def build_cnn():\n    return Value()",
        "build_cnn returns a value of type Value, not a Keras model.",
    ),
    "a value that answers to nothing": (
        "class Value:\n    def __bool__(self):\n        raise RuntimeError\n"
        "    __len__ = __eq__ = __iter__ = __bool__\n    __hash__ = None\n"
        "class Net:\n    build = Value()",
        "Net.build returns a value of type Value, not a Keras model.",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_value_is_no_model(sandbox: Sandbox, what: str) -> None:
    source, message = HOSTILE[what]
    name = "Net.build" if "Net.build" in message else "build_cnn"
    found = problem(sandbox, source, name)
    assert (found.kind, found.message) == ("not_a_model", message)


def test_a_signature_that_cannot_be_read_is_called_with_nothing(sandbox: Sandbox) -> None:
    source = f"def build_cnn(*args):\n    {FORM.format(SHAPE, 7)}\nbuild_cnn.__signature__ = 5"
    assert built(sandbox, source) == (SHAPE, 7, [])
    source = f"class Net:\n    def build(*args):\n        {FORM.format(SHAPE, 7)}\n"
    source += "    build.__signature__ = 5"
    assert built(sandbox, source, "Net.build") == (SHAPE, 7, [])


def test_a_class_whose_name_is_a_number_may_keep_a_model(sandbox: Sandbox) -> None:
    source = (
        "class Meta(type):\n    __name__ = 5\nclass Value(metaclass=Meta):\n"
        f"    def __init__(self):\n        self.net = {MODEL}\ndef build_cnn():\n    return Value()"
    )
    assert built(sandbox, source) == (SHAPE, 7, ["build_cnn gives a Value; its net was taken."])
