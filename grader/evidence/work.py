"""What was found of one exercise, growing as it is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
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
    doubtful: bool = False
    """Whether the model's input may come from made-up data that stands for something else."""
    weights: Mapping[str, Any] | None = None
    """The student's own, by the student's layer names, where a check needs them."""

    def begin(self, asked: str, submission: Submission, program: Program) -> None:
        """Note which program is looked at, and under which name it was found."""
        self.submission, self.program = submission, program
        self.found, self.cell = program.name, program.cell
        self.assumptions = program.assumptions
        owner, _, method = program.name.rpartition(".")
        if owner and method == asked:
            self.assumptions += (f"{asked} is a method of {owner}.",)
        elif program.name != asked:
            self.assumptions += (f"{asked} is not defined; {program.name} was taken.",)

    def assume(self, more: Iterable[str]) -> None:
        """Add what was taken for granted, each thing once."""
        self.assumptions = tuple(dict.fromkeys([*self.assumptions, *more]))

    def become(self, other: Work) -> None:
        """Take over everything that was found elsewhere."""
        for part in fields(self):
            setattr(self, part.name, getattr(other, part.name))
