"""``answers``: numbers that students worked out, as they arrive from a notebook."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from grader.checks.answers import Answers, as_number, check_answers
from grader.checks.base import Finding
from grader.records import Evidence, Plain
from grader.sandbox.client import Sandbox
from tests.checks.models import read_dict

FIX = "Write the formula down first, then put the numbers in."


def run(sandbox: Sandbox, expect: dict[str, Plain], written: str) -> Finding:
    spec = Answers(expect=expect)
    return check_answers(spec, Evidence(answers=read_dict(sandbox, written)))


def judge(expected: Plain, given: object) -> Finding:
    return check_answers(Answers(expect={"a": expected}), Evidence(answers={"a": given}))


def test_right_answers(sandbox: Sandbox) -> None:
    finding = run(
        sandbox,
        {"conv": 73728, "output": [24, 24, 10], "share": 0.1, "padding": "same"},
        "{'conv': 3*3*128*64, 'output': (24, 24, 10), 'share': np.float32(0.1), "
        "'padding': 'same', 'notes': 'mine'}",
    )
    assert finding.credit == 1
    assert finding.where == "All 4 answers are right."
    assert finding.expected == {
        "conv": 73728,
        "output": [24, 24, 10],
        "share": 0.1,
        "padding": "same",
    }
    assert isinstance(finding.got, dict)
    assert list(finding.got) == ["conv", "output", "share", "padding"]
    assert finding.got["output"] == [24, 24, 10]


def test_wrong_and_forgotten_answers(sandbox: Sandbox) -> None:
    finding = run(
        sandbox,
        {"conv": 73728, "pool": 0, "dense": 650, "size": [5, 5]},
        "{'conv': 73792, 'pool': 0, 'size': None}",
    )
    assert finding == Finding(
        0.25,
        "1 of 4 answers is right. Not right: conv, dense and size.",
        "conv: expected 73728, got 73792; dense: not answered; size: not answered.",
        "",
        FIX,
        {"conv": 73728, "pool": 0, "dense": 650, "size": [5, 5]},
        {"conv": 73792, "pool": 0, "size": None},
    )


def test_one_answer_alone_is_worded_as_one(sandbox: Sandbox) -> None:
    assert run(sandbox, {"conv": 9}, "{'conv': 9}").where == "The answer is right."
    finding = run(sandbox, {"conv": 9}, "{'conv': 8}")
    assert (finding.where, finding.detail) == (
        "The answer is not right.",
        "conv: expected 9, got 8.",
    )


def test_many_wrong_answers_are_counted() -> None:
    expect: dict[str, Plain] = {f"q{i}": i for i in range(8)}
    finding = check_answers(Answers(expect=expect), Evidence(answers={"q0": 0}))
    assert finding.where == "1 of 8 answers is right. Not right: q1, q2, q3, q4, q5 and 2 more."
    assert finding.detail.count("not answered") == 5


def test_text_is_taken_as_the_number_it_stands_for(sandbox: Sandbox) -> None:
    finding = run(
        sandbox,
        {"conv": 73728, "dense": 650},
        "{'conv': '73,728', 'dense': '650 '}",
    )
    assert finding.credit == 1
    assert finding.where == ("Both answers are right. Text taken as a number: conv and dense.")
    assert finding.got == {"conv": "73,728", "dense": "650 "}
    finding = run(sandbox, {"conv": 73728}, "{'conv': '73,792'}")
    assert (finding.where, finding.detail) == (
        "The answer is not right. Text taken as a number: conv.",
        "conv: expected 73728, got 73792.",
    )


def test_text_stays_text_where_text_is_asked() -> None:
    assert judge("1", "1").credit == 1
    assert judge("1", "1.0").credit == 0
    assert judge(True, "1").detail == "a: expected True, got '1'."


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("73728", 73728),
        ("73,728", 73728),
        ("1,073,741,824", 1073741824),
        ("73_728", 73728),
        ("73 728", 73728),
        (" 26\n", 26),
        ("-3", -3),
        ("+3", 3),
        ("3.5", 3.5),
        ("1,234.5", 1234.5),
        ("1e3", 1000.0),
        ("2.5E-1", 0.25),
        ("3.", 3.0),
        ("", None),
        (" ", None),
        # A comma that is not between thousands may be a decimal comma.
        ("3,5", None),
        ("3,55", None),
        ("1234,567", None),
        ("7 3", None),
        ("1,,234", None),
        ("nan", None),
        ("inf", None),
        ("infinity", None),
        ("0x10", None),
        ("26 pixels", None),
        ("3*3", None),
        ("٢٦", None),
        ("²", None),
        ("1" * 101, None),
    ],
)
def test_as_number(text: str, number: float | None) -> None:
    found, wanted = as_number(text), text if number is None else number
    assert found == wanted and type(found) is type(wanted)


@pytest.mark.parametrize("value", [None, 3, True, 2.5, ["73,728"], {"a": "1"}])
def test_what_is_no_text_is_no_text_for_a_number(value: object) -> None:
    assert as_number(value) is value


@pytest.mark.parametrize(
    ("expected", "given", "detail"),
    [
        (1, True, "a: expected the number 1, got the boolean True."),
        (1, float("nan"), "a: expected 1, got nan."),
        (1, "nan", "a: expected the number 1, got the text 'nan'."),
        (1, "one", "a: expected the number 1, got the text 'one'."),
        (35, "3,5", "a: expected the number 35, got the text '3,5'."),
        (1, [1], "a: expected the number 1, got the list [1]."),
        ([1, 2], ["1", "2"], "a: expected the number 1, got the text '1' (at [0])."),
        ([1, 2], [1], "a: expected 2 values, got 1."),
        ({"b": 1}, {"b": 2}, "a: expected 1, got 2 (at ['b'])."),
        (1, None, "a: not answered."),
    ],
)
def test_what_is_said_of_a_wrong_answer(expected: Plain, given: object, detail: str) -> None:
    finding = judge(expected, given)
    assert (finding.credit, finding.detail) == (0, detail)


def test_nothing_may_be_the_answer_but_must_be_given() -> None:
    assert judge(None, None).credit == 1
    assert check_answers(Answers(expect={"a": None}), Evidence(answers={})).credit == 0


def test_a_tolerance_holds_for_whole_numbers_too() -> None:
    evidence = Evidence(answers={"a": 101})
    assert check_answers(Answers(expect={"a": 100}), evidence).credit == 0
    assert check_answers(Answers(expect={"a": 100}, tolerance=0.01), evidence).credit == 1


@pytest.mark.parametrize("tolerance", [-1, float("inf"), float("nan")])
def test_a_tolerance_is_finite(tolerance: float) -> None:
    with pytest.raises(ValidationError):
        Answers(expect={"a": 1}, tolerance=tolerance)


def test_something_is_asked() -> None:
    with pytest.raises(ValidationError):
        Answers(expect={})
