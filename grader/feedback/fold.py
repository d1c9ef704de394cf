"""One root cause, told once: a check whose finding follows from a wrong layer says only that.

Where a ``layers`` check names a wrong layer, the other checks of the model's structure are run
once more, on the model with that layer put right. A check that passes there has nothing to say of
its own: it says from which layer it follows. Points stay as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.checks.asked import mended_model, unasked_weights
from grader.checks.base import HINT_LEVELS, CheckSpec, HintLevel
from grader.checks.divergence import Pair
from grader.checks.layers import Layers, compare_layers, patterns_of
from grader.checks.table import CHECK_TYPES
from grader.records import CheckResult, Evidence, ModelDescription, Repair
from grader.words import join_words

FOLDED = ("output_shape", "feature_maps", "parameters", "budget")
"""Checks that look at nothing but shapes and counts, which the arithmetic knows."""
KEPT = ("parameters",)
"""Checks whose arithmetic is worth telling all the same."""
COUNTS = ("parameters", "budget")
"""Checks of the whole model: nothing follows where the asked-for layers are a part of it."""
REORDERS = frozenset({"swap_layers", "move_activation"})
"""Edits after which the same layers stand in another order."""
MOST_WRONG = 8
"""Wrong layers of which those are looked for that a check fails for."""


def fold_findings(
    specs: Sequence[CheckSpec],
    results: Sequence[CheckResult],
    evidence: Evidence,
    hints: HintLevel,
) -> tuple[CheckResult, ...]:
    """The results, each that follows from a wrong layer in one short sentence.

    Args:
        specs: the checks of one exercise.
        results: what they say, in the same order.
        evidence: what they looked at.
        hints: the assignment's level, for checks that have none of their own.
    """
    model = evidence.model
    root = next(filter(lambda at: _is_root(specs[at], results[at], hints), range(len(specs))), None)
    waiting = [at for at, spec in enumerate(specs) if _may_follow(spec, results[at], hints)]
    if root is None or not waiting or model is None:
        return tuple(results)
    layers = specs[root]
    assert isinstance(layers, Layers)
    _, _, pairs = compare_layers(patterns_of(layers), layers.allow, model)
    folded = list(results)
    unasked = unasked_weights(pairs, model)
    for at in waiting:
        if unasked and specs[at].type in COUNTS:
            continue
        blamed = _blamed(specs[at], pairs, evidence, model)
        if blamed:
            folded[at] = _follows(specs[at], results[at], blamed, layers.id, evidence, hints)
    return tuple(folded)


def fold_advice(
    specs: Sequence[CheckSpec],
    results: Sequence[CheckResult],
    evidence: Evidence,
    repairs: Sequence[Repair],
) -> tuple[CheckResult, ...]:
    """The results, without what ``layers`` advises where a change of order puts all right.

    Side by side, layers in the wrong order look like one too many and one missing.
    """
    if not any(repair.whole and REORDERS & set(repair.names) for repair in repairs):
        return tuple(results)
    folded = list(results)
    for at, (spec, result) in enumerate(zip(specs, results, strict=True)):
        if isinstance(spec, Layers) and result.hint and result.status in ("partial", "failed"):
            fix = CHECK_TYPES[spec.type].run(spec, evidence).fix
            hint = result.hint.removesuffix(fix).strip() or None
            folded[at] = dataclasses.replace(result, hint=hint)
    return tuple(folded)


def _blamed(
    spec: CheckSpec, pairs: Sequence[Pair], evidence: Evidence, model: ModelDescription
) -> list[Pair]:
    """The wrong layers that a check fails for: it passes once just these are put right."""

    def passes(mended: list[Pair]) -> bool:
        as_asked = mended_model(pairs, model, lambda pair: any(pair is one for one in mended))
        if as_asked is None:
            return False
        changed = dataclasses.replace(evidence, model=as_asked)
        return CHECK_TYPES[spec.type].run(spec, changed).credit == 1

    blamed = [pair for pair in pairs if not pair.right]
    if len(blamed) > MOST_WRONG or not passes(blamed):
        return []
    for pair in blamed[::-1]:
        fewer = [one for one in blamed if one is not pair]
        if passes(fewer):
            blamed = fewer
    return blamed


def _level(spec: CheckSpec, hints: HintLevel) -> int:
    return HINT_LEVELS.index(spec.hint or hints)


def _told(spec: CheckSpec, result: CheckResult, hints: HintLevel) -> bool:
    """Whether a result is one that failed, and names layers to the student."""
    names_layers = spec.visibility == "visible" and _level(spec, hints) > 0
    return names_layers and result.status in ("partial", "failed")


def _is_root(spec: CheckSpec, result: CheckResult, hints: HintLevel) -> bool:
    return isinstance(spec, Layers) and _told(spec, result, hints)


def _may_follow(spec: CheckSpec, result: CheckResult, hints: HintLevel) -> bool:
    return spec.type in FOLDED and _told(spec, result, hints)


def _follows(
    spec: CheckSpec,
    result: CheckResult,
    blamed: Sequence[Pair],
    root: str,
    evidence: Evidence,
    hints: HintLevel,
) -> CheckResult:
    said = f"Follows from {_layers(blamed)}, see {root}."
    why = ""
    if spec.type in KEPT and _level(spec, hints) >= HINT_LEVELS.index("why"):
        why = CHECK_TYPES[spec.type].run(spec, evidence).why
    return dataclasses.replace(result, message=said, hint=why or None)


def _layers(blamed: Sequence[Pair]) -> str:
    """``layer 3``, ``layers 3 and 5``, ``the missing layer``."""
    numbers = [str(pair.found.index + 1) for pair in blamed if pair.found is not None]
    missing = len(blamed) - len(numbers)
    parts = [f"layer{'s' if len(numbers) > 1 else ''} {join_words(numbers)}"] if numbers else []
    if missing:
        parts.append(f"the missing layer{'s' if missing > 1 else ''}")
    return join_words(parts)
