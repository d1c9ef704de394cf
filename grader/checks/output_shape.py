"""``output_shape``: the shape of what the model gives for one image.

What it checks
    The model's output shape, without the batch axis. A model with several outputs is asked
    for a list of shapes; then the credit is the share of the outputs that are right.

Why it matters
    Everything that reads the model's output (the loss, the accuracy) relies on it: ten classes
    need ten numbers for an image.

Passes
    check: {type: output_shape, expect: [10]}
    model: Sequential([Input((28, 28, 1)), Flatten(), Dense(10)])

Fails
    check: {type: output_shape, expect: [10]}
    model: Sequential([Input((28, 28, 1)), Dense(10)])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding
from grader.model.arithmetic import matches
from grader.records import Evidence, Plain, Shape
from grader.words import join_words, show_shape

SHOWN = 8
"""Shapes that a sentence names."""

Axis = Annotated[int, Field(ge=1)] | None
AxisList = Annotated[list[Axis], Field(max_length=8)]


class OutputShape(CheckSpec):
    type: Literal["output_shape"] = "output_shape"
    expect: AxisList | list[AxisList]
    """One shape without the batch axis, or a list of shapes; null stands for any size."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        if any(isinstance(axis, list) for axis in self.expect):
            return tuple(tuple(shape) for shape in self.expect if isinstance(shape, list))
        return (tuple(axis for axis in self.expect if not isinstance(axis, list)),)


def check_output_shape(spec: OutputShape, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    wanted, has = spec.shapes, evidence.model.output_shapes
    expected: Plain = [list(shape) for shape in wanted]
    got: Plain = [list(shape) for shape in has]
    pairs = list(zip(wanted, has, strict=False))
    wrong = [pair for pair in pairs if not matches(*pair)]
    said = show_first(has) or "nothing"
    if not wrong and len(wanted) == len(has):
        verb = "The output is" if len(has) == 1 else "The outputs are"
        return Finding(1, f"{verb} {said}.", expected=expected, got=got)
    why, fix = _advice(*wrong[0]) if wrong else ("", "")
    one = len(wanted) == len(has) == 1
    return Finding(
        (len(pairs) - len(wrong)) / max(len(wanted), len(has)),
        f"The model's {'output has another shape' if one else 'outputs have other shapes'}.",
        f"{'It is' if len(has) < 2 else 'They are'} {said}; expected {show_first(wanted)}.",
        why,
        fix,
        expected,
        got,
    )


def _advice(wanted: Shape, has: Shape) -> tuple[str, str]:
    """Why the output may have another shape, and what to try."""
    if len(wanted) == 1 < len(has):
        return (
            "Rows and columns are still there: nothing has made one row of the feature maps.",
            "Put Flatten or GlobalAveragePooling2D before the last dense layers.",
        )
    if len(wanted) != len(has):
        return "", ""
    if wanted[:-1] == has[:-1]:
        return (
            "The last size is the number of units of the last dense layer, or of filters of the "
            "last convolution.",
            f"Make that number {wanted[-1]}.",
        )
    return "", "Look at kernel, stride and padding of the layers."


def show_first(shapes: Sequence[Shape]) -> str:
    """``26×26×24, 13×13×24 and 9 more``."""
    more = [f"{len(shapes) - SHOWN} more"] if len(shapes) > SHOWN else []
    return join_words([*map(show_shape, shapes[:SHOWN]), *more])
