"""``answers``: numbers that the student worked out.

What it checks
    A dict in the notebook holds the right value under each asked-for key. Whole numbers must be
    equal and floats agree to a millionth, unless the check gives a ``tolerance``. A number
    written as text ("73,728") is taken as that number, and the report says so. The credit is the
    share of keys that agree.

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

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding, all_are, some_are
from grader.checks.values import Tolerance, difference, for_report
from grader.records import Evidence, Plain
from grader.words import join_words, nearest

NAMED = 5
"""Wrong answers of which a report speaks one by one."""
NUMBER = re.compile(
    r"([+-]?(?:[0-9]{1,3}(?:[,_ ][0-9]{3})+|[0-9]+))(\.[0-9]*)?(e[+-]?[0-9]+)?", re.I
)
"""A number as people write it; commas, spaces and underscores stand between thousands only."""


class Answers(CheckSpec):
    type: Literal["answers"] = "answers"
    expect: Annotated[dict[str, Any], Field(min_length=1, max_length=1000)]
    """The right value for each key."""
    tolerance: Tolerance = None


def check_answers(spec: Answers, evidence: Evidence) -> Finding:
    assert evidence.answers is not None
    answers = evidence.answers
    faults = {key: _fault(spec, key, answers) for key in spec.expect}
    wrong = [key for key, fault in faults.items() if fault]
    texts = [key for key, value in spec.expect.items() if _is_taken(value, answers.get(key))]
    got: Plain = {key: for_report(answers[key]) for key in spec.expect if key in answers}
    expected: Plain = dict(spec.expect)
    taken = f" Text taken as a number: {join_words(texts)}." if texts else ""
    count, right = len(faults), len(faults) - len(wrong)
    if not wrong:
        said = f"{all_are(count, 'answer')} right.{taken}"
        return Finding(1, said, expected=expected, got=got)
    more = [f"{len(wrong) - NAMED} more"] if len(wrong) > NAMED else []
    named = join_words(wrong[:NAMED] + more)
    where = f"{some_are(right, count, 'answer')} right. Not right: {named}."
    return Finding(
        right / count,
        (where if count > 1 else "The answer is not right.") + taken,
        f"{'; '.join(f'{key}: {faults[key]}' for key in wrong[:NAMED])}.",
        "",
        "Write the formula down first, then put the numbers in.",
        expected,
        got,
    )


def _fault(spec: Answers, key: str, answers: Mapping[str, Any]) -> str | None:
    wanted, given = spec.expect[key], answers.get(key)
    if key not in answers or (given is None and wanted is not None):
        near = nearest(key, [one for one in answers if one not in spec.expect])
        return f"not answered; {near} is not asked for" if near else "not answered"
    taken = as_number(given) if _is_taken(wanted, given) else given
    return difference(wanted, taken, spec.tolerance)


def _is_taken(wanted: Any, given: Any) -> bool:
    """Whether an answer is text that stands for a number, where a number is asked for."""
    number = isinstance(wanted, int | float) and not isinstance(wanted, bool)
    return number and isinstance(given, str) and not isinstance(as_number(given), str)


def as_number(value: Any) -> Any:
    """``"73,728"`` as 73728; what is no text, or a text that is no number, as it is."""
    short = isinstance(value, str) and len(value) <= 100
    match = NUMBER.fullmatch(value.strip()) if short else None
    if match is None:
        return value
    whole = re.sub("[,_ ]", "", match[1])
    rest = (match[2] or "") + (match[3] or "")
    return float(whole + rest) if rest else int(whole)
