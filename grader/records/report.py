"""What checks say, and the report that is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.records.feedback import Remark, Repair
from grader.records.model import ModelDescription
from grader.records.plain import Plain, Problem, Shape
from grader.records.training import TrainingResult

CheckStatus = Literal["passed", "partial", "failed", "skipped", "error"]
Visibility = Literal["visible", "hidden"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check says, as far as a report tells it."""

    id: str
    type: str
    status: CheckStatus
    score: float
    max_score: float
    message: str
    expected: Plain
    got: Plain
    hint: str | None
    visibility: Visibility
    layers: tuple[LayerNote, ...] = ()
    """Marks for the report's layer table."""


@dataclass(frozen=True, slots=True)
class LayerNote:
    """What a check says of one layer of the found model."""

    index: int
    """Into ``ModelDescription.layers``."""
    verdict: Literal["ok", "wrong", "follows", "extra"]
    """``follows``: right in itself, its output differs only because of a layer above."""
    text: str
    expected_shape: Shape | None = None
    """Of its output, where another one was asked for."""


@dataclass(frozen=True, slots=True)
class ExerciseReport:
    """One exercise of a graded submission."""

    id: str
    title: str
    score: float
    max_score: float
    found: str | None
    """The name under which the student's work was found."""
    cell: int | None
    assumptions: tuple[str, ...]
    error: Problem | None
    model: ModelDescription | None
    training: TrainingResult | None
    checks: tuple[CheckResult, ...]
    repairs: tuple[Repair, ...] = ()
    """Ways to put the model right that are equally good: all of them, or none."""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long each stage took."""

    read: float
    build: float
    checks: float
    train: float
    total: float


@dataclass(frozen=True, slots=True)
class Environment:
    """With what it was graded."""

    grader: str
    python: str
    tensorflow: str
    keras: str
    sandbox: str


@dataclass(frozen=True, slots=True)
class Report:
    """One graded submission."""

    assignment: str
    title: str
    path: str
    student: str | None
    sha256: str
    status: Literal["graded", "needs_review"]
    score: float
    max_score: float
    exercises: tuple[ExerciseReport, ...]
    seconds: Seconds
    environment: Environment
