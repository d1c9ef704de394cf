"""Volumes are to scale, on one scale, and inside their pictures."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from grader.records import Shape
from grader.report.html.layers import LayerRow, LeftOut, layer_rows
from grader.report.html.volumes import LARGEST, MARGIN, RIGHT, UP, Box, Step, way
from tests.report.html.test_layers import MODEL

ROW = layer_rows(MODEL, ())[0]
SIZES = st.one_of(st.none(), st.integers(0, 10_000_000))
SHAPES = st.lists(SIZES, max_size=5).map(tuple)


def row(shape: Shape, expected: Shape | None = None, channels_first: bool = False) -> LayerRow:
    return replace(ROW, shape=shape, expected=expected, channels_first=channels_first)


def steps(*rows: LayerRow, inputs: tuple[Shape, ...] = ()) -> list[Step]:
    return [step for step in way(inputs, rows) if isinstance(step, Step)]


def corners(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


def edges(box: Box) -> tuple[float, float, float]:
    """Height, width along the slope, thickness: measured from the drawing."""
    (left, bottom), (right, _), (_, top), _ = corners(box.front)
    far = corners(box.side)[1][0]
    return bottom - top, (far - right) / RIGHT, right - left


def test_the_largest_map_is_as_high_as_it_may_be_and_others_go_by_the_root() -> None:
    large, small = (
        edges(step.drawing.found) for step in steps(row((100, 100, 8)), row((25, 4, 8)))
    )
    assert abs(large[0] - LARGEST) < 0.2
    assert abs(large[1] - LARGEST) < 0.2 / RIGHT
    assert abs((small[0] - 12) - (LARGEST - 12) / 2) < 0.2
    assert abs((small[1] - 12) - (LARGEST - 12) / 5) < 0.2 / RIGHT


def test_each_doubling_of_the_channels_adds_the_same() -> None:
    thick = [
        edges(step.drawing.found)[2]
        for step in steps(row((8, 8, 1)), row((8, 8, 2)), row((8, 8, 64)), row((8, 8, 128)))
    ]
    assert abs((thick[1] - thick[0]) - (thick[3] - thick[2])) < 0.3
    assert thick[0] < thick[1] < thick[2] < thick[3]


def test_channels_first_draws_the_same_volume() -> None:
    last, first = steps(row((30, 20, 7))), steps(row((7, 30, 20), channels_first=True))
    assert last[0].drawing == first[0].drawing


def test_a_vector_is_a_bar_that_grows_with_its_length() -> None:
    ten, thousand = (edges(step.drawing.found) for step in steps(row((10,)), row((1000,))))
    assert ten[0] < thousand[0]
    assert ten[2] == thousand[2]


def test_the_input_comes_first_and_is_on_the_same_scale() -> None:
    first, second = steps(row((14, 14, 24)), inputs=((28, 28, 1),))
    assert first.row is None
    assert (first.title, second.title) == ("28×28×1", "14×14×24")
    assert edges(first.drawing.found)[0] > edges(second.drawing.found)[0]


def test_the_expected_volume_stands_beside_the_found_one_on_the_same_ground() -> None:
    step = steps(row((13, 13, 36), expected=(11, 11, 36)))[0]
    assert step.drawing.expected is not None
    assert step.title == "13×13×36, beside it the expected 11×11×36"
    found, expected = corners(step.drawing.found.front), corners(step.drawing.expected.front)
    assert found[0][1] == expected[0][1]
    assert max(x for x, _ in corners(step.drawing.found.side)) < expected[0][0]


def test_layers_that_are_left_out_keep_their_place() -> None:
    shown = way((), [row((4, 4, 1)), LeftOut(7), row((2, 2, 1))])
    assert shown[1] == LeftOut(7)


@given(SHAPES, st.one_of(st.none(), SHAPES), st.booleans())
def test_every_corner_is_inside_the_picture(
    shape: Shape, expected: Shape | None, channels_first: bool
) -> None:
    for step in steps(row(shape, expected, channels_first), inputs=(shape,)):
        drawing = step.drawing
        for box in filter(None, (drawing.found, drawing.expected)):
            for face in (box.front, box.top, box.side):
                for x, y in corners(face):
                    assert MARGIN - 0.2 <= x <= drawing.width - MARGIN + 0.2
                    assert MARGIN - 0.2 <= y <= drawing.height - MARGIN + 0.2
        assert drawing.height < 2 * LARGEST + UP * LARGEST + 10
