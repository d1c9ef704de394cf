"""How a job ends that has no answer to give."""

from __future__ import annotations

from typing import Any


class Stop(Exception):
    """Ends a job with a verdict; ``answer`` is what goes back."""

    def __init__(self, kind: str, **facts: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.answer: dict[str, Any] = {"error": {"kind": kind, **facts}}


def type_name(value: Any) -> str:
    """The name of a value's class, whatever the class says of itself."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return name[:100]
