"""Feature maps as the volumes that lectures draw: height and width as they are, depth in filters.

No library draws these to SVG: PlotNeuralNet goes through LaTeX, visualkeras paints pixels and
wants the Keras model itself, NN-SVG is a program in a browser. What is needed is a box: three
faces in cabinet projection, whose corners are worked out here and drawn by the template. Each
volume is a picture of its own, so that a row of them breaks as words do, on a phone or on paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from grader.records import Shape
from grader.report.html.layers import LayerRow, LeftOut
from grader.words import show_shape

LARGEST, SMALLEST = 92.0, 12.0
"""Pixels of the largest height in a model, and what is never gone below."""
THIN, PER_DOUBLING = 5.0, 5.0
"""Pixels of one channel, and what each doubling of the channels adds."""
RIGHT, UP = 0.40, 0.30
"""Where the width goes: so many pixels to the right and up for each pixel of it."""
BAR = 9.0
"""Pixels of a vector's other two edges."""
GAP, MARGIN = 10.0, 3.0


@dataclass(frozen=True, slots=True)
class Box:
    """The visible faces of one volume, as the points of polygons."""

    front: str
    top: str
    side: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One volume, with the expected one beside it where that is another."""

    width: float
    height: float
    found: Box
    expected: Box | None


@dataclass(frozen=True, slots=True)
class Step:
    """One place of the way from input to output."""

    row: LayerRow | None
    """None for an input."""
    shape: Shape
    drawing: Drawing

    @property
    def title(self) -> str:
        """What the drawing shows, for whoever does not see it."""
        size = show_shape(self.shape)
        if self.row is not None and self.row.expected is not None:
            return f"{size}, beside it the expected {show_shape(self.row.expected)}"
        return size


def way(inputs: Iterable[Shape], rows: Sequence[LayerRow | LeftOut]) -> list[Step | LeftOut]:
    """The volumes from input to output, all on one scale."""
    layers = [row for row in rows if isinstance(row, LayerRow)]
    first = layers[0].channels_first if layers else False
    given = [tuple(shape) for shape in inputs]
    drawn = [*given, *(shape for row in layers for shape in (row.shape, row.expected or ()))]
    largest = max((max(_measure(shape, first)[:2]) for shape in drawn), default=1)
    steps: list[Step | LeftOut] = [
        Step(None, shape, _draw(shape, None, first, largest)) for shape in given
    ]
    for place in rows:
        if isinstance(place, LeftOut):
            steps.append(place)
        else:
            drawing = _draw(place.shape, place.expected, place.channels_first, largest)
            steps.append(Step(place, place.shape, drawing))
    return steps


@lru_cache(maxsize=4096)
def _draw(shape: Shape, expected: Shape | None, channels_first: bool, largest: int) -> Drawing:
    edges = [_edges(shape, channels_first, largest)]
    if expected is not None:
        edges.append(_edges(expected, channels_first, largest))
    height = max(high + UP * wide for high, wide, _ in edges) + 2 * MARGIN
    boxes, left = [], MARGIN
    for high, wide, thick in edges:
        boxes.append(_box(left, height - MARGIN, high, wide, thick))
        left += thick + RIGHT * wide + GAP
    return Drawing(round(left - GAP + MARGIN, 1), round(height, 1), boxes[0], (*boxes, None)[1])


def _edges(shape: Shape, channels_first: bool, largest: int) -> tuple[float, float, float]:
    """Height, width and thickness in pixels.

    Sizes go by their square root and numbers of channels by their logarithm: a 224 beside a 7,
    or 512 channels beside 3, would leave nothing to see of the smaller one.
    """
    height, width, channels = _measure(shape, channels_first)
    if len(shape) < 2:
        return min(SMALLEST + 7 * math.log2(channels), 2 * LARGEST), BAR, BAR
    high, wide = (
        SMALLEST + (LARGEST - SMALLEST) * math.sqrt(size / largest) for size in (height, width)
    )
    return high, wide if len(shape) > 2 else BAR, THIN + PER_DOUBLING * math.log2(channels)


def _measure(shape: Shape, channels_first: bool) -> tuple[int, int, int]:
    """Height, width and channels; 1 where there is none, or where it is not known.

    Of more than two sizes the first two are drawn.
    """
    axes = [max(axis or 1, 1) for axis in shape]
    if len(axes) < 2:
        return 1, 1, (axes or [1])[0]
    sizes, channels = (axes[1:], axes[0]) if channels_first else (axes[:-1], axes[-1])
    return sizes[0], (*sizes, 1)[1], channels


def _box(left: float, ground: float, high: float, wide: float, thick: float) -> Box:
    """A box that stands on the ground: channels to the right, width to the right and up."""
    x, y = RIGHT * wide, -UP * wide
    bottom = [(left, ground), (left + thick, ground), (left + thick + x, ground + y)]
    roof = [(a, b - high) for a, b in (*bottom, (left + x, ground + y))]
    return Box(
        front=_points(bottom[0], bottom[1], roof[1], roof[0]),
        top=_points(*roof),
        side=_points(bottom[1], bottom[2], roof[2], roof[1]),
    )


def _points(*corners: tuple[float, float]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
