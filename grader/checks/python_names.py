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
    if keyword.iskeyword(value):
        refuse([Fault((), f"{quoted(value)} is a word of Python's own, so nothing can have it.")])
    if not value.isidentifier():
        refuse([Fault((), f"{quoted(value)} is not a name that Python can give.")])
    return value


PythonName = Annotated[
    str,
    BeforeValidator(_python_name),
    WithJsonSchema({"type": "string", "pattern": r"^[^\W\d]\w*$"}),
]
