"""``probabilities``: the outputs can be read as probabilities.

What it checks
    Each output is at least 0 and the outputs of one image sum to 1. Where softmax is the last
    step of a model made of Keras's usual layers, that is known; any other model is asked, with
    fresh weights, for a seeded batch of images.

Why it matters
    The lecture's last step expresses the output as the probability of each class. Softmax does
    that; linear outputs and a sigmoid for each class do not.

Passes
    check: {type: probabilities}
    model: Sequential([Input((8, 8, 1)), Flatten(), Dense(10, activation="softmax")])

Fails
    check: {type: probabilities}
    model: Sequential([Input((8, 8, 1)), Flatten(), Dense(10, activation="sigmoid")])
"""

from __future__ import annotations

import math
from typing import Literal

from grader.checks.base import CheckSpec, Finding
from grader.model.softmax import certainly_probabilities, last_activation
from grader.records import Evidence, ModelDescription, OutputSample, Plain
from grader.words import show_shape

TOLERANCE = 1e-4


class Probabilities(CheckSpec):
    type: Literal["probabilities"] = "probabilities"


def check_probabilities(spec: Probabilities, evidence: Evidence) -> Finding:  # noqa: ARG001
    sample = evidence.sample
    expected: Plain = {"minimum": 0, "sum": 1}
    if sample is None:
        assert evidence.model is not None and certainly_probabilities(evidence.model)
        said = (
            "The last step is softmax: no output is below 0, and the outputs of an image sum to 1."
        )
        return Finding(1, said, expected=expected, got={"by": "softmax"})
    got: Plain = {"minimum": sample.minimum, "largest_sum_error": sample.largest_sum_error}
    if sample.minimum >= 0 and sample.largest_sum_error <= TOLERANCE:
        said = (
            f"For {sample.images} images no output is below 0, and the outputs of each image "
            "sum to 1."
        )
        return Finding(1, said, expected=expected, got=got)
    detail, why = _fault(sample)
    fix = 'Try activation="softmax" in the last layer.'
    everywhere = _softmax_of_maps(evidence.model)
    if everywhere:
        why = everywhere
        fix = "Make one row of the feature maps before the last layer: Flatten or global pooling."
    return Finding(0, "The outputs are not probabilities.", detail, why, fix, expected, got)


def _fault(sample: OutputSample) -> tuple[str, str]:
    """What is wrong, and why."""
    if not (math.isfinite(sample.minimum) and math.isfinite(sample.largest_sum_error)):
        return "Some outputs are infinite or not numbers.", ""
    if sample.minimum < 0:
        return (
            f"The lowest output is {sample.minimum:.2g}; a probability is at least 0.",
            "Softmax gives e^z / Σ e^z, which is always above 0.",
        )
    return (
        f"The outputs of one image should sum to 1; for some images the sum is "
        f"{sample.largest_sum_error:.2g} away from it.",
        "Softmax divides by the sum of all outputs, so they sum to 1; other activations look at "
        "each output alone.",
    )


def _softmax_of_maps(model: ModelDescription | None) -> str:
    """Why softmax at the end is not enough: it is taken at each place of a feature map."""
    if model is None or not model.layers or len(model.output_shapes) != 1:
        return ""
    shape, activation = model.output_shapes[0], last_activation(model.layers[-1])
    if activation != "softmax" or len(shape) < 2 or any(size is None for size in shape):
        return ""
    places = math.prod(size or 0 for size in shape[:-1])
    return (
        f"The output is {show_shape(shape)}: softmax gives probabilities at each of {places} "
        "places, and one image needs them once."
    )
