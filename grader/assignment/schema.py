"""What an assignment file may say: the pydantic models behind the YAML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
)

from grader.assignment.late import Late
from grader.checks.base import CheckSpec, HintLevel
from grader.checks.patterns import Fault, refuse
from grader.checks.python_names import DottedName, PythonName
from grader.checks.table import CHECK_TYPES
from grader.words import show_count, show_shape

KINDS: tuple[Literal["build", "function", "answers"], ...] = ("build", "function", "answers")
MAX_VALUES = 2**26
"""Of one image: 256 MiB as float32."""


def _not_too_large(shape: tuple[int, ...]) -> tuple[int, ...]:
    values = math.prod(shape)
    if values > MAX_VALUES:
        message = (
            f"An image of {show_shape(shape)} has {show_count(values)} values; "
            f"at most {show_count(MAX_VALUES)} are taken."
        )
        refuse([Fault((), message)])
    return shape


Text = Annotated[str, Field(min_length=1, max_length=500)]
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER, max_length=100)]
Axis = Annotated[int, Field(ge=1, le=100_000)]
InputShape = Annotated[
    tuple[Axis, ...], Field(min_length=1, max_length=4), AfterValidator(_not_too_large)
]
if TYPE_CHECKING:
    Check = CheckSpec
else:
    Check = Annotated[
        reduce(or_, (check.spec for check in CHECK_TYPES.values())), Field(discriminator="type")
    ]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Limits(Strict):
    """What one submission may use."""

    build_seconds: Annotated[float, Field(gt=0, le=3600)] = 20
    train_seconds: Annotated[float, Field(gt=0, le=36_000)] = 120
    memory_mb: Annotated[int, Field(ge=64, le=1_000_000)] = 4096


# What the keys and checks of an exercise owe to each other is in rules.py.
class Exercise(Strict):
    """One thing that is asked for, and the checks that it must pass."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["build", "input_shape"]},
                {"required": ["function"]},
                {"required": ["answers"]},
            ]
        }
    )

    id: Identifier
    title: Text | None = None
    build: DottedName | None = None
    """A function or method (``Net.build``) that gives a Keras model, or a name that holds one."""
    function: PythonName | None = None
    """A function that is called with the cases of its checks."""
    answers: PythonName | None = None
    """A dict that the notebook defines."""
    also: tuple[DottedName, ...] = ()
    """Other names taken, in this order."""
    input_shape: InputShape | None = None
    """Without the batch axis."""
    classes: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Of the images: given to builders that ask how many. Default: those of the training data."""
    checks: Annotated[tuple[Check, ...], Field(min_length=1, max_length=200)]

    @property
    def kind(self) -> Literal["build", "function", "answers"]:
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """The asked-for name, then the others that are taken."""
        return (str(getattr(self, self.kind)), *self.also)

    @field_validator("checks", mode="after")
    @classmethod
    def _name_checks(cls, checks: tuple[CheckSpec, ...]) -> tuple[CheckSpec, ...]:
        ids = check_ids([(check.id, check.type) for check in checks])
        return tuple(
            check.model_copy(update={"id": name}) for check, name in zip(checks, ids, strict=True)
        )


def check_ids(checks: Sequence[tuple[str, str]]) -> list[str]:
    """Ids of checks given as (id, type); one without an id gets its type, or ``layers-2``."""
    taken = {given for given, _ in checks if given}
    ids = []
    for given, type in checks:
        name, number = given or type, 1
        while not given and name in taken:
            number += 1
            name = f"{type}-{number}"
        taken.add(name)
        ids.append(name)
    return ids


class Assignment(Strict):
    """One assignment file."""

    format: Literal[1]
    id: Identifier
    title: Text
    limits: Limits = Limits()
    allow_custom_layers: bool = False
    """Whether layers and models of the student's own are described and trained in the walls."""
    translate_old_keras: bool = True
    """Whether names of Keras 1 and 2 with one clear meaning today are taken for what they mean."""
    late: Late | None = None
    """What a class pays for handing in late, where the files' names or a roster tell."""
    hints: HintLevel = "why"
    """How much a report tells: none, where, why, or fix."""
    remarks: bool = True
    """Whether a report remarks on what costs no points; never where ``hints`` is none."""
    exercises: Annotated[tuple[Exercise, ...], Field(min_length=1, max_length=100)]
