"""The arithmetic in words, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.explain import explain_parameters, explain_size
from grader.records import Shape

SIZES: list[tuple[str, dict[str, Any], Shape, str]] = [
    (
        "Conv2D",
        {"kernel_size": 3},
        (28, 28, 1),
        'With padding="valid" a 3×3 kernel and stride 1 give (28 − 3)/1 + 1 = 26.',
    ),
    (
        "Conv2D",
        {"kernel_size": [3, 3], "padding": "same"},
        (28, 28, 1),
        'With padding="same" a 3×3 kernel and stride 1 keep 28.',
    ),
    (
        "Conv2D",
        {"kernel_size": 3, "padding": "same", "strides": 2},
        (27, 27, 1),
        'With padding="same" a 3×3 kernel and stride 2 give ⌈27/2⌉ = 14.',
    ),
    (
        "Conv2D",
        {"kernel_size": 3, "strides": 2},
        (28, 28, 1),
        'With padding="valid" a 3×3 kernel and stride 2 give ⌊(28 − 3)/2⌋ + 1 = 13.',
    ),
    (
        "Conv2D",
        {"kernel_size": 11, "strides": 4},
        (227, 227, 3),
        'With padding="valid" an 11×11 kernel and stride 4 give (227 − 11)/4 + 1 = 55.',
    ),
    (
        "Conv2D",
        {"kernel_size": 8},
        (9, 9, 3),
        'With padding="valid" an 8×8 kernel and stride 1 give (9 − 8)/1 + 1 = 2.',
    ),
    (
        "Conv2D",
        {"kernel_size": [3, 5]},
        (28, 20, 1),
        'With padding="valid" a 3×5 kernel and stride 1 give (28 − 3)/1 + 1 = 26 and '
        "(20 − 5)/1 + 1 = 16.",
    ),
    (
        "Conv2D",
        {"kernel_size": [3, 5]},
        (28, 28, 1),
        'With padding="valid" a 3×5 kernel and stride 1 give (28 − 3)/1 + 1 = 26 and '
        "(28 − 5)/1 + 1 = 24.",
    ),
    (
        "Conv2D",
        {"kernel_size": 3, "padding": "same"},
        (28, 20, 1),
        'With padding="same" a 3×3 kernel and stride 1 keep 28 and 20.',
    ),
    (
        "Conv2D",
        {"kernel_size": 3, "padding": "same", "strides": [1, 2]},
        (28, 20, 1),
        'With padding="same" a 3×3 kernel and stride 1×2 give 28 and ⌈20/2⌉ = 10.',
    ),
    (
        "Conv2D",
        {"kernel_size": 3, "dilation_rate": 2},
        (28, 28, 1),
        'With padding="valid" a 3×3 kernel with dilation 2 (it reaches 5×5 pixels) and stride 1 '
        "give (28 − 5)/1 + 1 = 24.",
    ),
    (
        "Conv2D",
        {"kernel_size": 3, "dilation_rate": [1, 3]},
        (28, 28, 1),
        'With padding="valid" a 3×3 kernel with dilation 1×3 (it reaches 3×7 pixels) and stride 1 '
        "give (28 − 3)/1 + 1 = 26 and (28 − 7)/1 + 1 = 22.",
    ),
    (
        "MaxPooling2D",
        {},
        (26, 26, 24),
        'With padding="valid" a 2×2 pool and stride 2 give (26 − 2)/2 + 1 = 13.',
    ),
    (
        "MaxPooling2D",
        {"pool_size": 3, "strides": 2},
        (11, 11, 24),
        'With padding="valid" a 3×3 pool and stride 2 give (11 − 3)/2 + 1 = 5.',
    ),
    (
        "AveragePooling2D",
        {"pool_size": [2, 3]},
        (11, 11, 24),
        'With padding="valid" a 2×3 pool and stride 2×3 give ⌊(11 − 2)/2⌋ + 1 = 5 and '
        "⌊(11 − 3)/3⌋ + 1 = 3.",
    ),
    (
        "Conv2D",
        {"kernel_size": 5},
        (3, 3, 1),
        'With padding="valid" a 5×5 kernel does not fit into 3×3 pixels.',
    ),
    (
        "Conv2D",
        {"kernel_size": [1, 5]},
        (9, 3, 1),
        'With padding="valid" a 1×5 kernel does not fit into 9×3 pixels.',
    ),
    (
        "Conv2D",
        {"kernel_size": 3, "dilation_rate": 4},
        (8, 8, 1),
        'With padding="valid" a 3×3 kernel with dilation 4 (it reaches 9×9 pixels) does not fit '
        "into 8×8 pixels.",
    ),
    (
        "MaxPooling2D",
        {},
        (1, 1, 8),
        'With padding="valid" a 2×2 pool does not fit into 1×1 pixels.',
    ),
    (
        "Conv2D",
        {"kernel_size": 3, "data_format": "channels_first"},
        (1, 28, 28),
        'With padding="valid" a 3×3 kernel and stride 1 give (28 − 3)/1 + 1 = 26.',
    ),
    (
        "Conv1D",
        {"kernel_size": 3, "padding": "causal"},
        (20, 1),
        'With padding="causal" a kernel of size 3 and stride 1 keep 20.',
    ),
    (
        "Conv1D",
        {"kernel_size": 8},
        (20, 1),
        'With padding="valid" a kernel of size 8 and stride 1 give (20 − 8)/1 + 1 = 13.',
    ),
    (
        "MaxPooling3D",
        {"pool_size": [2, 2, 3], "strides": [2, 1, 2]},
        (8, 8, 8, 1),
        'With padding="valid" a 2×2×3 pool and stride 2×1×2 give (8 − 2)/2 + 1 = 4, '
        "(8 − 2)/1 + 1 = 7 and ⌊(8 − 3)/2⌋ + 1 = 3.",
    ),
    ("Conv2D", {"kernel_size": 3}, (None, 28, 1), ""),
    ("Conv2D", {"kernel_size": 3}, (28, 1), ""),
    ("Conv2D", {"kernel_size": "three"}, (28, 28, 1), ""),
    ("Conv2DTranspose", {"kernel_size": 3}, (28, 28, 1), ""),
    ("Flatten", {}, (28, 28, 1), ""),
    ("Dense", {"units": 3}, (28,), ""),
]


@pytest.mark.parametrize(
    ("layer", "arguments", "shape", "sentence"), SIZES, ids=[f"{s[0]}-{s[2]}" for s in SIZES]
)
def test_explain_size(layer: str, arguments: dict[str, Any], shape: Shape, sentence: str) -> None:
    assert explain_size(layer, arguments, shape) == sentence


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
        ("BatchNormalization", {}, (9, 9, 4), ""),
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
