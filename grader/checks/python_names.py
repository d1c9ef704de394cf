"""Names that Python can give, as a setting."""

from __future__ import annotations

import keyword
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from grader.checks.patterns import Fault, refuse
from grader.words import quoted, show_value


def _python_name(value: Any) -> str:
    if not isinstance(value, str):
        refuse([Fault((), f"Expected a name that Python can give, got {show_value(value)}.")])
    _must_be_a_name(value)
    return value


def _dotted_name(value: Any) -> str:
    if not isinstance(value, str) or value.count(".") != 1:
        return _python_name(value)
    for part in value.split("."):
        _must_be_a_name(part, value)
    return value


def _must_be_a_name(value: str, whole: str | None = None) -> None:
    if keyword.iskeyword(value):
        refuse([Fault((), f"{quoted(value)} is a word of Python's own, so nothing can have it.")])
    if not value.isidentifier():
        shown = quoted(value if whole is None else whole)
        refuse([Fault((), f"{shown} is not a name that Python can give.")])


PythonName = Annotated[
    str,
    BeforeValidator(_python_name),
    WithJsonSchema({"type": "string", "pattern": r"^[^\W\d]\w*$"}),
]
DottedName = Annotated[
    str,
    BeforeValidator(_dotted_name),
    WithJsonSchema({"type": "string", "pattern": r"^[^\W\d]\w*(\.[^\W\d]\w*)?$"}),
]
"""The same, or a method: ``LeNet.build``."""
