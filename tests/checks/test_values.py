"""Comparing values: what counts as equal, and what is said where they differ."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.values import (
    LARGEST_ARRAY,
    LISTED,
    SHOWN,
    close,
    difference,
    for_report,
    shape_of,
    show,
)

NAN, INF = math.nan, math.inf
RAGGED: list[Any] = [[1], [1, 2]]

EQUAL: list[tuple[str, Any, Any]] = [
    ("whole numbers", 26, 26),
    ("a float that is whole", 26, 26.0),
    ("a whole number for a float", 26.0, 26),
    ("almost", 0.3, 0.1 + 0.2),
    ("relative", 1_000_000.0, 1_000_000.9),
    ("a scalar of NumPy", 26, np.int64(26)),
    ("a float32 of NumPy", 0.1, np.float32(0.1)),
    ("a long double of NumPy", 0.1, np.longdouble(0.1)),
    ("an array without axes", 26, np.array(26)),
    ("minus zero", 0, -0.0),
    ("infinity", INF, INF),
    ("large whole numbers", 10**400, 10**400),
    ("a boolean", True, True),
    ("a boolean of NumPy", True, np.bool_(True)),
    ("nothing", None, None),
    ("text", "same", "same"),
    ("a list", [1, 2], [1, 2]),
    ("a tuple", [1, 2], (1, 2)),
    ("an array", [[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
    ("an array of float32", [0.1, 0.2], np.array([0.1, 0.2], "float32")),
    ("an array of float16", [0.5], np.array([0.5], "float16")),
    ("an array of long doubles", [0.1], np.array([0.1], "longdouble")),
    ("an array of small whole numbers", [255], np.array([255], "uint8")),
    ("arrays in a list", [[1, 2], [3, 4]], [np.array([1, 2]), (3, 4)]),
    ("no values", [], []),
    ("no values in an array", [], np.zeros(0)),
    ("rows of nothing", [[], []], np.zeros((2, 0))),
    ("rows of different lengths", RAGGED, [[1], [1, 2.0]]),
    ("a mixed list", [1, [2, 3]], [1, np.array([2, 3])]),
    ("a dict", {"a": 1, "b": [1, 2]}, {"b": np.array([1, 2]), "a": 1.0}),
    ("a dict whose keys became text", {3: 26}, {"3": 26}),
]


@pytest.mark.parametrize(("expected", "got"), [row[1:] for row in EQUAL], ids=[r[0] for r in EQUAL])
def test_equal(expected: Any, got: Any) -> None:
    assert difference(expected, got) is None


DIFFERENT: list[tuple[Any, Any, str]] = [
    (26, 25, "expected 26, got 25"),
    (26, 25.5, "expected 26, got 25.5"),
    (0.5, 0.25, "expected 0.5, got 0.25"),
    (26, NAN, "expected 26, got nan"),
    (26, INF, "expected 26, got inf"),
    (INF, -INF, "expected inf, got -inf"),
    (NAN, NAN, "expected nan, got nan"),
    (26, None, "expected the number 26, got None"),
    (26, "26", "expected the number 26, got the text '26'"),
    (1, True, "expected the number 1, got the boolean True"),
    (0.0, False, "expected the number 0, got the boolean False"),
    (26, [26], "expected the number 26, got the list [26]"),
    (26, {"a": 26}, "expected the number 26, got the dict {'a': 26}"),
    (26, np.array([26]), "expected the number 26, got the list [26]"),
    (26, "(1+2j)", "expected the number 26, got the text '(1+2j)'"),
    (True, 1, "expected True, got 1"),
    (True, "True", "expected True, got 'True'"),
    (None, 0, "expected None, got 0"),
    ("same", "valid", "expected 'same', got 'valid'"),
    ("1", 1, "expected '1', got 1"),
    (10**16, 10**16 + 1, "expected 10000000000000000, got 10000000000000001"),
    (10**400, INF, f"expected {'1' + '0' * (SHOWN - 2)}…, got inf"),
    (1.5, 10**400, f"expected 1.5, got {'1' + '0' * (SHOWN - 2)}…"),
    (1234567.0, 1234569.0, "expected 1234567, got 1234569"),
    ([1, 2, 3], 26, "expected 3 values, got the number 26"),
    ([1], None, "expected 1 value, got None"),
    ([1, 2], "12", "expected 2 values, got the text '12'"),
    ([1, 2], {"a": 1}, "expected 2 values, got the dict {'a': 1}"),
    ([[1, 2]], 5, "expected values of the shape (1, 2), got the number 5"),
    ([1, 2, 3], [1, 2], "expected 3 values, got 2"),
    ([1], [], "expected 1 value, got 0"),
    ([[1, 2]], [1, 2], "expected the shape (1, 2), got (2,)"),
    ([1, 2], np.ones((2, 2)), "expected the shape (2,), got (2, 2)"),
    ([[1, 2], [3, 4]], RAGGED, "expected the shape (2, 2), got rows of different lengths"),
    (RAGGED, [[1], [1, 2], [3]], "expected 2 values, got 3"),
    (RAGGED, [[1], [1, 2, 3]], "expected 2 values, got 3 (at [1])"),
    (RAGGED, [[1], [1, 3]], "expected 2, got 3 (at [1][1])"),
    (RAGGED, np.ones(2), "expected 1 value, got the number 1 (at [0])"),
    (RAGGED, 3, "expected 2 values, got the number 3"),
    ([1, 2, 4], [1, 2, 3], "expected 4, got 3 (at [2])"),
    ([[1, 2], [3, 4]], [[1, 2], [3, 5]], "expected 4, got 5 (at [1][1])"),
    ([1, 2], [1, None], "expected the number 2, got None (at [1])"),
    ([1, 2], [NAN, 2], "expected 1, got nan (at [0])"),
    ([True], [1], "expected True, got 1 (at [0])"),
    ([1, 0], np.array([True, False]), "expected the number 1, got the boolean True (at [0])"),
    ({"a": 1}, [1], "expected a dict, got the list [1]"),
    ({"a": 1}, 1, "expected a dict, got the number 1"),
    ({"a": 1}, {"b": 1}, "the key 'a' is missing"),
    ({"a": 1}, {"a": 1, "b": 2}, "the key 'b' is not asked for"),
    ({"a": 1}, {"a": True}, "expected the number 1, got the boolean True (at ['a'])"),
    ({"a": [1, 2]}, {"a": [1, 3]}, "expected 2, got 3 (at ['a'][1])"),
    ([{"a": 1}], [{}], "the key 'a' is missing (at [0])"),
]


@pytest.mark.parametrize(("expected", "got", "clause"), DIFFERENT)
def test_different(expected: Any, got: Any, clause: str) -> None:
    assert difference(expected, got) == clause


def test_numbers_that_look_alike_are_shown_in_full() -> None:
    clause = difference(0.1, 0.10000000001, tolerance=0)
    assert clause == "expected 0.1, got 0.10000000001"
    clause = difference(0.3, 0.1 + 0.2, tolerance=0)
    assert clause == "expected 0.3, got 0.30000000000000004"


@pytest.mark.parametrize(
    ("expected", "got", "tolerance", "right"),
    [
        (100, 101, None, False),
        (100, 101, 0.01, True),
        (100, 102, 0.01, False),
        (100, 101.0, None, False),
        (0, 0.01, 0.01, True),
        (0, 0.02, 0.01, False),
        (-100, -101, 0.01, True),
        # Relative to what is expected, not to what was given.
        (1, 1000, 0.999, False),
        (1.0, 1.0, 0, True),
        (10**400, 10**400 + 1, 0.01, False),
        (INF, 1e308, 1.0, False),
        (1.0, INF, 1.0, False),
        (1.0, NAN, 1.0, False),
    ],
)
def test_tolerance(expected: float, got: float, tolerance: float | None, right: bool) -> None:
    assert close(expected, got, tolerance) is right


@settings(deadline=None)
@given(
    expected=st.floats() | st.integers(),
    got=st.just(NAN),
    tolerance=st.none() | st.floats(0, 1e300),
)
def test_not_a_number_never_passes(expected: float, got: float, tolerance: float | None) -> None:
    assert not close(expected, got, tolerance)
    assert not close(got, expected, tolerance)
    assert difference(expected, got, tolerance)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(value=plain)
def test_a_value_equals_itself(value: Any) -> None:
    assert difference(value, value) is None


@settings(deadline=None)
@given(expected=plain, got=plain)
def test_any_two_values_compare(expected: Any, got: Any) -> None:
    wrong = difference(expected, got)
    assert wrong is None or "\n" not in wrong
    assert shape_of(expected) is None or isinstance(shape_of(expected), tuple)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (3, ()),
        ([], (0,)),
        ([1, 2], (2,)),
        ([[1, 2], [3, 4], [5, 6]], (3, 2)),
        ([[], []], (2, 0)),
        (RAGGED, None),
        ([1, [2]], None),
        ([RAGGED, RAGGED], None),
        (np.zeros((2, 3)), (2, 3)),
        ([np.zeros(3), [1, 2, 3]], (2, 3)),
    ],
)
def test_shape_of(value: Any, shape: tuple[int, ...] | None) -> None:
    assert shape_of(value) == shape


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (2.5, "2.5"),
        (1 / 3, "0.3333333333"),
        (1e100, "1e+100"),
        ("a\nb", r"'a\nb'"),
        ("a" * 200, "'" + "a" * (SHOWN - 2) + "…"),
        ([1, 0.1 + 0.2, "a"], "[1, 0.3, 'a']"),
        ((1, 2), "[1, 2]"),
        ({"a": [1, None]}, "{'a': [1, None]}"),
        (list(range(100)), "[" + ", ".join(map(str, range(100)))[: SHOWN - 2] + "…"),
        (np.array([[1, 2]]), "[[1, 2]]"),
        (np.zeros((100, 100)), "an array of the shape (100, 100)"),
        ([np.zeros((100, 100))], "[an array of the shape (100, 100)]"),
    ],
)
def test_show(value: Any, text: str) -> None:
    assert show(value) == text


# A million rows of nothing hold no bytes, but would be a million lists.
HUGE = [np.zeros((LARGEST_ARRAY + 1,), "int8"), np.zeros((10**12, 0))]


@pytest.mark.parametrize("array", HUGE, ids=["long", "empty"])
def test_a_huge_array_is_never_unfolded(array: np.ndarray) -> None:
    shape = array.shape
    assert difference([1, 2], array) == (
        "expected 2 values, got 100001"
        if len(shape) == 1
        else f"expected the shape (2,), got {shape}"
    )
    assert difference(3, array) == f"expected the number 3, got an array of the shape {shape}"
    assert difference(RAGGED, array) == f"expected 2 values, got an array of the shape {shape}"
    assert difference({"a": 1}, array) == f"expected a dict, got an array of the shape {shape}"
    assert difference("a", array) == f"expected 'a', got an array of the shape {shape}"
    assert for_report(array) == f"an array of the shape {shape}"


@pytest.mark.parametrize(
    ("value", "plain_value"),
    [
        (3, 3),
        (None, None),
        (np.array([[1, 2]]), [[1, 2]]),
        ([np.array([1, 2]), (3, 4)], [[1, 2], [3, 4]]),
        ({"a": np.array([True])}, {"a": [True]}),
        ({3: 1}, {"3": 1}),
        ("text", "text"),
        (list(range(LISTED - 1)), list(range(LISTED - 1))),
        (list(range(LISTED)), show(list(range(LISTED)))),
        ("a" * 20_000, show("a" * 20_000)),
    ],
)
def test_for_report(value: Any, plain_value: Any) -> None:
    assert for_report(value) == plain_value
