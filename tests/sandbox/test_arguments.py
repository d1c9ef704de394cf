"""What a student's function is given, and whether it wrote into it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.sandbox.arguments import unpack_arguments, was_changed


def read_only(values: Any) -> np.ndarray:
    array = np.array(values)
    array.setflags(write=False)
    return array


def test_arrays_arrive_writable_and_tuples_as_tuples() -> None:
    given = unpack_arguments({"args": [read_only([1, 2]), {"$tuple": [3, {"$tuple": []}]}, "x"]})
    array, pair, text = given["args"]
    array[0] = 9
    assert pair == (3, ()) and text == "x"


@pytest.mark.parametrize(
    "write, changed",
    [
        (len, False),
        (lambda x: x[0].__setitem__(0, 9), True),
        (lambda x: x[0].sort(), False),
        (lambda x: x[1]["$list"].append(1), True),
        (lambda x: x[1].pop("$list"), True),
        (lambda x: x[2][0].__setitem__(0, 9), True),
        (lambda x: x.clear(), True),
    ],
)
def test_what_a_function_wrote_into_is_seen(write: Any, changed: bool) -> None:
    before = [read_only([1.0, np.nan]), {"$list": []}, {"$tuple": [read_only([1])]}]
    given = unpack_arguments(before)
    write(given)
    assert was_changed(before, given) is changed
