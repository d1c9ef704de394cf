"""What crosses the wall: one JSON text and a few NumPy arrays, each of bounded size.

A message is ``MAGIC``, the number of arrays (u32), the length of the JSON (u64), the length of
each array's ``.npy`` bytes (u64 each), then the JSON and the arrays themselves. An array in the
JSON is ``{"$array": index}``; a key of the message's own that begins with ``$`` is written with
one more. Nothing is unpickled, and no length is believed before it has been compared with what
arrived.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MAGIC = b"CNNG1"
HEAD = struct.Struct("<5sIQ")
LENGTH = struct.Struct("<Q")
MAX_ARRAYS = 256
MAX_TEXT_BYTES = 8 * 2**20
"""Of the JSON."""
MAX_VALUES = 600_000
"""In the JSON. Three bytes of it can become a hundred in memory, and a microsecond."""
MAX_DEPTH = 100
NUMBERS = "biuf"
"""Booleans, integers, floats: what an answer on convolutions can be made of."""

_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
"""A text in JSON, or what begins as one and does not end."""
_NPY_MAGIC = b"\x93NUMPY\x01\x00"
_NPY_HEAD = re.compile(
    re.escape(_NPY_MAGIC) + rb"(.{2})\{'descr': '(?P<dtype>[<>|][biuf]\d{1,2})', "
    rb"'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>(?:\d{1,19}, ?){0,64}(?:\d{1,19})?)\), \} *\n",
    re.DOTALL,
)
"""The head as NumPy writes it. NumPy's own reader would take any text of Python."""


class Garbage(ValueError):
    """Bytes that are no message; the text says what is wrong with them."""


def pack(message: Any) -> bytes:
    """Write plain values, with NumPy arrays anywhere among them, as one message.

    A tuple is written as a list. Raises ValueError or TypeError for what is neither plain nor an
    array of numbers, and for what ``unpack`` would refuse.
    """
    arrays: list[bytes] = []
    plain = _without_arrays(message, arrays, MAX_DEPTH)
    # Half a character, such as "\ud800", is a text of Python's too.
    words = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    text = words.encode("utf-8", "surrogatepass")
    if len(arrays) > MAX_ARRAYS or len(text) > MAX_TEXT_BYTES or _values(text) > MAX_VALUES:
        raise ValueError("the message is too large")
    head = HEAD.pack(MAGIC, len(arrays), len(text))
    return b"".join([head, *(LENGTH.pack(len(blob)) for blob in arrays), text, *arrays])


def _without_arrays(value: Any, arrays: list[bytes], depth: int) -> Any:
    if depth == 0:
        raise ValueError("the message is nested too deeply")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a key is not a text")
        return {
            f"${key}" if key.startswith("$") else key: _without_arrays(item, arrays, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_arrays(item, arrays, depth - 1) for item in value]
    if hasattr(value, "__array_interface__"):
        import numpy as np

        if value.dtype.kind not in NUMBERS:
            raise TypeError(f"an array holds {value.dtype}, not numbers")
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.asarray(value), version=(1, 0), allow_pickle=False)
        arrays.append(buffer.getvalue())
        return {"$array": len(arrays) - 1}
    return value


def _values(text: bytes) -> int:
    """How many values a JSON text has at most, counted before one of them is made."""
    bare = _TEXT.sub(b"", text)
    return sum(bare.count(mark) for mark in (b",", b"[", b"{"))


def unpack(data: bytes | memoryview, limit_bytes: int) -> Any:
    """Read one message back. Raises Garbage for anything that ``pack`` would not have written."""
    view = memoryview(data)
    if len(view) > limit_bytes:
        raise Garbage(f"the message has more than {limit_bytes:,} bytes")
    if len(view) < HEAD.size:
        raise Garbage("the message ends early")
    magic, count, text_bytes = HEAD.unpack_from(view)
    if magic != MAGIC or count > MAX_ARRAYS or text_bytes > MAX_TEXT_BYTES:
        raise Garbage("the message has no head")
    body = HEAD.size + count * LENGTH.size
    if len(view) < body:
        raise Garbage("the message ends early")
    lengths = [LENGTH.unpack_from(view, HEAD.size + i * LENGTH.size)[0] for i in range(count)]
    if body + text_bytes + sum(lengths) != len(view):
        raise Garbage("the message is not as long as it says")
    arrays, start = [], body + text_bytes
    for length in lengths:
        arrays.append(_read_array(view[start : start + length]))
        start += length
    text = bytes(view[body : body + text_bytes])
    if _values(text) > MAX_VALUES:
        raise Garbage("the message holds too many values")
    try:
        plain = json.loads(text.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise Garbage("the message holds no JSON") from error
    return _with_arrays(plain, arrays, MAX_DEPTH)


def _read_array(blob: memoryview) -> np.ndarray:
    import numpy as np

    head = _NPY_HEAD.match(blob)
    if head is None or len(head[0]) != len(_NPY_MAGIC) + 2 + int.from_bytes(head[1], "little"):
        raise Garbage("an array has no readable head")
    try:
        dtype = np.dtype(head["dtype"].decode())
    except TypeError as error:
        raise Garbage("an array holds something other than numbers") from error
    shape = tuple(int(axis) for axis in head["shape"].split(b",") if axis.strip())
    if len(blob) - head.end() != math.prod(shape) * dtype.itemsize:
        raise Garbage("an array is not as long as it says")
    flat = np.frombuffer(blob, dtype=dtype, offset=head.end())
    try:
        return flat.reshape(shape, order="F" if head["fortran"] == b"True" else "C")
    except ValueError as error:
        # Too many axes, or an empty array with axes whose product is beyond NumPy.
        raise Garbage("an array is larger than an array can be") from error


def _with_arrays(value: Any, arrays: Sequence[np.ndarray], depth: int) -> Any:
    if depth == 0:
        raise Garbage("the message is nested too deeply")
    if isinstance(value, list):
        return [_with_arrays(item, arrays, depth - 1) for item in value]
    if isinstance(value, dict):
        if "$array" in value:
            index = value["$array"]
            if len(value) > 1 or type(index) is not int or not 0 <= index < len(arrays):
                raise Garbage("the message names an array that it does not hold")
            return arrays[index]
        return {
            key[1:] if key.startswith("$") else key: _with_arrays(item, arrays, depth - 1)
            for key, item in value.items()
        }
    return value
