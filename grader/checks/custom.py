"""``custom``: a check that the author wrote, in Python.

What it checks
    Whatever ``check(evidence, settings)`` in a file beside the assignment finds. ``evidence`` is
    a dict of plain values: ``input_shape``, ``model`` (the fields of the report's ``model``, and
    for each layer its ``input_shapes``, ``inbound`` and ``receptive_field``), ``compiled``,
    ``architecture`` (what Keras saves of the model, to rebuild it from), ``answers``, and
    ``returned`` (one entry for each of ``calls``: ``{"value": …}`` or ``{"problem": text}``).
    It gives True, False, a share from 0 to 1, or a dict with ``credit`` and any of ``where``,
    ``detail``, ``why``, ``fix``, ``expected`` and ``got``.

    It runs in the trusted process, in a fork of its own with the assignment's limits, and never
    beside student code. What goes wrong in it is the author's fault and costs nobody points.

Why it matters
    No list of checks is complete.

Passes
    check: {type: custom, file: own.py}
    source: "def check(evidence, settings): return evidence['model']['total_params'] == 40"
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])

Fails
    check: {type: custom, file: own.py}
    source: "def check(evidence, settings): return {'credit': 0, 'fix': 'Add it.', 'expected': 1}"
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from grader.checks.base import CheckSpec, Finding
from grader.checks.patterns import Fault, refuse
from grader.checks.python_names import PythonName
from grader.checks.returns import Call
from grader.records import Evidence
from grader.words import quoted


def _beside(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\w[\w.-]*\.py", value):
        refuse([Fault((), f"{quoted(value)} is not the name of a Python file beside this one.")])
    return value


class Custom(CheckSpec):
    type: Literal["custom"] = "custom"
    file: Annotated[str, BeforeValidator(_beside)]
    """A Python file beside the assignment."""
    function: PythonName = "check"
    settings: Annotated[dict[str, Any], Field(default_factory=dict)]
    """Handed to the function as its second argument."""
    calls: Annotated[tuple[Call, ...], Field(max_length=1000)] = ()


def check_custom(spec: Custom, evidence: Evidence) -> Finding:
    found = evidence.custom[spec.id]
    return Finding(
        credit=found.credit,
        where=_sentence(found.where) or ("As asked." if found.credit >= 1 else "Not as asked."),
        detail=_sentence(found.detail),
        why=_sentence(found.why),
        fix=_sentence(found.fix),
        expected=found.expected,
        got=found.got,
    )


def _sentence(text: str) -> str:
    """Ended with a full stop, so that the next sentence can follow."""
    text = text.strip()
    return text if not text or text[-1] in ".?!" else f"{text}."
