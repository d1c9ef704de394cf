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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding
from grader.checks.patterns import Layer, LayerName
from grader.model.arithmetic import layer_output_shape
from grader.model.canonical import (
    CanonicalLayer,
    canonical_expected,
    canonical_found,
    equal_value,
)
from grader.model.explain import explain_size
from grader.records import Evidence, LayerDescription, LayerNote, Plain, Shape
from grader.words import join_words, show_shape

GAP = 1.0
"""Cost of a layer that is missing or too many."""
OTHER_TYPE = 1.9
"""Cost of one type in another's place: a little less than missing and too many together."""
WRONG_ARGUMENT = 0.2


class Layers(CheckSpec):
    type: Literal["layers"] = "layers"
    expect: Annotated[list[Layer], Field(min_length=1, max_length=500)]
    """The layers from input to output; ``Conv2D`` alone, or with the arguments that matter."""
    allow: tuple[LayerName, ...] = ()
    """Types that may stand anywhere between."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of the alignment; one side is None for a layer missing or too many."""

    expected: CanonicalLayer | None
    found: CanonicalLayer | None
    wrong: tuple[str, ...] = ()
    """Arguments that differ."""

    @property
    def right(self) -> bool:
        return self.expected is not None and self.found is not None and not self.wrong


def check_layers(spec: Layers, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    model = evidence.model
    wanted = canonical_expected([(layer.type, layer.args) for layer in spec.expect])
    allowed = frozenset(spec.allow) - {layer.type for layer in wanted}
    found = canonical_found(model.layers, allowed)
    pairs = align(wanted, found)
    right = sum(pair.right for pair in pairs)
    total = max(len(wanted), len(found))
    shapes = _expected_shapes(pairs, model.layers, model.input_shapes[0])
    notes = _notes(pairs, model.layers, shapes)
    expected: Plain = [show_layer(layer) for layer in wanted]
    got: Plain = [show_layer(layer, limit_to=_mentioned(wanted, layer)) for layer in found]
    if right == total:
        sentence = f"All {total} layers are as asked." if total > 1 else "The layer is as asked."
        return Finding(1, sentence, expected=expected, got=got, layers=notes)
    where, detail, why, fix = _first_divergence(pairs, model.layers, shapes)
    return Finding(right / total, where, detail, why, fix, expected, got, notes)


def align(wanted: Sequence[CanonicalLayer], found: Sequence[CanonicalLayer]) -> tuple[Pair, ...]:
    """Lay two lists of layers side by side at the least cost (edit distance)."""
    rows, columns = len(wanted) + 1, len(found) + 1
    cost = [[0.0] * columns for _ in range(rows)]
    for i in range(1, rows):
        cost[i][0] = i * GAP
    for j in range(1, columns):
        cost[0][j] = j * GAP
    for i in range(1, rows):
        for j in range(1, columns):
            cost[i][j] = min(
                cost[i - 1][j - 1] + _difference(wanted[i - 1], found[j - 1]),
                cost[i - 1][j] + GAP,
                cost[i][j - 1] + GAP,
            )
    return tuple(_walk_back(wanted, found, cost))


def _walk_back(
    wanted: Sequence[CanonicalLayer], found: Sequence[CanonicalLayer], cost: list[list[float]]
) -> list[Pair]:
    pairs: list[Pair] = []
    i, j = len(wanted), len(found)
    while i or j:
        here = cost[i][j]
        if i and j:
            difference = _difference(wanted[i - 1], found[j - 1])
            if abs(here - cost[i - 1][j - 1] - difference) < 1e-9:
                i, j = i - 1, j - 1
                pairs.append(_pair(wanted[i], found[j]))
                continue
        if i and abs(here - cost[i - 1][j] - GAP) < 1e-9:
            i -= 1
            pairs.append(Pair(wanted[i], None))
        else:
            j -= 1
            pairs.append(Pair(None, found[j]))
    return pairs[::-1]


def _pair(wanted: CanonicalLayer, found: CanonicalLayer) -> Pair:
    if wanted.type != found.type:
        return Pair(wanted, found, ("type",))
    return Pair(wanted, found, wrong_arguments(wanted, found))


def wrong_arguments(wanted: CanonicalLayer, found: CanonicalLayer) -> tuple[str, ...]:
    return tuple(
        key
        for key, value in wanted.args.items()
        if not equal_value(key, value, found.args.get(key))
    )


def _difference(wanted: CanonicalLayer, found: CanonicalLayer) -> float:
    if wanted.type != found.type:
        return OTHER_TYPE
    return min(WRONG_ARGUMENT * len(wrong_arguments(wanted, found)), GAP)


def _expected_shapes(
    pairs: Sequence[Pair], layers: Sequence[LayerDescription], shape: Shape
) -> dict[int, Shape]:
    """The shape that each found layer would give if all up to it were as asked.

    By index of the found layer, for as long as the arithmetic knows every layer on the way.
    """
    shapes: dict[int, Shape] = {}
    current: Shape | None = shape
    for pair in pairs:
        if current is None:
            return shapes
        layer = pair.expected or pair.found
        assert layer is not None
        if pair.expected is None:
            continue
        config: dict[str, Any] = {}
        if pair.found is not None and pair.found.type == layer.type:
            config = dict(layers[pair.found.index].config)
        try:
            current = layer_output_shape(layer.type, {**config, **layer.args}, current)
        except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
            return shapes
        if current is not None and pair.found is not None:
            shapes[pair.found.index] = current
    return shapes


def _notes(
    pairs: Sequence[Pair], layers: Sequence[LayerDescription], shapes: dict[int, Shape]
) -> tuple[LayerNote, ...]:
    """What the report's table says beside each layer."""
    notes: list[LayerNote] = []
    for pair in pairs:
        if pair.found is None:
            continue
        index = pair.found.index
        shape = shapes.get(index)
        differs = shape is not None and shape != layers[index].output_shape
        if pair.expected is None:
            notes.append(LayerNote(index, "extra", "not asked for"))
        elif "type" in pair.wrong:
            notes.append(LayerNote(index, "wrong", f"expected {show_layer(pair.expected)}"))
        elif pair.wrong:
            said = _values(pair.expected, pair.wrong)
            shown = f"expected {show_shape(shape)}" if differs and shape else f"expected {said}"
            notes.append(LayerNote(index, "wrong", shown))
        elif differs:
            notes.append(LayerNote(index, "follows", "ok, follows from above"))
        else:
            notes.append(LayerNote(index, "ok", "ok"))
        notes += [LayerNote(merged, "ok", "ok") for merged in pair.found.merged]
    return tuple(sorted(notes, key=lambda note: note.index))


def _first_divergence(
    pairs: Sequence[Pair], layers: Sequence[LayerDescription], shapes: dict[int, Shape]
) -> tuple[str, str, str, str]:
    """Where, detail, why and fix of the first row that does not agree."""
    position, pair = next((i, pair) for i, pair in enumerate(pairs) if not pair.right)
    if pair.found is None:
        return _missing(pairs, position, layers)
    layer = layers[pair.found.index]
    where = f"Layer {pair.found.index + 1}, {layer.type} ({layer.name[:60]})"
    if pair.expected is None:
        return f"{where}, is not asked for.", "", "", f"Take {layer.type} out."
    if "type" in pair.wrong:
        asked = show_layer(pair.expected)
        return (
            f"{where}, is of another type than asked.",
            f"Expected {asked}.",
            "",
            f"Put {asked} in its place.",
        )
    asked, has = _values(pair.expected, pair.wrong), _values(pair.found, pair.wrong)
    shape = shapes.get(pair.found.index)
    if shape is not None and shape != layer.output_shape:
        gives = f"It gives {show_shape(layer.output_shape)}; expected {show_shape(shape)}."
        config = {**layer.config, **pair.expected.args}
        why = [explain_size(layer.type, layer.config, layer.input_shape)]
        why.append(explain_size(layer.type, config, layer.input_shape))
        explained = " ".join(dict.fromkeys(filter(None, why)))
        return f"{where}, has {has}.", gives, explained, f"Try {asked}."
    return f"{where}, has {has}.", f"Expected {asked}.", _reason(pair), f"Try {asked}."


def _missing(
    pairs: Sequence[Pair], position: int, layers: Sequence[LayerDescription]
) -> tuple[str, str, str, str]:
    """A layer that is not there: named by what stands before it."""
    expected = pairs[position].expected
    assert expected is not None
    before = [pair.found for pair in pairs[:position] if pair.found is not None]
    place = "at the beginning"
    if before:
        layer = layers[before[-1].index]
        place = f"after layer {before[-1].index + 1}, {layer.type} ({layer.name[:60]})"
    asked = show_layer(expected)
    return (
        f"A layer is missing {place}.",
        f"Expected {asked} there.",
        REASONS.get(expected.type, ""),
        f"Add {asked}.",
    )


REASONS = {
    "Flatten": "A dense layer reads a vector, so the feature maps are laid out in one row first.",
    "MaxPooling2D": "Pooling makes the feature maps smaller and keeps the strongest responses.",
    "Conv2D": "A convolution extracts features; what it does not find, later layers cannot use.",
    "Dense": "Dense layers decide from the features that the convolutions found.",
}


def _reason(pair: Pair) -> str:
    assert pair.expected is not None and pair.found is not None
    if "activation" not in pair.wrong:
        return ""
    if pair.found.args.get("activation", "linear") == "linear":
        if pair.expected.args["activation"] == "softmax":
            return "Without softmax the outputs are not probabilities."
        return "Without an activation, two layers in a row can do no more than one linear layer."
    return ""


def _values(layer: CanonicalLayer, keys: Sequence[str]) -> str:
    return join_words([f"{key}={_show(layer.args.get(key))}" for key in keys])


def _mentioned(wanted: Sequence[CanonicalLayer], layer: CanonicalLayer) -> frozenset[str]:
    """Arguments that the assignment speaks of for this type."""
    return frozenset(key for other in wanted if other.type == layer.type for key in other.args)


def show_layer(layer: CanonicalLayer, limit_to: frozenset[str] | None = None) -> str:
    """``Conv2D(filters=24, kernel_size=3)``."""
    given = [
        f"{key}={_show(value)}"
        for key, value in layer.args.items()
        if limit_to is None or key in limit_to
    ]
    return f"{layer.type}({', '.join(given)})" if given else layer.type


def _show(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value[:60]}"'
    if isinstance(value, list | tuple):
        inner = [_show(item) for item in value]
        same = len(set(inner)) == 1 and len(inner) > 1
        return inner[0] if same else f"({', '.join(inner)})"
    return str(value)[:60]
