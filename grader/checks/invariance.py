"""``invariance``: what a shift of the image does to the output.

What it checks
    Digits stand in the middle of a black frame of the exercise's input shape, and are moved by
    the given pixels. With fresh weights, the change of the output is measured beside the
    difference between one digit and another: 0 is no change, 1 is as much as another digit
    makes. The largest change over the shifts may be ``tolerance``. An output that is the same
    for every digit does not pass.

Why it matters
    Pooling preserves spatial invariance: a digit is the same digit two pixels further on.

Passes
    check: {type: invariance, shifts: [[0, 2], [-3, 1]], tolerance: 0.05, points: 1}
    model: Sequential([Input((24, 24, 1)), Conv2D(8, 3, activation="relu"), GlobalMaxPooling2D()])

Fails
    check: {type: invariance, shifts: [[0, 2], [-3, 1]], tolerance: 0.05, points: 1}
    model: Sequential([Input((24, 24, 1)), Flatten(), Dense(8)])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding
from grader.records import Evidence

if TYPE_CHECKING:
    import numpy as np

Pixels = Annotated[int, Field(ge=-64, le=64)]


class Invariance(CheckSpec):
    type: Literal["invariance"] = "invariance"
    dataset: Literal["digits"] = "digits"
    images: Annotated[int, Field(ge=2, le=100)] = 20
    size: Annotated[int, Field(ge=4, le=512)] = 12
    """Side of a digit in pixels; the frame around it is black."""
    shifts: Annotated[tuple[tuple[Pixels, Pixels], ...], Field(min_length=1, max_length=50)]
    """Pixels down and to the right."""
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.05
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1


def check_invariance(spec: Invariance, evidence: Evidence) -> Finding:
    outputs = evidence.responses[spec.id]
    change = relative_changes(outputs.reshape(1 + len(spec.shifts), spec.images, -1))
    expected = {"largest_change": spec.tolerance}
    if change is None:
        return Finding(
            0,
            "The output is the same for every digit.",
            "It does not change when the image shifts, but it says nothing about the image either.",
            "Invariance is worth something only where different images still differ.",
            "Let the features of the image reach the output.",
            expected,
        )
    worst = max(range(len(change)), key=change.__getitem__)
    down, right = spec.shifts[worst]
    got = {"largest_change": round(change[worst], 6)}
    said = (
        f"Shifted by ({down}, {right}) pixels, the output changes by {change[worst]:.3f} of the "
        f"difference between two digits; at most {spec.tolerance:g} is asked."
    )
    if change[worst] <= spec.tolerance:
        return Finding(1, said, expected=expected, got=got)
    return Finding(
        0,
        "The output changes when the image shifts inside its frame.",
        said,
        "Each place of a feature map is a value of its own to Flatten and Dense; a pooling over "
        "the whole map keeps what was found and forgets where.",
        "Pool over the whole feature map before the output.",
        expected,
        got,
    )


def relative_changes(outputs: np.ndarray) -> list[float] | None:
    """For each shift, the mean change of the outputs over the mean distance of two images.

    Args:
        outputs: (1 + shifts, images, values); the first are those of the images in the middle.

    None where all images give the same, or where a value is not finite.
    """
    import numpy as np

    still, moved = outputs[0].astype(np.float64), outputs[1:].astype(np.float64)
    apart = np.linalg.norm(still[:, None] - still[None, :], axis=-1)
    count = len(still)
    between = apart.sum() / (count * (count - 1))
    scale = float(np.abs(still).max(initial=0.0))
    if not np.isfinite(outputs).all() or between <= 1e-6 * scale or between == 0:
        return None
    return [float(np.linalg.norm(one - still, axis=-1).mean() / between) for one in moved]
