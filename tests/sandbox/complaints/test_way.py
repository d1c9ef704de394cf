"""What a student's process says of the way to a failing layer is a claim."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.complaints.way import explain_so_far

FACT: dict[str, Any] = {
    "layer": {"type": "Conv2D", "config": {"kernel_size": [5, 5], "filters": 8}},
    "given": [3, 3, 8],
    "start": [7, 7, 8],
    "before": [{"type": "MaxPooling2D", "config": {"pool_size": [2, 2]}, "shape": [3, 3, 8]}],
}


def test_what_is_in_form_is_worded() -> None:
    assert explain_so_far(FACT) == "One pooling has halved 7 → 3."
    fits = {**FACT, "given": [9, 9, 8]}
    assert explain_so_far(fits) == "Before it: MaxPooling2D 3×3×8."


STEP = FACT["before"][0]
CLAIMS: dict[str, Any] = {
    "nothing": None,
    "a text": "Conv2D",
    "no layer": {**FACT, "layer": None},
    "no shape": {**FACT, "given": None},
    "no layers before": {**FACT, "before": []},
    "a mapping of layers": {**FACT, "before": {"a": STEP}},
    "a type that is no name": {**FACT, "before": [{**STEP, "type": "Conv\x1b[2J"}]},
    "a type that is no layer": {**FACT, "layer": {"type": "Score", "config": {}}},
    "a type without end": {**FACT, "before": [{**STEP, "type": "x" * 1000}]},
    "a size that is no number": {**FACT, "before": [{**STEP, "shape": ["3", 3, 8]}]},
    "a size that is true": {**FACT, "before": [{**STEP, "shape": [True, 3, 8]}]},
    "a size below 0": {**FACT, "before": [{**STEP, "shape": [-3, 3, 8]}]},
    "a size too large": {**FACT, "before": [{**STEP, "shape": [10**50, 3, 8]}]},
    "many axes": {**FACT, "before": [{**STEP, "shape": [1] * 6}]},
    "an argument that is no number": {
        **FACT,
        "layer": {"type": "Conv2D", "config": {"kernel_size": [[5], 5]}},
    },
    "an argument with a name of its own": {
        **FACT,
        "layer": {"type": "Conv2D", "config": {"<b>": 3}},
    },
}


@pytest.mark.parametrize("name", CLAIMS)
def test_whatever_is_out_of_form_is_passed_over(name: str) -> None:
    assert explain_so_far(CLAIMS[name]) == ""


def test_a_long_way_is_told_in_short() -> None:
    fact = {**FACT, "given": [9, 9, 8], "before": [STEP] * 5000}
    assert len(explain_so_far(fact)) < 200
