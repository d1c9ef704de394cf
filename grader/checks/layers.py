"""``layers``: which layers the model has, in which order, with which arguments.

What it checks
    The found layers are laid beside the expected ones so that as many as possible agree. Only
    the arguments that the assignment lists are compared. Types under ``allow`` may stand
    anywhere. An activation counts as the layer's own whether it is written inside or after it.
    The credit is the share of layers that are right, so that one forgotten layer does not fail
    all that come after it.

Why it matters
    The order of convolution, pooling and dense layers is what makes a network a CNN: features
    are extracted first, and the decision is made from them.

Passes
    check: {type: layers, expect: [{Conv2D: {filters: 4, activation: relu}}, MaxPooling2D]}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3), ReLU(), MaxPool2D()])

Fails
    check: {type: layers, expect: [{Conv2D: {filters: 4, padding: valid}}, MaxPooling2D]}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3, padding="same"), MaxPool2D()])
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from grader.checks.alignment import align
from grader.checks.asked import asked_layers
from grader.checks.base import CheckSpec, Finding, HintLevel, all_are
from grader.checks.divergence import Pair, first_divergence, show_layer, show_values
from grader.checks.patterns import Layer, LayerName
from grader.model.canonical import (
    CanonicalLayer,
    canonical_expected,
    canonical_found,
    equal_value,
)
from grader.records import Evidence, LayerNote, ModelDescription, Plain, Shape
from grader.words import show_shape

Patterns = tuple[tuple[str, Mapping[str, Any]], ...]

RIGHT = -1_000_000
"""Outweighs everything else: no other way to lay the layers gives more credit."""
ALONE = 10
"""Cost of a layer that is missing or too many."""
OTHER_TYPE = 19
"""Cost of one type in another's place: a little less than missing and too many together."""
WRONG_ARGUMENT = 2
"""Cost of each; at most that of a layer alone."""


class Layers(CheckSpec):
    type: Literal["layers"] = "layers"
    expect: Annotated[list[Layer], Field(min_length=1, max_length=500)]
    """The layers from input to output; ``Conv2D`` alone, or with the arguments that matter."""
    allow: tuple[LayerName, ...] = ()
    """Types that may stand anywhere between."""


