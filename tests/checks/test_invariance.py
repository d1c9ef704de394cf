"""What a shift of the image does to the output."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grader.checks.invariance import (
    Invariance,
    check_invariance,
    relative_changes,
    values_that_differ,
)
from grader.records import Evidence
from tests.report.reports import CONV, MODEL, POOL

SPEC = Invariance(id="it", images=2, shifts=((0, 1), (2, 0)), tolerance=0.1)


def evidence(still: list[list[float]], *moved: list[list[float]]) -> Evidence:
    return Evidence(responses={"it": np.array([still, *moved], dtype=np.float32)})


def test_the_change_is_measured_beside_the_difference_between_images() -> None:
    outputs = np.array([[[0.0, 0.0], [3.0, 4.0]], [[0.0, 1.0], [3.0, 4.0]]])
    assert relative_changes(outputs) == pytest.approx([0.5 / 5])


def test_an_output_that_does_not_change_passes() -> None:
    still = [[0.0, 1.0], [1.0, 0.0]]
    found = check_invariance(SPEC, evidence(still, still, still))
    assert found.credit == 1
    assert found.where == (
        "Shifted by (0, 1) pixels, the output changes by 0.000 of the difference between two "
        "digits; at most 0.1 is asked."
    )


def test_the_worst_shift_decides_and_is_named() -> None:
    still = [[0.0, 0.0], [1.0, 0.0]]
    found = check_invariance(SPEC, evidence(still, still, [[0.5, 0.0], [1.0, 0.0]]))
    assert found.credit == 0
    assert found.detail.startswith("Shifted by (2, 0) pixels, the output changes by 0.250 of")
    assert found.fix == "Pool over the whole feature map before the output."


def test_who_pools_the_whole_map_already_is_told_of_the_stride_before_it() -> None:
    pooled = replace(POOL, type="GlobalMaxPooling2D", config={})
    model = replace(MODEL, layers=(CONV, POOL, pooled))
    still = [[0.0, 0.0], [1.0, 0.0]]
    given = replace(evidence(still, still, [[0.5, 0.0], [1.0, 0.0]]), model=model)
    found = check_invariance(SPEC, given)
    assert found.why == (
        "MaxPooling2D (pool) moves by more than one pixel at a time: after a shift that is no "
        "multiple of its stride, its windows see other pixels."
    )
    assert found.fix == "Keep the full resolution until the pooling over the whole map."


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_an_output_that_is_the_same_for_every_digit_does_not_pass(value: float) -> None:
    same = [[value, value], [value, value]]
    found = check_invariance(SPEC, evidence(same, same, same))
    assert found.credit == 0
    assert found.where == "Too few values of the output differ from digit to digit."
    assert found.detail == "0 of 2 differ; at least 1 should."


def test_constant_values_beside_one_that_differs_can_be_refused() -> None:
    still = [[0.0, 5.0], [1.0, 5.0]]
    asked = SPEC.model_copy(update={"differing": 2})
    assert check_invariance(SPEC, evidence(still, still, still)).credit == 1
    assert check_invariance(asked, evidence(still, still, still)).credit == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_output_that_is_not_finite_does_not_pass(bad: float) -> None:
    still = [[0.0, 1.0], [1.0, 0.0]]
    assert check_invariance(SPEC, evidence(still, [[bad, 1.0], [1.0, 0.0]], still)).credit == 0


def test_values_that_differ_are_counted() -> None:
    assert values_that_differ(np.array([[1.0, 2.0, 3.0], [1.0, 2.5, 3.0]])) == 1
    assert values_that_differ(np.zeros((3, 4))) == 0
