"""The search's rules against the checks themselves, and probabilities without weights."""

from __future__ import annotations

from grader.checks.table import CHECK_TYPES
from grader.feedback.credits import STRUCTURAL, credit_of
from grader.sandbox.client import Sandbox
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
