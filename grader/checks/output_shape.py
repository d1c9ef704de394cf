"""``output_shape``: the shape of what the model gives for one image.

What it checks
    The model's output shape, without the batch axis. A model with several outputs is asked
    for a list of shapes.

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

from typing import Annotated, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding
from grader.records import Evidence, Shape
from grader.words import show_shapes

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
    expected, got = spec.shapes, evidence.model.output_shapes
    right = len(expected) == len(got) and all(map(matches, expected, got))
    said = show_shapes(got)
    if right:
        return Finding(
            1,
            f"The output is {said}.",
            expected=[list(shape) for shape in expected],
            got=[list(shape) for shape in got],
        )
    return Finding(
        0,
        "The model's output has another shape.",
        f"It is {said}; expected {show_shapes(expected)}.",
        expected=[list(shape) for shape in expected],
        got=[list(shape) for shape in got],
    )


def matches(expected: Shape, got: Shape) -> bool:
    """Whether the sizes agree axis by axis; None in ``expected`` takes any size."""
    return len(expected) == len(got) and all(
        want is None or want == have for want, have in zip(expected, got, strict=True)
    )
