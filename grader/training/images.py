"""Bringing images to the shape that an exercise asks for. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.words import show_shape

if TYPE_CHECKING:
    import numpy as np

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey (ITU-R BT.601)."""


def to_shape(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Bring images to (height, width, channels), or flatten them to (values,)."""
    import numpy as np

    if images.ndim == 2:  # flat already
        if images.shape[1:] != shape:
            raise UsageError(
                f"An image of the data set is {images.shape[1]} values in a row; it cannot be "
                f"brought to {show_shape(shape)}."
            )
        return np.ascontiguousarray(images, dtype=np.float32)
    if len(shape) == 1:
        side = round(shape[0] ** 0.5)
        if shape[0] == int(np.prod(images.shape[1:])):
            return images.reshape(len(images), -1)
        if side * side == shape[0]:
            return to_shape(images, (side, side, 1)).reshape(len(images), -1)
    channels = images.shape[3]
    if len(shape) != 3 or (shape[2] != channels and {shape[2], channels} != {1, 3}):
        raise UsageError(
            f"Images of {show_shape(images.shape[1:])} cannot be brought to {show_shape(shape)}: "
            "height and width may be any, channels only from grey (1) to colour (3) and back."
        )
    resized = resize(images, shape[0], shape[1])
    if shape[2] == channels:
        return resized
    if shape[2] == 3:
        return np.repeat(resized, 3, axis=3)
    red, green, blue = (np.float32(part) * resized[..., i] for i, part in enumerate(LUMA))
    return (red + green + blue)[..., None]


def resize(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear, with half-pixel centres and no antialiasing, as ``tf.image.resize`` does it."""
    import numpy as np

    for axis, size in ((1, height), (2, width)):
        old = images.shape[axis]
        if old == size:
            continue
        centre = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
        below = np.floor(centre).astype(int)
        above = np.minimum(below + 1, old - 1)
        weight = (centre - below).astype(np.float32)
        weight = weight.reshape([-1 if i == axis else 1 for i in range(4)])
        lower, upper = np.take(images, below, axis), np.take(images, above, axis)
        images = lower + (upper - lower) * weight
    return np.ascontiguousarray(images, dtype=np.float32)
