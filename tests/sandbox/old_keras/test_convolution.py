"""How many numbers a convolution is given by position, and what they meant."""

from __future__ import annotations

import pytest

from tests.sandbox.old_keras.speaking import Speaker

KERAS_1 = {
    "layers.Convolution2D(32, 3, 3)": (
        "Convolution2D(32, 3, 3)",
        "32",
        "3×3",
        "Conv2D(32, (3, 3))",
    ),
    "layers.Convolution2D(16, 5, 1, 'normal')": (
        "Convolution2D(16, 5, 1)",
        "16",
        "5×1",
        "Conv2D(16, (5, 1))",
    ),
    "layers.Conv2D(8, 3, 3, border_mode='same')": (
        "Conv2D(8, 3, 3)",
        "8",
        "3×3",
        "Conv2D(8, (3, 3))",
    ),
    "layers.Conv2D(8, 2, 2, subsample=(2, 2))": (
        "Conv2D(8, 2, 2)",
        "8",
        "2×2",
        "Conv2D(8, (2, 2))",
    ),
    "import numpy\nlayers.Convolution2D(numpy.int64(4), 3, 3)": (
        "Convolution2D(4, 3, 3)",
        "4",
        "3×3",
        "Conv2D(4, (3, 3))",
    ),
    "layers.SeparableConvolution2D(8, 3, 3)": (
        "SeparableConvolution2D(8, 3, 3)",
        "8",
        "3×3",
        "SeparableConv2D(8, (3, 3))",
    ),
    "layers.Convolution2DTranspose(8, 3, 3)": (
        "Convolution2DTranspose(8, 3, 3)",
        "8",
        "3×3",
        "Conv2DTranspose(8, (3, 3))",
    ),
    "layers.Convolution3D(8, 3, 2, 1)": (
        "Convolution3D(8, 3, 2, 1)",
        "8",
        "3×2×1",
        "Conv3D(8, (3, 2, 1))",
    ),
    "layers.Conv3D(8, 3, 3, 3)": ("Conv3D(8, 3, 3, 3)", "8", "3×3×3", "Conv3D(8, (3, 3, 3))"),
}


@pytest.mark.parametrize("translate", [True, False])
@pytest.mark.parametrize("source", KERAS_1)
def test_a_call_of_keras_1_is_refused(speaker: Speaker, source: str, translate: bool) -> None:
    call, filters, kernel, today = KERAS_1[source]
    assert speaker.refusal(source, translate) == (
        f"{call} meant {filters} kernels of {kernel} in Keras 1; today its third argument is the "
        f"stride. Write {today}."
    )


@pytest.mark.parametrize("translate", [True, False])
@pytest.mark.parametrize(
    ("call", "stride", "kernel"),
    [
        ("Conv2D(32, 3, 3)", 3, "3×3"),
        ("Conv2D(32, 3, 2)", 2, "3×2"),
        ("SeparableConv2D(32, 5, 5)", 5, "5×5"),
        ("Conv2DTranspose(32, 2, 2)", 2, "2×2"),
    ],
)
def test_a_plain_call_runs_as_keras_3_means_it_and_says_so(
    speaker: Speaker, call: str, stride: int, kernel: str, translate: bool
) -> None:
    name, sides = call.partition("(")[0], tuple(map(int, kernel.split("×")))
    model = "it = keras.Sequential([keras.Input((8, 8, 3)), layers.{}])"
    today = f"{name}(32, kernel_size={sides[0]}, strides={stride})"
    answer = speaker.ask(model.format(call), model.format(today), translate)
    assert (answer["error"], answer["old"]) == (None, answer["today"])
    assert answer["notes"] == [
        f"{call} was read with the stride {stride}, its third argument (strides={stride}); "
        f"if a {kernel} kernel was meant, write {name}(32, {sides})."
    ]


CLEAR = [
    "layers.Conv2D(64, 1, 1)",
    "layers.Convolution2D(64, 1, 1)",
    "layers.Conv2D(64, 3, 2, 'same')",
    "layers.Conv2D(64, 3, strides=2)",
    "layers.Conv2D(64, (3, 3), 2)",
    "layers.Conv2D(64, 3, (2, 2))",
    "layers.Convolution2D(64, (3, 3), (2, 2))",
    "layers.Convolution2D(64, 3)",
    "layers.Convolution1D(64, 3)",
    "layers.MaxPooling2D(2, 2)",
]


@pytest.mark.parametrize("source", CLEAR)
def test_a_call_with_one_meaning_is_nothing_to_say(speaker: Speaker, source: str) -> None:
    assert speaker.notes(source, translate=False) == []


def test_a_sentence_is_not_told_twice(speaker: Speaker) -> None:
    source = "layers.Conv2D(32, 3, 3)\nlayers.Conv2D(32, 3, 3)\nlayers.Conv2D(64, 3, 3)"
    assert [note.partition(" was")[0] for note in speaker.notes(source)] == [
        "Conv2D(32, 3, 3)",
        "Conv2D(64, 3, 3)",
    ]