def check_layers(spec: Layers, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    model = evidence.model
    wanted, found, pairs = compare_layers(patterns_of(spec), spec.allow, model)
    right = sum(pair.right for pair in pairs)
    total = max(len(wanted), sum(pair.found is not None for pair in pairs))
    asked, _ = asked_layers(pairs, model)
    paired = {pair.found.index for pair in pairs if pair.found is not None}
    shapes = {layer.index: layer.output_shape for layer in asked if layer.index in paired}
    notes = _notes(pairs, model, shapes)
    expected: Plain = [show_layer(layer) for layer in wanted]
    listed = _listed_arguments(wanted)
    got: Plain = [show_layer(layer, listed.get(layer.type, ())) for layer in found]
    if right == total:
        said = f"{all_are(total, 'layer')} as asked."
        return Finding(1, said, expected=expected, got=got, layers=notes)
    where, detail, why, fix = first_divergence(pairs, model.layers, shapes)
    return Finding(right / total, where, detail, why, fix, expected, got, notes)


def patterns_of(spec: Layers) -> Patterns:
    """Type and arguments of each layer that a check asks for."""
    return tuple((layer.type, layer.args) for layer in spec.expect)


def told_layers(checks: Iterable[CheckSpec], hints: HintLevel) -> tuple[Patterns, tuple[str, ...]]:
    """What the first ``layers`` check asks for and allows, if it tells the student so itself."""
    for spec in checks:
        if isinstance(spec, Layers) and spec.visibility == "visible":
            told = (spec.hint or hints) in ("why", "fix")
            return (patterns_of(spec), spec.allow) if told else ((), ())
    return (), ()


def compare_layers(
    asked: Patterns, allow: Collection[str], model: ModelDescription
) -> tuple[Sequence[CanonicalLayer], Sequence[CanonicalLayer], tuple[Pair, ...]]:
    """The expected and the found layers, and both side by side."""
    wanted = canonical_expected(asked)
    anywhere = frozenset(allow) - {layer.type for layer in wanted}
    found = canonical_found(model.layers, anywhere)
    return wanted, found, lay_side_by_side(wanted, found, allow)


def lay_side_by_side(
    wanted: Sequence[CanonicalLayer],
    found: Sequence[CanonicalLayer],
    allowed: Collection[str] = (),
) -> tuple[Pair, ...]:
    """Pair as many layers as possible that agree, and the others at the least cost.

    A found layer that is paired with none is left out if its type is allowed.
    """
    wrong = _wrong_arguments(wanted, found)
    places = align(
        [[_cost(arguments) for arguments in row] for row in wrong],
        [ALONE] * len(wanted),
        [0 if layer.type in allowed else ALONE for layer in found],
    )
    pairs = []
    for i, j in places:
        if i is not None and j is not None:
            pairs.append(Pair(wanted[i], found[j], wrong[i][j]))
        elif i is not None:
            pairs.append(Pair(wanted[i], None))
        elif j is not None and found[j].type not in allowed:
            pairs.append(Pair(None, found[j]))
    return tuple(pairs)


def _cost(wrong: tuple[str, ...]) -> int:
    if wrong == ("type",):
        return OTHER_TYPE
    return min(WRONG_ARGUMENT * len(wrong), ALONE) if wrong else RIGHT


def _wrong_arguments(
    wanted: Sequence[CanonicalLayer], found: Sequence[CanonicalLayer]
) -> list[list[tuple[str, ...]]]:
    """For each expected and each found layer, the arguments that differ.

    Layers repeat: each kind of expected layer is compared once with each kind of found one.
    """
    listed = _listed_arguments(wanted)
    kinds = [(layer.type, repr(sorted(layer.args.items()))) for layer in wanted]
    of_found = [
        (layer.type, repr([layer.args.get(key) for key in listed.get(layer.type, ())]))
        for layer in found
    ]
    examples = dict(zip(of_found, found, strict=True))
    rows = {
        kind: {other: wrong_arguments(layer, example) for other, example in examples.items()}
        for kind, layer in zip(kinds, wanted, strict=True)
    }
    return [[rows[kind][other] for other in of_found] for kind in kinds]


def _listed_arguments(wanted: Sequence[CanonicalLayer]) -> dict[str, tuple[str, ...]]:
    """The arguments that the assignment lists anywhere for a layer type."""
    listed: dict[str, dict[str, None]] = {}
    for layer in wanted:
        listed.setdefault(layer.type, {}).update(dict.fromkeys(layer.args))
    return {type: tuple(keys) for type, keys in listed.items()}


def wrong_arguments(wanted: CanonicalLayer, found: CanonicalLayer) -> tuple[str, ...]:
    """Arguments that differ; ``type`` alone for a layer of another type."""
    if wanted.type != found.type:
        return ("type",)
    return tuple(
        key
        for key, value in wanted.args.items()
        if not equal_value(key, value, found.args.get(key))
    )


def _notes(
    pairs: Sequence[Pair], model: ModelDescription, shapes: Mapping[int, Shape]
) -> tuple[LayerNote, ...]:
    """What the report's table says beside each layer."""
    notes = [note for pair in pairs for note in _pair_notes(pair, model, shapes)]
    return tuple(sorted(notes, key=lambda note: note.index))


def _pair_notes(
    pair: Pair, model: ModelDescription, shapes: Mapping[int, Shape]
) -> Iterator[LayerNote]:
    if pair.found is None:
        return
    index, merged = pair.found.index, pair.found.merged
    if pair.expected is None:
        yield from (LayerNote(place, "extra", "not asked for") for place in pair.indices)
        return
    wrong = pair.wrong
    if merged and "activation" in wrong:
        # Said where the student wrote it.
        said = f"expected {show_values(pair.expected, ('activation',))}"
        yield from (LayerNote(place, "wrong", said) for place in merged)
        wrong = tuple(key for key in wrong if key != "activation")
    else:
        yield from (LayerNote(place, "ok", "ok") for place in merged)
    shape = shapes.get(index)
    if shape == model.layers[index].output_shape:
        shape = None
    if "type" in wrong:
        yield LayerNote(index, "wrong", f"expected {show_layer(pair.expected)}", shape)
    elif wrong and shape is not None:
        yield LayerNote(index, "wrong", f"expected {show_shape(shape)}", shape)
    elif wrong:
        yield LayerNote(index, "wrong", f"expected {show_values(pair.expected, wrong)}")
    elif shape is not None:
        yield LayerNote(index, "follows", "ok, follows from above")
    else:
        yield LayerNote(index, "ok", "ok")
