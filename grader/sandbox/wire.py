"""What crosses the wall: one JSON text and a few NumPy arrays, each of bounded size.

A message is ``MAGIC``, the number of arrays (u32), the length of the JSON (u64), the length of
each array's ``.npy`` bytes (u64 each), then the JSON and the arrays themselves. An array in the
JSON is ``{"$array": index}``. Nothing is unpickled, and no length is believed before it has been
compared with what may arrive.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

MAGIC = b"CNNG1"
HEAD = struct.Struct("<5sIQ")
LENGTH = struct.Struct("<Q")
MAX_ARRAYS = 256
MAX_DEPTH = 100
MAX_AXES = 32
NPY_KINDS = "biuf"
"""Booleans, integers, floats: what an answer on convolutions can be made of."""


class Garbage(ValueError):
    """Bytes that are no message; the text says what is wrong with them."""


def pack(message: Any) -> bytes:
    """Write plain values, with NumPy arrays anywhere among them, as one message.

    Raises ValueError or TypeError for what is neither plain nor an array.
    """
    arrays: list[bytes] = []
    text = json.dumps(_without_arrays(message, arrays), separators=(",", ":")).encode()
    head = HEAD.pack(MAGIC, len(arrays), len(text))
    return b"".join([head, *(LENGTH.pack(len(blob)) for blob in arrays), text, *arrays])


def _without_arrays(value: Any, arrays: list[bytes]) -> Any:
    if isinstance(value, dict):
        return {key: _without_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_arrays(item, arrays) for item in value]
    if hasattr(value, "__array_interface__"):
        import numpy as np

        buffer = io.BytesIO()
        np.save(buffer, value, allow_pickle=False)
        arrays.append(buffer.getvalue())
        return {"$array": len(arrays) - 1}
    return value


def unpack(data: bytes | memoryview, limit_bytes: int) -> Any:
    """Read one message back. Raises Garbage for anything that ``pack`` would not have written."""
    view = memoryview(data)
    if len(view) > limit_bytes:
        raise Garbage(f"the message has more than {limit_bytes:,} bytes")
    if len(view) < HEAD.size:
        raise Garbage("the message ends early")
    magic, count, text_bytes = HEAD.unpack_from(view)
    if magic != MAGIC or count > MAX_ARRAYS:
        raise Garbage("the message has no head")
    body = HEAD.size + count * LENGTH.size
    if len(view) < body:
        raise Garbage("the message ends early")
    lengths = [LENGTH.unpack_from(view, HEAD.size + i * LENGTH.size)[0] for i in range(count)]
    if body + text_bytes + sum(lengths) != len(view):
        raise Garbage("the message is not as long as it says")
    text = bytes(view[body : body + text_bytes])
    blobs, start = [], body + text_bytes
    for length in lengths:
        blobs.append(view[start : start + length])
        start += length
    _check_depth(text)
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Garbage("the message holds no JSON") from error
    return _with_arrays(plain, [_read_array(blob) for blob in blobs])


def _check_depth(text: bytes) -> None:
    """Refuse deep nesting before the JSON parser recurses into it.

    Brackets inside strings count as well, so the bound holds for whatever the text means.
    """
    depth = 0
    for byte in text.translate(None, _NOT_BRACKETS):
        depth += 1 if byte in b"[{" else -1
        if depth > MAX_DEPTH * 4:
            raise Garbage("the message is nested too deeply")


_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _read_array(blob: memoryview) -> np.ndarray:
    import numpy as np

    buffer = io.BytesIO(blob)
    try:
        version = np.lib.format.read_magic(buffer)
        if version != (1, 0):
            raise Garbage("an array has an unknown format")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(buffer, max_header_size=4096)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise Garbage("an array has no readable head") from error
    if dtype.kind not in NPY_KINDS or dtype.itemsize > 16 or len(shape) > MAX_AXES:
        raise Garbage("an array holds something other than numbers")
    count = 1
    for axis in shape:
        if axis < 0:
            raise Garbage("an array has a negative axis")
        count *= axis
    if count * dtype.itemsize != len(blob) - buffer.tell():
        raise Garbage("an array is not as long as it says")
    flat = np.frombuffer(blob, dtype=dtype, offset=buffer.tell())
    return flat.reshape(shape, order="F" if fortran else "C")


def _with_arrays(value: Any, arrays: Sequence[np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_with_arrays(item, arrays) for item in value]
    if isinstance(value, dict):
        if set(value) == {"$array"}:
            index = value["$array"]
            if type(index) is not int or not 0 <= index < len(arrays):
                raise Garbage("the message names an array that it does not hold")
            return arrays[index]
        return {key: _with_arrays(item, arrays) for key, item in value.items()}
    return value
