"""Digits in a frame, in the middle and moved."""

from __future__ import annotations

import numpy as np
import pytest

from grader.errors import UsageError
from grader.training.datasets import load_dataset
from grader.training.shifts import shifted_digits


def test_a_shift_moves_the_digits_and_nothing_else() -> None:
    frames = shifted_digits((20, 24, 1), 10, 8, [(3, -2), (0, 0)]).reshape(3, 10, 20, 24, 1)
    still, moved, again = frames
    np.testing.assert_array_equal(np.roll(still, (3, -2), axis=(1, 2)), moved)
    np.testing.assert_array_equal(still, again)
    np.testing.assert_array_equal(still[:, :6], 0)
    assert still[:, 6:14, 8:16].max() > 0.9


def test_the_digits_are_of_all_classes_in_turn_and_from_the_test_images() -> None:
    test = load_dataset("digits", None, (8, 8, 1)).test
    frames = shifted_digits((8, 8, 1), 20, 8, [])
    labels = [
        int(test.labels[next(i for i, image in enumerate(test.images) if (image == frame).all())])
        for frame in frames
    ]
    assert labels == [*range(10)] * 2


@pytest.mark.parametrize(
    "shape, shifts, message",
    [
        ((10, 10, 1), [(2, 0)], "A digit of 8×8, moved by (2, 0), leaves the frame of 10×10."),
        ((6, 10, 1), [], "A digit of 8×8, moved by (0, 0), leaves the frame of 6×10."),
        ((64,), [], "A shift needs images of (height, width, channels), not (64,)."),
    ],
)
def test_a_digit_that_leaves_the_frame_is_the_authors_fault(
    shape: tuple[int, ...], shifts: list[tuple[int, int]], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        shifted_digits(shape, 10, 8, shifts)
    assert str(caught.value) == message
