"""``contains``: how many layers of a type the model has.

What it checks
    For each type, the number of layers: one number, or a range with ``min`` and ``max``; 0
    forbids the type. The order does not matter. The credit is the share of types that agree.

Why it matters
    Some tasks ask for a means and leave the rest free: "use dropout", "no dense layer but the
    last".

Passes
    check: {type: contains, expect: {Conv2D: {min: 1}, Dropout: 0}}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])

Fails
    check: {type: contains, expect: {Conv2D: 2}}
    model: Sequential([Input((8, 8, 1)), Conv2D(4, 3)])
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import Field

from grader.checks.base import CheckSpec, Finding
from grader.checks.patterns import LayerName, NumberRange
from grader.records import Evidence
from grader.words import join_words


class Contains(CheckSpec):
    type: Literal["contains"] = "contains"
    expect: Annotated[dict[LayerName, NumberRange], Field(min_length=1)]
    """How many layers of each type."""


def check_contains(spec: Contains, evidence: Evidence) -> Finding:
    assert evidence.model is not None
    counts = Counter(layer.type for layer in evidence.model.layers)
    wrong = [name for name, bounds in spec.expect.items() if not bounds.holds(counts[name])]
    expected = {name: bounds.plain() for name, bounds in spec.expect.items()}
    got = {name: counts[name] for name in spec.expect}
    if not wrong:
        said = join_words([f"{counts[name]} {name}" for name in spec.expect])
        return Finding(1, f"The model has {said}, as asked.", expected=expected, got=got)
    name = wrong[0]
    bounds = spec.expect[name]
    return Finding(
        1 - len(wrong) / len(spec.expect),
        f"The number of {name} layers is not as asked.",
        f"The model has {counts[name]}; expected {bounds.show()}.",
        "",
        f"Add {name}." if bounds.holds(counts[name] + 1) else f"Count the {name} layers again.",
        expected,
        got,
    )
