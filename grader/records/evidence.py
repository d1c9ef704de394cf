"""All that the checks of one exercise may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.records.model import CompileDescription, ModelDescription, OutputSample
from grader.records.plain import Plain, Problem, Shape
from grader.records.training import TrainingResult


@dataclass(frozen=True, slots=True)
class Returned:
    """What the student's function gave for one case: a value, or why there is none."""

    value: Any = None
    """Plain values and NumPy arrays; a tuple arrives as a list."""
    problem: Problem | None = None
    changed: bool = False
    """The function wrote into its arguments."""


@dataclass(frozen=True, slots=True)
class CustomFinding:
    """What a check that the author wrote found."""

    credit: float
    where: str = ""
    detail: str = ""
    why: str = ""
    fix: str = ""
    expected: Plain = None
    got: Plain = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the checks of one exercise may look at."""

    input_shape: Shape | None = None
    model: ModelDescription | None = None
    compiled: CompileDescription | None = None
    sample: OutputSample | None = None
    training: Mapping[str, TrainingResult] = field(default_factory=dict)
    """By check id."""
    returned: Mapping[str, tuple[Returned, ...]] = field(default_factory=dict)
    """By check id, one for each case."""
    expected: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """By check id, one value for each case: what the assignment says or the solution gives."""
    responses: Mapping[str, Any] = field(default_factory=dict)
    """By check id: arrays that the model gave for given images."""
    custom: Mapping[str, CustomFinding] = field(default_factory=dict)
    """By check id."""
    answers: Mapping[str, Any] | None = None
    asked_layers: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Type and arguments of each layer that a ``layers`` check asks for and tells of anyway."""
    allowed_layers: tuple[str, ...] = ()
    """Types that may stand anywhere between them."""
