"""``probabilities``: outputs of real models, and samples that no model gives."""

from __future__ import annotations

import math

import pytest

from grader.checks.base import Finding
from grader.checks.probabilities import Probabilities, check_probabilities
from grader.records import Evidence, OutputSample
from grader.sandbox.client import Sandbox
from tests.checks.models import build, evidence_of

RIGHT = "For 16 images no output is below 0, and the outputs of each image sum to 1."
FIX = 'Try activation="softmax" in the last layer.'
SOFTMAX = "Softmax gives e^z / Σ e^z, which is always above 0."
SUMS = (
    "Softmax divides by the sum of all outputs, so they sum to 1; other activations look at each "
    "output alone."
)


def run(sandbox: Sandbox, last: str) -> Finding:
    code = f"Sequential([Input((8, 8, 1)), Flatten(), {last}])"
    return check_probabilities(Probabilities(), evidence_of(sandbox, code))


def judge(minimum: float, error: float) -> Finding:
    sample = OutputSample(16, minimum, 1.0, error)
    return check_probabilities(Probabilities(), Evidence(sample=sample))


@pytest.mark.parametrize(
    "last",
    ["Dense(10, activation='softmax')", "Dense(10), Softmax()", "Softmax(), Reshape((8, 8))"],
)
def test_softmax_gives_probabilities(sandbox: Sandbox, last: str) -> None:
    finding = run(sandbox, last)
    assert (finding.credit, finding.where) == (1, RIGHT)


def test_where_softmax_is_the_last_step_no_run_is_needed(sandbox: Sandbox) -> None:
    model = build(sandbox, "Sequential([Input((8, 8, 1)), Flatten(), Dense(10), Softmax()])")
    finding = check_probabilities(Probabilities(), Evidence(model=model))
    said = "The last step is softmax: no output is below 0, and the outputs of an image sum to 1."
    assert (finding.credit, finding.where, finding.got) == (1, said, {"by": "softmax"})


def test_a_softmax_at_each_place_gives_no_probabilities_of_the_image(sandbox: Sandbox) -> None:
    finding = run(sandbox, "Reshape((8, 8)), Softmax()")
    assert (finding.credit, finding.why, finding.fix) == (
        0,
        "The output is 8×8: softmax gives probabilities at each of 8 places, and one image needs "
        "them once.",
        "Make one row of the feature maps before the last layer: Flatten or global pooling.",
    )


def test_linear_outputs_fall_below_zero(sandbox: Sandbox) -> None:
    finding = run(sandbox, "Dense(10)")
    assert (finding.credit, finding.where) == (0, "The outputs are not probabilities.")
    assert finding.detail.startswith("The lowest output is -")
    assert (finding.why, finding.fix) == (SOFTMAX, FIX)


def test_sigmoids_do_not_sum_to_one(sandbox: Sandbox) -> None:
    finding = run(sandbox, "Dense(10, activation='sigmoid')")
    assert finding.detail.startswith(
        "The outputs of one image should sum to 1; for some images the sum is "
    )
    assert (finding.credit, finding.why, finding.fix) == (0, SUMS, FIX)


@pytest.mark.parametrize(
    ("minimum", "error", "detail", "why"),
    [
        (-0.25, 0.0, "The lowest output is -0.25; a probability is at least 0.", SOFTMAX),
        (-0.0001, 0.0, "The lowest output is -0.0001; a probability is at least 0.", SOFTMAX),
        (
            0.0,
            0.0002,
            "The outputs of one image should sum to 1; for some images the sum is 0.0002 away "
            "from it.",
            SUMS,
        ),
        (
            0.1,
            3.25,
            "The outputs of one image should sum to 1; for some images the sum is 3.2 away "
            "from it.",
            SUMS,
        ),
        (math.nan, math.nan, "Some outputs are infinite or not numbers.", ""),
        (math.nan, 0.0, "Some outputs are infinite or not numbers.", ""),
        (0.0, math.nan, "Some outputs are infinite or not numbers.", ""),
        (0.0, math.inf, "Some outputs are infinite or not numbers.", ""),
        (-math.inf, 0.5, "Some outputs are infinite or not numbers.", ""),
    ],
)
def test_what_is_said_of_other_outputs(minimum: float, error: float, detail: str, why: str) -> None:
    finding = judge(minimum, error)
    assert (finding.credit, finding.where, finding.fix) == (
        0,
        "The outputs are not probabilities.",
        FIX,
    )
    assert (finding.detail, finding.why) == (detail, why)


@pytest.mark.parametrize(("minimum", "error"), [(0.0, 1e-4), (-0.0, 0.0), (0.01, 1e-7)])
def test_rounding_is_forgiven(minimum: float, error: float) -> None:
    assert judge(minimum, error).credit == 1


def test_the_sample_is_kept_for_the_report() -> None:
    finding = judge(-0.25, 0.5)
    assert finding.expected == {"minimum": 0, "sum": 1}
    assert finding.got == {"minimum": -0.25, "largest_sum_error": 0.5}
