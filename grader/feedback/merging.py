"""Shapes behind layers that make one tensor of several: sums and concatenations."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.arithmetic import Config
from grader.records import Shape

ELEMENTWISE = frozenset("Add Subtract Multiply Average Maximum Minimum".split())


def merged_shape(type: str, config: Config, given: Sequence[Shape]) -> Shape | None:
    """The shape that a merging layer gives; None for any other, and where the inputs do not fit.

    Sizes of 1 are spread over the other's size, as NumPy does.
    """
    if len(given) < 2 or len({len(shape) for shape in given}) != 1:
        return None
    axes = list(zip(*given, strict=True))
    if type in ELEMENTWISE:
        sizes = [set(axis) - {1} or {1} for axis in axes]
        return (
            tuple(next(iter(size)) for size in sizes) if all(len(s) == 1 for s in sizes) else None
        )
    axis = config.get("axis", -1)
    if type != "Concatenate" or not isinstance(axis, int) or not -len(axes) <= axis <= len(axes):
        return None
    if axis == 0:
        return None
    # Keras counts the batch axis.
    joined = axis - 1 if axis > 0 else axis + len(axes)
    if any(len(set(sizes)) > 1 for place, sizes in enumerate(axes) if place != joined):
        return None
    total = [size for size in axes[joined] if size is not None]
    along = sum(total) if len(total) == len(given) else None
    return tuple(along if place == joined else sizes[0] for place, sizes in enumerate(axes))
