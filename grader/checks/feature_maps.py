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

from collections.abc import Callable, Sequence
from functools import cache
from operator import eq
from typing import Annotated, Literal

from pydantic import Field

from grader.checks.alignment import align
from grader.checks.base import CheckSpec, Finding
from grader.checks.divergence import COUNTS
from grader.checks.output_shape import AxisList, show_first
from grader.model.arithmetic import matches
from grader.model.explain import explain_layer
from grader.records import Evidence, LayerDescription, Plain, Shape
from grader.words import show_shape

Costs = Callable[[Shape], Sequence[int]]


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
    wanted, has = spec.shapes, tuple(layer.output_shape for layer in layers)
    matched = longest_match(wanted, has)
    expected: Plain = [list(shape) for shape in wanted]
    got: Plain = [list(shape) for shape in has]
    if len(matched) == len(wanted):
        verb = "The feature map is" if len(wanted) == 1 else "The feature maps are"
        said = show_first([has[j] for j in matched.values()])
        return Finding(1, f"{verb} {said}.", expected=expected, got=got)
    lost = next(i for i in range(len(wanted)) if i not in matched)
    credit = len(matched) / len(wanted)
    asked = show_shape(wanted[lost])
    if any(matches(wanted[lost], shape) for shape in has):
        where = f"{asked} does not come in the order that is asked."
        detail = f"Expected {show_first(wanted)}."
        fix = "Compare the order of the layers with the task."
        return Finding(credit, where, detail, "", fix, expected, got)
    nearest = _nearest(wanted, lost, matched, layers)
    if nearest is None:
        detail = f"The layers give {show_first(has)}." if has else "The model has no layers."
        return Finding(credit, f"No layer gives {asked}.", detail, "", "", expected, got)
    layer = layers[nearest]
    where = f"No layer gives {asked}; nearest is layer {nearest + 1}, {layer.type} "
    where += f"({layer.name[:60]})."
    detail = f"It gives {show_shape(layer.output_shape)}."
    why = explain_layer(layers, nearest, layer.config)
    counted = next((key for key in COUNTS if key in layer.config), None)
    if layer.output_shape[:-1] == wanted[lost][:-1] and counted:
        fix = f"Its number of {counted} should be {wanted[lost][-1]}."
        return Finding(credit, where, detail, COUNTS[counted], fix, expected, got)
    fix = "Look at its kernel, stride and padding, and at what stands before it."
    return Finding(credit, where, detail, why, fix, expected, got)


def longest_match(
    wanted: Sequence[Shape], got: Sequence[Shape], costs: Costs | None = None
) -> dict[int, int]:
    """The most of ``wanted`` that occurs in order in ``got``, as positions in the two lists.

    ``costs``: as ``match_costs`` makes them for ``wanted``, where they serve several times.
    """
    costs = costs or match_costs(wanted)
    columns = [costs(shape) for shape in got]
    rows = list(zip(*columns, strict=True)) or [()] * len(wanted)
    places = align(rows, [0] * len(wanted), [0] * len(got))
    return {i: j for i, j in places if i is not None and j is not None}


def match_costs(wanted: Sequence[Shape]) -> Costs:
    """What it costs that a shape stands beside each wanted one; each shape is looked at once."""
    return cache(lambda shape: [-1 if matches(one, shape) else 1 for one in wanted])


def _nearest(
    wanted: Sequence[Shape], lost: int, matched: dict[int, int], layers: Sequence[LayerDescription]
) -> int | None:
    """The layer that comes nearest to a lost shape, among those in its place of the order.

    That is where most sizes agree; among equals, the first. A layer that changes nothing is
    never to blame. Where no layer stands between the shapes that were found, it is the next one.
    """
    first = max((j + 1 for i, j in matched.items() if i < lost), default=0)
    last = min((j for i, j in matched.items() if i > lost), default=len(layers))
    agreeing = {
        index: sum(map(eq, wanted[lost], layers[index].output_shape))
        for index in range(first, max(last, min(first + 1, len(layers))))
        if len(layers[index].output_shape) == len(wanted[lost])
        and (layers[index].params or layers[index].output_shape != layers[index].input_shape)
    }
    return max(agreeing, key=lambda index: agreeing[index], default=None)
