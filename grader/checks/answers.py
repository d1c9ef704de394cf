"""``answers``: numbers that the student worked out.

What it checks
    A dict in the notebook holds the right value under each asked-for key. A number written as
    text ("73,728") is taken as that number, and the report says so. The credit is the share of
    keys that agree.

Why it matters
    "Calculate your own to verify": whoever can count a layer's parameters by hand knows what
    the layer does.

Passes
    check: {type: answers, expect: {conv: 73728}}
    answers: {conv: 73728}

Fails
    check: {type: answers, expect: {conv: 73728}}
    answers: {conv: 73792}
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding
from grader.checks.values import TOLERANCE, difference
from grader.records import Evidence, Plain
from grader.words import join_words


class Answers(CheckSpec):
    type: Literal["answers"] = "answers"
    expect: Annotated[dict[str, Any], Field(min_length=1, max_length=1000)]
    """The right value for each key."""
    tolerance: Annotated[float, Field(ge=0)] = TOLERANCE


def check_answers(spec: Answers, evidence: Evidence) -> Finding:
    assert evidence.answers is not None
    given = {key: evidence.answers[key] for key in spec.expect if key in evidence.answers}
    read = {key: as_number(value) for key, value in given.items()}
    texts = [key for key in read if isinstance(given[key], str) and not isinstance(read[key], str)]
    faults = {
        key: difference(value, read[key], spec.tolerance) if key in read else "not answered"
        for key, value in spec.expect.items()
    }
    wrong = {key: fault for key, fault in faults.items() if fault}
    got: Plain = {key: _plain(value) for key, value in given.items()}
    expected: Plain = dict(spec.expect)
    taken = f" Text taken as a number: {join_words(texts)}." if texts else ""
    if not wrong:
        return Finding(1, f"All {len(faults)} answers are right.{taken}", "", "", "", expected, got)
    said = "; ".join(f"{key}: {fault}" for key, fault in list(wrong.items())[:5])
    return Finding(
        1 - len(wrong) / len(faults),
        f"{len(faults) - len(wrong)} of {len(faults)} answers are right.{taken}",
        f"{said}.",
        "",
        "Write the formula down first, then put the numbers in.",
        expected,
        got,
    )


def as_number(value: Any) -> Any:
    """``"73,728"`` as 73728; any other value as it is."""
    if not isinstance(value, str) or len(value) > 100:
        return value
    text = value.replace(",", "").replace("_", "").replace(" ", "")
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return value


def _plain(value: Any) -> Plain:
    plain: Plain = value.tolist() if hasattr(value, "tolist") else value
    return plain
