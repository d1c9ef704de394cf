"""The arithmetic in words, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.arithmetic import layer_output_shape
from grader.model.explain import explain_layer, explain_size, explain_way
from grader.records import LayerDescription, Shape

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
    ("Flatten", {}, (5, 5, 36), "Flatten lays 5·5·36 = 900 values in one row."),
    ("Flatten", {}, (28,), ""),
    ("Flatten", {}, (None, 28, 1), ""),
    ("ZeroPadding2D", {"padding": 1}, (28, 28, 1), "ZeroPadding2D makes 28 + 2 = 30."),
    (
        "ZeroPadding2D",
        {"padding": [[1, 2], [0, 1]]},
        (28, 20, 1),
        "ZeroPadding2D makes 28 + 3 = 31 and 20 + 1 = 21.",
    ),
    ("ZeroPadding2D", {"padding": 0}, (28, 28, 1), ""),
    ("Cropping2D", {"cropping": 2}, (28, 28, 1), "Cropping2D leaves 28 − 4 = 24."),
    ("UpSampling2D", {"size": 2}, (7, 7, 8), "UpSampling2D repeats each pixel: 7·2 = 14."),
    (
        "GlobalAveragePooling2D",
        {},
        (4, 4, 10),
        "Global pooling leaves one number of each of the 10 feature maps.",
    ),
    ("GlobalMaxPooling2D", {}, (4, 4, 1), "Global pooling leaves one number of the feature map."),
    ("Dense", {"units": 3}, (28,), ""),
]


@pytest.mark.parametrize(
    ("layer", "arguments", "shape", "sentence"), SIZES, ids=[f"{s[0]}-{s[2]}" for s in SIZES]
)
def test_explain_size(layer: str, arguments: dict[str, Any], shape: Shape, sentence: str) -> None:
    assert explain_size(layer, arguments, shape) == sentence


def layer(kind: str, config: dict[str, Any], given: Shape, inbound: tuple[int, ...] = ()) -> Any:
    output = layer_output_shape(kind, config, given)
    assert output is not None
    return LayerDescription(
        name=kind.lower(),
        type=kind,
        config=config,
        input_shapes=(given,),
        output_shapes=(output,),
        params=0,
        trainable_params=0,
        multiply_adds=0,
        receptive_field=None,
        inbound=inbound,
    )


PAD = layer("ZeroPadding2D", {"padding": 1}, (28, 28, 1))
CONV = layer("Conv2D", {"filters": 4, "kernel_size": 3}, (30, 30, 1), (0,))


def test_a_border_put_around_the_input_is_told_first() -> None:
    assert explain_layer([PAD, CONV], 1, CONV.config) == (
        'ZeroPadding2D makes 28 + 2 = 30. With padding="valid" a 3×3 kernel and stride 1 give '
        "(30 − 3)/1 + 1 = 28."
    )
    assert explain_layer([PAD, CONV], 0, PAD.config) == "ZeroPadding2D makes 28 + 2 = 30."
    alone = layer("Conv2D", {"filters": 4, "kernel_size": 3}, (30, 30, 1))
    assert explain_layer([PAD, alone], 1, {"kernel_size": 5}) == (
        'With padding="valid" a 5×5 kernel and stride 1 give (30 − 5)/1 + 1 = 26.'
    )


SAME = ("Conv2D", {"padding": "same"})
WAYS: dict[str, tuple[Shape, list[tuple[str, dict[str, Any], Shape]], str]] = {
    "one pooling": (
        (28, 28, 1),
        [("MaxPooling2D", {}, (14, 14, 1))],
        "One pooling has halved 28 → 14.",
    ),
    "poolings alone": (
        (28, 28, 1),
        [
            (*SAME, (28, 28, 8)),
            ("MaxPooling2D", {}, (14, 14, 8)),
            ("MaxPooling2D", {}, (7, 7, 8)),
            ("AveragePooling2D", {}, (3, 3, 8)),
        ],
        "Three poolings have halved 28 → 14 → 7 → 3.",
    ),
    "seven poolings": (
        (128, 128, 1),
        [("MaxPooling2D", {}, (size, size, 1)) for size in (64, 32, 16, 8, 4, 2, 1)],
        "7 poolings have halved 128 → 64 → 32 → 16 → 8 → 4 → 2 → 1.",
    ),
    "convolutions and poolings": (
        (28, 28, 1),
        [("Conv2D", {}, (26, 26, 8)), ("MaxPooling2D", {}, (13, 13, 8))],
        "On the way to it: 28 → 26 (Conv2D) → 13 (MaxPooling2D).",
    ),
    "a large pool": (
        (28, 28, 1),
        [("MaxPooling2D", {}, (7, 7, 1))],
        "On the way to it: 28 → 7 (MaxPooling2D).",
    ),
    "an image that is not square": (
        (28, 20, 1),
        [("MaxPooling2D", {}, (14, 10, 1))],
        "One pooling has halved 28×20 → 14×10.",
    ),
    "channels first": (
        (1, 28, 28),
        [("MaxPooling2D", {"data_format": "channels_first"}, (1, 14, 14))],
        "One pooling has halved 28 → 14.",
    ),
    "nothing got smaller": ((28, 28, 1), [(*SAME, (28, 28, 8))], ""),
    "no layers": ((28, 28, 1), [], ""),
    "not an image any more": ((28, 28, 1), [("Flatten", {}, (784,))], ""),
    "an unknown size": ((None, 28, 1), [("MaxPooling2D", {}, (None, 14, 1))], ""),
    "too many to name": (
        (28, 28, 1),
        [("Conv2D", {}, (n, n, 1)) for n in range(27, 10, -1)],
        "",
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_explain_way(name: str) -> None:
    given, layers, sentence = WAYS[name]
    assert explain_way(given, layers) == sentence
