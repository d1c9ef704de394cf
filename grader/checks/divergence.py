"""The first layer that is not as asked, in words: where, expected and got, why, what to try."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.model.arithmetic import split_channels
from grader.model.canonical import CanonicalLayer
from grader.model.explain import explain_layer, explain_size
from grader.records import LayerDescription, Shape
from grader.words import join_words, show_shape

Words = tuple[str, str, str, str]
"""Where, detail, why and fix of a ``Finding``."""

MISSING = {
    "Flatten": "A dense layer reads a vector, so the feature maps are laid out in one row first.",
    "MaxPooling2D": "Pooling makes the feature maps smaller and keeps the strongest responses.",
    "Conv2D": "A convolution extracts features; what it does not find, later layers cannot use.",
    "Dense": "Dense layers decide from the features that the convolutions found.",
}
"""What a layer is there for."""

COUNTS = {
    "filters": "Each filter gives one feature map.",
    "units": "Each unit gives one number.",
}
"""What the argument counts."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An expected layer beside a found one; one side is None for one missing or too many."""

    expected: CanonicalLayer | None
    found: CanonicalLayer | None
    wrong: tuple[str, ...] = ()
    """Arguments that differ; ``type`` alone for a layer of another type."""

    @property
    def right(self) -> bool:
        return self.expected is not None and self.found is not None and not self.wrong

    @property
    def indices(self) -> tuple[int, ...]:
        """Of the found layer and the activations that belong to it, in the model."""
        return () if self.found is None else (self.found.index, *self.found.merged)


def first_divergence(
    pairs: Sequence[Pair], layers: Sequence[LayerDescription], shapes: Mapping[int, Shape]
) -> Words:
    """The first pair that is not right, in words.

    Args:
        pairs: expected and found layers side by side, at least one of them not right.
        layers: of the found model.
        shapes: what found layers would give if all up to them were as asked, by index.
    """
    position, pair = next((i, pair) for i, pair in enumerate(pairs) if not pair.right)
    if pair.expected is None:
        assert pair.found is not None
        layer = layers[pair.found.index]
        where = f"{_place(pair.found.index, layer)}, is not asked for."
        return where, "", "", f"Take {layer.type} out."
    asked = show_layer(pair.expected)
    if pair.found is None:
        before = [other.found for other in pairs[:position] if other.found is not None]
        return (
            f"A layer is missing {_behind(before, layers)}.",
            f"Expected {asked} there.",
            MISSING.get(pair.expected.type, ""),
            f"Add {asked}.",
        )
    layer = layers[pair.found.index]
    where = _place(pair.found.index, layer)
    if "type" in pair.wrong:
        return (
            f"{where}, is of another type than asked.",
            f"Expected {asked}.",
            "",
            f"Put {asked} in its place.",
        )
    asked = show_values(pair.expected, pair.wrong)
    shape = shapes.get(pair.found.index, layer.output_shape)
    detail = f"Expected {asked}."
    if shape != layer.output_shape:
        detail = f"It gives {show_shape(layer.output_shape)}; expected {show_shape(shape)}."
    where += f", has {show_values(pair.found, pair.wrong)}."
    return where, detail, _reasons(pair, pair.expected.args, layers, shape), f"Try {asked}."


def _place(index: int, layer: LayerDescription) -> str:
    return f"Layer {index + 1}, {layer.type} ({layer.name[:60]})"


def _behind(before: Sequence[CanonicalLayer], layers: Sequence[LayerDescription]) -> str:
    """The place behind the last of some layers."""
    if not before:
        return "at the beginning"
    index = before[-1].index
    return f"after layer {index + 1}, {layers[index].type} ({layers[index].name[:60]})"


def _reasons(
    pair: Pair, asked: Mapping[str, Any], layers: Sequence[LayerDescription], expected: Shape
) -> str:
    """What the wrong arguments do, in the lecture's terms."""
    assert pair.found is not None
    reasons: list[str] = []
    index, layer = pair.found.index, layers[pair.found.index]
    if _sizes(layer, expected) != _sizes(layer, layer.output_shape):
        reasons.append(explain_layer(layers, index, layer.config))
        reasons.append(explain_size(layer.type, {**layer.config, **asked}, layer.input_shape))
    reasons += [reason for key, reason in COUNTS.items() if key in pair.wrong]
    if "activation" in pair.wrong and _linear(pair.found):
        reasons.append(
            "Without softmax the outputs are not probabilities."
            if asked["activation"] == "softmax"
            else "Without an activation, two layers in a row can do no more than one linear layer."
        )
    return " ".join(filter(None, reasons))


def _sizes(layer: LayerDescription, shape: Shape) -> Shape:
    """Height and width."""
    return split_channels(layer.config, shape)[0] if shape else ()


def _linear(layer: CanonicalLayer) -> bool:
    return layer.args.get("activation") in (None, "linear")


def show_layer(layer: CanonicalLayer, listed: Collection[str] | None = None) -> str:
    """``Conv2D(filters=24, kernel_size=3)``, with all arguments or with the listed ones."""
    keys = [key for key in layer.args if listed is None or key in listed]
    given = [f"{key}={_show(layer.args[key])}" for key in keys]
    return f"{layer.type}({', '.join(given)})" if given else layer.type


def show_values(layer: CanonicalLayer, keys: Sequence[str]) -> str:
    """``padding="valid" and strides=1``."""
    return join_words([f"{key}={_show(layer.args.get(key))}" for key in keys])


def _show(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value[:60]}"'
    if isinstance(value, list | tuple):
        inner = [_show(item) for item in value[:8]]
        return inner[0] if len(set(inner)) == 1 else f"({', '.join(inner)})"
    return str(value)[:60]
