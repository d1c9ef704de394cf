"""Messages across the wall: what is written is read, and what was not written is refused."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.sandbox.wire import (
    MAGIC,
    MAX_ARRAYS,
    MAX_DEPTH,
    MAX_TEXT_BYTES,
    MAX_VALUES,
    Garbage,
    pack,
    unpack,
)

LIMIT = 1 << 24

NUMBERS = arrays.arrays(
    arrays.boolean_dtypes()
    | arrays.integer_dtypes(endianness="?")
    | arrays.unsigned_integer_dtypes(endianness="?")
    | arrays.floating_dtypes(endianness="?"),
    arrays.array_shapes(min_dims=0, min_side=0, max_dims=4, max_side=4),
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Equality that looks into arrays: shape, type of number and every bit."""
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and (one.dtype, one.shape) == (other.dtype, other.shape)
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@given(PLAIN)
def test_what_is_packed_is_unpacked(message: Any) -> None:
    assert same(unpack(pack(message), LIMIT), message)


@given(PLAIN, st.data())
@settings(max_examples=300)
def test_a_message_with_changed_bytes_is_read_or_refused(message: Any, data: st.DataObject) -> None:
    packed = bytearray(pack(message))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(packed) - 1))
        packed[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(packed)))
    for hostile in (bytes(packed), bytes(packed[:cut]), bytes(packed) + b"x"):
        try:
            unpack(hostile, LIMIT)
        except Garbage:
            continue


@given(st.binary(max_size=200))
def test_any_bytes_behind_a_head_are_read_or_refused(noise: bytes) -> None:
    for hostile in (noise, MAGIC + noise, message(noise), message(b"0", noise)):
        try:
            unpack(hostile, LIMIT)
        except Garbage:
            continue


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(12).reshape(3, 4)[::2, ::-1],
        np.array(7),
        np.float32(1.5),
        np.zeros((0, 3)),
        np.zeros((1,) * 64, "i1"),
        np.array([True, False]),
        np.array([math.nan, math.inf]),
        np.array([1], ">u2"),
        np.zeros(2, np.longdouble),
    ],
    ids=str,
)
def test_arrays_keep_shape_and_values(array: Any) -> None:
    read = unpack(pack([array]), LIMIT)[0]
    assert read.shape == np.shape(array)
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


def test_a_tuple_arrives_as_a_list() -> None:
    assert unpack(pack((1, (2, 3))), LIMIT) == [1, [2, 3]]


def test_nan_and_infinity_cross_the_wall() -> None:
    nan, infinity = unpack(pack([math.nan, -math.inf]), LIMIT)
    assert math.isnan(nan)
    assert infinity == -math.inf


@pytest.mark.parametrize(
    "plain",
    [{"$array": 0}, {"$array": "x", "$": 1}, {"$$array": 3, "$$$": [{"$": None}]}],
    ids=json.dumps,
)
def test_a_key_with_a_dollar_is_a_key_and_not_a_reference(plain: dict[str, Any]) -> None:
    assert unpack(pack(plain), LIMIT) == plain


