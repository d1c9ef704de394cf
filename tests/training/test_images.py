"""Images are brought to a shape as TensorFlow would do it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.errors import UsageError
from grader.sandbox.client import Sandbox
from grader.training.images import resize, to_shape
from tests.model.student import ask

RNG = np.random.default_rng(3)
SIZES = [(28, 28), (8, 8), (5, 11), (16, 4), (1, 1), (31, 9)]
GREY = RNG.random((4, 8, 8, 1), dtype=np.float32)
COLOUR = RNG.random((4, 12, 7, 3), dtype=np.float32)


@pytest.fixture(scope="module")
def tensorflow(sandbox: Sandbox) -> Any:
    """What ``tf.image.resize`` makes of the same images."""
    code = f"""
def resized():
    random = np.random.default_rng(3)
    grey = random.random((4, 8, 8, 1), dtype=np.float32)
    colour = random.random((4, 12, 7, 3), dtype=np.float32)
    return {{
        f"{{h}}x{{w}}": [tf.image.resize(images, (h, w)).numpy() for images in (grey, colour)]
        for h, w in {SIZES}
    }}


resized = resized()"""
    reply = ask(sandbox, "read", code, "resized")
    assert "error" not in reply.answer, reply.answer
    return reply.answer["value"]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_resizing_is_tensorflow_s_bilinear(height: int, width: int, tensorflow: Any) -> None:
    for images, expected in zip((GREY, COLOUR), tensorflow[f"{height}x{width}"], strict=True):
        found = resize(images, height, width)
        assert found.dtype == np.float32
        assert found.flags.c_contiguous
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_same_size_is_the_same_image() -> None:
    np.testing.assert_array_equal(resize(GREY, 8, 8), GREY)


def test_grey_becomes_colour_and_colour_grey() -> None:
    colour = to_shape(GREY, (8, 8, 3))
    for channel in range(3):
        np.testing.assert_array_equal(colour[..., channel], GREY[..., 0])
    grey = to_shape(COLOUR, (12, 7, 1))
    expected = np.float64(COLOUR) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(grey[..., 0], expected, atol=1e-6)
    assert (grey.shape, grey.dtype) == ((4, 12, 7, 1), np.float32)


def test_other_channels_stay_as_they_are() -> None:
    four = RNG.random((2, 6, 6, 4), dtype=np.float32)
    assert to_shape(four, (3, 3, 4)).shape == (2, 3, 3, 4)


def test_a_flat_shape_takes_rows_of_pixels() -> None:
    np.testing.assert_array_equal(to_shape(GREY, (64,)), GREY.reshape(4, 64))
    np.testing.assert_array_equal(to_shape(COLOUR, (252,)), COLOUR.reshape(4, 252))
    np.testing.assert_array_equal(to_shape(GREY, (784,)), resize(GREY, 28, 28).reshape(4, 784))
    flat = COLOUR.reshape(4, -1)
    np.testing.assert_array_equal(to_shape(flat, (252,)), flat)


@pytest.mark.parametrize(
    ("images", "shape", "message"),
    [
        (
            COLOUR,
            (12, 7, 4),
            "Images of 12×7×3 cannot be brought to 12×7×4: height and width may be any, channels "
            "only from grey (1) to colour (3) and back.",
        ),
        (
            RNG.random((1, 4, 4, 4)),
            (4, 4, 3),
            "Images of 4×4×4 cannot be brought to 4×4×3: height and width may be any, channels "
            "only from grey (1) to colour (3) and back.",
        ),
        (
            GREY,
            (8, 8),
            "Images of 8×8×1 cannot be brought to 8×8: height and width may be any, channels only "
            "from grey (1) to colour (3) and back.",
        ),
        (
            GREY,
            (63,),
            "Images of 8×8×1 cannot be brought to 63: height and width may be any, channels only "
            "from grey (1) to colour (3) and back.",
        ),
        (
            GREY.reshape(4, 64),
            (8, 8, 1),
            "An image of the data set is 64 values in a row; it cannot be brought to 8×8×1.",
        ),
    ],
)
def test_a_shape_that_cannot_be_had_is_named(images: Any, shape: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        to_shape(images, shape)
    assert str(caught.value) == message
