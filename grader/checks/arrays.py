"""Arrays in assignment files: written out, or drawn at random from a seed.

``{array: [[1, 2], [3, 4]]}`` and ``{random: {shape: [7, 7], seed: 1}}`` stand for NumPy arrays,
``{tuple: [3, 5]}`` for a tuple; any other value stands for itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from grader.checks.patterns import Fault, refuse
from grader.checks.values import show
from grader.words import show_shape

if TYPE_CHECKING:
    import numpy as np

MAX_ITEMS = 1_000_000
TUPLE = "$tuple"
"""What a tuple is called on its way to the student's function."""
KINDS = ("array", "random", "tuple")

WANTED = (
    "A random array is {shape: [7, 7], seed: 1}, a list of whole numbers and a whole number; low, "
    "high and integers may stand beside them."
)

Axis = Annotated[int, Field(ge=1)]


class RandomArray(BaseModel):
    """Numbers drawn evenly from ``low`` up to ``high``; whole ones on request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Annotated[tuple[Axis, ...], Field(min_length=1, max_length=6)]
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    low: Annotated[float, Field(allow_inf_nan=False)] = 0
    high: Annotated[float, Field(allow_inf_nan=False)] = 1
    integers: bool = False

    def draw(self) -> np.ndarray:
        import numpy as np

        generator = np.random.default_rng(self.seed)
        if self.integers:
            return generator.integers(int(self.low), int(self.high), self.shape, endpoint=True)
        return generator.uniform(self.low, self.high, self.shape)


def _check(value: Any) -> Any:
    faults = list(_faults(value, ()))
    if faults:
        refuse(faults)
    return value


Value = Annotated[Any, BeforeValidator(_check)]
"""A plain value that may hold arrays."""


def _faults(value: Any, at: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _faults(item, (*at, place))
    if not isinstance(value, dict):
        return
    kind = _kind(value)
    if kind == "array":
        if not _is_regular(value["array"]):
            yield Fault((*at, kind), "An array is numbers in nested lists of equal lengths.")
    elif kind == "tuple":
        if not isinstance(value["tuple"], list):
            yield Fault((*at, kind), "A tuple is a list of its values.")
        yield from _faults(value["tuple"], (*at, kind))
    elif kind == "random":
        try:
            drawn = RandomArray.model_validate_json(json.dumps(value["random"]), strict=True)
        except (ValidationError, TypeError) as error:
            keys = error.errors() if isinstance(error, ValidationError) else []
            yield Fault(
                (*at, kind, *(str(one["loc"][0]) for one in keys[:1] if one["loc"])), WANTED
            )
            return
        size = 1
        for axis in drawn.shape:
            size *= axis
        if size > MAX_ITEMS:
            yield Fault((*at, kind, "shape"), f"An array has at most {MAX_ITEMS:,} numbers.")
        if drawn.low > drawn.high:
            yield Fault((*at, kind, "low"), "low is above high.")
    else:
        for key, item in value.items():
            yield from _faults(item, (*at, key))


def _kind(value: Any) -> str | None:
    """``array``, ``random`` or ``tuple`` for what stands for one."""
    if isinstance(value, dict) and len(value) == 1:
        key = next(iter(value))
        return key if key in KINDS else None
    return None


def _is_regular(value: Any) -> bool:
    def shape(item: Any) -> tuple[int, ...] | None:
        if not isinstance(item, list):
            return () if isinstance(item, int | float) else None
        inner = {shape(part) for part in item}
        if len(inner) != 1 or None in inner:
            return None
        return (len(item), *(inner.pop() or ()))

    return isinstance(value, list) and shape(value) is not None


def make_arrays(value: Any) -> Any:
    """The value that a setting stands for, with every array in it made."""
    import numpy as np

    kind = _kind(value)
    if kind == "array":
        return np.array(value["array"])
    if kind == "random":
        return RandomArray.model_validate(value["random"]).draw()
    if kind == "tuple":
        return {TUPLE: make_arrays(value["tuple"])}
    if isinstance(value, dict):
        return {key: make_arrays(item) for key, item in value.items()}
    return [make_arrays(item) for item in value] if isinstance(value, list) else value


def show_arrays(value: Any) -> str:
    """The value as a sentence tells it: a random array by its shape and its seed."""
    kind = _kind(value)
    if kind == "random":
        drawn = RandomArray.model_validate(value["random"])
        return f"random numbers {show_shape(drawn.shape)} (seed {drawn.seed})"
    if kind == "tuple":
        inner = ", ".join(show_arrays(item) for item in value["tuple"])
        return f"({inner},)" if len(value["tuple"]) == 1 else f"({inner})"
    return show(value["array"] if kind == "array" else value)


def one_expectation(case: BaseModel) -> None:
    """Refuse a case with neither ``expect`` nor ``expect_from``, or with both."""
    given = {"expect", "expect_from"} & case.model_fields_set
    if not given:
        refuse([Fault((), 'The key "expect" is missing here.')])
    if len(given) > 1:
        refuse([Fault(("expect_from",), "Give either expect or expect_from.")])
