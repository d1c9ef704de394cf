"""What lateness costs: ``late: {per_day: 10%, max: 50%}``.

The shares are of the points that could be earned, not of those that were: a day costs everybody
the same. Each day that has begun counts, and nobody goes below zero.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema, model_validator

from grader.checks.patterns import Fault, refuse
from grader.words import quoted, show_number, show_percent, show_value

DIGITS = 6
"""Decimal places kept, as of all scores."""
SECONDS_A_DAY = 86_400
PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")


def _read_share(value: Any) -> float:
    """``10%``, ``10 %`` or ``0.1``."""
    if isinstance(value, str):
        found = PERCENT.fullmatch(value.strip())
        if found is None:
            refuse([Fault((), f"Expected a share such as 10% or 0.1, got {quoted(value)}.")])
        share, shown = float(found[1]) / 100, value.strip()
    elif isinstance(value, bool) or not isinstance(value, int | float):
        refuse([Fault((), f"Expected a share such as 10% or 0.1, got {show_value(value)}.")])
    else:
        share, shown = float(value), show_number(value)
    if not 0 < share <= 1:
        meant = f" Write {shown}%." if 1 < share <= 100 and not isinstance(value, str) else ""
        refuse([Fault((), f"Expected more than 0% and at most 100%, got {shown}.{meant}")])
    return share


Share = Annotated[
    float,
    BeforeValidator(_read_share),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                {"type": "string", "pattern": f"^{PERCENT.pattern}$"},
            ]
        }
    ),
]


class Late(BaseModel):
    """What is taken off from a submission that came late."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    per_day: Share
    """Of the points that could be earned, for each day that has begun: 10% or 0.1."""
    max: Share = 1.0
    """However late it came, no more than this is taken off."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Late:
        if self.max < self.per_day:
            message = f"max ({show_percent(self.max)}) is below per_day"
            refuse([Fault(("max",), f"{message} ({show_percent(self.per_day)}).")])
        return self

    def penalty(self, score: float, max_score: float, days_late: float | None) -> float:
        """Points to take off from ``score``, never more than it has.

        Args:
            score: points that were earned.
            max_score: points that could be earned.
            days_late: None where nobody knows; nothing is taken off then. Counted in whole
                seconds: what is a second late has begun a day.
        """
        if days_late is None or not days_late > 0:
            return 0.0
        share = self.max
        if days_late * self.per_day < self.max:
            begun = math.ceil(round(days_late * SECONDS_A_DAY) / SECONDS_A_DAY)
            share = min(self.per_day * begun, self.max)
        return round(min(share * max_score, max(score, 0.0)), DIGITS)
