"""Remarks: what is worth knowing about a model and costs no points.

Research tools that look for such things are right about one time in three (0.37 precision in an
independent benchmark), so each condition here is narrow, a report holds a few at most, and none
is ever a deduction. The faults are those that NeuraLint, UMLAUT and TheDeepChecker look for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.assignment.schema import Assignment
from grader.checks.base import CheckSpec
from grader.feedback.remark_layers import (
    all_in_one_dense_layer,
    dropout_before_norm,
    dropout_on_output,
    filters_shrink,
    no_activation_between,
    two_activations,
    useless_bias,
)
from grader.feedback.remark_learning import (
    at_chance,
    convolves_one_pixel,
    does_not_move,
    first_loss,
    not_even_one_batch,
    pool_larger_than_input,
    sigmoid_on_classes,
    silent_units,
    softmax_missing,
    softmax_of_one,
    softmax_twice,
)
from grader.records import CheckResult, Evidence, Remark

MOST = 5
"""Remarks in a report."""


@dataclass(frozen=True, slots=True)
class RemarkType:
    """A row of the table of remarks."""

    find: Callable[[Evidence], Remark | None]
    """Reads nothing but the evidence."""
    told_by: tuple[str, ...] = ()
    """Types of checks that say the same when they fail."""
    but_for: tuple[str, ...] = ()
    """Remarks that make this one superfluous."""


REMARKS: dict[str, RemarkType] = {
    "softmax-of-one": RemarkType(softmax_of_one),
    "softmax-twice": RemarkType(softmax_twice, ("compile",)),
    "softmax-missing": RemarkType(softmax_missing, ("compile", "probabilities")),
    "silent-units": RemarkType(silent_units),
    "one-batch": RemarkType(not_even_one_batch, but_for=("silent-units",)),
    "does-not-move": RemarkType(does_not_move, but_for=("silent-units", "one-batch")),
    "at-chance": RemarkType(at_chance, but_for=("does-not-move", "silent-units", "one-batch")),
    "first-loss": RemarkType(first_loss, but_for=("softmax-missing",)),
    "no-activation": RemarkType(no_activation_between),
    "two-activations": RemarkType(two_activations),
    "sigmoid-on-classes": RemarkType(sigmoid_on_classes, ("probabilities",)),
    "convolves-one-pixel": RemarkType(convolves_one_pixel),
    "pool-larger-than-input": RemarkType(pool_larger_than_input, but_for=("convolves-one-pixel",)),
    "dropout-on-output": RemarkType(dropout_on_output),
    "all-in-one-dense-layer": RemarkType(all_in_one_dense_layer, ("budget", "parameters")),
    "filters-shrink": RemarkType(filters_shrink),
    "dropout-before-norm": RemarkType(dropout_before_norm),
    "useless-bias": RemarkType(useless_bias),
}
"""Every remark there is, by its id, the most important first."""


def find_remarks(
    assignment: Assignment,
    specs: Sequence[CheckSpec],
    results: Sequence[CheckResult],
    evidence: Evidence,
) -> tuple[Remark, ...]:
    """What is worth knowing and no check of the exercise says already.

    Args:
        assignment: which may want no remarks, or no hints.
        specs: the checks of one exercise.
        results: what they say, in the same order.
        evidence: what they looked at.
    """
    if not assignment.remarks or assignment.hints == "none":
        return ()
    seen = _without_hidden(specs, evidence)
    failed = {result.type for result in results if result.status in ("partial", "failed")}
    wrong = {
        note.index
        for result in results
        for note in result.layers
        if note.verdict in ("wrong", "extra")
    }
    remarks: dict[str, Remark] = {}
    for id, kind in REMARKS.items():
        if failed & set(kind.told_by) or remarks.keys() & set(kind.but_for):
            continue
        remark = kind.find(seen)
        if remark is not None and remark.layer not in wrong:
            remarks[id] = remark
    return tuple(remarks.values())[:MOST]


def _without_hidden(specs: Sequence[CheckSpec], evidence: Evidence) -> Evidence:
    """The evidence without trainings of checks that tell the student nothing."""
    open_ids = {spec.id for spec in specs if spec.visibility == "visible" and spec.hint != "none"}
    training = {key: value for key, value in evidence.training.items() if key in open_ids}
    return dataclasses.replace(evidence, training=training)
