"""``invariance``: what a shift of the image does to the output.

What it checks
    Digits stand in the middle of a black frame of the exercise's input shape, and are moved by
    the given pixels. With fresh weights, the change of the output is measured beside the
    difference between one digit and another: 0 is no change, 1 is as much as another digit
    makes. The largest change over the shifts may be ``tolerance``, and at least ``differing``
    of the output's values must differ between digits.

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
from grader.model.arithmetic import window_of
from grader.records import Evidence, LayerDescription, Plain
from grader.words import join_words

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
    differing: Annotated[int, Field(ge=1)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1


def check_invariance(spec: Invariance, evidence: Evidence) -> Finding:
    outputs = evidence.responses[spec.id].reshape(1 + len(spec.shifts), spec.images, -1)
    change = relative_changes(outputs)
    expected: Plain = {"largest_change": spec.tolerance, "differing": spec.differing}
    differing = values_that_differ(outputs[0])
    if change is None or differing < spec.differing:
        return Finding(
            0,
            "Too few values of the output differ from digit to digit.",
            f"{differing} of {outputs.shape[-1]} differ; at least {spec.differing} should.",
            "An output that is the same for every image does not change under a shift either, but "
            "it says nothing about the image.",
            "Let the features of the image reach the output.",
            expected,
            {"differing": differing},
        )
    worst = max(range(len(change)), key=change.__getitem__)
    down, right = spec.shifts[worst]
    got: Plain = {"largest_change": round(change[worst], 6), "differing": differing}
    said = (
        f"Shifted by ({down}, {right}) pixels, the output changes by {change[worst]:.3f} of the "
        f"difference between two digits; at most {spec.tolerance:g} is asked."
    )
    if change[worst] <= spec.tolerance:
        return Finding(1, said, expected=expected, got=got)
    why, fix = _advice(evidence)
    where = "The output changes when the image shifts inside its frame."
    return Finding(0, where, said, why, fix, expected, got)


def _advice(evidence: Evidence) -> tuple[str, str]:
    """Why a shift shows, and what to try: by whether the whole map is pooled."""
    layers = evidence.model.layers if evidence.model else ()
    if not any(layer.type.startswith("Global") for layer in layers):
        return (
            "To Flatten and Dense each place of a feature map is a value of its own; a pooling "
            "over the whole map keeps what was found and forgets where.",
            "Pool over the whole feature map before the output.",
        )
    steps = [layer for layer in layers if _skips(layer)]
    if steps:
        return (
            f"{join_words([f'{one.type} ({one.name[:60]})' for one in steps[:3]])} moves by more "
            "than one pixel at a time: after a shift that is no multiple of its stride, its "
            "windows see other pixels.",
            "Keep the full resolution until the pooling over the whole map.",
        )
    return "", "Look for a layer that knows where in the image it is, such as a padding."


def _skips(layer: LayerDescription) -> bool:
    window = window_of(layer.type, layer.config)
    return window is not None and any(stride > 1 for stride in window.strides)


def values_that_differ(outputs: np.ndarray) -> int:
    """How many of the values are not the same for all images. Args: outputs: (images, values)."""
    import numpy as np

    spread = outputs.max(axis=0) - outputs.min(axis=0)
    return int(np.count_nonzero(spread > 1e-6 * max(float(np.abs(outputs).max()), 1e-30)))


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
