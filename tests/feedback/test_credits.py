"""The search's rules against the checks themselves, and probabilities without weights."""

from __future__ import annotations

import pytest

from grader.checks.table import CHECK_TYPES
from grader.feedback.credits import STRUCTURAL, credit_of
from grader.feedback.probable import sums_to_one
from grader.sandbox.client import Sandbox
from tests.checks.models import evidence_of
from tests.feedback.solutions import solved_exercises
from tests.feedback.undoing import edited


def test_each_rule_gives_what_the_check_gives(sandbox: Sandbox) -> None:
    """For each solution, and for every fifth model that the edits make of it."""
    compared = 0
    for solved in solved_exercises(sandbox):
        specs = [spec for spec in solved.exercise.checks if isinstance(spec, STRUCTURAL)]
        rules = {spec.id: credit_of(spec, solved.evidence) for spec in specs}
        for wrong in list(edited(solved))[::5]:
            for spec in specs:
                finding = CHECK_TYPES[spec.type].run(spec, wrong.evidence)
                assert rules[spec.id](wrong.model) == finding.credit, (wrong.says, spec.id)
                compared += finding.credit < 1
    assert compared > 150


@pytest.mark.parametrize(
    "layers",
    [
        'Flatten(), Dense(4, activation="softmax")',
        "Flatten(), Dense(4), Softmax()",
        'Flatten(), Dense(4), Activation("softmax")',
        'Flatten(), Dense(4, activation="softmax"), Dropout(0.5)',
        'Conv2D(4, 1, activation="softmax"), GlobalAveragePooling2D()',
        'Conv2D(4, 8, activation="softmax"), Flatten()',
        "Conv2D(4, 8), Reshape((4,)), Softmax()",
        "Flatten(), Dense(4)",
        'Flatten(), Dense(4, activation="sigmoid")',
        'Flatten(), Dense(4, activation="softmax"), ReLU()',
        'Flatten(), Dense(4, activation="softmax"), Dense(4)',
        'Conv2D(4, 1, activation="softmax"), GlobalMaxPooling2D()',
        'Conv2D(4, 1, activation="softmax"), Flatten()',
        'Dense(4, activation="softmax")',
        'Flatten(), Dense(4, activation="softmax"), BatchNormalization()',
    ],
)
def test_the_last_activation_tells_what_the_outputs_of_images_tell(
    sandbox: Sandbox, layers: str
) -> None:
    evidence = evidence_of(sandbox, f"Sequential([Input((8, 8, 1)), {layers}])")
    assert evidence.model is not None and evidence.sample is not None
    measured = evidence.sample.minimum >= 0 and evidence.sample.largest_sum_error < 1e-4
    assert sums_to_one(evidence.model) == measured
