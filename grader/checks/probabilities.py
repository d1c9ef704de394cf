"""``probabilities``: the outputs can be read as probabilities.

What it checks
    For a seeded batch of images, with fresh weights, each output is at least 0 and the outputs
    of one image sum to 1.

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

from typing import Literal

from grader.checks.base import CheckSpec, Finding
from grader.records import Evidence

TOLERANCE = 1e-4


class Probabilities(CheckSpec):
    type: Literal["probabilities"] = "probabilities"


def check_probabilities(spec: Probabilities, evidence: Evidence) -> Finding:  # noqa: ARG001
    sample = evidence.sample
    assert sample is not None
    expected = {"minimum": 0, "sum": 1}
    got = {"minimum": sample.minimum, "largest_sum_error": sample.largest_sum_error}
    fix = 'Try activation="softmax" in the last layer.'
    if sample.minimum < 0:
        return Finding(
            0,
            "The outputs are not probabilities.",
            f"For some images an output is {sample.minimum:.3f}; a probability is at least 0.",
            "Softmax gives e^z / Σ e^z, which is always above 0.",
            fix,
            expected,
            got,
        )
    if not sample.largest_sum_error <= TOLERANCE:
        return Finding(
            0,
            "The outputs are not probabilities.",
            f"The outputs of one image sum to a number up to {sample.largest_sum_error:.3f} "
            "away from 1.",
            "Softmax divides by the sum of all outputs, so they sum to 1; a sigmoid looks at "
            "each output alone.",
            fix,
            expected,
            got,
        )
    said = f"For {sample.images} images no output is below 0, and each image's sum to 1."
    return Finding(1, said, expected=expected, got=got)
