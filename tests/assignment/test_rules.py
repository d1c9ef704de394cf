"""What the parts of an assignment owe to each other."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment.rules import broken_rules

SHAPES: dict[str, Any] = {"type": "output_shape", "expect": [10], "points": 1}


def exercise(**keys: Any) -> dict[str, Any]:
    """A right exercise, with other keys; None takes a key away."""
    whole = {"id": "e", "build": "f", "input_shape": [8, 8, 1], "checks": [SHAPES]} | keys
    return {key: value for key, value in whole.items() if value is not None}


def said(*exercises: Any) -> list[tuple[str, str]]:
    """Path and message of every fault, beyond ``exercises``."""
    return [
        (".".join(map(str, fault.at[1:])), fault.message)
        for fault in broken_rules({"exercises": list(exercises)})
    ]


def checks(*checks: dict[str, Any]) -> dict[str, Any]:
    return exercise(checks=[{"type": "layers", "points": 1} | check for check in checks])


BROKEN: dict[str, tuple[list[Any], list[tuple[str, str]]]] = {
    "nothing": ([exercise()], []),
    "two exercises of one id": (
        [exercise(), exercise(id="other"), exercise()],
        [("2.id", 'Two exercises have the id "e".')],
    ),
    "neither build nor function nor answers": (
        [exercise(build=None)],
        [
            (
                "0",
                "This exercise has none of build, function and answers; "
                "an exercise asks for exactly one of them.",
            )
        ],
    ),
    "a misspelt build is told elsewhere": ([exercise(build=None, biuld="f")], []),
    "build and function": (
        [exercise(function="g")],
        [
            (
                "0.function",
                '"function" stands beside "build"; an exercise asks for exactly one of them.',
            )
        ],
    ),
    "all three": (
        [exercise(function="g", answers="h")],
        [
            (
                "0.function",
                '"function" stands beside "build"; an exercise asks for exactly one of them.',
            )
        ],
    ),
    "build without a shape": (
        [exercise(input_shape=None)],
        [("0.input_shape", "build needs an input_shape, without the batch axis.")],
    ),
    "answers with a shape": (
        [exercise(build=None, answers="a", checks=[{"type": "answers", "points": 1}])],
        [("0.input_shape", "Only build takes an input_shape.")],
    ),
    "checks of other kinds": (
        [
            exercise(
                checks=[{"type": "returns", "points": 1}, SHAPES, {"type": "answers"}],
            )
        ],
        [
            ("0.checks.0.type", '"returns" belongs to an exercise with function, not build.'),
            ("0.checks.2.type", '"answers" belongs to an exercise with answers, not build.'),
        ],
    ),
    "a model's check of answers": (
        [exercise(build=None, answers="a", input_shape=None)],
        [("0.checks.0.type", '"output_shape" belongs to an exercise with build, not answers.')],
    ),
    "two checks of one id": (
        [checks({"id": "a"}, {"id": "b"}, {"id": "a"})],
        [("0.checks.2.id", 'Two checks of this exercise have the id "a".')],
    ),
    "the same id in two exercises is right": (
        [checks({"id": "a"}), checks({"id": "a"}) | {"id": "other"}],
        [],
    ),
    "an unknown need": (
        [checks({"id": "shape"}, {"needs": ["shape", "shap", "zzz"]})],
        [
            (
                "0.checks.1.needs.1",
                'No check of this exercise has the id "shap". Did you mean "shape"?',
            ),
            ("0.checks.1.needs.2", 'No check of this exercise has the id "zzz".'),
        ],
    ),
    "a need by the id that a check gets": ([checks({}, {}, {"needs": ["layers-2"]})], []),
    "a need of a check whose type is misspelt": (
        [checks({"type": "layrs"}, {"id": "b", "needs": ["layers"]})],
        [],
    ),
    "a check that needs itself": (
        [checks({"id": "a", "needs": ["a"]})],
        [("0.checks.0.needs", '"a" waits for itself: a → a.')],
    ),
    "a circle of needs": (
        [
            checks(
                {"id": "free"},
                {"id": "a", "needs": ["free", "b"]},
                {"id": "b", "needs": ["c"]},
                {"id": "c", "needs": ["a", "free"]},
            )
        ],
        [("0.checks.1.needs", '"a" waits for itself: a → b → c → a.')],
    ),
    "two circles": (
        [
            checks(
                {"id": "a", "needs": ["b"]},
                {"id": "b", "needs": ["a"]},
                {"id": "c", "needs": ["c", "a"]},
            )
        ],
        [
            ("0.checks.0.needs", '"a" waits for itself: a → b → a.'),
            ("0.checks.2.needs", '"c" waits for itself: c → c.'),
        ],
    ),
    "needs that lead into a circle": (
        [
            checks(
                {"id": "a", "needs": ["b"]},
                {"id": "b", "needs": ["c"]},
                {"id": "c", "needs": ["b"]},
            )
        ],
        [("0.checks.1.needs", '"b" waits for itself: b → c → b.')],
    ),
    "no points": (
        [exercise(checks=[{"type": "layers"}, {"type": "budget", "points": 0}])],
        [("", "No check has points, so nothing can be earned.")],
    ),
    "points in one of two exercises": (
        [exercise(), exercise(id="other", checks=[{"type": "layers"}])],
        [],
    ),
    "no checks are told elsewhere": ([exercise(checks=[])], []),
    "values of other types are told elsewhere": (
        [
            None,
            5,
            [],
            exercise(id=[1]),
            exercise(id=[1]),
            exercise(id="other", checks={"a": 1}),
            exercise(checks=[None, "layers", {"type": [1], "id": {}, "needs": 5, "points": "x"}]),
        ],
        [],
    ),
}


@pytest.mark.parametrize(("exercises", "faults"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_told_at_its_key(
    exercises: list[Any], faults: list[tuple[str, str]]
) -> None:
    assert said(*exercises) == faults


@pytest.mark.parametrize(
    "value", [None, [], "text", {}, {"exercises": None}, {"exercises": {"a": 1}}], ids=repr
)
def test_what_is_no_assignment_breaks_no_rule(value: Any) -> None:
    assert list(broken_rules(value)) == []


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["a", "b", "layers", "answers"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "build", "answers", "checks", "type", "needs", "points", "exercises"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(ANY)
def test_the_rules_pass_over_whatever_has_the_wrong_type(value: Any) -> None:
    before = copy.deepcopy(value)
    for fault in broken_rules({"exercises": value}):
        assert fault.message
    assert value == before


NEEDS = st.dictionaries(
    st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3), max_size=6
)


@given(NEEDS)
def test_needs_are_refused_exactly_when_they_can_never_be_met(needs: dict[str, list[str]]) -> None:
    """Oracle: run checks whose needs are done until none is left."""
    known = {name: [need for need in wanted if need in needs] for name, wanted in needs.items()}
    done: set[str] = set()
    while ready := {name for name in known if name not in done and done >= set(known[name])}:
        done |= ready
    listed = checks(*({"id": name, "needs": known[name]} for name in known))
    circles = [message for _, message in said(listed)] if known else []
    assert bool(circles) == (done != set(known))


@pytest.mark.parametrize("kind", ["function", "answers"])
def test_only_a_model_has_a_number_of_classes(kind: str) -> None:
    check = {"type": "returns" if kind == "function" else "answers", "points": 1}
    keys = {kind: "f", "build": None, "input_shape": None, "checks": [check]}
    assert said(exercise(**keys)) == []
    assert said(exercise(**keys, classes=3)) == [
        ("0.classes", "Only build takes a number of classes.")
    ]
    assert said(exercise(classes=3)) == []
