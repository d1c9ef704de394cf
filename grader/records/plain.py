"""What any record may hold, and why an exercise could not be graded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Shape = tuple[int | None, ...]
Plain = None | bool | int | float | str | list[Any] | dict[str, Any]
"""What JSON can hold."""

ProblemKind = Literal[
    "missing",  # the asked-for name is not there
    "unsolved",  # the stub as it was handed out
    "syntax",  # Python cannot read the statement that defines the name
    "raised",  # the student's code raised
    "timeout",
    "memory",
    "output",  # printed, or answered, more than is read
    "not_a_model",
    "custom_layer",
    "forbidden",  # a layer or setting that is never rebuilt
    "unreadable",  # the file, or the answer, cannot be read
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an exercise of a submission could not be graded as asked, in the student's terms."""

    kind: ProblemKind
    message: str
    cell: int | None = None
    line: int | None = None
    source: str | None = None
    """The student's own source line."""