# --- what is not written ----------------------------------------------------------------------


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (object(), TypeError),
        ({1, 2}, TypeError),
        (b"bytes", TypeError),
        ({1: 2}, TypeError),
        (np.array([None]), TypeError),
        (np.array(["text"]), TypeError),
        (np.array([1 + 2j]), TypeError),
        (np.zeros(1, [("field", "f4")]), TypeError),
        (np.array("2020-01-01", "M8[D]"), TypeError),
        ([np.zeros(1)] * (MAX_ARRAYS + 1), ValueError),
        (nested(MAX_DEPTH + 1), ValueError),
        ("x" * MAX_TEXT_BYTES, ValueError),
        ([1] * (MAX_VALUES + 1), ValueError),
    ],
    ids=[
        "object",
        "set",
        "bytes",
        "key",
        "objects",
        "texts",
        "complex",
        "structure",
        "date",
        "arrays",
        "depth",
        "length",
        "values",
    ],
)
def test_pack_refuses_what_unpack_would(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        pack(value)


def test_a_message_as_large_as_it_may_be_crosses() -> None:
    full = [nested(MAX_DEPTH - 2), [np.zeros(1)] * (MAX_ARRAYS - 1), "x" * (MAX_TEXT_BYTES // 2)]
    assert len(unpack(pack(full), LIMIT)[1]) == MAX_ARRAYS - 1


@pytest.mark.parametrize(
    "text",
    ["ü€😀" * 300_000, "\ud800", '"\\,[{' * 300_000, "\x00\u2028"],
    ids=["wide", "half a character", "marks", "no character"],
)
def test_any_text_crosses_in_few_bytes(text: str) -> None:
    packed = pack([text, {text: 1}][: 1 if len(text) > 9 else 2])
    assert unpack(packed, LIMIT)[0] == text
    assert len(packed) < len(text) * 4 + 100


# --- hostile bytes ----------------------------------------------------------------------------


def message(text: bytes, *blobs: bytes, lengths: tuple[int, ...] | None = None) -> bytes:
    """A message put together by hand."""
    sizes = [len(blob) for blob in blobs] if lengths is None else lengths
    head = struct.pack("<5sIQ", MAGIC, len(blobs), len(text))
    return b"".join([head, *(struct.pack("<Q", size) for size in sizes), text, *blobs])


def npy(
    shape: str,
    descr: str = "'<f4'",
    fortran: str = "False",
    data: bytes = b"",
    version: int = 1,
    stated: int = 0,
) -> bytes:
    """An array as NumPy's format has it, with any text where its parts belong, and a length that
    may be ``stated`` too large."""
    head = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(head) + stated)
    return b"\x93NUMPY" + bytes([version, 0]) + length + head + data


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the message ends early"),
        (MAGIC, "the message ends early"),
        (message(b"0")[:-1], "the message is not as long as it says"),
        (message(b"0") + b"0", "the message is not as long as it says"),
        (b"CNNG0" + message(b"0")[5:], "the message has no head"),
        (struct.pack("<5sIQ", MAGIC, MAX_ARRAYS + 1, 0), "the message has no head"),
        (struct.pack("<5sIQ", MAGIC, 2**32 - 1, 2**64 - 1), "the message has no head"),
        (struct.pack("<5sIQ", MAGIC, 0, MAX_TEXT_BYTES + 1), "the message has no head"),
        (struct.pack("<5sIQ", MAGIC, 3, 0), "the message ends early"),
        (message(b"0", b"", lengths=(2**64 - 1,)), "the message is not as long as it says"),
        (
            message(b"0", b"", b"", lengths=(2**63, 2**63)),
            "the message is not as long as it says",
        ),
        (message(b""), "the message holds no JSON"),
        (message(b"{"), "the message holds no JSON"),
        (message(b"\xff\xfe"), "the message holds no JSON"),
        (message(b"1" * 5000), "the message holds no JSON"),
        (message(b"[" * 100_000), "the message holds no JSON"),
        (message(b"[" * 200 + b"]" * 200), "the message is nested too deeply"),
        (message(b'{"a":' * 150 + b"0" + b"}" * 150), "the message is nested too deeply"),
        (
            message(b"[" + b"[]," * MAX_VALUES + b"0]"),
            "the message holds too many values",
        ),
        (message(b'"' + b'\\"' * 2 * 10**6), "the message holds no JSON"),
        (message(b'"' + b"\\\\" * 10**6 + b"\\"), "the message holds no JSON"),
        (message('[1, "ü"]'.encode("utf-16")), "the message holds no JSON"),
        (message('[1, "ü"]'.encode("utf-32-le")), "the message holds no JSON"),
        (message(b'{"$array":0}'), "the message names an array that it does not hold"),
        (message(b'{"$array":-1}'), "the message names an array that it does not hold"),
        (message(b'{"$array":true}'), "the message names an array that it does not hold"),
        (message(b'{"$array":0.0}'), "the message names an array that it does not hold"),
        (
            message(b'{"$array":0,"b":1}', npy("()", data=bytes(4))),
            "the message names an array that it does not hold",
        ),
    ],
    ids=[
        "empty",
        "magic",
        "cut",
        "longer",
        "other-magic",
        "arrays",
        "largest-numbers",
        "text-length",
        "no-lengths",
        "length-lies",
        "lengths-overflow",
        "no-text",
        "half-json",
        "not-unicode",
        "digits",
        "unclosed",
        "deep-list",
        "deep-dict",
        "values",
        "quotes-without-end",
        "strokes-without-end",
        "utf-16",
        "utf-32",
        "index",
        "negative-index",
        "true-index",
        "float-index",
        "two-keys",
    ],
)
def test_hostile_bytes_are_garbage(data: bytes, why: str) -> None:
    with pytest.raises(Garbage, match=f"^{why}$"):
        unpack(data, LIMIT)


