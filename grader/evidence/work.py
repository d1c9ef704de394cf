"""What was found of one exercise, growing as it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.model.architecture import Architecture
from grader.records import Evidence, Program, Submission


@dataclass(slots=True)
class Work:
    """One exercise of one submission."""

    evidence: Evidence = field(default_factory=Evidence)
    found: str | None = None
    cell: int | None = None
    assumptions: tuple[str, ...] = ()
    submission: Submission | None = None
    program: Program | None = None
    architecture: Architecture | None = None
    """None where there is no model, or where it cannot be rebuilt."""
    weights: Mapping[str, Any] | None = None
    """The student's own, by the student's layer names, where a check needs them."""
