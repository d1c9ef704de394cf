"""Expected beside got, where comparing them says more than a sentence."""

from __future__ import annotations

from grader.report.html.sides import LONGEST, MOST, Sides, beside


def test_layers_are_laid_side_by_side() -> None:
    assert beside(["Conv2D", "Flatten"], ["Conv2D"], "layers") == Sides(
        ["Conv2D", "Flatten"], ["Conv2D"]
    )


def test_shapes_read_as_shapes_where_they_are_shapes() -> None:
    assert beside([[26, 26, 4], [None, 3]], [[28, 28, 4]], "feature_maps") == Sides(
        ["26×26×4", "?×3"], ["28×28×4"]
    )
    assert beside([[1, 2], 5], [[1, 3], 6], "returns") == Sides(["[1, 2]", "5"], ["[1, 3]", "6"])


def test_answers_go_by_name() -> None:
    assert beside({"a": 1, "b": "x"}, {"a": 2, "b": None}, "answers") == Sides(
        ["a: 1", "b: x"], ["a: 2", "b: null"]
    )


def test_what_the_message_says_already_is_not_said_again() -> None:
    for expected, got in ((1, 2), ("a", "b"), (None, [1, 2]), ([1], [2]), ([1, 2], {"a": 1})):
        assert beside(expected, got, "returns") is None


def test_what_is_equal_is_not_compared() -> None:
    assert beside([1, 2], [1, 2], "returns") is None


def test_long_lists_and_long_items_end() -> None:
    sides = beside(["x" * 1000] * 1000, [1], "returns")
    assert sides is not None
    assert len(sides.expected) == MOST + 1
    assert sides.expected[-1] == "… and 940 more"
    assert sides.expected[0] == "x" * LONGEST + "…"
