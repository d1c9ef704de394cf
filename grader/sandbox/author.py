"""Runs a check that the author of an assignment wrote, in a trusted fork of its own."""

from __future__ import annotations

import linecache
import math
import numbers
import traceback
from typing import Any

from grader.sandbox.plain import Budget, as_plain
from grader.sandbox.stop import Stop

TEXTS = ("where", "detail", "why", "fix")
MAX_TEXT = 1000
FILE = "<check>"


def custom_job(request: dict[str, Any]) -> dict[str, Any]:
    """Give what the author's function finds, or how it failed.

    Args:
        request: ``source`` of the file, ``function`` (its name), and what the function is given,
            ``evidence`` and ``settings``, as plain values and arrays.

    Returns:
        ``finding``: ``credit`` from 0 to 1 and any of ``where``, ``detail``, ``why``, ``fix``,
        ``expected``, ``got``. Or ``failed``: the reason, with the author's own line.
    """
    source = request["source"]
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    namespace: dict[str, Any] = {"__name__": "check"}
    try:
        exec(compile(source, FILE, "exec"), namespace)
        if not callable(namespace.get(request["function"])):
            raise TypeError(f"it defines no function {request['function']}")
        found = namespace[request["function"]](request["evidence"], request["settings"])
        return {"finding": _finding(found)}
    except BaseException as error:
        return {"failed": _in_words(error)}


def _finding(found: Any) -> dict[str, Any]:
    """What the function gave, in one form. Raises TypeError or ValueError for anything else."""
    if isinstance(found, numbers.Real):  # True and False are
        found = {"credit": found}
    if not isinstance(found, dict) or not isinstance(found.get("credit"), numbers.Real):
        raise TypeError("it must give True, False, a share from 0 to 1, or a dict with credit")
    unknown = sorted(str(key) for key in set(found) - {"credit", *TEXTS, "expected", "got"})
    if unknown:
        raise TypeError(f'it gives "{unknown[0]}"; a finding has no such part')
    credit = float(found["credit"])
    if not (math.isfinite(credit) and 0 <= credit <= 1):
        raise ValueError(f"its credit is {credit:g}, not from 0 to 1")
    texts = {key: str(found[key])[:MAX_TEXT] for key in TEXTS if found.get(key) is not None}
    return {
        "credit": credit,
        "expected": _plain("expected", found),
        "got": _plain("got", found),
        **texts,
    }


def _plain(part: str, found: dict[str, Any]) -> Any:
    try:
        return as_plain(found.get(part), Budget(values=2_000, characters=20_000, arrays=0))
    except Stop:
        raise TypeError(f"its {part} is no small value of numbers, texts and lists") from None


def _in_words(error: BaseException) -> str:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == FILE
    ]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    place = f" (line {lines[-1]})" if lines else ""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{said[:MAX_TEXT]}{place}"
