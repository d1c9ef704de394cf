"""An exception of the student's code as data."""

from __future__ import annotations

import errno
import itertools
import linecache
import types
from collections.abc import Iterator
from typing import Any

from grader.sandbox.old_keras import OldKeras
from grader.sandbox.so_far import layers_so_far
from grader.sandbox.stop import type_name

MAX_TEXT = 2000


def file_name(cell: int | None) -> str:
    """The name under which a cell's code appears in tracebacks."""
    return "<script>" if cell is None else f"<cell {cell}>"


def remember_source(statements: list[dict[str, Any]]) -> None:
    """Let ``inspect.getsource`` and tracebacks see the student's lines."""
    lines: dict[str, list[str]] = {}
    for statement in statements:
        source = lines.setdefault(file_name(statement["cell"]), [])
        start = statement["line"] - 1
        text = statement["source"].split("\n")
        source.extend([""] * (start + len(text) - len(source)))
        source[start : start + len(text)] = text
    for name, source in lines.items():
        linecache.cache[name] = (0, None, [line + "\n" for line in source], name)


def as_fact(error: BaseException) -> dict[str, Any]:
    """An exception as data: its class, its words, the layers up to the one that raised it, and
    the last of the student's lines in it."""
    fact: dict[str, Any] = {
        "kind": "old_keras" if isinstance(error, OldKeras) else "raised",
        "type": type_name(error),
        "text": _words(error),
        "memory": _out_of_memory(error),
        "stub": False,
        "exit": isinstance(error, SystemExit),
        "so_far": layers_so_far(error),
    }
    own = [trace for trace in _traces(error) if _file(trace).startswith(("<cell ", "<script>"))]
    if own:
        file, line = _file(own[-1]), own[-1].tb_lineno
        fact |= {"file": file, "line": line, "expression": _expression(own[-1])}
        # Keras too raises NotImplementedError, for a class without a call.
        fact["stub"] = isinstance(error, NotImplementedError) and own[-1].tb_next is None
        fact["source"] = linecache.getline(file, line).strip()[:MAX_TEXT]
    return fact


def _out_of_memory(error: BaseException) -> bool:
    """Told by Python, by TensorFlow, or by the kernel."""
    if isinstance(error, OSError):
        return bool(vars(OSError)["errno"].__get__(error) == errno.ENOMEM)
    return isinstance(error, MemoryError) or type_name(error) == "ResourceExhaustedError"


def _words(error: BaseException) -> str:
    """What an exception says; nothing where it raises in turn."""
    try:
        return str.__getitem__(str(error), slice(MAX_TEXT))
    except BaseException:
        return ""


def _traces(error: BaseException) -> Iterator[types.TracebackType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _file(trace: types.TracebackType) -> str:
    return trace.tb_frame.f_code.co_filename


def _expression(trace: types.TracebackType) -> str:
    """The student's expression that raised, such as a call over several lines."""
    positions = trace.tb_frame.f_code.co_positions()
    first, last, start, end = next(itertools.islice(positions, trace.tb_lasti // 2, None))
    if first is None or last is None or start is None or end is None:
        return ""
    # Columns count the bytes of a line, not its characters.
    lines = [linecache.getline(_file(trace), line).encode() for line in range(first, last + 1)]
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    return b"".join(lines).decode(errors="replace")[:MAX_TEXT]
