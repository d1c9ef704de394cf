"""``output_shape``: what is said of the shape that a model gives."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from grader.checks.base import Finding
from grader.checks.output_shape import OutputShape, check_output_shape, show_first
from grader.model.arithmetic import matches
from grader.records import Evidence, ModelDescription, Shape
from grader.sandbox.client import Sandbox
from tests.checks.models import build

FLAT = "Sequential([Input((28, 28, 1)), Flatten(), Dense(10)])"
IMAGE = "Sequential([Input((28, 28, 1)), Conv2D(10, 3)])"
DENSE_ON_IMAGE = "Sequential([Input((28, 28, 1)), Dense(10)])"
TWO = """
x = Input((8,))
model = Model(x, [Dense(10)(x), Dense(1)(x)])
"""
MANY = """
x = Input((8,))
model = Model(x, [Dense(i + 1)(x) for i in range(12)])
"""
ANY_SIZE = "Sequential([Input((None, None, 3)), Conv2D(8, 3)])"


def run(sandbox: Sandbox, code: str, expect: list[Any]) -> Finding:
    spec = OutputShape(expect=expect)
    return check_output_shape(spec, Evidence(model=build(sandbox, code)))


@pytest.mark.parametrize(
    ("code", "expect", "sentence"),
    [
        (FLAT, [10], "The output is 10."),
        (FLAT, [None], "The output is 10."),
        (FLAT, [[10]], "The output is 10."),
        (IMAGE, [26, 26, 10], "The output is 26×26×10."),
        (IMAGE, [None, None, 10], "The output is 26×26×10."),
        (ANY_SIZE, [None, None, 8], "The output is ?×?×8."),
        (TWO, [[10], [1]], "The outputs are 10 and 1."),
    ],
    ids=["flat", "any", "list of one", "image", "any size", "unknown size", "two outputs"],
)
def test_right_shapes(sandbox: Sandbox, code: str, expect: list[Any], sentence: str) -> None:
    finding = run(sandbox, code, expect)
    assert (finding.credit, finding.where) == (1, sentence)
    assert (finding.detail, finding.why, finding.fix) == ("", "", "")


def test_the_shapes_are_kept_for_the_report(sandbox: Sandbox) -> None:
    finding = run(sandbox, TWO, [[10], [None]])
    assert (finding.expected, finding.got) == ([[10], [None]], [[10], [1]])


FLATTEN = (
    "Rows and columns are still there: nothing has made one row of the feature maps.",
    "Put Flatten or GlobalAveragePooling2D before the last dense layers.",
)
UNITS = (
    "The last size is the number of units of the last dense layer, or of filters of the last "
    "convolution."
)
ONE, SEVERAL = (
    "The model's output has another shape.",
    "The model's outputs have other shapes.",
)


@pytest.mark.parametrize(
    ("code", "expect", "finding"),
    [
        (DENSE_ON_IMAGE, [10], (0, ONE, "It is 28×28×10; expected 10.", *FLATTEN)),
        (FLAT, [12], (0, ONE, "It is 10; expected 12.", UNITS, "Make that number 12.")),
        (
            IMAGE,
            [26, 26, 8],
            (0, ONE, "It is 26×26×10; expected 26×26×8.", UNITS, "Make that number 8."),
        ),
        (
            IMAGE,
            [28, 28, 10],
            (
                0,
                ONE,
                "It is 26×26×10; expected 28×28×10.",
                "",
                "Look at kernel, stride and padding of the layers.",
            ),
        ),
        (FLAT, [28, 28, 10], (0, ONE, "It is 10; expected 28×28×10.", "", "")),
        (FLAT, [], (0, ONE, "It is 10; expected a number.", "", "")),
        (
            ANY_SIZE,
            [26, 26, 8],
            (
                0,
                ONE,
                "It is ?×?×8; expected 26×26×8.",
                "",
                "Look at kernel, stride and padding of the layers.",
            ),
        ),
        (
            TWO,
            [[10], [2]],
            (0.5, SEVERAL, "They are 10 and 1; expected 10 and 2.", UNITS, "Make that number 2."),
        ),
        (TWO, [10], (0.5, SEVERAL, "They are 10 and 1; expected 10.", "", "")),
        (FLAT, [[10], [1]], (0.5, SEVERAL, "It is 10; expected 10 and 1.", "", "")),
        (
            MANY,
            [[1], [2]],
            (
                2 / 12,
                SEVERAL,
                "They are 1, 2, 3, 4, 5, 6, 7, 8 and 4 more; expected 1 and 2.",
                "",
                "",
            ),
        ),
    ],
    ids=[
        "not flattened",
        "units",
        "filters",
        "padding",
        "flattened",
        "scalar",
        "unknown size",
        "one of two",
        "one too many",
        "one too few",
        "many",
    ],
)
def test_wrong_shapes(
    sandbox: Sandbox, code: str, expect: list[Any], finding: tuple[float, str, str, str, str]
) -> None:
    found = run(sandbox, code, expect)
    assert (found.credit, found.where, found.detail, found.why, found.fix) == finding


def test_a_claim_of_no_outputs_is_no_output() -> None:
    nothing = ModelDescription((), (), (), 0, 0, 0, None, rebuilt=False)
    finding = check_output_shape(OutputShape(expect=[10]), Evidence(model=nothing))
    assert (finding.credit, finding.detail) == (0, "It is nothing; expected 10.")


@pytest.mark.parametrize(
    ("expected", "got", "agree"),
    [
        ((10,), (10,), True),
        ((10,), (1,), False),
        ((None,), (10,), True),
        ((10,), (None,), False),
        ((None, 3), (3,), False),
        ((), (), True),
    ],
)
def test_matches(expected: Shape, got: Shape, agree: bool) -> None:
    assert matches(expected, got) is agree


def test_show_first_counts_what_it_leaves_out() -> None:
    assert show_first([(1,)] * 8) == "1, 1, 1, 1, 1, 1, 1 and 1"
    assert show_first([(1,)] * 9) == "1, 1, 1, 1, 1, 1, 1, 1 and 1 more"


@pytest.mark.parametrize("expect", [[0], [-1], ["a"], [1.5], [10, [1]], [1] * 9, 10])
def test_shapes_that_make_no_sense_are_refused(expect: Any) -> None:
    with pytest.raises(ValidationError):
        OutputShape(expect=expect)
