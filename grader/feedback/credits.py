"""What the checks of the structure give a described model, without a word about it.

A search asks thousands of times, and wants no sentences. That each rule here gives what the
check itself gives is held by a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from grader.checks.alignment import align
from grader.checks.base import CheckSpec
from grader.checks.budget import Budget, check_budget
from grader.checks.contains import Contains, count_layers
from grader.checks.feature_maps import FeatureMaps, longest_match, match_costs
from grader.checks.layers import (
    ALONE,
    OTHER_TYPE,
    RIGHT,
    WRONG_ARGUMENT,
    Layers,
    patterns_of,
    wrong_arguments,
)
from grader.checks.output_shape import OutputShape
from grader.checks.parameters import Parameters
from grader.checks.probabilities import Probabilities
from grader.model.arithmetic import matches
from grader.model.canonical import CanonicalLayer, canonical_expected, canonical_found
from grader.model.softmax import sums_to_one
from grader.records import Evidence, ModelDescription

Credit = Callable[[ModelDescription], float]
"""The share of a check's points, from 0 to 1."""


def credit_of(spec: CheckSpec, evidence: Evidence) -> Credit:
    """The rule of one check; ``evidence`` is what there is beside the model."""
    return _RULES[type(spec)](spec, evidence)


def _output_shape(spec: OutputShape, _: Evidence) -> Credit:
    wanted = spec.shapes

    def credit(model: ModelDescription) -> float:
        has = model.output_shapes
        right = sum(matches(*pair) for pair in zip(wanted, has, strict=False))
        return right / max(len(wanted), len(has))

    return credit


def _parameters(spec: Parameters, _: Evidence) -> Credit:
    asked = spec.expect.asked()

    def credit(model: ModelDescription) -> float:
        counts = {
            "total": model.total_params,
            "trainable": model.trainable_params,
            "non_trainable": model.non_trainable_params,
        }
        return sum(bounds.holds(counts[key]) for key, bounds in asked.items()) / len(asked)

    return credit


def _probabilities(_: Probabilities, __: Evidence) -> Credit:
    return lambda model: float(sums_to_one(model))


def _contains(spec: Contains, _: Evidence) -> Credit:
    asked = spec.expect

    def credit(model: ModelDescription) -> float:
        right = sum(
            bounds.holds(count_layers(model.layers, name)) for name, bounds in asked.items()
        )
        return right / len(asked)

    return credit


def _budget(spec: Budget, evidence: Evidence) -> Credit:
    bare = Evidence(input_shape=evidence.input_shape)
    return lambda model: check_budget(spec, replace(bare, model=model)).credit


def _feature_maps(spec: FeatureMaps, _: Evidence) -> Credit:
    wanted = spec.shapes
    costs = match_costs(wanted)

    def credit(model: ModelDescription) -> float:
        has = tuple(layer.output_shape for layer in model.layers)
        return len(longest_match(wanted, has, costs)) / len(wanted)

    return credit


class _LayersCredit:
    """Compares each kind of found layer with what is asked for once in a whole search."""

    def __init__(self, spec: Layers, _: Evidence) -> None:
        self._wanted = canonical_expected(patterns_of(spec))
        self._allowed = frozenset(spec.allow)
        self._anywhere = self._allowed - {layer.type for layer in self._wanted}
        self._listed: dict[str, tuple[str, ...]] = {}
        for layer in self._wanted:
            keys = (*self._listed.get(layer.type, ()), *layer.args)
            self._listed[layer.type] = tuple(dict.fromkeys(keys))
        self._known: dict[tuple[str, str], list[int]] = {}

    def __call__(self, model: ModelDescription) -> float:
        found = canonical_found(model.layers, self._anywhere)
        columns = [self._costs(layer) for layer in found]
        costs = [list(row) for row in zip(*columns, strict=True)] or [[] for _ in self._wanted]
        free = [0 if layer.type in self._allowed else ALONE for layer in found]
        places = align(costs, [ALONE] * len(self._wanted), free)
        right = counted = 0
        for i, j in places:
            if i is not None and j is not None:
                right += costs[i][j] == RIGHT
                counted += 1
            elif j is not None:
                counted += free[j] > 0
        return right / max(len(self._wanted), counted)

    def _costs(self, layer: CanonicalLayer) -> list[int]:
        """What it costs that a found layer stands beside each wanted one."""
        values = [layer.args.get(key) for key in self._listed.get(layer.type, ())]
        key = (layer.type, repr(values))
        if key not in self._known:
            self._known[key] = [_cost(wrong_arguments(asked, layer)) for asked in self._wanted]
        return self._known[key]


def _cost(wrong: tuple[str, ...]) -> int:
    if wrong == ("type",):
        return OTHER_TYPE
    return min(WRONG_ARGUMENT * len(wrong), ALONE) if wrong else RIGHT


_RULES: Mapping[type[CheckSpec], Callable[[Any, Evidence], Credit]] = {
    OutputShape: _output_shape,
    Parameters: _parameters,
    Probabilities: _probabilities,
    Contains: _contains,
    Budget: _budget,
    FeatureMaps: _feature_maps,
    Layers: _LayersCredit,
}
STRUCTURAL = tuple(_RULES)
"""Checks that an architecture decides without weights, those that cost least first."""
