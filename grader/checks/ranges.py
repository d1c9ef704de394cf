"""Numbers that may lie in a range, as several checks ask for them."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.checks.patterns import Fault, refuse
from grader.words import show_value

Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class NumberRange(BaseModel):
    """``exact``, or ``min`` and ``max``, or one of the two; one number alone means ``exact``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exact: Number | None = None
    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"exact": value}
        if not isinstance(value, dict | NumberRange):
            message = "Expected a number, or a range such as {min: 1, max: 3}; got "
            refuse([Fault((), f"{message}{show_value(value)}.")])
        return value

    @model_validator(mode="after")
    def _makes_sense(self) -> NumberRange:
        bounds = [bound for bound in (self.min, self.max) if bound is not None]
        if self.exact is None and not bounds:
            refuse([Fault((), "A range needs exact, min or max.")])
        if self.exact is not None and bounds:
            refuse([Fault(("exact",), "exact goes with neither min nor max.", on_key=True)])
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            message = f"min ({_show(bounds[0])}) is above max ({_show(bounds[1])})."
            refuse([Fault(("min",), message)])
        return self

    def holds(self, value: float) -> bool:
        if self.exact is not None:
            return value == self.exact
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def times(self, whole: int) -> NumberRange:
        """The range of whole things that this one, in shares of ``whole``, allows."""
        return NumberRange.model_construct(
            exact=None if self.exact is None else float(round(self.exact * whole)),
            min=None if self.min is None else float(math.ceil(self.min * whole)),
            max=None if self.max is None else float(math.floor(self.max * whole)),
        )

    def show(self) -> str:
        """``124,670``, ``at most 150,000``, ``between 3 and 5``."""
        if self.exact is not None:
            return _show(self.exact)
        if self.min is not None and self.max is not None:
            return f"between {_show(self.min)} and {_show(self.max)}"
        if self.max is not None:
            return f"at most {_show(self.max)}"
        return f"at least {_show(self.min or 0.0)}"

    def plain(self) -> dict[str, float] | float:
        """For the report."""
        if self.exact is not None:
            return _whole(self.exact)
        return {key: _whole(value) for key, value in self.model_dump(exclude_none=True).items()}


def _whole(number: float) -> float:
    """``40`` rather than ``40.0``: what is counted here are whole things."""
    return int(number) if number.is_integer() else number


def _show(number: float) -> str:
    return f"{_whole(number):,}"
