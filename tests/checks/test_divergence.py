"""The first layer that is not as asked, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks.divergence import show_layer, show_values
from grader.checks.layers import Layers, check_layers
from grader.model.canonical import CanonicalLayer
from grader.records import Evidence
from grader.sandbox.client import Sandbox
from tests.checks.models import build

CONV = {"Conv2D": {"filters": 24, "kernel_size": 3, "padding": "valid", "activation": "relu"}}
POOL = {"MaxPooling2D": {"pool_size": 2}}
DECIDE = {"Dense": {"units": 10, "activation": "softmax"}}
CNN = [CONV, POOL, "Flatten", DECIDE]
ASKED = 'Conv2D(filters=24, kernel_size=3, padding="valid", activation="relu")'
NO_ACTIVATION = "Without an activation, two layers in a row can do no more than one linear layer."


def run(sandbox: Sandbox, layers: str, expect: list[Any]) -> tuple[str, str, str, str]:
    code = f"Sequential([Input((28, 28, 1)), {layers}])"
    spec = Layers.model_validate({"expect": expect})
    finding = check_layers(spec, Evidence(model=build(sandbox, code)))
    assert finding.credit < 1
    return finding.where, finding.detail, finding.why, finding.fix


RIGHT = "Conv2D(24, 3, activation='relu', name='conv')"
REST = "MaxPooling2D(name='pool'), Flatten(name='flat'), Dense(10, activation='softmax', name='d')"

WRONG: dict[str, tuple[str, list[Any], tuple[str, str, str, str]]] = {
    "padding": (
        f"Conv2D(24, 3, padding='same', activation='relu', name='conv'), {REST}",
        CNN,
        (
            'Layer 1, Conv2D (conv), has padding="same".',
            "It gives 28×28×24; expected 26×26×24.",
            'With padding="same" a 3×3 kernel and stride 1 keep 28. With padding="valid" a 3×3 '
            "kernel and stride 1 give (28 − 3)/1 + 1 = 26.",
            'Try padding="valid".',
        ),
    ),
    "kernel that is not square": (
        f"Conv2D(24, (3, 5), activation='relu', name='conv'), {REST}",
        CNN,
        (
            "Layer 1, Conv2D (conv), has kernel_size=(3, 5).",
            "It gives 26×24×24; expected 26×26×24.",
            'With padding="valid" a 3×5 kernel and stride 1 give (28 − 3)/1 + 1 = 26 and '
            '(28 − 5)/1 + 1 = 24. With padding="valid" a 3×3 kernel and stride 1 give '
            "(28 − 3)/1 + 1 = 26.",
            "Try kernel_size=3.",
        ),
    ),
    "filters": (
        f"Conv2D(32, 3, activation='relu', name='conv'), {REST}",
        CNN,
        (
            "Layer 1, Conv2D (conv), has filters=32.",
            "It gives 26×26×32; expected 26×26×24.",
            "Each filter gives one feature map.",
            "Try filters=24.",
        ),
    ),
    "activation": (
        f"Conv2D(24, 3, name='conv'), {REST}",
        CNN,
        (
            'Layer 1, Conv2D (conv), has activation="linear".',
            'Expected activation="relu".',
            NO_ACTIVATION,
            'Try activation="relu".',
        ),
    ),
    "another activation": (
        f"Conv2D(24, 3, name='conv'), Activation('tanh'), {REST}",
        CNN,
        (
            'Layer 1, Conv2D (conv), has activation="tanh".',
            'Expected activation="relu".',
            "",
            'Try activation="relu".',
        ),
    ),
    "softmax": (
        f"{RIGHT}, MaxPooling2D(), Flatten(), Dense(10, name='d')",
        CNN,
        (
            'Layer 4, Dense (d), has activation="linear".',
            'Expected activation="softmax".',
            "Without softmax the outputs are not probabilities.",
            'Try activation="softmax".',
        ),
    ),
    "all at once": (
        f"Conv2D(32, 5, padding='same', name='conv'), {REST}",
        CNN,
        (
            'Layer 1, Conv2D (conv), has filters=32, kernel_size=5, padding="same" and '
            'activation="linear".',
            "It gives 28×28×32; expected 26×26×24.",
            'With padding="same" a 5×5 kernel and stride 1 keep 28. With padding="valid" a 3×3 '
            "kernel and stride 1 give (28 − 3)/1 + 1 = 26. Each filter gives one feature map. "
            + NO_ACTIVATION,
            'Try filters=24, kernel_size=3, padding="valid" and activation="relu".',
        ),
    ),
    "units": (
        f"{RIGHT}, MaxPooling2D(), Flatten(), Dense(12, activation='softmax', name='d')",
        CNN,
        (
            "Layer 4, Dense (d), has units=12.",
            "It gives 12; expected 10.",
            "Each unit gives one number.",
            "Try units=10.",
        ),
    ),
    "pool": (
        f"{RIGHT}, MaxPooling2D(3, strides=2, name='pool'), Flatten(), "
        "Dense(10, activation='softmax')",
        CNN,
        (
            "Layer 2, MaxPooling2D (pool), has pool_size=3.",
            "It gives 12×12×24; expected 13×13×24.",
            'With padding="valid" a 3×3 pool and stride 2 give ⌊(26 − 3)/2⌋ + 1 = 12. With '
            'padding="valid" a 2×2 pool and stride 2 give (26 − 2)/2 + 1 = 13.',
            "Try pool_size=2.",
        ),
    ),
    "a setting without a shape": (
        f"Conv2D(24, 3, activation='relu', use_bias=False, name='conv'), {REST}",
        [{"Conv2D": {"use_bias": True}}, *CNN[1:]],
        (
            "Layer 1, Conv2D (conv), has use_bias=False.",
            "Expected use_bias=True.",
            "",
            "Try use_bias=True.",
        ),
    ),
    "missing at the beginning": (
        REST,
        CNN,
        (
            "A layer is missing at the beginning.",
            f"Expected {ASKED} there.",
            "A convolution extracts features; what it does not find, later layers cannot use.",
            f"Add {ASKED}.",
        ),
    ),
    "missing pool": (
        f"{RIGHT}, Flatten(), Dense(10, activation='softmax')",
        CNN,
        (
            "A layer is missing after layer 1, Conv2D (conv).",
            "Expected MaxPooling2D(pool_size=2, strides=2) there.",
            "Pooling makes the feature maps smaller and keeps the strongest responses.",
            "Add MaxPooling2D(pool_size=2, strides=2).",
        ),
    ),
    "missing Flatten": (
        f"{RIGHT}, MaxPooling2D(name='pool'), Dense(10, activation='softmax')",
        CNN,
        (
            "A layer is missing after layer 2, MaxPooling2D (pool).",
            "Expected Flatten there.",
            "A dense layer reads a vector, so the feature maps are laid out in one row first.",
            "Add Flatten.",
        ),
    ),
    "missing at the end": (
        f"{RIGHT}, MaxPooling2D(), Flatten(name='flat')",
        CNN,
        (
            "A layer is missing after layer 3, Flatten (flat).",
            'Expected Dense(units=10, activation="softmax") there.',
            "Dense layers decide from the features that the convolutions found.",
            'Add Dense(units=10, activation="softmax").',
        ),
    ),
    "missing, of a type without a reason": (
        "Flatten(name='flat')",
        ["Flatten", {"Dropout": {"rate": 0.5}}],
        (
            "A layer is missing after layer 1, Flatten (flat).",
            "Expected Dropout(rate=0.5) there.",
            "",
            "Add Dropout(rate=0.5).",
        ),
    ),
    "too many": (
        f"{RIGHT}, Dropout(0.2, name='drop'), {REST}",
        CNN,
        ("Layer 2, Dropout (drop), is not asked for.", "", "", "Take Dropout out."),
    ),
    "another type": (
        f"{RIGHT}, AveragePooling2D(2, name='mean'), Flatten(), Dense(10, activation='softmax')",
        CNN,
        (
            "Layer 2, AveragePooling2D (mean), is of another type than asked.",
            "Expected MaxPooling2D(pool_size=2, strides=2).",
            "",
            "Put MaxPooling2D(pool_size=2, strides=2) in its place.",
        ),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_first_divergence(sandbox: Sandbox, case: str) -> None:
    layers, expect, words = WRONG[case]
    assert run(sandbox, layers, expect) == words


def test_only_the_first_divergence_is_told(sandbox: Sandbox) -> None:
    layers = f"{RIGHT}, MaxPooling2D(), Dense(12, name='d')"
    where, *_ = run(sandbox, layers, CNN)
    assert where == "A layer is missing after layer 2, MaxPooling2D (max_pooling2d)."


def test_long_names_are_cut(sandbox: Sandbox) -> None:
    where, *_ = run(sandbox, f"Flatten(), Dense(3, name='{'d' * 150}')", ["Flatten"])
    assert where == f"Layer 2, Dense ({'d' * 60}), is not asked for."


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        ({}, "Conv2D"),
        ({"filters": 24, "kernel_size": (3, 3)}, "Conv2D(filters=24, kernel_size=3)"),
        ({"kernel_size": (3,)}, "Conv2D(kernel_size=3)"),
        ({"kernel_size": (3, 5)}, "Conv2D(kernel_size=(3, 5))"),
        ({"kernel_size": ()}, "Conv2D(kernel_size=())"),
        ({"padding": "same", "use_bias": False}, 'Conv2D(padding="same", use_bias=False)'),
        ({"activation": "a" * 100}, f'Conv2D(activation="{"a" * 60}")'),
        ({"kernel_size": list(range(100))}, "Conv2D(kernel_size=(0, 1, 2, 3, 4, 5, 6, 7))"),
        ({"kernel_regularizer": {"L2": {"l2": 0.01}}}, "Conv2D(kernel_regularizer={'L2': {'l2': "),
    ],
)
def test_show_layer(args: dict[str, Any], shown: str) -> None:
    assert show_layer(CanonicalLayer("Conv2D", args, 0)).startswith(shown)


def test_show_the_arguments_that_are_listed() -> None:
    layer = CanonicalLayer("Conv2D", {"filters": 24, "padding": "same"}, 0)
    assert show_layer(layer, {"padding", "units"}) == 'Conv2D(padding="same")'
    assert show_layer(layer, ()) == "Conv2D"
    assert show_values(layer, ["padding", "units"]) == 'padding="same" and units=None'
