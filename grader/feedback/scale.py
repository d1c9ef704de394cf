"""What a changed model would earn: the visible checks of the structure, weighed by arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.checks.base import HINT_LEVELS, CheckSpec, HintLevel
from grader.checks.layers import Layers, compare_layers, patterns_of
from grader.feedback.credits import STRUCTURAL, credit_of
from grader.records import CheckResult, Evidence, ModelDescription

NEARLY = 1e-9
MORE = 1e-6
"""A gain smaller than this is none."""
UNPAID = 1e-3
"""What a check without points weighs, so that putting it right is better than not."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a model earns."""

    points: float
    """Of the checks that tell how to put it right; unpaid ones weigh a little."""
    whole: bool
    """Whether every check passes, also of those that do not tell."""


class Scale:
    """Weighs models by the checks that may tell how to put them right.

    Other visible checks of the structure have no say in what is better, only a veto: none of
    them may earn less than before. Hidden checks, and what waits for one, are not looked at.
    """

    def __init__(
        self,
        checks: Sequence[CheckSpec],
        results: Sequence[CheckResult],
        evidence: Evidence,
        hints: HintLevel,
        found: ModelDescription,
    ) -> None:
        """``found`` is the model that there is, described by arithmetic."""
        said = {result.id: result for result in results}
        wanted = {spec.id: spec for spec in _open(checks, said)}
        # A check that arithmetic would judge otherwise than it was judged is left out.
        self._credits = {id: credit_of(spec, evidence) for id, spec in wanted.items()}
        before = {id: credit(found) for id, credit in self._credits.items()}
        while True:
            shares = _paid(wanted.values(), before)
            wrong = [id for id, share in shares.items() if not _agrees(share, said[id], wanted[id])]
            if not wrong:
                break
            wanted = _without(wanted, set(wrong))
        self._checks = sorted(wanted.values(), key=lambda spec: STRUCTURAL.index(type(spec)))
        self._before = {id: before[id] for id in wanted}
        self.telling = [spec for spec in self._checks if (spec.hint or hints) == HINT_LEVELS[-1]]
        self._telling = {spec.id for spec in self.telling}
        self.start = self._weigh(self._before)
        self.nothing_missing = _nothing_missing(self.telling, found)

    @property
    def wants_more(self) -> bool:
        """Whether a check that tells how to put the model right did not pass."""
        shares = _paid(self._checks, self._before)
        return any(shares[spec.id] < 1 for spec in self.telling)

    def weigh(self, model: ModelDescription, floor: float) -> Weight | None:
        """What a model earns; None where it is less than ``floor``, or less than it was."""
        left = sum(_points(spec) for spec in self.telling)
        credits: dict[str, float] = {}
        for spec in self._checks:
            credit = self._credits[spec.id](model)
            credits[spec.id] = credit
            if spec.id in self._telling:
                left -= _points(spec) * (1 - credit)
                if left < floor - NEARLY:
                    return None
            elif credit < self._before[spec.id] - NEARLY:
                return None
        weight = self._weigh(credits)
        return weight if weight.points >= floor - NEARLY else None

    def _weigh(self, credits: Mapping[str, float]) -> Weight:
        shares = _paid(self._checks, credits)
        points = sum(_points(spec) * shares[spec.id] for spec in self.telling)
        return Weight(round(points, 9), all(share == 1 for share in shares.values()))


def _nothing_missing(checks: Iterable[CheckSpec], model: ModelDescription) -> bool:
    """Whether a ``layers`` check finds each layer that it asks for, be it with wrong arguments."""
    for spec in checks:
        if isinstance(spec, Layers):
            pairs = compare_layers(patterns_of(spec), spec.allow, model)[2]
            return all(pair.found is not None for pair in pairs)
    return False


def _points(spec: CheckSpec) -> float:
    return spec.points or UNPAID


def _open(checks: Sequence[CheckSpec], said: Mapping[str, CheckResult]) -> list[CheckSpec]:
    """Visible checks of the structure that wait for nothing else.

    What waits for another check that passed is open; whether that one still passes is not known.
    """
    kept: list[CheckSpec] = []
    known = {spec.id for spec in checks if isinstance(spec, STRUCTURAL)}
    hidden = {spec.id for spec in checks if spec.visibility == "hidden"}
    closed = hidden | {
        spec.id for spec in checks if spec.id not in known and said[spec.id].status != "passed"
    }
    # Checks may be listed before what they wait for.
    for _ in checks:
        closed |= {spec.id for spec in checks if closed & set(spec.needs)}
    for spec in checks:
        if spec.id in known and spec.id not in closed and said[spec.id].status != "error":
            kept.append(spec)
    return kept


def _without(wanted: Mapping[str, CheckSpec], wrong: set[str]) -> dict[str, CheckSpec]:
    """The checks without some, and without those that wait for them."""
    for _ in wanted:
        wrong |= {id for id, spec in wanted.items() if wrong & set(spec.needs)}
    return {id: spec for id, spec in wanted.items() if id not in wrong}


def _paid(checks: Iterable[CheckSpec], credits: Mapping[str, float]) -> dict[str, float]:
    """The share of each check's points that is paid out: none while what it needs is not whole."""
    waiting, shares = list(checks), dict[str, float]()
    known = {spec.id for spec in waiting}
    while waiting:
        ready = [
            spec
            for spec in waiting
            if all(need in shares or need not in known for need in spec.needs)
        ]
        for spec in ready:
            met = all(shares.get(need, 1) == 1 for need in spec.needs)
            shares[spec.id] = credits[spec.id] if met else 0.0
            waiting.remove(spec)
    return shares


def _agrees(share: float, result: CheckResult, spec: CheckSpec) -> bool:
    return abs(share * spec.points - result.score) < 1e-6 and (share == 1) == (
        result.status == "passed"
    )
