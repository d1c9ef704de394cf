"""Every sentence of ours, held to the error that the installed Keras really raises."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.records import Returned
from grader.sandbox.client import Sandbox
from grader.sandbox.complaints import TABLE, clean_exception, explain, rephrase, tidy
from grader.sandbox.verdict import read_answer, read_returned
from tests.sandbox.asking import LIMITS, ask

PROVOKE = """
import importlib
import keras
import numpy as np
import tensorflow as tf
from keras import Input, Sequential, Model
from keras.layers import *

def twice(layer, first, second):
    layer(Input(first))
    layer(Input(second))

def functional(shape=(28, 28, 1)):
    image = Input(shape)
    return Model(image, Conv2D(3, 3)(image))
"""

SHAPES = {
    "Sequential([Input((4, 4, 8)), Conv2D(3, 5)])": (
        'A 5×5 kernel does not fit over a 4×4×8 feature map with padding="valid".'
    ),
    "Sequential([Input((4, 10, 8)), Conv2D(3, (5, 3), strides=2)])": (
        'A 5×3 kernel does not fit over a 4×10×8 feature map with padding="valid".'
    ),
    "Sequential([Input((8, 8, 3)), Conv2D(96, 11, strides=4)])": (
        'An 11×11 kernel does not fit over an 8×8×3 feature map with padding="valid".'
    ),
    "Sequential([Input((4, 4, 8)), Conv2D(3, 3, dilation_rate=2)])": (
        "A 3×3 kernel with dilation 2 covers 5×5 and does not fit over a 4×4×8 feature map with "
        'padding="valid".'
    ),
    "Sequential([Input((4, 4, 8)), Conv2D(3, 3, dilation_rate=(1, 2))])": (
        "A 3×3 kernel with dilation 1×2 covers 3×5 and does not fit over a 4×4×8 feature map with "
        'padding="valid".'
    ),
    "Sequential([Input((4, 4, 8)), DepthwiseConv2D(5)])": (
        'A 5×5 kernel does not fit over a 4×4×8 feature map with padding="valid".'
    ),
    "Sequential([Input((4, 4, 8)), SeparableConv2D(3, 5)])": (
        'A 5×5 kernel does not fit over a 4×4×8 feature map with padding="valid".'
    ),
    "Sequential([Input((4, 8)), Conv1D(3, 5)])": (
        'A kernel of length 5 does not fit over a 4×8 feature map with padding="valid".'
    ),
    "Sequential([Input((1, 1, 8)), MaxPooling2D(2)])": (
        'A 2×2 pooling window does not fit over a 1×1×8 feature map with padding="valid".'
    ),
    "AveragePooling2D(3)(Input((2, 2, 8)))": (
        'A 3×3 pooling window does not fit over a 2×2×8 feature map with padding="valid".'
    ),
    "Sequential([Input((1, 8)), MaxPooling1D(2)])": (
        'A pooling window of length 2 does not fit over a 1×8 feature map with padding="valid".'
    ),
    "Sequential([Input((4, 4, 8)), Flatten(), Conv2D(3, 3)])": (
        "Conv2D takes feature maps (height×width×channels); here it gets a vector of 128 values, "
        "such as Flatten or Dense gives."
    ),
    "Sequential([Input((28, 28, 128)), Flatten(), MaxPooling2D()])": (
        "MaxPooling2D takes feature maps (height×width×channels); here it gets a vector of "
        "100,352 values, such as Flatten or Dense gives."
    ),
    "Sequential([Input((None, None, 3)), Flatten(), GlobalAveragePooling2D()])": (
        "GlobalAveragePooling2D takes feature maps (height×width×channels); here it gets a vector "
        "of an unknown number of values, such as Flatten or Dense gives."
    ),
    "Sequential([Input((784,)), Conv2D(3, 3, name='first')])": (
        'Layer "first" takes feature maps (height×width×channels); here it gets a vector of 784 '
        "values, such as Flatten or Dense gives."
    ),
    "Sequential([Input((28, 28)), Conv2D(3, 3)])": (
        "Conv2D takes feature maps (height×width×channels); here it gets 28×28: one axis is "
        "missing, such as the channels in keras.Input((28, 28, 1))."
    ),
    "Sequential([Input((28, 28, 1)), MaxPooling1D(2)])": (
        "MaxPooling1D takes sequences (steps×channels); here it gets 28×28×1."
    ),
    "Sequential([Input((28, 28, 1)), LSTM(3)])": (
        "LSTM takes inputs of 2 axes; here it gets 28×28×1."
    ),
    "Sequential([Input((4, 4, 4, 1)), Conv2D(3, 3)])": (
        "A 3×3 kernel takes feature maps (height×width×channels); here it gets 4×4×4×1."
    ),
    "Sequential([Input((28, 28, 1)), Conv2D(3, 3), Conv1D(3, 3)])": (
        "A kernel of length 3 takes sequences (steps×channels); here it gets 26×26×3."
    ),
    "twice(Dense(10), (1152,), (5408,))": (
        "Dense has weights for inputs of 1,152 values; here it gets 5,408 values: the image, or a "
        "layer before it, is not the one that it was built for."
    ),
    "twice(Conv2D(10, 3), (28, 28, 1), (28, 28, 3))": (
        "Conv2D has weights for inputs of 1 channel; here it gets 28×28×3: the image, or a layer "
        "before it, is not the one that it was built for."
    ),
    "Sequential([Input((28, 28, 1)), Flatten(), Dense(3)])(np.zeros((1, 32, 32, 1)))": (
        "Dense has weights for inputs of 784 values; here it gets 1,024 values: the image, or a "
        "layer before it, is not the one that it was built for."
    ),
    "functional()(np.zeros((1, 32, 32, 3)))": "The model takes 28×28×1; here it gets 32×32×3.",
    "functional()(Input((784,)))": "The model takes 28×28×1; here it gets 784.",
    "Concatenate()([Input((4, 4, 8)), Input((5, 5, 8))])": (
        "Concatenate joins inputs that differ along one axis only; here it gets 4×4×8 and 5×5×8."
    ),
    "concatenate([Input((4, 4, 8)), Input((8,))])": (
        "Concatenate joins inputs that differ along one axis only; here it gets 4×4×8 and 8."
    ),
    "Concatenate()(Input((4, 4, 8)))": (
        "Concatenate takes a list of inputs: Concatenate()([x, y])."
    ),
    "Add()(Input((4, 4, 8)))": "A layer such as Add takes a list of inputs: Add()([x, y]).",
    "Add()([Input((4, 4, 8)), Input((4, 4, 16))])": (
        "Feature maps that are added or multiplied must have the same shape; here they have 4×4×8 "
        "and 4×4×16."
    ),
    "Input((4, 4, 8)) + Input((5, 5, 8))": (
        "Feature maps that are added or multiplied must have the same shape; here they have 4×4×8 "
        "and 5×5×8."
    ),
    "Sequential([Input((4, 4, 8)), Reshape((10, 10))])": (
        "Reshape cannot turn 4×4×8, 128 values, into 10×10, 100 values."
    ),
    "Sequential([Input((4, 4, 8)), Reshape((-1, 10))])": (
        "Reshape cannot turn 4×4×8, 128 values, into ?×10: 10 does not divide them."
    ),
    "Sequential([Input((4, 4, 8)), Conv2D(6, 3, groups=3)])": (
        "groups=3 does not divide the 8 channels of the input."
    ),
    "Conv2D(8, 3, groups=3)": "groups=3 does not divide the 8 filters.",
    "Sequential([Input((4, 4, 1)), Conv2D(None, 3)])": (
        "Conv2D has None where the number of its filters or units belongs."
    ),
    "Sequential([Input((None, None, 3)), Flatten(), Dense(10)])": (
        "Dense cannot make its weights, because the size of its input is unknown: give "
        "keras.Input the whole shape, such as (28, 28, 1)."
    ),
    "Sequential([Input((4, 4, 3)), Cropping2D(3)])": (
        "Cropping leaves nothing of a 4×4×3 feature map."
    ),
    "Sequential([Input((5,)), Dense(10)]).layers[0].set_weights([np.zeros((4, 10)), [0] * 10])": (
        "Dense holds weights of 5×10; it is given 4×10."
    ),
}

ARGUMENTS = {
    "Conv2D(3, 3, activation='rulu')": (
        '"rulu" is not an activation of Keras. Did you mean "relu"?'
    ),
    "Dense(1, kernel_initializer='he_norml')": (
        '"he_norml" is not an initializer of Keras. Did you mean "HeNormal"?'
    ),
    "Dense(1, kernel_regularizer='L1L3')": (
        '"L1L3" is not a regularizer of Keras. Did you mean "L1L2"?'
    ),
    "functional().compile('adamm')": '"adamm" is not an optimizer of Keras. Did you mean "Adam"?',
    "Conv2D(3, 3, padding='sane')": 'padding is "valid" or "same"; here it is "sane".',
    "Conv2D(3, 3, padding=1)": 'padding is "valid" or "same" in Keras, not a number.',
    "Flatten(10)": 'data_format is "channels_last" or "channels_first"; here it is 10.',
    "Dense(10, activaton='relu')": (
        'Dense has no argument "activaton". Did you mean "activation"?'
    ),
    "LSTM(3, init='zeros')": (
        'LSTM has no argument "init". It is called "kernel_initializer" now.'
    ),
    "keras.optimizers.Lion(lr=0.1)": (
        'The optimizer has no argument "lr". It is called "learning_rate" now.'
    ),
    "keras.optimizers.Adam(foo=0.1)": 'The optimizer has no argument "foo".',
    "Input(shap=(28, 28, 1))": 'Input has no argument "shap".',
    "functional().compile(optimiser='adam')": 'compile has no argument "optimiser".',
    "Conv2D(3, kernal_size=3)": (
        'Conv2D needs kernel_size; "kernal_size" is not one of its arguments.'
    ),
    "LSTM(\n  output_dim=3,\n  activation='tanh',\n)": (
        'LSTM needs units; "output_dim" is not one of its arguments.'
    ),
    "Conv2D(3, name='first')": "Conv2D needs kernel_size.",
    "Conv2D()": "Conv2D needs filters and kernel_size.",
    "Conv2D(0, 3)": "filters is a whole number above 0; here it is 0.",
    "Conv2D(3.5, 3)": "filters is a whole number above 0; here it is 3.5.",
    "Dense('10')": 'units is a whole number above 0; here it is the text "10".',
    "Dense(None)": "units is a whole number above 0; here it is None.",
    "Conv2D(3, 0)": "kernel_size is one whole number above 0, or 2 of them; here it is 0.",
    "Conv2D(3, '3')": (
        'kernel_size is one whole number above 0, or 2 of them; here it is the text "3".'
    ),
    "MaxPooling2D((2, 2, 2))": (
        "pool_size is one whole number above 0, or 2 of them; here it is (2, 2, 2)."
    ),
    "Conv1D(3, (3, 3))": "kernel_size is one whole number above 0; here it is (3, 3).",
    "Conv2D(3, 3, strides=2, dilation_rate=2)": (
        "strides above 1 and a dilation_rate above 1 cannot be combined."
    ),
    "Dropout(50)": "rate lies between 0 and 1; here it is 50.",
    "keras.layers.Conv2d(3, 3)": 'Keras has no layer "Conv2d". Did you mean "Conv2D"?',
    "tf.keras.layers.MaxPool(2)": 'Keras has no layer "MaxPool". Did you mean "MaxPool2D"?',
    "keras.layers.Convolution3d(2)": (
        'Keras has no layer "Convolution3d". Did you mean "Convolution3D"?'
    ),
    "exec('from keras.layers import Denze')": 'Keras has no layer "Denze". Did you mean "Dense"?',
    "importlib.import_module('numpy.layers')": (
        "numpy.layers is not installed where the notebook is graded."
    ),
    "importlib.import_module('keras.layers.convolving')": (
        "Keras 3 has no module keras.layers.convolving: layers come from keras.layers, the rest "
        "from keras."
    ),
    "Dense(importlib.import_module('d2l').units)": (
        "The model needs the value of d2l.units, which is not here where notebooks are graded. "
        "Write the value, or the function, into the notebook."
    ),
    "Conv2D(8, (importlib.import_module('d2l').size, 3))": (
        "The model needs the value of d2l.size, but the module d2l is not here. Write the value, "
        "or the function, into the notebook."
    ),
    "Input((importlib.import_module('d2l').side, 28, 1))": (
        "The model needs the value of d2l.side, which is not here where notebooks are graded. "
        "Write the value, or the function, into the notebook."
    ),
}

WIRING = {
    "Sequential([Conv2D])": (
        "A Sequential model is made of layers; Conv2D is a class: write Conv2D(…) with its "
        "arguments."
    ),
    "Sequential([Conv2D(3, 3)(Input((28, 28, 1)))])": (
        "A Sequential model is made of layers; a layer that was applied, layer(x), is a tensor: "
        "leave out the (x)."
    ),
    "Sequential(['relu'])": 'A Sequential model is made of layers; "relu" is a text.',
    "Sequential([None])": "A Sequential model is made of layers; here is None.",
    "Sequential([[Flatten()]])": (
        "A Sequential model is made of layers; here is a value of type list."
    ),
    "Sequential(Input((28, 28, 1)), Flatten())": (
        "Sequential takes its layers as one list: Sequential([…])."
    ),
    "functional().add(Flatten())": (
        "Only a Sequential model has add; for a model of keras.Model(inputs, outputs), apply the "
        "layer to a tensor before the model is made."
    ),
    "functional().layers[1].output_shape": (
        "Keras 3 has no input_shape or output_shape; layer.output.shape is what a layer gives."
    ),
    "Sequential([Flatten(name='a'), Flatten(name='a')])": (
        'Two layers are named "a"; each name may be given once.'
    ),
    "Model(x := Input((3,)), Dense(1, name='a')(Dense(1, name='a')(x)))": (
        'Two layers are named "a"; each name may be given once.'
    ),
    "Sequential([Input((3,)), Input((3,))])": (
        "The model has two Input layers; a Sequential model takes one, at its beginning."
    ),
    "Model(Input((3,)), Dense(1)(Input((3,))))": (
        "The model's output does not come from its inputs: somewhere on the way a layer is "
        "applied to another variable."
    ),
    "Model(Input((3,)), Dense(1))": (
        "keras.Model takes tensors, which a layer gives when it is applied; here it gets the "
        "layer Dense itself."
    ),
    "Model(Input((3,)), None)": (
        "keras.Model takes tensors, which a layer gives when it is applied; here it gets None."
    ),
    "Model(Input((3,)))": "keras.Model takes inputs and outputs: keras.Model(inputs, outputs).",
    "Conv2D(3, 3)(Flatten())": (
        "A layer is applied to a tensor, which keras.Input or another layer gives; here it gets "
        "the layer Flatten itself."
    ),
    "Conv2D(3, 3)((28, 28, 1))": (
        "A layer is applied to a tensor, which keras.Input or another layer gives; here it gets 28."
    ),
    "Conv2D(3, 3)(None)": "Conv2D is applied to None, which is not a tensor.",
    "Conv2D(3, 3)([Input((9, 9, 1)), Input((9, 9, 1))])": "Conv2D takes 1 input; here it gets 2.",
    "Conv2D(3, 3)()": "A layer is applied to a tensor, layer(x); here the brackets are empty.",
    "Sequential([Conv2D(3, 3)]).output": (
        "The model has no output yet, because it was not applied to anything: begin the model "
        "with keras.Input(…)."
    ),
    "Conv2D(3, 3).input": (
        "Conv2D has no input yet, because it was not applied to anything: begin the model with "
        "keras.Input(…)."
    ),
    "Sequential([Conv2D(3, 3)]).count_params()": (
        "The model has no weights to count yet, because it does not know its input: begin the "
        "model with keras.Input(…)."
    ),
    "Input(784)": "A shape is a tuple: (784,) instead of 784.",
    "Input()": "keras.Input needs a shape, such as keras.Input((28, 28, 1)).",
    "tf.nn.relu(Input((3,)))": (
        "A function of TensorFlow cannot be applied to a layer's output: take a layer, or the "
        "function of keras.ops that does the same."
    ),
    "np.array(Input((3,)))": (
        "A layer's output has a shape and no values yet, so NumPy cannot take it."
    ),
    "bool(Input((3,)))": "A layer's output has a shape and no values yet, so it cannot be tested.",
}

AS_KERAS_SAYS = {
    "Dot(1)([Input((8,)), Input((9,))])": (
        "ValueError: Incompatible input shapes: axis values 8 (at axis 1) != 9 (at axis 1). Full "
        "input shapes: (8,), (9,)"
    ),
    "keras.layer": "AttributeError: module 'keras' has no attribute 'layer'",
    "'same'.lower(1)": "TypeError: str.lower() takes no arguments (1 given)",
    "(1).lower()": "AttributeError: 'int' object has no attribute 'lower'",
    "exec('from numpy import nothing')": "ImportError: cannot import name 'nothing' from 'numpy'",
    "twice(Conv2D)": (
        "TypeError: twice() missing 2 required positional arguments: 'first' and 'second'"
    ),
    "{}['key']": "KeyError: 'key'",
    "exec('assert False')": "AssertionError",
}

SAID: Mapping[str, str] = {**SHAPES, **ARGUMENTS, **WIRING, **AS_KERAS_SAYS}

CASES = PROVOKE + "CASES = [\n" + "".join(f"lambda: {code},\n" for code in SAID) + "]\n"
SAY = """
def provoke(number):
    CASES[number]()

