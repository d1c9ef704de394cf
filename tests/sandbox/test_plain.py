"""Student's values as plain data, whatever their classes say of themselves."""

from __future__ import annotations

import decimal
import enum
import fractions
import json
import math
from collections import Counter, OrderedDict, defaultdict, namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox import wire
from grader.sandbox.plain import MAX_BITS, MAX_NESTING, MAX_TEXT, Budget, as_plain
from grader.sandbox.stop import Stop


class Liar:
    """Agrees with everything, and turns into whatever is asked for."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __int__(self) -> int:
        raise AssertionError("asked")

    __index__ = __float__ = __bool__ = __len__ = __iter__ = __getitem__ = __int__
    __str__ = __repr__ = __format__ = __abs__ = __neg__ = __int__


class LyingInt(Liar, int):
    pass


class LyingFloat(Liar, float):
    pass


class LyingText(Liar, str):
    def __getitem__(self, key: Any) -> str:
        raise AssertionError("asked")


class LyingList(Liar, list):
    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("asked")


class LyingDict(Liar, dict):
    def items(self) -> Any:
        raise AssertionError("asked")


class Pretender:
    """Says that it is a boolean; every ``isinstance`` believes it."""

    @property
    def __class__(self) -> type:
        return bool


class Colour(enum.IntEnum):
    RED = 1


class Tensor:
    """Whatever has an array in it, such as TensorFlow's tensors."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.arange(3.0)


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (..., None),
        (True, True),
        (7, 7),
        (-(2**MAX_BITS) + 1, -(2**MAX_BITS) + 1),
        (1.5, 1.5),
        ("ü", "ü"),
        ("x" * (MAX_TEXT + 1), "x" * MAX_TEXT),
        ((1, (2,)), [1, [2]]),
        ({1}, [1]),
        (frozenset({2}), [2]),
        (range(3), [0, 1, 2]),
        ({"a": {1: 2, None: 3}}, {"a": {"1": 2, "None": 3}}),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(int, a=1), {"a": 1}),
        (Counter("aa"), {"a": 2}),
        (Point(1, 2), [1, 2]),
        (Colour.RED, 1),
        (LyingInt(3), 3),
        (LyingFloat(2.5), 2.5),
        (LyingText("text"), "text"),
        (LyingList([1]), [1]),
        (LyingDict(a=1), {"a": 1}),
        (np.int64(5), 5),
        (np.uint8(255), 255),
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.float64(2.5), 2.5),
        (np.bool_(True), True),
        (np.str_("text"), "text"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_becomes_plain(value: Any, plain: Any) -> None:
    found = as_plain(value)
    assert found == plain
    assert type(found) is type(plain)
    json.dumps(found)


def test_what_a_dict_holds_has_the_types_of_json() -> None:
    found = as_plain({LyingText("key"): [LyingInt(1), LyingFloat(1.0), LyingText("a")]})
    ((key, values),) = found.items()
    assert [type(item) for item in (key, *values)] == [str, int, float, str]


def test_nan_and_infinity_stay_what_they_are() -> None:
    nan, infinity = as_plain([math.nan, np.float32("-inf")])
    assert math.isnan(nan)
    assert infinity == -math.inf


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 2), "f2"),
        np.array(1.5),
        np.array([True]),
        np.ma.masked_array([1, 2], [True, False]),
        Tensor(),
    ],
    ids=lambda array: type(array).__name__,
)
def test_an_array_stays_an_array_of_its_own(array: Any) -> None:
    found = as_plain(array)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, np.asarray(array))
    assert not np.shares_memory(found, np.asarray(array))


@pytest.mark.parametrize(
    ("value", "type_name"),
    [
        (object(), "object"),
        (1 + 2j, "complex"),
        (b"bytes", "bytes"),
        ((n for n in ()), "generator"),
        (iter([]), "list_iterator"),
        (print, "builtin_function_or_method"),
        (int, "type"),
        (Pretender(), "Pretender"),
        (decimal.Decimal("1.5"), "Decimal"),
        (fractions.Fraction(1, 2), "Fraction"),
        (np.complex64(1), "array of complex64"),
        (np.datetime64("2020-01-01"), "array of datetime64[D]"),
        (np.array([None]), "array of object"),
        (np.array(["text"]), "array of <U4"),
        (np.zeros(1, [("field", "f4")]), "array of [('field', '<f4')]"),
        ({"a": [object()]}, "object"),
        (type("N" * 200, (), {})(), "N" * 100),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_is_not_plain_is_named_by_its_type(value: Any, type_name: str) -> None:
    with pytest.raises(Stop) as caught:
        as_plain(value)
    assert caught.value.answer == {"error": {"kind": "not_plain", "type": type_name}}


def endless() -> Any:
    class Endless(list):
        pass

    loop = Endless()
    loop.append(loop)
    return loop


def deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = {"in": [value]}
    return value


TOO_LARGE: dict[str, Callable[[], Any]] = {
    "int": lambda: 2**MAX_BITS,
    "cycle": endless,
    "depth": lambda: deep(MAX_NESTING // 2),
    "values": lambda: range(10**9),
    "list": lambda: [0] * 100_000,
    "texts": lambda: ["x" * MAX_TEXT] * 26,
    "keys": lambda: {f"{n}" + "x" * 1990: 0 for n in range(300)},
    "arrays": lambda: [np.zeros(1)] * 201,
    "bytes": lambda: [np.zeros(2**22), np.zeros(2**19)],
    "view": lambda: np.broadcast_to(np.zeros(1), (10**6, 10**6)),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_not_taken(name: str) -> None:
    with pytest.raises(Stop) as caught:
        as_plain(TOO_LARGE[name]())
    assert caught.value.answer == {"error": {"kind": "too_large"}}


def test_a_budget_is_for_all_values_of_a_job() -> None:
    budget = Budget(values=5)
    as_plain([1, 2, 3], budget)
    with pytest.raises(Stop):
        as_plain([4], budget)


def test_the_largest_values_that_are_taken_cross_the_wall() -> None:
    """Texts of the worst kind: each character becomes twelve in JSON."""
    values = ["\U0001f600" * MAX_TEXT] * 25, [np.zeros(2**20 // 200)] * 200, deep(24)
    wire.unpack(wire.pack([as_plain(value) for value in values]), 64 * 2**20)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    )
)
def test_whatever_is_plain_can_be_sent(value: Any) -> None:
    wire.unpack(wire.pack(as_plain(value)), 1 << 24)
