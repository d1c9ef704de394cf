"""The jobs of the student's room: building, calling, reading, and what is refused there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.records import Problem, Returned
from grader.sandbox.client import Sandbox
from grader.sandbox.verdict import read_answer, read_returned
from tests.sandbox.asking import LIMITS, SMALL_CNN, ask, build, refused

KERAS = "import keras\nfrom keras import layers\n"
LAYERS = "[keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)]"


def classes(answer: dict[str, Any]) -> list[str]:
    return [layer["class_name"] for layer in answer["architecture"]["config"]["layers"]]


# --- finding the model ------------------------------------------------------------------------

FOUND = {
    "a builder": f"def build_cnn():\n    return keras.Sequential({LAYERS})",
    "a model": f"build_cnn = keras.Sequential({LAYERS})",
    "a lambda": f"build_cnn = lambda: keras.Sequential({LAYERS})",
    "a static method": (
        f"class Net:\n    @staticmethod\n    def make():\n        return keras.Sequential({LAYERS})"
        "\nbuild_cnn = Net.make"
    ),
    "a partial": (
        f"import functools\ndef make(n):\n    return keras.Sequential({LAYERS})\n"
        "build_cnn = functools.partial(make, 3)"
    ),
    "defaults": f"def build_cnn(a=1, *b, c=2, **d):\n    return keras.Sequential({LAYERS})",
    "global data": f"n = 10\ndef build_cnn():\n    return n and keras.Sequential({LAYERS})",
}


@pytest.mark.parametrize("what", FOUND)
def test_a_model_is_found_however_it_is_held(sandbox: Sandbox, what: str) -> None:
    answer = build(sandbox, KERAS + FOUND[what])
    assert classes(answer) == ["InputLayer", "Flatten", "Dense"]
    assert (answer["custom"], answer["compiled"], answer["assumptions"]) == ([], None, [])


ONE_ARGUMENT = {
    "position": "def build_cnn(input_shape):",
    "position only": "def build_cnn(input_shape, /):",
    "keyword only": "def build_cnn(*, input_shape):",
    "beside defaults": "def build_cnn(classes=10, *, input_shape):",
}


@pytest.mark.parametrize("how", ONE_ARGUMENT)
def test_a_builder_with_one_argument_is_given_the_input_shape(sandbox: Sandbox, how: str) -> None:
    body = "    return keras.Sequential([keras.Input(input_shape), layers.Flatten()])"
    answer = build(sandbox, f"{KERAS}{ONE_ARGUMENT[how]}\n{body}")
    shape = answer["architecture"]["config"]["layers"][0]["config"]["batch_shape"]
    assert shape == [None, 28, 28, 1]
    assert answer["assumptions"] == ["build_cnn was called with input_shape=(28, 28, 1)."]


def test_a_model_without_an_input_is_built_for_the_exercises(sandbox: Sandbox) -> None:
    source = f"{KERAS}build_cnn = keras.Sequential([layers.Flatten(), layers.Dense(3)])"
    answer = build(sandbox, source)
    assert answer["architecture"]["config"]["build_input_shape"] == [None, 28, 28, 1]
    assert answer["assumptions"] == [
        "The model names no input shape; it was built for (28, 28, 1)."
    ]


NEEDS_WEIGHTS = KERAS + (
    "import numpy as np\n"
    "import tensorflow as tf\n"
    "def build_cnn():\n"
    f"    model = keras.Sequential({LAYERS})\n"
    "    model.layers[-1].set_weights([np.zeros((784, 10)), np.zeros(10)])\n"
    "    assert float(model(np.ones((1, 28, 28, 1)))[0, 0]) == 0\n"
    "    optimizer = keras.optimizers.SGD()\n"
    "    with tf.GradientTape() as tape:\n"
    "        loss = tf.reduce_mean(model(np.zeros((1, 28, 28, 1))))\n"
    "    weights = model.trainable_weights\n"
    "    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))\n"
    "    model.compile('sgd', 'sparse_categorical_crossentropy')\n"
    "    return model\n"
)


def test_a_builder_that_needs_weights_fails_without_them_and_works_with_them(
    sandbox: Sandbox,
) -> None:
    reply = ask(sandbox, "build", "build_cnn", NEEDS_WEIGHTS, weightless=True)
    assert refused(reply).kind == "raised"
    answer = build(sandbox, NEEDS_WEIGHTS, weightless=False)
    assert classes(answer) == ["InputLayer", "Flatten", "Dense"]
    assert answer["compiled"]["optimizer"] == "SGD"


def test_a_large_model_costs_neither_time_nor_memory_without_weights(sandbox: Sandbox) -> None:
    source = KERAS + "build_cnn = keras.Sequential([keras.Input((20000,)), layers.Dense(20000)])"
    reply = ask(sandbox, "build", "build_cnn", source)
    assert reply.ending == "answered"
    assert "architecture" in reply.answer
    assert reply.peak_bytes < 200 << 20


VALUES = ["return model, 'text'", "return [1, model, None]"]


@pytest.mark.parametrize("returned", VALUES)
def test_the_one_model_among_several_values_is_taken(sandbox: Sandbox, returned: str) -> None:
    source = f"{KERAS}def build_cnn():\n    model = keras.Sequential({LAYERS})\n    {returned}"
    answer = build(sandbox, source)
    assert classes(answer) == ["InputLayer", "Flatten", "Dense"]
    (assumption,) = answer["assumptions"]
    assert assumption.endswith("values; the model among them was taken.")


# --- what is not a model ----------------------------------------------------------------------

NOT_A_MODEL = {
    "return None": "build_cnn returns None. Does it end with return model?",
    "return 'model'": "build_cnn returns a value of type str, not a Keras model.",
    "return 7": "build_cnn returns a value of type int, not a Keras model.",
    "return model, model": "build_cnn returns a value of type tuple, not a Keras model.",
    "return 1, 2": "build_cnn returns a value of type tuple, not a Keras model.",
    "return ()": "build_cnn returns a value of type tuple, not a Keras model.",
    "return keras.Sequential": (
        "build_cnn returns the class Sequential, not a model made of it: Sequential(…) makes one."
    ),
    "return build_cnn": (
        "build_cnn returns the function build_cnn, not a model: build_cnn() calls it."
    ),
    "return keras.callbacks.History()": (
        "build_cnn returns what fit gives, a History, not the model: return the model itself."
    ),
    "return layers.Dense(3)": (
        "build_cnn returns a layer of type Dense, not a model: keras.Sequential([…]) makes one of "
        "layers."
    ),
    "return layers.Flatten()(keras.Input((3, 3)))": (
        "build_cnn returns a tensor, what the last layer gives: keras.Model(inputs, outputs) "
        "makes a model of it."
    ),
    "return {'model': model}": "build_cnn returns a value of type dict, not a Keras model.",
}


@pytest.mark.parametrize("returned", NOT_A_MODEL)
def test_what_a_builder_returns_instead_of_a_model_is_named(
    sandbox: Sandbox, returned: str
) -> None:
    source = f"{KERAS}def build_cnn():\n    model = keras.Sequential({LAYERS})\n    {returned}"
    found = refused(ask(sandbox, "build", "build_cnn", source))
    assert found == Problem("not_a_model", NOT_A_MODEL[returned])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("None", "model is None, not a Keras model."),
        ("'cnn'", "model is a value of type str, not a Keras model."),
        (
            "layers.Dense(3)",
            "model is a layer of type Dense, not a model: keras.Sequential([…]) makes one of "
            "layers.",
        ),
        (
            "keras.callbacks.History()",
            "model is what fit gives, a History, not the model: take the model itself.",
        ),
    ],
)
def test_what_a_name_holds_instead_of_a_model_is_named(
    sandbox: Sandbox, value: str, message: str
) -> None:
    reply = ask(sandbox, "build", "model", f"{KERAS}model = {value}")
    assert refused(reply, "model") == Problem("not_a_model", message)


def test_a_name_that_the_program_takes_back_is_missing(sandbox: Sandbox) -> None:
    reply = ask(sandbox, "build", "build_cnn", "build_cnn = 1", "del build_cnn")
    assert refused(reply) == Problem(
        "missing", "build_cnn is not defined when the notebook has run."
    )


def test_a_builder_with_several_arguments_is_not_guessed_at(sandbox: Sandbox) -> None:
    source = "def build_cnn(shape, kernel_size, classes, rate=1): pass"
    reply = ask(sandbox, "build", "build_cnn", source)
    assert refused(reply) == Problem(
        "raised",
        "build_cnn asks for kernel_size and classes, of which the exercise says nothing. Give "
        "them a default value.",
    )


# --- custom parts -----------------------------------------------------------------------------

CUSTOM = {
    "class Own(layers.Layer):\n    def call(self, x): return x\npart = Own()": ["Own"],
    "class Conv2D(layers.Conv2D): pass\npart = Conv2D(2, 3)": ["Conv2D"],
    "def relu(x): return x\npart = layers.Conv2D(2, 3, activation=relu)": ["relu"],
    "part = layers.Conv2D(2, 3, activation=lambda x: x)": ["<lambda>"],
    "part = layers.Activation(lambda x: x * 2)": ["<lambda>"],
    "class Own(layers.Layer):\n    def call(self, x): return x\npart = keras.Sequential([Own()])": [
        "Own"
    ],
    "class Own(layers.Layer):\n    def call(self, x): return x\n"
    "part = layers.TimeDistributed(Own())": ["Own"],
    "import tensorflow as tf\npart = layers.Conv2D(2, 3, activation=tf.nn.relu)": [],
    "part = layers.Conv2D(2, 3, activation=keras.activations.relu)": [],
    "part = layers.Conv2D(2, 3, activation=layers.ReLU())": [],
    "part = layers.Conv2D(2, 3, activation='relu')": [],
}


@pytest.mark.parametrize("code", CUSTOM)
def test_parts_that_are_not_kerass_own_are_named(sandbox: Sandbox, code: str) -> None:
    source = f"{KERAS}{code}\nbuild_cnn = keras.Sequential([keras.Input((28, 28, 1)), part])"
    assert build(sandbox, source)["custom"] == CUSTOM[code]


def test_a_model_class_of_the_students_is_named_and_has_no_architecture(sandbox: Sandbox) -> None:
    source = KERAS + (
        "class Net(keras.Model):\n"
        "    def __init__(self, units):\n"
        "        super().__init__()\n"
        "        self.dense = layers.Dense(units)\n"
        "    def call(self, x, training=None):\n"
        "        return self.dense(x) if training else x\n"
        "build_cnn = Net(3)\n"
    )
    answer = build(sandbox, source)
    assert answer["custom"] == ["Net"]


def test_a_layer_whose_settings_cannot_be_written_has_no_architecture(sandbox: Sandbox) -> None:
    source = KERAS + (
        "class Own(layers.Layer):\n"
        "    def call(self, x): return x\n"
        "    def get_config(self): return {'strange': object()}\n"
        "build_cnn = keras.Sequential([keras.Input((28, 28, 1)), Own()])\n"
    )
    answer = build(sandbox, source)
    assert (answer["architecture"], answer["custom"]) == (None, ["Own"])


# --- how it is compiled -----------------------------------------------------------------------


def compiled(sandbox: Sandbox, arguments: str, before: str = "") -> dict[str, Any]:
    source = (
        f"{KERAS}{before}\nbuild_cnn = keras.Sequential({LAYERS})\nbuild_cnn.compile({arguments})"
    )
    found: dict[str, Any] = build(sandbox, source)["compiled"]
    return found


def test_what_was_compiled_is_told_in_kerass_names(sandbox: Sandbox) -> None:
    found = compiled(
        sandbox,
        "keras.optimizers.Adam(0.002), keras.losses.SparseCategoricalCrossentropy(True), "
        "metrics=['accuracy', keras.metrics.AUC(), keras.losses.mean_squared_error]",
    )
    assert found["optimizer"] == "Adam"
    assert found["optimizer_config"]["learning_rate"] == pytest.approx(0.002)
    assert found["loss"] == "SparseCategoricalCrossentropy"
    assert found["loss_config"]["from_logits"] is True
    assert found["metrics"] == ["accuracy", "AUC", "mean_squared_error"]


def test_what_was_not_compiled_with_is_told_as_nothing(sandbox: Sandbox) -> None:
    found = compiled(sandbox, "loss='mse'")
    assert (found["loss"], found["loss_config"], found["metrics"]) == ("mse", {}, [])


@pytest.mark.parametrize(
    ("before", "arguments", "name"),
    [
        (
            "class Mine(keras.optimizers.SGD):\n    def get_config(self): raise KeyError",
            "Mine()",
            "Mine",
        ),
        (
            "class Rate(keras.optimizers.schedules.LearningRateSchedule):\n"
            "    def __call__(self, step): return 0.1",
            "keras.optimizers.SGD(Rate())",
            "SGD",
        ),
    ],
    ids=["optimizer", "schedule"],
)
def test_an_optimizer_that_does_not_tell_its_settings_costs_nothing(
    sandbox: Sandbox, before: str, arguments: str, name: str
) -> None:
    found = compiled(sandbox, arguments, before)
    assert (found["optimizer"], found["optimizer_config"]) == (name, {})


# --- functions --------------------------------------------------------------------------------


def call(sandbox: Sandbox, source: str, *cases: list[Any], **kwargs: Any) -> tuple[Returned, ...]:
    asked = [{"args": args, "kwargs": kwargs} for args in cases]
    answer = read_answer(ask(sandbox, "call", "f", source, cases=asked), "f", LIMITS)
    return read_returned(answer, len(cases), "f", LIMITS)


def test_a_case_that_raises_does_not_end_the_rest(sandbox: Sandbox) -> None:
    returned = call(sandbox, "def f(n, k=1):\n    return (6 // n, k)", [2], [0], [3], k=5)
    assert [one.value for one in returned] == [[3, 5], None, [2, 5]]
    assert returned[1].problem == Problem(
        "raised",
        "ZeroDivisionError: integer division or modulo by zero",
        1,
        2,
        "return (6 // n, k)",
    )


def test_arrays_go_in_and_come_out(sandbox: Sandbox) -> None:
    (returned,) = call(sandbox, "def f(image):\n    return image[::2] * 2.0", [np.arange(6)])
    np.testing.assert_array_equal(returned.value, [0.0, 4.0, 8.0])


def test_tensors_come_out_as_arrays(sandbox: Sandbox) -> None:
    source = (
        "import tensorflow as tf\ndef f(n):\n    return {'t': tf.ones((n, 2)), 'v': tf.Variable(3)}"
    )
    (returned,) = call(sandbox, source, [2])
    np.testing.assert_array_equal(returned.value["t"], np.ones((2, 2)))
    assert returned.value["v"] == 3


RETURNS = {
    "return object()": (
        "raised",
        "f gives a value of type object; numbers or arrays are asked.",
    ),
    "return [0] * 10**6": ("output", "f gives more than a report can hold."),
    "return bytearray(10**13)": (
        "memory",
        "f needed more memory than the 1,024 MB that it may use. Look for a list or an array that "
        "grows with every step.",
    ),
    "return '{}'.join(n)": ("raised", "TypeError: can only join an iterable"),
    "import sys; sys.exit()": (
        "raised",
        "f ends the program (sys.exit, exit or quit). Take that out.",
    ),
    "raise NotImplementedError": (
        "unsolved",
        "f is not written yet: it raises NotImplementedError.",
    ),
}


@pytest.mark.parametrize("body", RETURNS)
def test_what_a_function_gives_instead_is_told(sandbox: Sandbox, body: str) -> None:
    (returned,) = call(sandbox, f"def f(n):\n    {body}", [3])
    assert returned.problem is not None
    assert (returned.problem.kind, returned.problem.message) == RETURNS[body]


def test_a_function_that_is_none_is_told(sandbox: Sandbox) -> None:
    reply = ask(sandbox, "call", "f", "f = 3", cases=[])
    assert refused(reply, "f") == Problem("raised", "f is of type int, not a function.")


def test_a_function_that_ends_the_process_is_told_as_called(sandbox: Sandbox) -> None:
    reply = ask(
        sandbox, "call", "f", "import os\ndef f(): os._exit(2)", cases=[{"args": [], "kwargs": {}}]
    )
    assert refused(reply, "f").message == (
        "The program ended itself with status 2 while f was called (os._exit or the like)."
    )


# --- answers ----------------------------------------------------------------------------------


def test_answers_are_read_one_by_one(sandbox: Sandbox) -> None:
    source = (
        "import numpy as np\n"
        "answers = {'a': 1, 2: np.int64(3), 'todo': ..., 'list': (1, 2), 'odd': object(),\n"
        "           'array': np.ones(2)}\n"
    )
    value = read_answer(ask(sandbox, "read", "answers", source), "answers", LIMITS)["value"]
    np.testing.assert_array_equal(value.pop("array"), [1, 1])
    assert value == {
        "a": 1,
        "2": 3,
        "todo": None,
        "list": [1, 2],
        "odd": "a value of type object",
    }


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("answers = [1, 2]", "answers is of type list, not a dict of answers."),
        ("answers = {'a': range(10**9)}", "answers gives more than a report can hold."),
        (
            "import os\nanswers = {}\nos._exit(0)",
            "The program ended itself while answers was worked out (os._exit or the like).",
        ),
    ],
    ids=["list", "large", "exit"],
)
def test_answers_that_cannot_be_read_are_told(sandbox: Sandbox, source: str, message: str) -> None:
    assert refused(ask(sandbox, "read", "answers", source), "answers").message == message


# --- a model that only the student's process can build ----------------------------------------

OWN_LAYER = SMALL_CNN.replace(
    "def build_cnn():",
    "class Twice(layers.Layer):\n    def call(self, x): return 2 * x\n\ndef build_cnn():",
).replace("layers.Flatten(),", "Twice(), layers.Flatten(),")


def test_a_custom_model_is_described_and_sampled_behind_the_walls(sandbox: Sandbox) -> None:
    answer = read_answer(ask(sandbox, "learn", "build_cnn", OWN_LAYER), "build_cnn", LIMITS)
    types = [layer["type"] for layer in answer["model"]["layers"]]
    assert types == ["Conv2D", "Twice", "Flatten", "Dense"]
    assert answer["sample"]["largest_sum_error"] < 1e-5
    assert "training" not in answer