def say(number):
    try:
        CASES[number]()
    except BaseException as error:
        return str(error)
"""


@pytest.fixture(scope="module")
def said(sandbox: Sandbox) -> dict[str, str]:
    """What the student reads for each expression, all provoked in one job."""
    return {
        expression: one.problem.message if one.problem else f"no error, but {one.value!r}"
        for expression, one in zip(SAID, call_all(sandbox, "provoke"), strict=True)
    }


def call_all(sandbox: Sandbox, name: str) -> tuple[Returned, ...]:
    cases = [{"args": [number], "kwargs": {}} for number in range(len(SAID))]
    answer = read_answer(ask(sandbox, "call", name, CASES, SAY, cases=cases), name, LIMITS)
    return read_returned(answer, len(cases), name)


@pytest.mark.parametrize("expression", SAID)
def test_a_student_reads(expression: str, said: dict[str, str]) -> None:
    assert said[expression] == SAID[expression]


def test_every_pattern_is_held_to_a_real_error(sandbox: Sandbox) -> None:
    """Each of the table's patterns is the first to fit at least one provoked message."""
    texts = [tidy(one.value) for one in call_all(sandbox, "say")]
    first = {
        next((pattern.pattern for pattern, _ in TABLE if pattern.search(text)), "")
        for text in texts
    }
    assert {pattern.pattern for pattern, _ in TABLE} - first == set()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("\x1b[1mbold\x1b[0m\ntext", "bold text"),
        (
            "Exception encountered when calling Dense.call().\n\n\x1b[1mNo `x`.\x1b[0m\n\n"
            "Arguments received by Dense.call():\n  • args=1",
            "No x.",
        ),
        ("shape (None, 28, 28, 1) and (None, 10)", "shape (28, 28, 1) and (10,)"),
        ("First.\n\n\nSecond.", "First."),
        ("cannot import name 'a' from 'b' (/home/me/b.py)", "cannot import name 'a' from 'b'"),
        (
            "cannot import name 'a' from 'b' (unknown location)",
            "cannot import name 'a' from 'b'",
        ),
        (
            "{{function_node __wrapped__Conv2D}} Size is negative: -1 [Op:Conv2D]",
            "Size is negative: -1",
        ),
        ("x" * 401, "x" * 399 + "…"),
    ],
    ids=[
        "nothing",
        "colours",
        "keras",
        "batch",
        "paragraph",
        "file",
        "place",
        "tensorflow",
        "long",
    ],
)
def test_a_message_is_cleaned(text: str, cleaned: str) -> None:
    assert clean_exception(text) == cleaned


def test_a_sentence_of_ours_names_a_few_shapes_only() -> None:
    shapes = ", ".join(["(None, 4, 4, 8)"] * 200)
    text = (
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation "
        f"axis. Received: input_shape=[{shapes}]"
    )
    assert explain("ValueError", text) == (
        "Concatenate joins inputs that differ along one axis only; here it gets 4×4×8, 4×4×8, "
        "4×4×8, 4×4×8, 4×4×8 and 4×4×8."
    )


def test_what_is_not_known_is_not_rephrased() -> None:
    assert rephrase("Something else went wrong.") is None
