"""Which change would put a model right: every likely one is tried, and the checks decide.

The search is the same each time: it is bounded in steps, and a clock is only its safety net.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from grader.assignment.schema import Exercise
from grader.checks.base import HintLevel
from grader.feedback.chain import Arithmetic, Chain, chain_of
from grader.feedback.change import UNLIKELY, Change
from grader.feedback.edits import CHANGES_THE_WAY, EDITS
from grader.feedback.hopes import hopes_of
from grader.feedback.scale import MORE, NEARLY, Scale, Weight
from grader.feedback.structure import kind_of, spelled
from grader.model.canonical import activation_alone, canonical_expected
from grader.records import CheckResult, Evidence, ModelDescription, Repair

LONGEST = 60
"""Layers of a model that is looked at."""
STEPS = 12_000
"""Layers described in one search."""
SHOWN = 4
"""Of changes that are equally good."""
PAIRED = 24
"""Changes that bring something, tried two at a time."""
FOLLOWED = 2
"""Changes that bring most, behind which every other one is tried."""
ADDS = frozenset({"add_layer", "double_layer"})
"""Edits after which the model has a layer more."""


@dataclass(frozen=True, slots=True)
class Try:
    """Changes, made one after the other, and what comes of them."""

    edits: tuple[str, ...]
    changes: tuple[Change, ...]
    chain: Chain
    weight: Weight
    disturbs: int = 0
    """How many layers it adds, takes out, or gives another shape or number of parameters."""
    moved: float = 0.0
    """How much smaller or larger the model becomes, on a scale of logarithms."""

    @property
    def cost(self) -> int:
        return sum(change.cost for change in self.changes)

    @property
    def distance(self) -> float:
        return sum(change.distance for change in self.changes)

    @property
    def about(self) -> tuple[tuple[tuple[int, ...], str], ...]:
        """Equal for tries that differ only in the value that an argument gets."""
        return tuple((change.places, change.about) for change in self.changes)


def find_repairs(
    exercise: Exercise,
    results: Sequence[CheckResult],
    evidence: Evidence,
    hints: HintLevel = "fix",
    seconds: float = 0.4,
) -> tuple[Repair, ...]:
    """The changes that put most right with least, as far as visible checks may tell them.

    Args:
        results: of the exercise's checks, in their order.
        hints: the level of checks that say nothing of their own.
        seconds: of processor time, after which the search ends with what it has.

    Returns:
        All changes that are equally good, or the first of them; none where nothing helps, and
        for a model that was kept inside the walls.
    """
    search = search_of(exercise, results, evidence, hints, seconds)
    if search is None:
        return ()
    best = search.best()
    shown = [search.repair(one) for one in best[:SHOWN]]
    return tuple(replace(repair, unlisted=len(best) - len(shown)) for repair in shown)


def search_of(
    exercise: Exercise,
    results: Sequence[CheckResult],
    evidence: Evidence,
    hints: HintLevel = "fix",
    seconds: float = 0.4,
) -> Search | None:
    """The search for what ``find_repairs`` tells; None where there is nothing to search."""
    model = evidence.model
    if model is None or not model.rebuilt or len(model.layers) > LONGEST:
        return None
    chain, arithmetic = chain_of(model), Arithmetic(model)
    found = arithmetic.describe(chain) if chain else None
    if chain is None or found is None:
        return None
    scale = Scale(exercise.checks, results, evidence, hints, found)
    if not scale.wants_more:
        return None
    return Search(scale, chain, found, arithmetic, seconds)


class Search:
    """Tries every edit on a chain, then two at a time."""

    def __init__(
        self,
        scale: Scale,
        chain: Chain,
        found: ModelDescription,
        arithmetic: Arithmetic,
        seconds: float,
    ) -> None:
        self._scale, self._chain, self._arithmetic, self._found = scale, chain, arithmetic, found
        self._hopes = hopes_of(scale.telling)
        self._ends = time.thread_time() + seconds

    def best(self) -> list[Try]:
        """The tries that bring most with fewest changes, each model once."""
        start = Try((), (), self._chain, self._scale.start)
        singles = list(self._followed_by_one(start, start.weight.points + MORE))
        best = _best(singles)
        if not best or best[0].weight.whole:
            return _reduced(best)
        pairs = list(self._pairs(singles, best[0].weight.points + MORE))
        if self._scale.nothing_missing:
            # A layer more would stand where a wrong one is; what is told of that one is better.
            pairs, singles = _without_more(pairs), _without_more(singles)
        return _reduced(_best(pairs) or _best(singles))

    def repair(self, one: Try) -> Repair:
        return Repair(
            changes=tuple(change.says for change in one.changes),
            names=one.edits,
            layers=tuple(dict.fromkeys(p for change in one.changes for p in change.places)),
            gain=round(one.weight.points - self._scale.start.points, 2),
            whole=one.weight.whole,
        )

    def _followed_by_one(self, before: Try, floor: float) -> Iterator[Try]:
        """Every change of the table, made behind others, that earns at least ``floor``.

        As soon as one puts everything right, the others must do that too.
        """
        for edit in EDITS:
            if self._chain.inbound is not None and edit.name in CHANGES_THE_WAY:
                continue
            for change in edit.changes(before.chain, self._hopes):
                same = (change.places, change.about) in before.about
                if change.cost >= UNLIKELY or same:
                    continue
                one = self._try(before, edit.name, change, floor)
                if one is not None:
                    yield one
                    floor = max(floor, one.weight.points if one.weight.whole else floor)
                elif self._over:
                    return

    def _pairs(self, singles: Sequence[Try], floor: float) -> Iterator[Try]:
        """Two changes that each bring something, then any change behind the best ones."""
        ranked = sorted(singles, key=lambda one: (-one.weight.points, one.cost))
        for first, second in combinations(ranked[:PAIRED], 2):
            one = self._try(first, second.edits[0], second.changes[0], floor)
            if one is not None:
                floor = max(floor, one.weight.points)
                yield one
            elif self._over:
                return
        for first in ranked[:FOLLOWED]:
            for one in self._followed_by_one(first, floor):
                floor = max(floor, one.weight.points)
                yield one

    def _try(self, before: Try, edit: str, change: Change, floor: float) -> Try | None:
        if self._over:
            return None
        chain = change.apply(before.chain)
        model = self._arithmetic.describe(chain) if chain else None
        weight = self._scale.weigh(model, floor) if model else None
        if chain is None or model is None or weight is None:
            return None
        return Try(
            edits=(*before.edits, edit),
            changes=(*before.changes, change),
            chain=chain,
            weight=weight,
            disturbs=_disturbed(self._found, chain, model),
            moved=_moved(self._found, model),
        )

    @property
    def _over(self) -> bool:
        return self._arithmetic.steps > STEPS or time.thread_time() > self._ends


def _disturbed(found: ModelDescription, chain: Chain, model: ModelDescription) -> int:
    """How many layers are not as they were found."""
    kept = 0
    for link, layer in zip(chain.links, model.layers, strict=True):
        if link.place is not None:
            before = found.layers[link.place]
            kept += (before.output_shape, before.params) == (layer.output_shape, layer.params)
    return max(len(found.layers), len(model.layers)) - kept


def _moved(one: ModelDescription, other: ModelDescription) -> float:
    """How far apart two models are in parameters and multiply-adds."""
    pairs = (
        (one.total_params, other.total_params),
        (one.multiply_adds, other.multiply_adds),
    )
    return round(sum(abs(math.log((b + 1) / (a + 1))) for a, b in pairs), 6)


def _best(tries: Sequence[Try]) -> list[Try]:
    most = max((one.weight.points for one in tries), default=0.0)
    return [one for one in tries if one.weight.points > most - NEARLY]


def _without_more(tries: Sequence[Try]) -> list[Try]:
    return [one for one in tries if one.weight.whole or not ADDS & set(one.edits)]


def _reduced(tries: Sequence[Try]) -> list[Try]:
    """Those that change least, each model once; of values of one argument the nearest.

    First come those that move a number least, then those that touch the fewest layers.
    """
    ranked = sorted(tries, key=lambda one: (one.cost, one.distance, one.moved))
    by_model: dict[object, Try] = {}
    for one in ranked:
        by_model.setdefault(model_key(one.chain), one)
    by_argument: dict[object, Try] = {}
    for one in by_model.values():
        by_argument.setdefault(one.about, one)
    least = min((one.cost for one in by_argument.values()), default=0)
    left = [one for one in by_argument.values() if one.cost == least]
    return sorted(left, key=lambda one: (one.distance, one.disturbs, one.moved))


def model_key(chain: Chain) -> object:
    """Equal for two chains that are the same model, however it is written."""
    if chain.inbound is not None:
        return tuple(kind_of(link) for link in chain.links)
    layers = canonical_expected([(link.type, link.config) for link in chain.links])
    return tuple(
        activation_alone(layer.type, layer.args) or (layer.type, spelled(layer.args))
        for layer in layers
    )
