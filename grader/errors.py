"""Everything that can go wrong, sorted by whose fault it is.

GraderError
├── SubmissionError    the student's: becomes the exercise's ``error`` in the report
├── AssignmentError    the author's: the assignment file cannot be used
├── UsageError         the caller's: a path or an option is wrong
└── InternalError      ours, or this machine's: costs nobody points, asks for review
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.records import Problem


class GraderError(Exception):
    """The root: whatever is raised on purpose is one of the four below."""


class SubmissionError(GraderError):
    """What the student handed in cannot be graded as asked; ``problem`` says why.

    ``assumptions`` are what had been assumed until there.
    """

    def __init__(self, problem: Problem, assumptions: tuple[str, ...] = ()) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.assumptions = assumptions


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault in an assignment file."""

    line: int
    column: int
    key: str
    """Where in the file, as a dotted path: ``exercises.0.checks.2.expect``."""
    message: str


class AssignmentError(GraderError):
    """An assignment file cannot be used; ``complaints`` lists every fault found in it."""

    def __init__(self, path: str, complaints: tuple[Complaint, ...]) -> None:
        super().__init__("\n".join(f"{path}:{c.line}:{c.column}: {c.message}" for c in complaints))
        self.path = path
        self.complaints = complaints


class UsageError(GraderError):
    """A path, an option or a choice of assignment that the caller can put right."""


class InternalError(GraderError):
    """The grader, or the machine under it, failed; the submission is not to blame."""
