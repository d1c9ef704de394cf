"""Digits in a frame, in the middle and moved: images for what a shift does to a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.records import Shape
from grader.training.datasets import load_dataset

if TYPE_CHECKING:
    import numpy as np


def shifted_digits(
    shape: Shape, count: int, size: int, shifts: Sequence[tuple[int, int]]
) -> np.ndarray:
    """The same digits at every place.

    Args:
        shape: of the frame: (height, width, 1 or 3); what is not digit is black.
        count: digits, of all ten classes in turn.
        size: side of a digit in pixels.
        shifts: pixels down and to the right.

    Returns:
        float32 from 0 to 1, ((1 + shifts) · count, height, width, channels): all digits in the
        middle, then all moved by the first shift, and so on.

    Raises UsageError where a digit would leave the frame.
    """
    import numpy as np

    if len(shape) != 3 or None in shape:
        raise UsageError(f"A shift needs images of (height, width, channels), not {shape}.")
    height, width, channels = (axis or 0 for axis in shape)
    test = load_dataset("digits", None, (size, size, channels)).test
    rows = _in_turn(test.labels)[:count]
    frames = np.zeros((1 + len(shifts), len(rows), height, width, channels), dtype=np.float32)
    top, left = (height - size) // 2, (width - size) // 2
    for frame, (down, right) in zip(frames, [(0, 0), *shifts], strict=True):
        y, x = top + down, left + right
        if y < 0 or x < 0 or y + size > height or x + size > width:
            raise UsageError(
                f"A digit of {size}×{size}, moved by ({down}, {right}), leaves the frame of "
                f"{height}×{width}."
            )
        frame[:, y : y + size, x : x + size] = test.images[rows]
    return frames.reshape(-1, height, width, channels)


def _in_turn(labels: np.ndarray) -> np.ndarray:
    """Row numbers: the first image of each class, then the second of each, and so on."""
    import numpy as np

    rank = np.array([np.count_nonzero(labels[:row] == label) for row, label in enumerate(labels)])
    return np.lexsort((labels, rank))
