"""``returns``: a function gives the right values.

What it checks
    The student's function is called once for each case, and what it returns is compared with
    ``expect``: shapes first, then values, within ``tolerance`` (1e-6 unless the case says
    otherwise). The credit is the share of the cases that agree.

Why it matters
    Writing a formula as a function shows whether it is understood, at the edges too: stride,
    padding, sizes that do not divide.

Passes
    check: {type: returns, cases: [{args: [28, 3], expect: 26}]}
    function: "lambda n, k: n - k + 1"

Fails
    check: {type: returns, cases: [{args: [28, 3], expect: 26}]}
    function: "lambda n, k: n - k"
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader.checks.base import CheckSpec, Finding
from grader.checks.values import TOLERANCE, difference, show
from grader.records import Evidence, Plain, Returned


class Case(BaseModel):
    """One call and what it should give."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    expect: Any
    tolerance: Annotated[float, Field(ge=0)] = TOLERANCE


class Returns(CheckSpec):
    type: Literal["returns"] = "returns"
    cases: Annotated[list[Case], Field(min_length=1, max_length=1000)]


def check_returns(spec: Returns, evidence: Evidence) -> Finding:
    returned = evidence.returned[spec.id]
    faults = [_fault(case, value) for case, value in zip(spec.cases, returned, strict=True)]
    wrong = [index for index, fault in enumerate(faults) if fault]
    expected: Plain = [case.expect for case in spec.cases]
    got: Plain = [_plain(value) for value in returned]
    if not wrong:
        count = len(spec.cases)
        sentence = f"All {count} cases are right." if count > 1 else "The case is right."
        return Finding(1, sentence, expected=expected, got=got)
    first = wrong[0]
    case = spec.cases[first]
    right = len(faults) - len(wrong)
    return Finding(
        right / len(faults),
        f"{right} of {len(faults)} cases are right.",
        f"Called with {show_call(case)}: {faults[first]}.",
        "",
        "Work this case out by hand, then follow your function with the same numbers.",
        expected,
        got,
    )


def _fault(case: Case, returned: Returned) -> str | None:
    if returned.problem is not None:
        line = returned.problem.line
        place = f" (line {line})" if line else ""
        return returned.problem.message.rstrip(".") + place
    return difference(case.expect, returned.value, case.tolerance)


def _plain(returned: Returned) -> Plain:
    value = returned.value
    if hasattr(value, "tolist"):
        value = value.tolist()
    return value if len(repr(value)) <= 2000 else show(value)


def show_call(case: Case) -> str:
    """``(28, 3, stride=2)``."""
    given = [show(value) for value in case.args]
    given += [f"{key}={show(value)}" for key, value in case.kwargs.items()]
    return f"({', '.join(given)})"
