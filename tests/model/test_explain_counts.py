"""Counts in words, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.explain_counts import (
    explain_difference,
    explain_multiply_adds,
    explain_parameters,
    explain_receptive_field,
)
from grader.records import Shape
from grader.sandbox.client import Sandbox
from tests.checks.models import build


@pytest.mark.parametrize(
    ("layer", "arguments", "shape", "formula"),
    [
        ("Conv2D", {"filters": 36, "kernel_size": 3}, (13, 13, 24), "3·3·24·36 + 36 = 7,812"),
        ("Conv2D", {"filters": 64, "kernel_size": 3}, (40, 50, 128), "3·3·128·64 + 64 = 73,792"),
        (
            "Conv2D",
            {"filters": 64, "kernel_size": 3, "use_bias": False},
            (40, 50, 128),
            "3·3·128·64 = 73,728",
        ),
        (
            "Conv2D",
            {"filters": 256, "kernel_size": 5, "groups": 2},
            (27, 27, 96),
            "5·5·(96/2)·256 + 256 = 307,456",
        ),
        ("Conv1D", {"filters": 4, "kernel_size": 3}, (20, 2), "3·2·4 + 4 = 28"),
        (
            "DepthwiseConv2D",
            {"kernel_size": [3, 5], "depth_multiplier": 2},
            (9, 9, 4),
            "3·5·4·2 + 8 = 128",
        ),
        (
            "SeparableConv2D",
            {"filters": 8, "kernel_size": 3, "depth_multiplier": 2},
            (9, 9, 3),
            "3·3·6 + 6·8 + 8 = 110",
        ),
        ("Dense", {"units": 128}, (900,), "900·128 + 128 = 115,328"),
        ("Dense", {"units": 10}, (28, 28, 3), "3·10 + 10 = 40"),
        (
            "Conv2D",
            {"filters": 4, "kernel_size": 3, "data_format": "channels_first"},
            (3, 9, 9),
            "3·3·3·4 + 4 = 112",
        ),
        ("BatchNormalization", {}, (9, 9, 4), "4·4 = 16"),
        ("BatchNormalization", {"scale": False}, (9, 9, 4), "3·4 = 12"),
        ("LayerNormalization", {}, (9, 9, 4), ""),
        ("MaxPooling2D", {}, (9, 9, 4), ""),
        ("Flatten", {}, (9, 9, 4), ""),
        ("LSTM", {"units": 3}, (9, 4), ""),
        ("Dense", {"units": "many"}, (9,), ""),
        ("Dense", {"units": 3}, (None,), ""),
        ("Conv2D", {"filters": 4}, (9, 9, 4), ""),
    ],
)
def test_explain_parameters(
    layer: str, arguments: dict[str, Any], shape: Shape, formula: str
) -> None:
    assert explain_parameters(layer, arguments, shape) == formula


CONV = {"filters": 32, "kernel_size": 3, "use_bias": True}
DIFFERENCES: dict[str, tuple[str, dict[str, Any], Shape, dict[str, Any], Shape, str]] = {
    "the bias is missing": (
        "Conv2D",
        CONV,
        (28, 28, 3),
        {**CONV, "use_bias": False},
        (28, 28, 3),
        "3·3·3·32 + 32 = 896, you have 864: the bias is missing (use_bias=False)",
    ),
    "a bias too many": (
        "Dense",
        {"units": 10, "use_bias": False},
        (900,),
        {"units": 10},
        (900,),
        "900·10 = 9,000, you have 9,010: the 10 biases are too many (use_bias=True)",
    ),
    "one bias too many": (
        "Dense",
        {"units": 1, "use_bias": False},
        (900,),
        {"units": 1},
        (900,),
        "900·1 = 900, you have 901: the 1 bias is too many (use_bias=True)",
    ),
    "other filters": (
        "Conv2D",
        CONV,
        (28, 28, 3),
        {**CONV, "filters": 16},
        (28, 28, 3),
        "3·3·3·32 + 32 = 896, you have 448: it has 16 filters instead of 32",
    ),
    "another kernel and one unit": (
        "Conv2D",
        CONV,
        (28, 28, 3),
        {**CONV, "kernel_size": [5, 3], "filters": 1},
        (28, 28, 3),
        "3·3·3·32 + 32 = 896, you have 46: its kernel is 5×3 instead of 3×3 and it has 1 filter "
        "instead of 32",
    ),
    "other channels": (
        "Conv2D",
        CONV,
        (28, 28, 3),
        CONV,
        (28, 28, 1),
        "3·3·3·32 + 32 = 896, you have 320: it reads 1 channel instead of 3",
    ),
    "other values": (
        "Dense",
        {"units": 128},
        (900,),
        {"units": 128},
        (1296,),
        "900·128 + 128 = 115,328, you have 166,016: it reads 1,296 values instead of 900",
    ),
    "groups": (
        "Conv2D",
        {"filters": 256, "kernel_size": 5, "groups": 2},
        (27, 27, 96),
        {"filters": 256, "kernel_size": 5, "groups": 1},
        (27, 27, 96),
        "5·5·(96/2)·256 + 256 = 307,456, you have 614,656: it has 1 group instead of 2",
    ),
    "a depthwise convolution": (
        "DepthwiseConv2D",
        {"kernel_size": 3, "depth_multiplier": 2},
        (9, 9, 4),
        {"kernel_size": 3},
        (9, 9, 4),
        "3·3·4·2 + 8 = 80, you have 40: it has 1 filter for each channel instead of 2",
    ),
    "a separable convolution": (
        "SeparableConv2D",
        {"filters": 8, "kernel_size": 3},
        (9, 9, 3),
        {"filters": 8, "kernel_size": 3, "use_bias": False},
        (9, 9, 3),
        "3·3·3 + 3·8 + 8 = 59, you have 51: the bias is missing (use_bias=False)",
    ),
    "normalisation": (
        "BatchNormalization",
        {},
        (9, 9, 4),
        {"scale": False},
        (9, 9, 4),
        "4·4 = 16, you have 12",
    ),
    "equal": ("Dense", {"units": 10}, (9,), {"units": 10}, (9,), ""),
    "no formula": ("Flatten", {}, (9, 9), {}, (9, 8), ""),
    "an unknown input": ("Dense", {"units": 10}, (9,), {"units": 10}, (None,), ""),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_explain_difference(name: str) -> None:
    *given, sentence = DIFFERENCES[name]
    assert explain_difference(*given) == sentence  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("layer", "arguments", "shape", "output", "formula"),
    [
        ("Conv2D", CONV, (28, 28, 3), (26, 26, 32), "26·26·(3·3·3·32) = 584,064"),
        ("Dense", {"units": 10}, (900,), (10,), "900·10 = 9,000"),
        ("MaxPooling2D", {}, (26, 26, 32), (13, 13, 32), ""),
        ("Conv2D", CONV, (None, 28, 3), (None, 26, 32), ""),
    ],
)
def test_explain_multiply_adds(
    layer: str, arguments: dict[str, Any], shape: Shape, output: Shape, formula: str
) -> None:
    assert explain_multiply_adds(layer, arguments, shape, output) == formula


@pytest.mark.parametrize(
    ("layers", "formula"),
    [
        ("Conv2D(4, 3)", "1 + (3 − 1)·1 = 3"),
        (
            "Conv2D(4, 3), MaxPooling2D(), Conv2D(4, 3), Flatten(), Dense(3)",
            "1 + (3 − 1)·1 + (2 − 1)·1 + (3 − 1)·2 = 8",
        ),
        ("Conv2D(4, 3, dilation_rate=2), Conv2D(4, 1)", "1 + (5 − 1)·1 = 5"),
        ("Conv2D(4, (3, 5))", ""),
        ("Flatten()", ""),
        (", ".join(["Conv2D(1, 2)"] * 12), ""),
    ],
)
def test_explain_receptive_field(sandbox: Sandbox, layers: str, formula: str) -> None:
    model = build(sandbox, f"Sequential([Input((28, 28, 1)), {layers}])")
    assert explain_receptive_field(model.layers) == formula
