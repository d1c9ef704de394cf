"""``response``: what the student's own weights give on given images.

What it checks
    The model is rebuilt with the weights that the student gave it, and each image is sent
    through. What comes out is compared with ``expect``, or with what the author's solution
    gives. The credit is the share of the output's channels (feature maps) that agree on every
    image.

Why it matters
    A kernel is a small pattern, and its feature map says where the pattern fits. Whoever sets a
    kernel's numbers by hand sees that a convolution is nothing but this.

Passes
    check: {type: response, cases: [{image: {array: [[[1], [2]], [[3], [4]]]}, expect: [[[10]]]}]}
    model: Sequential([Input((2, 2, 1)), Conv2D(1, 2, kernel_initializer="ones")])

Fails
    check: {type: response, cases: [{image: {array: [[[1], [2]], [[3], [4]]]}, expect: [[[10]]]}]}
    model: Sequential([Input((2, 2, 1)), Conv2D(1, 2, kernel_initializer="zeros")])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.checks.arrays import Value, make_arrays, one_expectation, show_arrays
from grader.checks.base import CheckSpec, Finding
from grader.records import Evidence, Plain
from grader.words import show_shape

if TYPE_CHECKING:
    import numpy as np


class Image(BaseModel):
    """One image, without the batch axis, and what should come out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    image: Value
    """``{array: …}`` or ``{random: …}`` of the exercise's input shape."""
    expect: Value = None
    expect_from: Literal["solution"] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Image:
        one_expectation(self)
        return self


class Response(CheckSpec):
    type: Literal["response"] = "response"
    cases: Annotated[list[Image], Field(min_length=1, max_length=100)]
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1e-3
    """Largest difference of one value."""


def check_response(spec: Response, evidence: Evidence) -> Finding:
    import numpy as np

    outputs = evidence.responses[spec.id]
    given = evidence.expected.get(spec.id) or [case.expect for case in spec.cases]
    wanted = [np.asarray(value, dtype=np.float64) for value in given]
    told: dict[str, Any] = {
        "expected": [_for_report(value) for value in wanted],
        "got": [_for_report(value) for value in outputs],
    }
    for number, (want, has) in enumerate(zip(wanted, outputs, strict=True), 1):
        if want.shape != has.shape:
            return Finding(
                0,
                "The output has another shape than asked.",
                f"For image {number} it is {show_shape(has.shape)}; expected "
                f"{show_shape(want.shape)}.",
                **told,
            )
    channels = wanted[0].shape[-1]
    near = [
        np.abs(want - has).reshape(-1, channels).max(axis=0) <= spec.tolerance
        for want, has in zip(wanted, outputs, strict=True)
    ]
    right = np.logical_and.reduce(near)
    if right.all():
        which = f"all {channels} channels" if channels > 1 else "the output"
        images = f"{len(wanted)} image{'s' if len(wanted) > 1 else ''}"
        return Finding(1, f"On {images}, {which} came out as asked.", **told)
    channel = int(np.argmin(right))
    image = next(i for i, ok in enumerate(near) if not ok[channel])
    return Finding(
        float(right.sum()) / channels,
        f"Channel {channel + 1} of {channels} does not come out as asked.",
        _largest_difference(wanted[image], outputs[image], channel, image, spec),
        "One value of a feature map is the sum of the kernel's weights times the pixels under "
        "it, plus the bias.",
        "Look at this channel's kernel, weight by weight, and at the order of the kernels.",
        **told,
    )


def _largest_difference(
    want: np.ndarray, has: np.ndarray, channel: int, image: int, spec: Response
) -> str:
    import numpy as np

    one, other = want[..., channel], has[..., channel]
    # A value that is not a number differs most.
    place = np.unravel_index(np.nan_to_num(np.abs(one - other), nan=np.inf).argmax(), one.shape)
    at = ", ".join(str(int(axis)) for axis in place)
    which = f"image {image + 1}, {show_arrays(spec.cases[image].image)}"
    return f"For {which[:160]}, it is {other[place]:.4g} at ({at}); expected {one[place]:.4g}."


def _for_report(value: np.ndarray) -> Plain:
    """Small outputs in full, large ones by their shape."""
    return value.tolist() if value.size <= 200 else f"an array of {show_shape(value.shape)}"


def images_of(spec: Response) -> list[np.ndarray]:
    """The images of all cases, as float32 arrays."""
    import numpy as np

    return [np.asarray(make_arrays(case.image), dtype=np.float32) for case in spec.cases]
