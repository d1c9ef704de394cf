"""Remarks on how layers follow one another, word for word, and what is never spoken of."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.feedback.remark_layers import (
    all_in_one_dense_layer,
    dropout_before_norm,
    dropout_on_output,
    filters_shrink,
    no_activation_between,
    two_activations,
    useless_bias,
)
from grader.records import Evidence, Remark
from grader.sandbox.client import Sandbox
from tests.checks.models import build

Find = Callable[[Evidence], Remark | None]


def remark(sandbox: Sandbox, find: Find, layers: str, image: str = "(28, 28, 1)") -> Remark | None:
    code = layers if "\n" in layers else f"Sequential([Input({image}), {layers}])"
    return find(Evidence(model=build(sandbox, code)))


FOUND: dict[str, tuple[Find, str, Remark]] = {
    "convolutions": (
        no_activation_between,
        "Conv2D(8, 3, name='a'), Conv2D(8, 5, activation='relu', name='b')",
        Remark(
            "no-activation",
            "Layer 1, Conv2D (a), and layer 2, Conv2D (b), have no activation between them.",
            "Without a non-linearity two convolutions collapse into one: together they can do no "
            "more than one convolution with a kernel of 7×7.",
            'Give the first one activation="relu" and compare the accuracy of both models.',
            0,
        ),
    ),
    "convolutions with a stride": (
        no_activation_between,
        "Conv2D(8, 3, strides=2, name='a'), BatchNormalization(), Dropout(0.1), ZeroPadding2D(),"
        " Conv2D(8, 3, activation='relu', name='b')",
        Remark(
            "no-activation",
            "Layer 1, Conv2D (a), and layer 5, Conv2D (b), have no activation between them.",
            "Without a non-linearity two convolutions collapse into one: together they can do no "
            "more than one convolution.",
            'Give the first one activation="relu" and compare the accuracy of both models.',
            0,
        ),
    ),
    "dense layers": (
        no_activation_between,
        "Flatten(), Dense(64, name='a'), Dense(10, activation='softmax', name='b')",
        Remark(
            "no-activation",
            "Layer 2, Dense (a), and layer 3, Dense (b), have no activation between them.",
            "Without a non-linearity two dense layers collapse into one: together they can do no "
            "more than one dense layer.",
            'Give the first one activation="relu" and compare the accuracy of both models.',
            1,
        ),
    ),
    "relu twice": (
        two_activations,
        "Conv2D(8, 3, activation='relu', name='a'), ReLU(name='b')",
        Remark(
            "two-activations",
            "Layer 2, ReLU (b), is a second activation: layer 1, Conv2D (a), applies relu already.",
            "relu changes nothing then: relu gives no value below 0.",
            "Take one of the two out and compare the outputs for one image.",
            1,
        ),
    ),
    "relu before softmax": (
        two_activations,
        "Flatten(), Dense(10, activation='relu', name='a'), Softmax(name='b')",
        Remark(
            "two-activations",
            "Layer 3, Softmax (b), is a second activation: layer 2, Dense (a), applies relu "
            "already.",
            "relu makes every score below 0 the same 0, so softmax cannot tell those apart.",
            "Take one of the two out and compare the outputs for one image.",
            2,
        ),
    ),
    "softmax twice": (
        two_activations,
        "Flatten(), Dense(10, activation='softmax', name='a'), Activation('softmax', name='b')",
        Remark(
            "two-activations",
            "Layer 3, Activation (b), is a second activation: layer 2, Dense (a), applies softmax "
            "already.",
            "Probabilities lie between 0 and 1, so a second softmax makes them nearly equal.",
            "Take one of the two out and compare the outputs for one image.",
            2,
        ),
    ),
    "other activations": (
        two_activations,
        "Conv2D(8, 3, activation='tanh', name='a'), LeakyReLU(name='b')",
        Remark(
            "two-activations",
            "Layer 2, LeakyReLU (b), is a second activation: layer 1, Conv2D (a), applies tanh "
            "already.",
            "The second one bends what the first one has bent already.",
            "Take one of the two out and compare the outputs for one image.",
            1,
        ),
    ),
    "dropout at the end": (
        dropout_on_output,
        "Flatten(), Dense(10), Dropout(0.5, name='drop'), Softmax()",
        Remark(
            "dropout-on-output",
            "Layer 3, Dropout (drop), drops outputs of the network itself.",
            "No layer with weights stands behind it that could learn to do without a class that "
            "is set to 0 while training.",
            "Put it before the last layer with weights and compare the validation accuracy.",
            2,
        ),
    ),
    "dropout before normalisation": (
        dropout_before_norm,
        "Conv2D(8, 3), Dropout(0.5, name='drop'), BatchNormalization(name='norm')",
        Remark(
            "dropout-before-norm",
            "Layer 2, Dropout (drop), stands before layer 3, BatchNormalization (norm).",
            "BatchNormalization measures the variance that dropout makes while training; "
            "afterwards, without dropout, the measured one no longer fits.",
            "Swap the two and compare the validation accuracy.",
            1,
        ),
    ),
    "a bias": (
        useless_bias,
        "Conv2D(8, 3, name='a'), BatchNormalization(), ReLU(), GlobalAveragePooling2D(), Dense(3)",
        Remark(
            "useless-bias",
            "Layer 1, Conv2D (a), has a bias before BatchNormalization.",
            "BatchNormalization subtracts the mean, and the bias with it, and adds a number of its "
            "own: 8 of 139 parameters do nothing.",
            "Set use_bias=False and compare parameters and accuracy.",
            0,
        ),
    ),
    "two biases": (
        useless_bias,
        "Conv2D(8, 3, name='a'), BatchNormalization(), ReLU(), Conv2D(8, 1), BatchNormalization()",
        Remark(
            "useless-bias",
            "Layer 1, Conv2D (a), has a bias, as another layer has, before BatchNormalization.",
            "BatchNormalization subtracts the mean, and the bias with it, and adds a number of its "
            "own: 16 of 216 parameters do nothing.",
            "Set use_bias=False and compare parameters and accuracy.",
            0,
        ),
    ),
    "filters": (
        filters_shrink,
        "Conv2D(64, 3), MaxPooling2D(), Conv2D(32, 3), MaxPooling2D(), Conv2D(16, 3), Flatten()",
        Remark(
            "filters-shrink",
            "The number of filters shrinks with depth: 64, 32, 16.",
            "Later convolutions combine what earlier ones found, and have smaller feature maps to "
            "keep it in: with fewer filters as well, features are lost.",
            "Turn the numbers around (16, 32, 64) and compare parameters and accuracy.",
            4,
        ),
    ),
    "a dense layer": (
        all_in_one_dense_layer,
        "Conv2D(32, 3, activation='relu'), Flatten(), Dense(128, name='wide'), Dense(10)",
        Remark(
            "all-in-one-dense-layer",
            "99.9 % of all parameters are in layer 3, Dense (wide): 21632·128 + 128 = 2,769,024.",
            "A dense layer has D_in·D_out weights, and Flatten hands it every value of every "
            "feature map.",
            "Put a pooling, a stride or a 1×1 convolution before Flatten and count again.",
            2,
        ),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_remarked(sandbox: Sandbox, name: str) -> None:
    find, layers, said = FOUND[name]
    assert remark(sandbox, find, layers) == said


BRANCHES = """
x = Input((28, 28, 1))
y = Conv2D(8, 3, padding="same")(x)
z = Conv2D(8, 3, padding="same", activation="relu")(y)
model = Model(x, Add()([y, z]))
"""
SHARED = """
x = Input((28, 28, 8))
conv = Conv2D(8, 3, padding="same")
model = Model(x, conv(conv(x)))
"""
LEFT_ALONE: dict[str, tuple[Find, str]] = {
    "an activation inside": (
        no_activation_between,
        "Conv2D(8, 3, activation='relu'), Conv2D(8, 3)",
    ),
    "an activation after": (no_activation_between, "Conv2D(8, 3), ReLU(), Conv2D(8, 3)"),
    "a pool between": (no_activation_between, "Conv2D(8, 3), MaxPooling2D(), Conv2D(8, 3)"),
    "a bottleneck": (no_activation_between, "Conv2D(8, 1), Conv2D(8, 3), ReLU(), Conv2D(8, 1)"),
    "a kernel in two parts": (no_activation_between, "Conv2D(8, (3, 1)), Conv2D(8, (1, 3))"),
    "a separable convolution": (no_activation_between, "DepthwiseConv2D(3), Conv2D(8, 1)"),
    "groups": (no_activation_between, "Conv2D(8, 3), Conv2D(8, 3, groups=2)"),
    "a matrix in two factors": (no_activation_between, "Flatten(), Dense(8), Dense(100)"),
    "branches": (no_activation_between, BRANCHES),
    "a shared layer": (no_activation_between, SHARED),
    "one activation": (two_activations, "Conv2D(8, 3), BatchNormalization(), ReLU()"),
    "no second activation": (
        two_activations,
        "Conv2D(8, 3, activation='relu'), Activation('linear')",
    ),
    "activations of two layers": (
        two_activations,
        "Conv2D(8, 3, activation='relu'), Conv2D(8, 3, activation='relu')",
    ),
    "dropout before the last layer": (dropout_on_output, "Flatten(), Dropout(0.5), Dense(10)"),
    "dropout that drops nothing": (dropout_on_output, "Flatten(), Dense(10), Dropout(0.0)"),
    "dropout and no weights": (dropout_on_output, "Flatten(), Dropout(0.5)"),
    "normalisation before dropout": (dropout_before_norm, "BatchNormalization(), Dropout(0.5)"),
    "no bias": (useless_bias, "Conv2D(8, 3, use_bias=False), BatchNormalization()"),
    "an activation between": (
        useless_bias,
        "Conv2D(8, 3, activation='relu'), BatchNormalization()",
    ),
    "no number of its own": (useless_bias, "Conv2D(8, 3), BatchNormalization(center=False)"),
    "few among many": (useless_bias, "Conv2D(8, 3), BatchNormalization(), Flatten(), Dense(90)"),
    "filters that grow": (
        filters_shrink,
        "Conv2D(16, 3), MaxPooling2D(), Conv2D(32, 3), MaxPooling2D(), Conv2D(64, 3), Flatten()",
    ),
    "two convolutions": (filters_shrink, "Conv2D(30, 5), MaxPooling2D(), Conv2D(15, 3), Flatten()"),
    "the same number": (
        filters_shrink,
        "Conv2D(32, 3), MaxPooling2D(), Conv2D(32, 3), MaxPooling2D(), Conv2D(16, 3), Flatten()",
    ),
    "feature maps that keep their size": (
        filters_shrink,
        "Conv2D(64, 3), Conv2D(32, 3), Conv2D(16, 3), Flatten()",
    ),
    "a decoder": (
        filters_shrink,
        "Conv2D(64, 3), MaxPooling2D(4), Conv2D(32, 3), UpSampling2D(), Conv2D(16, 3), Flatten()",
    ),
    "a map for each class": (
        filters_shrink,
        "Conv2D(64, 3), MaxPooling2D(), Conv2D(32, 3), MaxPooling2D(), Conv2D(10, 3)",
    ),
    "a small dense layer": (all_in_one_dense_layer, "Conv2D(8, 3), Flatten(), Dense(10)"),
    "no convolution": (all_in_one_dense_layer, "Flatten(), Dense(2000)"),
    "a share of the parameters": (
        all_in_one_dense_layer,
        "Conv2D(32, 3), Flatten(), Dense(64), Dense(2000), Dense(2000)",
    ),
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_it_is_left_alone(sandbox: Sandbox, name: str) -> None:
    find, layers = LEFT_ALONE[name]
    assert remark(sandbox, find, layers) is None


FINDERS = sorted({find for find, *_ in FOUND.values()}, key=lambda find: find.__name__)


@pytest.mark.parametrize("find", FINDERS)
def test_without_a_model_nothing_is_remarked(find: Find) -> None:
    assert find(Evidence()) is None
