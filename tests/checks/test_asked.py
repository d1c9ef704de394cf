"""The model as it is asked for, held to the one that Keras builds."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks.asked import asked_layers, mended_model
from grader.checks.divergence import Pair
from grader.checks.layers import compare_layers
from grader.records import ModelDescription
from grader.sandbox.client import Sandbox
from tests.checks.models import build

FIRST = ("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "valid", "activation": "relu"})
POOL = ("MaxPooling2D", {"pool_size": 2})
SECOND = ("Conv2D", {"filters": 16, "kernel_size": 3, "padding": "valid", "use_bias": True})
CNN = (FIRST, POOL, SECOND, POOL, ("Flatten", {}), ("Dense", {"units": 10}))
RIGHT = (
    "Conv2D(8, 3, activation='relu'), MaxPooling2D(), Conv2D(16, 3), MaxPooling2D(), Flatten(),"
    " Dense(10)"
)
MENDED: dict[str, tuple[str, str]] = {
    "nothing is wrong": (RIGHT, RIGHT),
    "padding": (RIGHT.replace("8, 3,", "8, 3, padding='same',"), RIGHT),
    "two arguments": (RIGHT.replace("(16, 3)", "(32, 5, use_bias=False)"), RIGHT),
    "another type": (RIGHT.replace("MaxPooling2D", "AveragePooling2D"), RIGHT),
    "one missing": (RIGHT.replace(" Conv2D(16, 3),", ""), RIGHT),
    "one too many": (RIGHT.replace("Flatten()", "Conv2D(4, 1), Flatten()"), RIGHT),
    "an activation of its own": (
        RIGHT.replace("Conv2D(16, 3)", "Conv2D(16, 5), ReLU()"),
        RIGHT,
    ),
    "what may stand anywhere stays": (
        RIGHT.replace("(16, 3)", "(8, 3), BatchNormalization(scale=False)") + ", Dropout(0.5)",
        RIGHT.replace("(16, 3)", "(16, 3), BatchNormalization(scale=False)") + ", Dropout(0.5)",
    ),
    "a layer that does not learn": (
        RIGHT.replace("8, 3,", "8, 3, trainable=False, padding='same',"),
        RIGHT.replace("8, 3,", "8, 3, trainable=False,"),
    ),
}


def compare(sandbox: Sandbox, layers: str, asked: Any = CNN) -> tuple[Any, ModelDescription]:
    model = build(sandbox, f"Sequential([Input((28, 28, 1)), {layers}])")
    allow = ("Dropout", "BatchNormalization")
    return compare_layers(asked, allow, model)[2], model


def summary(model: ModelDescription | None) -> Any:
    assert model is not None
    rows = [
        (layer.type, layer.output_shape, layer.params, layer.trainable_params)
        for layer in model.layers
        if layer.type != "ReLU"
    ]
    sums = (model.total_params, model.trainable_params, model.multiply_adds)
    return rows, sums, model.receptive_field, model.output_shapes


@pytest.mark.parametrize("name", MENDED)
def test_a_mended_model_is_the_one_that_is_asked_for(sandbox: Sandbox, name: str) -> None:
    found, asked = MENDED[name]
    mended = mended_model(*compare(sandbox, found))
    _, right = compare(sandbox, asked)
    assert summary(mended) == summary(right)


def test_one_pair_alone_can_be_mended(sandbox: Sandbox) -> None:
    both = RIGHT.replace("8, 3,", "8, 3, padding='same',").replace("(10)", "(12)")
    pairs, model = compare(sandbox, both)

    def first(pair: Pair) -> bool:
        return pair is pairs[0]

    _, one = compare(sandbox, RIGHT.replace("(10)", "(12)"))
    assert summary(mended_model(pairs, model, first)) == summary(one)


UNKNOWN = {
    "a layer that the arithmetic does not know": "Conv2D(8, 5), LSTM(3), Dense(10)",
    "a size that was not asked for": "Conv2D(8, 5, padding='same', activation='relu'), Flatten()",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_where_the_way_is_not_known_nothing_is_mended(sandbox: Sandbox, name: str) -> None:
    asked = (("Conv2D", {"kernel_size": 3}), ("Flatten", {}), ("Dense", {"units": 10}))
    code = f"Sequential([Input((8, 8, 1)), Reshape((8, 8, 1)), {UNKNOWN[name]}])"
    if "LSTM" in code:
        code = "Sequential([Input((8, 4)), Dense(4), LSTM(3), Dense(10)])"
        asked = (("Dense", {"units": 5}), ("LSTM", {}), ("Dense", {"units": 10}))
    model = build(sandbox, code)
    _, _, pairs = compare_layers(asked, ("Reshape",), model)
    layers, whole = asked_layers(pairs, model)
    assert (len(layers), whole) == (1, False)
    assert mended_model(pairs, model) is None


def test_only_a_chain_is_mended(sandbox: Sandbox) -> None:
    code = (
        "x = Input((8, 8, 4))\ny = Conv2D(4, 3, padding='same')(x)\n"
        "z = Conv2D(4, 3, padding='same')(y)\nmodel = Model(x, Add()([y, z]))"
    )
    model = build(sandbox, code)
    _, _, pairs = compare_layers((("Conv2D", {}), ("Conv2D", {})), ("Add",), model)
    assert asked_layers(pairs, model) == ((), False)
    assert mended_model(pairs, model) is None
