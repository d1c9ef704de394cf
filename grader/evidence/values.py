"""What functions return and what dicts of answers hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from grader.checks.arrays import make_arrays
from grader.checks.returns import Call
from grader.errors import SubmissionError
from grader.evidence.ask import Asking, assumptions_of
from grader.records import Problem, Program, Returned
from grader.sandbox.verdict import read_returned
from grader.submission.placeholders import unfilled

Assume = Callable[[Iterable[str]], object]
"""Is told what was given to a program instead of the real thing."""


def call_function(
    asking: Asking, program: Program, calls: Sequence[Call], assume: Assume = list
) -> tuple[Returned, ...]:
    """Call the program's function once for each case, with its arrays made."""
    cases = [{"args": make_arrays(call.args), "kwargs": make_arrays(call.kwargs)} for call in calls]
    answer = _answer(asking, "call", program, cases=cases)
    assume(assumptions_of(answer))
    return read_returned(answer, len(cases), program.name, asking.build_limits)


def read_answers(asking: Asking, program: Program, assume: Assume = list) -> Mapping[str, Any]:
    """The dict that the program's name holds."""
    answer = _answer(asking, "read", program)
    assume(assumptions_of(answer))
    value = answer.get("value")
    if not isinstance(value, dict):
        raise SubmissionError(Problem("unreadable", f"{program.name} cannot be read."))
    if value and all(answer is None for answer in value.values()):
        raise SubmissionError(
            Problem(
                "unsolved",
                f"Every answer in {program.name} is still None. Fill them in, save, and check "
                "again.",
                program.cell,
                program.line,
            )
        )
    return value


def _answer(asking: Asking, job: str, program: Program, **request: Any) -> dict[str, Any]:
    """What the student's process gave; ``unsolved`` where a placeholder still stands in it."""
    try:
        return asking.student_answer(job, program, None, **request)
    except SubmissionError as error:
        problem = unfilled(program, error.problem) or error.problem
        raise SubmissionError(problem, error.assumptions) from error


def value_of(returned: Returned) -> Any:
    """The value. Raises SubmissionError with the problem where there is none."""
    if returned.problem is not None:
        raise SubmissionError(returned.problem)
    return returned.value
