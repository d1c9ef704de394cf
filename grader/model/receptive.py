"""How much of a model's input one value of a feature map can see, layer by layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from grader.model.arithmetic import Config, Window, split_channels, window_of
from grader.records import Shape


class Field(NamedTuple):
    """What one value of a feature map can see of the model's input, by spatial axis."""

    size: tuple[int, ...]
    """Pixels."""
    jump: tuple[int, ...]
    """Pixels between the centres of neighbouring values."""

    def through(self, window: Window) -> Field:
        """Behind one more window: r + (k − 1)·d·j pixels, and a jump of j·s."""
        rows = zip(
            self.size, self.jump, window.kernel, window.strides, window.dilation, strict=True
        )
        seen = [(r + (k - 1) * d * j, j * s) for r, j, k, s, d in rows]
        return Field(tuple(size for size, _ in seen), tuple(jump for _, jump in seen))


KEEPS_PLACE = re.compile(r"(ZeroPadding|Cropping)[123]D|Pad")
"""Layers that change the size of a feature map, and not what a value in it sees."""

MIXES = re.compile(
    r".*Attention|Bidirectional|.*RNN|.*LSTM\w*|GRU|Conv[123]DTranspose|Permute|Dot|EinsumDense|"
    r"GroupNormalization|Einsum|Matmul|Transpose|Swapaxes|Moveaxis|Flip\w*|Roll|Rot90|Sort|Cum\w+"
)
"""Layers and operations that may keep a shape although they take values from elsewhere."""


def field_of_input(shape: Shape) -> Field | None:
    """One pixel; None where there are no positions, only values."""
    axes = len(shape) - 1
    return Field((1,) * axes, (1,) * axes) if axes > 0 else None


def field_behind(
    kind: str, config: Config, before: Sequence[Field | None], given: Shape, shape: Shape
) -> Field | None:
    """What a value sees behind a layer; None once positions are mixed.

    Args:
        kind: Keras's class name.
        before: for each tensor that the layer reads.
        given: shape of the first of them.
        shape: shape of the layer's output.
    """
    known = [field for field in before if field is not None]
    if not known or len(known) < len(before):
        return None
    if any(field.jump != known[0].jump for field in known):
        return None
    widest = known[0]
    if len(known) > 1:
        sizes = zip(*(field.size for field in known), strict=True)
        widest = Field(tuple(map(max, sizes)), known[0].jump)
    window = window_of(kind, config)
    if window is not None:
        return widest.through(window) if len(window.kernel) == len(widest.size) else None
    if KEEPS_PLACE.fullmatch(kind):
        return widest
    return widest if _works_in_place(kind, config, given, shape) else None


def _works_in_place(kind: str, config: Config, given: Shape, shape: Shape) -> bool:
    """Whether each position of the output comes from the same position of the input alone."""
    if MIXES.fullmatch(kind) or len(given) != len(shape) or len(given) < 2:
        return False
    across = kind == "Softmax" or (kind.endswith("Normalization") and kind[:5] != "Batch")
    if across and config.get("axis", -1) not in (-1, [-1], len(given), [len(given)]):
        return False
    return split_channels(config, given)[0] == split_channels(config, shape)[0]
