"""``feature_maps``: the shapes along the way through the network.

What it checks
    The listed shapes occur, in this order, among the shapes that the layers give; other shapes
    may stand between. The credit is the share of the listed shapes that were found.

Why it matters
    A CNN trades height and width for channels step by step. The shapes show whether each
    kernel, stride and padding does what was meant.

Passes
    check: {type: feature_maps, expect: [[26, 26, 4], [13, 13, 4]]}
    model: Sequential([Input((28, 28, 1)), Conv2D(4, 3), MaxPooling2D()])

Fails
    check: {type: feature_maps, expect: [[26, 26, 4], [13, 13, 4]]}
    model: Sequential([Input((28, 28, 1)), Conv2D(4, 3, padding="same"), MaxPooling2D()])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding
from grader.checks.output_shape import AxisList, matches
from grader.model.explain import explain_size
from grader.records import Evidence, LayerDescription, Shape
from grader.words import show_shape, show_shapes


class FeatureMaps(CheckSpec):
    type: Literal["feature_maps"] = "feature_maps"
    expect: Annotated[list[AxisList], Field(min_length=1, max_length=500)]
    """Shapes without the batch axis, from input to output; null stands for any size."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        return tuple(tuple(shape) for shape in self.expect)


def check_feature_maps(spec: FeatureMaps, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    layers = evidence.model.layers
    got = tuple(layer.output_shape for layer in layers)
    matched = longest_match(spec.shapes, got)
    plain: dict[str, Any] = {
        "expected": [list(shape) for shape in spec.shapes],
        "got": [list(shape) for shape in got],
    }
    if len(matched) == len(spec.shapes):
        return Finding(1, f"The feature maps are {show_shapes(spec.shapes)}.", **plain)
    lost = next(i for i in range(len(spec.shapes)) if i not in matched)
    credit = len(matched) / len(spec.shapes)
    asked = show_shape(spec.shapes[lost])
    culprit = _culprit(spec.shapes, lost, matched, layers)
    if culprit is None:
        where = f"No layer gives {asked}."
        return Finding(credit, where, f"The layers give {show_shapes(got)}.", **plain)
    layer = layers[culprit]
    where = f"Layer {culprit + 1}, {layer.type} ({layer.name[:60]}), gives another shape."
    detail = f"It gives {show_shape(layer.output_shape)}; expected {asked}."
    why = explain_size(layer.type, layer.config, layer.input_shape)
    return Finding(credit, where, detail, why, "Compare its settings with the task.", **plain)


def longest_match(wanted: Sequence[Shape], got: Sequence[Shape]) -> dict[int, int]:
    """The most of ``wanted`` that occurs in order in ``got``, as positions in the two lists."""
    rows, columns = len(wanted), len(got)
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            if matches(wanted[i], got[j]):
                best[i][j] = max(best[i][j], 1 + best[i + 1][j + 1])
    found: dict[int, int] = {}
    i = j = 0
    while i < rows and j < columns:
        if matches(wanted[i], got[j]) and best[i][j] == 1 + best[i + 1][j + 1]:
            found[i] = j
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _culprit(
    wanted: Sequence[Shape], lost: int, matched: dict[int, int], layers: Sequence[LayerDescription]
) -> int | None:
    """The first layer behind the last agreement that changes the shape to another one."""
    start = max((j + 1 for i, j in matched.items() if i < lost), default=0)
    rank = len(wanted[lost])
    for index in range(start, len(layers)):
        layer = layers[index]
        if layer.output_shape != layer.input_shape or layer.params:
            return index if len(layer.output_shape) == rank else None
    return None
