"""Arrays in assignment files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from grader.checks.arrays import Value, make_arrays, show_arrays
from grader.checks.patterns import Fault

ADAPTER: TypeAdapter[Any] = TypeAdapter(Value)


def faults_of(value: Any) -> list[Fault]:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(value)
    (detail,) = caught.value.errors()
    faults: list[Fault] = detail["ctx"]["faults"]
    return faults


def test_a_written_array_is_made_with_its_numbers() -> None:
    made = make_arrays({"array": [[1, 2], [3, 4]]})
    assert made.dtype.kind == "i"
    np.testing.assert_array_equal(made, [[1, 2], [3, 4]])


def test_a_random_array_is_the_same_each_time_and_within_its_bounds() -> None:
    value = {"random": {"shape": [50, 3], "seed": 4, "low": -2, "high": 5}}
    first, second = make_arrays(value), make_arrays(value)
    np.testing.assert_array_equal(first, second)
    assert first.shape == (50, 3) and first.min() >= -2 and first.max() <= 5
    assert len(np.unique(first)) > 100


def test_random_whole_numbers_reach_both_bounds() -> None:
    value = {"random": {"shape": [200], "seed": 1, "low": 0, "high": 2, "integers": True}}
    assert set(make_arrays(value).tolist()) == {0, 1, 2}


def test_arrays_are_made_anywhere_inside_and_other_values_stay() -> None:
    value = [1, {"size": 2, "x": {"array": [1]}}, [{"array": [2]}], "array"]
    made = make_arrays(value)
    assert made[0] == 1 and made[3] == "array" and made[1]["size"] == 2
    assert isinstance(made[1]["x"], np.ndarray) and isinstance(made[2][0], np.ndarray)


@pytest.mark.parametrize(
    "value, at, message",
    [
        ({"array": [[1, 2], [3]]}, ("array",), "An array is numbers in nested lists of equal "),
        ({"array": 3}, ("array",), "An array is numbers in nested lists of equal lengths."),
        ({"array": ["a"]}, ("array",), "An array is numbers in nested lists of equal lengths."),
        ([{"array": [[]]}], (0, "array"), "An array is numbers in nested lists of equal "),
        ({"random": {"seed": 1}}, ("random", "shape"), "A random array is {shape: [7, 7], seed: "),
        ({"random": {"seed": "1", "shape": [1]}}, ("random", "seed"), "A random array is {shape: "),
        ({"random": {"sead": 1, "seed": 1, "shape": [1]}}, ("random", "sead"), "A random array "),
        ({"random": [7, 7]}, ("random",), "A random array is {shape: [7, 7], seed: 1}, a list "),
        (
            {"random": {"shape": [2000, 2000], "seed": 1}},
            ("random", "shape"),
            "An array has at most 1,000,000 numbers.",
        ),
        (
            {"random": {"shape": [2], "seed": 1, "low": 3, "high": 1}},
            ("random", "low"),
            "low is above high.",
        ),
    ],
)
def test_a_faulty_array_is_refused_at_its_place(
    value: Any, at: tuple[str | int, ...], message: str
) -> None:
    (fault,) = faults_of(value)
    assert fault.at == at
    assert fault.message.startswith(message)


@pytest.mark.parametrize(
    "value, words",
    [
        (3, "3"),
        ({"array": [[1, 2], [3, 4]]}, "[[1, 2], [3, 4]]"),
        ({"random": {"shape": [7, 7], "seed": 3}}, "random numbers 7×7 (seed 3)"),
    ],
)
def test_a_sentence_names_an_array(value: Any, words: str) -> None:
    assert show_arrays(value) == words


def test_a_value_is_part_of_any_model() -> None:
    class Holder(BaseModel):
        value: Value

    assert Holder(value={"array": [1]}).value == {"array": [1]}
