"""Equal ways to write a layer become one, and different ones stay different."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.canonical import (
    CanonicalLayer,
    activation_alone,
    canonical_args,
    canonical_expected,
    canonical_found,
    equal_value,
    takes_activation,
)
from grader.records import Plain
from grader.sandbox.client import Sandbox
from tests.checks.models import build

Folded = list[tuple[str, Any, int, tuple[int, ...]]]
IMAGE = "Sequential([Input((8, 8, 1)), {}])"
ROW = "Sequential([Input((8,)), {}])"
STEPS = "Sequential([Input((8, 2)), {}])"


def folded(layers: tuple[CanonicalLayer, ...]) -> Folded:
    return [
        (layer.type, layer.args.get("activation"), layer.index, layer.merged) for layer in layers
    ]


RELU, LINEAR, POOL = (
    ("Conv2D", "relu", 0, (1,)),
    ("Conv2D", "linear", 0, ()),
    ("MaxPooling2D", None, 1, ()),
)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (IMAGE.format("Conv2D(4, 3, activation='relu')"), [("Conv2D", "relu", 0, ())]),
        (IMAGE.format("Conv2D(4, 3), ReLU()"), [RELU]),
        (IMAGE.format("Conv2D(4, 3), Activation('relu')"), [RELU]),
        (IMAGE.format("Conv2D(4, 3, activation='linear'), ReLU()"), [RELU]),
        (IMAGE.format("DepthwiseConv2D(3), ReLU()"), [("DepthwiseConv2D", "relu", 0, (1,))]),
        (IMAGE.format("Conv2DTranspose(4, 3), ReLU()"), [("Conv2DTranspose", "relu", 0, (1,))]),
        (ROW.format("Dense(3), Softmax()"), [("Dense", "softmax", 0, (1,))]),
        (ROW.format("Dense(3), ELU()"), [("Dense", "elu", 0, (1,))]),
        ("x = Input((8,))\nmodel = Model(x, ops.tanh(Dense(3)(x)))", [("Dense", "tanh", 0, (1,))]),
        # The larger value stays the larger: pooling may come first.
        (
            IMAGE.format("Conv2D(4, 3), MaxPooling2D(), ReLU()"),
            [("Conv2D", "relu", 0, (2,)), POOL],
        ),
        (
            IMAGE.format("Conv2D(4, 3), MaxPooling2D(), Activation('tanh')"),
            [LINEAR, POOL, ("Activation", "tanh", 2, ())],
        ),
        (
            IMAGE.format("Conv2D(4, 3), AveragePooling2D(2), ReLU()"),
            [LINEAR, ("AveragePooling2D", None, 1, ()), ("ReLU", None, 2, ())],
        ),
        # Only the first activation is the layer's own.
        (
            ROW.format("Dense(3, activation='tanh'), ReLU()"),
            [("Dense", "tanh", 0, ()), ("ReLU", None, 1, ())],
        ),
        (
            ROW.format("Dense(3), ReLU(), Softmax()"),
            [("Dense", "relu", 0, (1,)), ("Softmax", None, 2, ())],
        ),
        (
            IMAGE.format("Conv2D(4, 3), BatchNormalization(), ReLU()"),
            [LINEAR, ("BatchNormalization", None, 1, ()), ("ReLU", None, 2, ())],
        ),
        (IMAGE.format("ReLU(), ReLU()"), [("ReLU", None, 0, ()), ("ReLU", None, 1, ())]),
        (IMAGE.format("Flatten(), ReLU()"), [("Flatten", None, 0, ()), ("ReLU", None, 1, ())]),
        # Inside a recurrent layer the activation works at every step.
        (
            STEPS.format("SimpleRNN(3, activation=None), ReLU()"),
            [("SimpleRNN", "linear", 0, ()), ("ReLU", None, 1, ())],
        ),
        (
            IMAGE.format("Conv2D(4, 3), ReLU(max_value=6)"),
            [LINEAR, ("ReLU", None, 1, ())],
        ),
        (
            ROW.format("Dense(3), LeakyReLU()"),
            [("Dense", "linear", 0, ()), ("LeakyReLU", None, 1, ())],
        ),
    ],
)
def test_activations_of_found_layers(sandbox: Sandbox, code: str, found: Folded) -> None:
    assert folded(canonical_found(build(sandbox, code).layers)) == found


@pytest.mark.parametrize(
    ("layers", "allowed", "found"),
    [
        ("Conv2D(4, 3), Dropout(0.1), ReLU()", {"Dropout"}, [("Conv2D", "relu", 0, (2,))]),
        (
            "Conv2D(4, 3), BatchNormalization(), ReLU()",
            {"BatchNormalization", "Dropout"},
            [("Conv2D", "relu", 0, (2,))],
        ),
        (
            "Conv2D(4, 3), ZeroPadding2D(), ReLU()",
            {"ZeroPadding2D"},
            [LINEAR, ("ReLU", None, 2, ())],
        ),
        ("Dropout(0.1), Conv2D(4, 3), Dropout(0.1)", {"Dropout"}, [("Conv2D", "linear", 1, ())]),
        ("Conv2D(4, 3), ReLU()", {"ReLU"}, [RELU]),
        ("Flatten(), ReLU()", {"ReLU"}, [("Flatten", None, 0, ())]),
        ("Flatten()", {"Flatten"}, []),
    ],
)
def test_allowed_layers_are_left_out(
    sandbox: Sandbox, layers: str, allowed: set[str], found: Folded
) -> None:
    model = build(sandbox, IMAGE.format(layers))
    assert folded(canonical_found(model.layers, frozenset(allowed))) == found


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([("Conv2D", {}), ("ReLU", {})], [RELU]),
        ([("Conv2D", {}), ("Activation", {"activation": "relu"})], [RELU]),
        ([("Conv2D", {"activation": None})], [LINEAR]),
        ([("Conv2D", {})], [("Conv2D", None, 0, ())]),
        ([("InputLayer", {}), ("Conv2D", {})], [("Conv2D", None, 1, ())]),
        ([("InputLayer", {})], []),
        (
            [("Conv2D", {"activation": "relu"}), ("ReLU", {})],
            [("Conv2D", "relu", 0, ()), ("ReLU", None, 1, ())],
        ),
    ],
)
def test_expected_layers(patterns: list[tuple[str, dict[str, Any]]], expected: Folded) -> None:
    assert folded(canonical_expected(patterns)) == expected


@pytest.mark.parametrize(
    ("layer", "args", "canonical"),
    [
        ("Conv2D", {"kernel_size": 3}, {"kernel_size": (3, 3)}),
        ("Conv2D", {"kernel_size": [3, 5]}, {"kernel_size": (3, 5)}),
        ("Conv1D", {"kernel_size": 3, "strides": [2]}, {"kernel_size": (3,), "strides": (2,)}),
        ("Conv3D", {"dilation_rate": 2}, {"dilation_rate": (2, 2, 2)}),
        ("MaxPooling2D", {"pool_size": 2}, {"pool_size": (2, 2), "strides": (2, 2)}),
        (
            "MaxPooling2D",
            {"pool_size": 3, "strides": 2},
            {"pool_size": (3, 3), "strides": (2, 2)},
        ),
        (
            "AveragePooling1D",
            {"pool_size": 2, "strides": None},
            {"pool_size": (2,), "strides": (2,)},
        ),
        ("MaxPooling2D", {}, {}),
        ("MaxPooling2D", {"strides": 2}, {"strides": (2, 2)}),
        ("Conv2D", {"strides": None}, {"strides": None}),
        ("UpSampling2D", {"size": 2}, {"size": (2, 2)}),
        ("Dense", {"activation": None}, {"activation": "linear"}),
        ("Dense", {"units": 10}, {"units": 10}),
    ],
)
def test_arguments(layer: str, args: dict[str, Any], canonical: dict[str, Any]) -> None:
    before = dict(args)
    assert canonical_args(layer, args) == canonical
    assert args == before


@pytest.mark.parametrize(
    ("layer", "config", "activation"),
    [
        ("Activation", {"activation": "relu"}, "relu"),
        ("Activation", {"activation": {"LeakyReLU": {}}}, None),
        ("Activation", {}, None),
        ("ReLU", {}, "relu"),
        ("ReLU", {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}, "relu"),
        ("ReLU", {"max_value": 6}, None),
        ("ReLU", {"max_value": 0}, None),
        ("ReLU", {"negative_slope": 0.1}, None),
        ("ReLU", {"threshold": 1.0}, None),
        ("Relu", {}, "relu"),
        ("Softmax", {}, "softmax"),
        ("Softmax", {"axis": -1}, "softmax"),
        ("Softmax", {"axis": 1}, None),
        ("ELU", {"alpha": 1.0}, "elu"),
        ("ELU", {"alpha": 0.5}, None),
        ("Gelu", {"approximate": False}, "gelu"),
        ("Gelu", {"approximate": True}, None),
        ("LeakyReLU", {}, None),
        ("PReLU", {}, None),
        ("Dense", {"activation": "relu"}, None),
    ],
)
def test_activation_alone(layer: str, config: dict[str, Any], activation: str | None) -> None:
    assert activation_alone(layer, config) == activation


@pytest.mark.parametrize(
    ("layer", "takes"),
    [
        ("Conv1D", True),
        ("Conv3DTranspose", True),
        ("SeparableConv2D", True),
        ("Dense", True),
        ("MaxPooling2D", False),
        ("LSTM", False),
        ("Activation", False),
        ("", False),
    ],
)
def test_takes_activation(layer: str, takes: bool) -> None:
    assert takes_activation(layer) is takes


@pytest.mark.parametrize(
    ("key", "wanted", "found", "equal"),
    [
        ("filters", 24, 24, True),
        ("filters", 24, 32, False),
        ("filters", 24, None, False),
        ("filters", 24, "24", False),
        ("filters", 24, 24.0, True),
        ("filters", 1, True, False),
        ("use_bias", True, True, True),
        ("use_bias", True, 1, False),
        ("use_bias", False, 0, False),
        ("rate", 0.1, 0.10000000149, True),
        ("rate", 0.1, 0.1001, False),
        ("rate", 0, 0.0, True),
        ("learning_rate", 0.001, float("nan"), False),
        ("learning_rate", 0.001, {"class_name": "ExponentialDecay"}, False),
        ("kernel_size", (3, 3), (3, 3), True),
        ("kernel_size", (3, 3), [3, 3], True),
        ("kernel_size", (3, 3), (3, 5), False),
        ("kernel_size", (3, 3), (3,), False),
        ("kernel_size", (3, 3), 3, False),
        ("padding", "same", "same", True),
        ("padding", "same", "valid", False),
        ("activation", "relu", {"LeakyReLU": {}}, False),
        ("kernel_initializer", "glorot_uniform", "GlorotUniform", True),
        ("kernel_initializer", "GlorotUniform", {"GlorotUniform": {"seed": 1}}, True),
        ("kernel_initializer", "he_normal", "GlorotUniform", False),
        ("kernel_regularizer", "L2", None, False),
        ("kernel_regularizer", None, None, True),
    ],
)
def test_equal_value(key: str, wanted: Plain, found: Plain, equal: bool) -> None:
    assert equal_value(key, wanted, found) is equal
