"""``returns``: a function gives the right values.

What it checks
    The student's function is called once for each case, and what it returns is compared with
    ``expect``: shapes first, then values. Whole numbers must be equal and floats agree to a
    millionth, unless the case gives a ``tolerance``. The credit is the share of the cases that
    agree.

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

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.checks.arrays import Value, one_expectation, show_arrays
from grader.checks.base import CheckSpec, Finding, all_are, some_are
from grader.checks.values import Tolerance, difference, for_report
from grader.records import Evidence, Plain, Returned


class Call(BaseModel):
    """One call of the student's function."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    args: list[Value] = []
    """Plain values; ``{array: …}`` and ``{random: …}`` stand for NumPy arrays."""
    kwargs: dict[str, Value] = {}


class Case(Call):
    """One call and what it should give."""

    expect: Any = None
    expect_from: Literal["solution"] | None = None
    """The value is what the author's solution gives, instead of ``expect``."""
    tolerance: Tolerance = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Case:
        one_expectation(self)
        return self


class Returns(CheckSpec):
    type: Literal["returns"] = "returns"
    cases: Annotated[list[Case], Field(min_length=1, max_length=1000)]


def check_returns(spec: Returns, evidence: Evidence) -> Finding:
    returned = evidence.returned[spec.id]
    wanted = evidence.expected.get(spec.id) or [case.expect for case in spec.cases]
    faults = [
        _fault(want, value, case.tolerance)
        for want, value, case in zip(wanted, returned, spec.cases, strict=True)
    ]
    wrong = [index for index, fault in enumerate(faults) if fault]
    expected: Plain = [for_report(value) for value in wanted]
    got: Plain = [for_report(value.value) for value in returned]
    count, right = len(faults), len(faults) - len(wrong)
    if not wrong:
        said = f"{all_are(count, 'case')} right.{_remark(returned)}"
        return Finding(1, said, expected=expected, got=got)
    called = show_call(spec.cases[wrong[0]])
    where = f"{some_are(right, count, 'case')} right. The first wrong one is {called}."
    return Finding(
        right / count,
        where if count > 1 else f"The case {called} is not right.",
        f"{faults[wrong[0]]}.",
        "",
        _advice(wanted[wrong[0]], returned[wrong[0]]),
        expected,
        got,
    )


def _advice(want: Any, returned: Returned) -> str:
    if returned.problem is None and returned.value is None and want is not None:
        return "Does the function end with return?"
    return "Work this case out by hand, then follow your function with the same numbers."


def _remark(returned: tuple[Returned, ...]) -> str:
    """What is no fault, but may become one."""
    if not any(value.changed for value in returned):
        return ""
    return (
        " It writes into its arguments, though: whoever calls it finds them changed. Work on a "
        "copy."
    )


def _fault(want: Any, returned: Returned, tolerance: float | None) -> str | None:
    problem = returned.problem
    if problem is not None:
        cell = f"cell {problem.cell}" if problem.cell else ""
        line = f"line {problem.line}" if problem.line else ""
        place = ", ".join(filter(None, (cell, line)))
        return problem.message.rstrip(".") + (f" ({place})" if place else "")
    wrong = difference(want, returned.value, tolerance)
    return wrong and wrong[0].upper() + wrong[1:]


def show_call(case: Case) -> str:
    """``(28, 3, stride=2)``."""
    given = [show_arrays(value) for value in case.args]
    given += [f"{key}={show_arrays(value)}" for key, value in case.kwargs.items()]
    return f"({', '.join(given)})"
