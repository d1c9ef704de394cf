"""What an assignment file may say: the pydantic models behind the YAML."""

from __future__ import annotations

import keyword
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from grader.checks.base import CheckSpec, HintLevel
from grader.checks.patterns import Fault, refuse
from grader.checks.table import CHECK_TYPES
from grader.words import did_you_mean

KINDS: tuple[Literal["build", "function", "answers"], ...] = ("build", "function", "answers")
MAX_PIXELS = 2**26


def _python_name(value: Any) -> Any:
    if not isinstance(value, str) or not value.isidentifier() or keyword.iskeyword(value):
        refuse([Fault((), f"{value!r} is not a name that Python can give.")])
    return value


PythonName = Annotated[str, BeforeValidator(_python_name)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
Axis = Annotated[int, Field(ge=1, le=100_000)]
if TYPE_CHECKING:
    Check = CheckSpec
else:
    Check = Annotated[
        reduce(or_, (check.spec for check in CHECK_TYPES.values())), Field(discriminator="type")
    ]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(Strict):
    """What one submission may use."""

    build_seconds: Annotated[float, Field(gt=0, le=3600)] = 20
    train_seconds: Annotated[float, Field(gt=0, le=36_000)] = 120
    memory_mb: Annotated[int, Field(ge=64, le=1_000_000)] = 4096


class Exercise(Strict):
    """One thing that is asked for, and the checks that it must pass."""

    id: Identifier
    title: Text | None = None
    build: PythonName | None = None
    """A function that returns a Keras model, or a name that holds one."""
    function: PythonName | None = None
    """A function that is called with the cases of its checks."""
    answers: PythonName | None = None
    """A dict that the notebook defines."""
    also: tuple[PythonName, ...] = ()
    """Other names taken, in this order."""
    input_shape: Annotated[tuple[Axis, ...], Field(min_length=1, max_length=4)] | None = None
    """Without the batch axis."""
    checks: Annotated[tuple[Check, ...], Field(min_length=1, max_length=200)]

    @property
    def kind(self) -> Literal["build", "function", "answers"]:
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def names(self) -> tuple[str, ...]:
        """The asked-for name, then the others that are taken."""
        return (str(getattr(self, self.kind)), *self.also)

    @model_validator(mode="after")
    def _makes_sense(self) -> Exercise:
        asked = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(asked) != 1:
            refuse([Fault((), "An exercise asks for exactly one of build, function, answers.")])
        faults = []
        if asked == ["build"] and self.input_shape is None:
            faults.append(Fault((), "build needs an input_shape, without the batch axis."))
        if asked != ["build"] and self.input_shape is not None:
            faults.append(Fault(("input_shape",), "Only build takes an input_shape."))
        faults += self._check_faults(asked[0])
        if faults:
            refuse(faults)
        return self

    def _check_faults(self, kind: str) -> list[Fault]:
        faults = [
            Fault(
                ("checks", place, "type"),
                f'"{check.type}" belongs to an exercise with {CHECK_TYPES[check.type].asks}, '
                f"not {kind}.",
            )
            for place, check in enumerate(self.checks)
            if CHECK_TYPES[check.type].asks != kind
        ]
        return faults + _id_faults(self.checks) + _needs_faults(self.checks)


def _id_faults(checks: tuple[CheckSpec, ...]) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for place, check in enumerate(checks):
        if check.id in seen:
            at = ("checks", place, "id")
            faults.append(Fault(at, f'Two checks of this exercise have the id "{check.id}".'))
        seen.add(check.id)
    return faults


def _needs_faults(checks: tuple[CheckSpec, ...]) -> list[Fault]:
    ids = [check.id for check in checks]
    faults = []
    for place, check in enumerate(checks):
        for which, need in enumerate(check.needs):
            if need not in ids:
                hint = did_you_mean(need, ids)
                message = f'No check of this exercise has the id "{need}".{hint}'
                faults.append(Fault(("checks", place, "needs", which), message))
    needs = {check.id: [need for need in check.needs if need in ids] for check in checks}
    for place, check in enumerate(checks):
        if check.id in _reachable(needs, check.id):
            faults.append(Fault(("checks", place, "needs"), f'"{check.id}" waits for itself.'))
    return faults


def _reachable(needs: dict[str, list[str]], start: str) -> set[str]:
    found: set[str] = set()
    queue = list(needs[start])
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += needs[name]
    return found


class Assignment(Strict):
    """One assignment file."""

    format: Literal[1]
    id: Identifier
    title: Text
    limits: Limits = Limits()
    allow_custom_layers: bool = False
    """Whether layers and models of the student's own are described and trained in the walls."""
    hints: HintLevel = "why"
    """How much a report tells: none, where, why, or fix."""
    exercises: Annotated[tuple[Exercise, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="before")
    @classmethod
    def _name_checks(cls, value: Any) -> Any:
        """Give each check without an id its type for one: ``layers``, ``layers-2``."""
        for exercise in _listed(value, "exercises"):
            taken = {check.get("id") for check in _listed(exercise, "checks")}
            for check in _listed(exercise, "checks"):
                if "id" not in check and isinstance(check.get("type"), str):
                    check["id"] = _free_id(check["type"], taken)
                    taken.add(check["id"])
        return value

    @model_validator(mode="after")
    def _makes_sense(self) -> Assignment:
        faults = []
        ids: list[str] = []
        for place, exercise in enumerate(self.exercises):
            if exercise.id in ids:
                message = f'Two exercises have the id "{exercise.id}".'
                faults.append(Fault(("exercises", place, "id"), message))
            ids.append(exercise.id)
        if not any(check.points for exercise in self.exercises for check in exercise.checks):
            faults.append(Fault(("exercises",), "No check has points, so nothing can be earned."))
        if faults:
            refuse(faults)
        return self


def _listed(value: Any, key: str) -> list[dict[str, Any]]:
    """The dicts in the list under ``key``; whatever else stands there is reported elsewhere."""
    items = value.get(key) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _free_id(name: str, taken: set[Any]) -> str:
    number = 1
    while (name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return name if number == 1 else f"{name}-{number}"