def test_a_message_beyond_the_limit_is_not_looked_at() -> None:
    with pytest.raises(Garbage, match=r"^the message has more than 1,000 bytes$"):
        unpack(pack("x" * 1000), 1000)


NO_HEAD = "an array has no readable head"
NO_NUMBERS = "an array holds something other than numbers"
NO_LENGTH = "an array is not as long as it says"
TOO_LARGE = "an array is larger than an array can be"


@pytest.mark.parametrize(
    ("blob", "why"),
    [
        (b"", NO_HEAD),
        (b"\x93NUMPY\x01\x00", NO_HEAD),
        (b"\x80\x04K\x01.", NO_HEAD),
        (npy("(1,)", "'|O'", data=bytes(8)), NO_HEAD),
        (npy("(1,)", "[('a', '<f4')]", data=bytes(4)), NO_HEAD),
        (npy("(1,)", "'<c8'", data=bytes(8)), NO_HEAD),
        (npy("(1,)", "'<U1'", data=bytes(4)), NO_HEAD),
        (npy("(1,)", "'<f3'", data=bytes(3)), NO_NUMBERS),
        (npy("(1,)", "'<b7'", data=bytes(7)), NO_NUMBERS),
        (npy("(1,)", version=2, data=bytes(4)), NO_HEAD),
        (npy("(1,)", version=3, data=bytes(4)), NO_HEAD),
        (npy("(-1,)", data=bytes(4)), NO_HEAD),
        (npy("(1,)", fortran="1", data=bytes(4)), NO_HEAD),
        (npy("(" * 3000), NO_HEAD),
        (npy("(9**9**9,)"), NO_HEAD),
        (npy("(1L,)", data=bytes(4)), NO_HEAD),
        (npy("(" + "1," * 65 + ")", data=bytes(4)), NO_HEAD),
        (npy("(" + "9" * 20 + ",)"), NO_HEAD),
        (npy("(1,)", data=bytes(3)), NO_LENGTH),
        (npy("(1,)", data=bytes(5)), NO_LENGTH),
        (npy("(4611686018427387904, 4)"), NO_LENGTH),
        (npy("(0, 9223372036854775807, 9223372036854775807)"), TOO_LARGE),
        (npy("(1,)", data=bytes(4), stated=1), NO_HEAD),
    ],
    ids=[
        "empty",
        "magic",
        "pickle",
        "objects",
        "structure",
        "complex",
        "text",
        "no-float",
        "no-boolean",
        "format-2",
        "format-3",
        "negative-axis",
        "order",
        "brackets",
        "power",
        "python-2",
        "65-axes",
        "20-digits",
        "short",
        "long",
        "product-overflows",
        "empty-but-huge",
        "head-length",
    ],
)
def test_hostile_arrays_are_garbage(blob: bytes, why: str) -> None:
    with pytest.raises(Garbage, match=f"^{why}$"):
        unpack(message(b"0", blob), LIMIT)


def test_the_last_of_two_equal_keys_counts() -> None:
    data = message(b'{"$array":9,"$array":0}', npy("(1,)", data=struct.pack("<f", 2.5)))
    assert unpack(data, LIMIT).tolist() == [2.5]


def test_an_array_that_is_named_by_nobody_must_be_sound_too() -> None:
    assert unpack(message(b"7", npy("(1,)", data=bytes(4))), LIMIT) == 7
