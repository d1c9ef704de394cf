"""Solutions made wrong by one edit of the table, and what the search says of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.assignment.schema import Exercise
from grader.checks.base import CheckSpec
from grader.feedback.chain import Arithmetic, Chain, chain_of
from grader.feedback.credits import STRUCTURAL, credit_of
from grader.feedback.edits import EDITS
from grader.feedback.hopes import NOTHING
from grader.feedback.repair import SHOWN, model_key, search_of
from grader.model.softmax import sums_to_one
from grader.records import CheckResult, Evidence, ModelDescription, OutputSample
from grader.score import wait_for
from tests.feedback.solutions import Solved


@dataclass(frozen=True)
class Wrong:
    """A solution with one edit made: for the search it is a student's model."""

    solved: Solved
    edit: str
    says: str
    chain: Chain
    model: ModelDescription
    right: object
    """The key of the solution's model."""

    @property
    def evidence(self) -> Evidence:
        return with_model(self.solved.evidence, self.model)

    @property
    def results(self) -> tuple[CheckResult, ...]:
        return results_of(self.solved.exercise, self.evidence)


def with_model(evidence: Evidence, model: ModelDescription) -> Evidence:
    """The evidence with another model, and what its last activation says of its outputs."""
    error = 0.0 if sums_to_one(model) else 1.0
    return replace(evidence, model=model, sample=OutputSample(16, 0.0, 1.0, error))


def results_of(exercise: Exercise, evidence: Evidence) -> tuple[CheckResult, ...]:
    """What the checks of the structure give, without their words; all others are passed."""
    assert evidence.model is not None
    results: dict[str, CheckResult] = {}
    for spec in exercise.checks:
        unmet = [need for need in spec.needs if results[need].status != "passed"]
        if unmet:
            results[spec.id] = wait_for(spec, unmet)
        elif isinstance(spec, STRUCTURAL):
            results[spec.id] = _given(spec, credit_of(spec, evidence)(evidence.model))
        else:
            results[spec.id] = _given(spec, 1)
    return tuple(results.values())


def _given(spec: CheckSpec, credit: float) -> CheckResult:
    return CheckResult(
        id=spec.id,
        type=spec.type,
        status="passed" if credit == 1 else "partial" if credit else "failed",
        score=spec.points * credit,
        max_score=spec.points,
        message="",
        expected=None,
        got=None,
        hint=None,
        visibility=spec.visibility,
    )


def edited(solved: Solved) -> Iterator[Wrong]:
    """Every model that one edit makes of a solution, each once, without what is asked for."""
    assert solved.evidence.model is not None
    chain = chain_of(solved.evidence.model)
    assert chain is not None
    arithmetic, right = Arithmetic(), model_key(chain)
    for edit in EDITS:
        seen = {right}
        for change in edit.changes(chain, NOTHING):
            other = change.apply(chain)
            model = arithmetic.describe(other) if other else None
            if other is None or model is None or model_key(other) in seen:
                continue
            seen.add(model_key(other))
            yield Wrong(solved, edit.name, change.says, other, model, right)


def wrong_models(solved: Sequence[Solved]) -> Iterator[Wrong]:
    """Of these, those that a visible check of the structure tells from the solution."""
    for one in solved:
        rules = [
            credit_of(spec, one.evidence)
            for spec in one.exercise.checks
            if isinstance(spec, STRUCTURAL) and spec.visibility == "visible"
        ]
        for wrong in edited(one):
            if any(rule(wrong.model) < 1 for rule in rules):
                yield wrong


@dataclass(frozen=True)
class Undone:
    """What the search found for one wrong model."""

    wrong: Wrong
    contained: bool
    """The change that leads back to the solution is named."""
    alone: bool
    seconds: float
    """Of processor time."""


def undo(wrong: Wrong) -> Undone:
    evidence, results = wrong.evidence, wrong.results
    started = time.thread_time()
    # However slow the machine, the search is as long as it is.
    search = search_of(wrong.solved.exercise, results, evidence, "fix", seconds=60)
    best = search.best() if search else []
    seconds = time.thread_time() - started
    keys = [model_key(one.chain) for one in best]
    return Undone(wrong, wrong.right in keys[:SHOWN], keys == [wrong.right], seconds)
