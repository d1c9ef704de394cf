"""The search for the change that puts a model right: exact texts, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.assignment.schema import Exercise
from grader.feedback.repair import SHOWN, find_repairs
from grader.records import Evidence, Repair
from grader.sandbox.client import Sandbox
from tests.checks.models import build
from tests.feedback.solutions import solved_exercises
from tests.feedback.undoing import results_of, undo, with_model, wrong_models

LAYERS = {
    "type": "layers",
    "expect": [
        {"Conv2D": {"filters": 8, "kernel_size": 3, "activation": "relu"}},
        {"MaxPooling2D": {"pool_size": 2}},
        "Flatten",
        {"Dense": {"units": 10, "activation": "softmax"}},
    ],
    "points": 20,
}
SHAPES = {"type": "feature_maps", "expect": [[26, 26, 8], [13, 13, 8]], "points": 10}
OUTPUT = {"type": "output_shape", "expect": [10], "points": 5}
PROBABLE = {"type": "probabilities", "points": 5}
ALL = (LAYERS, SHAPES, OUTPUT, PROBABLE)
CONV = 'Conv2D(8, 3, activation="relu", name="c")'
POOL, FLAT = 'MaxPooling2D(2, name="p")', 'Flatten(name="f")'
DENSE = 'Dense(10, activation="softmax", name="d")'


def exercise(*checks: dict[str, Any]) -> Exercise:
    given = {"id": "it", "build": "model", "input_shape": [28, 28, 1], "checks": list(checks)}
    return Exercise.model_validate(given)


def repairs(
    sandbox: Sandbox, *layers: str, checks: tuple[dict[str, Any], ...] = ALL, **settings: Any
) -> tuple[Repair, ...]:
    code = f"Sequential([Input((28, 28, 1)), {', '.join(layers)}])"
    return of_code(sandbox, code, checks, **settings)


def of_code(
    sandbox: Sandbox, code: str, checks: tuple[dict[str, Any], ...], **settings: Any
) -> tuple[Repair, ...]:
    asked, evidence = (
        exercise(*checks),
        with_model(Evidence(input_shape=(28, 28, 1)), build(sandbox, code)),
    )
    return find_repairs(asked, results_of(asked, evidence), evidence, seconds=60, **settings)


def said(found: tuple[Repair, ...]) -> list[str]:
    return [" ".join(repair.changes) for repair in found]


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        (
            (CONV.replace("3,", '3, padding="same",'), POOL, FLAT, DENSE),
            'Layer 1, Conv2D (c): padding="valid" instead of padding="same".',
        ),
        (
            (CONV.replace("3,", "3, strides=2,"), POOL, FLAT, DENSE),
            "Layer 1, Conv2D (c): strides=1 instead of strides=2.",
        ),
        (
            (CONV.replace("3,", "5,"), POOL, FLAT, DENSE),
            "Layer 1, Conv2D (c): kernel_size=3 instead of kernel_size=5.",
        ),
        (
            (CONV, POOL.replace("2,", "3,"), FLAT, DENSE),
            "Layer 2, MaxPooling2D (p): pool_size=2 instead of pool_size=3.",
        ),
        (
            (CONV, POOL, FLAT, DENSE.replace("softmax", "sigmoid")),
            'Layer 4, Dense (d): activation="softmax" instead of activation="sigmoid".',
        ),
        (
            (CONV, POOL, FLAT, 'Dense(10, name="d")'),
            'Layer 4, Dense (d): add activation="softmax".',
        ),
        (
            (CONV, POOL, DENSE),
            "A layer is missing after layer 2, MaxPooling2D (p): add Flatten().",
        ),
        (
            (POOL, FLAT, DENSE),
            "A layer is missing at the beginning: add "
            'Conv2D(filters=8, kernel_size=3, activation="relu").',
        ),
        (
            (CONV, POOL, FLAT, 'Dropout(0.5, name="o")', DENSE),
            "Layer 4, Dropout (o), is too much: take it out.",
        ),
        (
            (CONV, POOL, 'GlobalAveragePooling2D(name="g")', DENSE),
            "Layer 3, GlobalAveragePooling2D (g): put Flatten() in its place.",
        ),
        (
            (POOL, CONV, FLAT, DENSE),
            "Layer 1, MaxPooling2D (p), and layer 2, Conv2D (c), stand the wrong way round: "
            "swap them.",
        ),
    ],
)
def test_one_change_is_named_alone(
    sandbox: Sandbox, layers: tuple[str, ...], sentence: str
) -> None:
    found = repairs(sandbox, *layers)
    assert said(found) == [sentence]
    assert found[0].whole and not found[0].unlisted


def test_a_repair_names_the_edit_the_layer_and_what_it_brings(sandbox: Sandbox) -> None:
    (found,) = repairs(sandbox, CONV, POOL, FLAT, 'Dense(10, name="d")')
    assert (found.names, found.layers, found.gain) == (("add_softmax",), (3,), 10)


def test_two_faults_need_two_changes(sandbox: Sandbox) -> None:
    wrong = CONV.replace("3,", '3, padding="same",')
    (found,) = repairs(sandbox, wrong, POOL, FLAT, 'Dense(10, name="d")')
    assert sorted(found.changes) == [
        'Layer 1, Conv2D (c): padding="valid" instead of padding="same".',
        'Layer 4, Dense (d): add activation="softmax".',
    ]
    assert (found.whole, found.gain) == (True, 20)


def test_of_three_faults_the_two_changes_that_bring_most_are_told(sandbox: Sandbox) -> None:
    found = repairs(
        sandbox, CONV.replace("8, 3,", '9, 3, padding="same",'), POOL, 'Dense(10, name="d")'
    )
    assert found and all(len(repair.changes) == 2 for repair in found)
    assert not any(repair.whole for repair in found)


def test_where_no_layer_is_missing_none_is_offered(sandbox: Sandbox) -> None:
    """A right layer beside a wrong one earns points, and makes the network worse."""
    wrong = CONV.replace("8, 3,", '16, 5, strides=2, padding="same",')
    twice = CONV.replace('"c"', '"e"').replace("8, 3,", '4, 5, strides=2, padding="same",')
    checks = ({**LAYERS, "expect": [LAYERS["expect"][0], *LAYERS["expect"]]},)
    found = repairs(sandbox, wrong, twice, POOL, FLAT, DENSE, checks=checks)
    assert not any("missing" in sentence for sentence in said(found))


def test_equally_good_changes_are_all_named(sandbox: Sandbox) -> None:
    halves = {"type": "output_shape", "expect": [14, 14, 1], "points": 1}
    found = repairs(sandbox, 'MaxPooling2D(3, strides=2, name="p")', checks=(halves,))
    assert said(found) == [
        'Layer 1, MaxPooling2D (p): padding="same" instead of padding="valid".',
        "Layer 1, MaxPooling2D (p): pool_size=2 instead of pool_size=3.",
    ]


def test_of_too_many_some_are_named_and_the_others_counted(sandbox: Sandbox) -> None:
    small = {"type": "parameters", "expect": {"total": {"max": 20_000}}, "points": 1}
    layers = [f'Conv2D(16, 3, name="c{i}")' for i in range(10)]
    found = repairs(sandbox, *layers, checks=(small,))
    assert len(found) == SHOWN
    assert all(repair.unlisted == found[0].unlisted > 0 for repair in found)


def test_of_values_that_all_do_the_nearest_is_named(sandbox: Sandbox) -> None:
    small = {"type": "parameters", "expect": {"total": {"max": 170}}, "points": 1}
    found = repairs(sandbox, 'Conv2D(32, 3, name="c")', checks=(small,))
    assert "Layer 1, Conv2D (c): filters=16 instead of filters=32." in said(found)


def test_nothing_is_told_where_all_is_right_or_nothing_helps(sandbox: Sandbox) -> None:
    assert repairs(sandbox, CONV, POOL, FLAT, DENSE) == ()
    none = {"type": "parameters", "expect": 1, "points": 1}
    assert repairs(sandbox, DENSE, checks=(none,)) == ()


@pytest.mark.parametrize("level", ["none", "where", "why"])
def test_only_a_check_that_tells_the_change_has_a_say(sandbox: Sandbox, level: str) -> None:
    layers = (CONV.replace("3,", '3, padding="same",'), POOL, FLAT, DENSE)
    assert repairs(sandbox, *layers, hints=level) == ()
    own = {**SHAPES, "hint": "fix"}
    told = repairs(sandbox, *layers, hints=level, checks=(LAYERS, own, OUTPUT))
    assert said(told) == ['Layer 1, Conv2D (c): padding="valid" instead of padding="same".']
    assert told[0].gain == 10


def test_what_a_silent_check_asks_for_is_not_tried(sandbox: Sandbox) -> None:
    """77 filters are asked for by a check that may not say so."""
    silent = {**LAYERS, "expect": [{"Conv2D": {"filters": 77}}], "hint": "where"}
    wide = {"type": "parameters", "expect": {"total": {"min": 700}}, "points": 1}
    found = repairs(sandbox, 'Conv2D(64, 3, name="c")', checks=(silent, wide))
    assert found and not any("77" in words for words in said(found))


def test_hidden_checks_change_nothing(sandbox: Sandbox) -> None:
    layers = (CONV.replace("3,", '3, padding="same",'), POOL, FLAT, 'Dense(10, name="d")')
    hidden = [
        {"type": "layers", "expect": ["Flatten"], "id": "h1", "points": 50},
        {"type": "parameters", "expect": 77, "id": "h2", "points": 50},
        {"type": "output_shape", "expect": [77], "id": "h3", "points": 50},
    ]
    marked = tuple({**check, "visibility": "hidden"} for check in hidden)
    assert repairs(sandbox, *layers, checks=(*marked, *ALL)) == repairs(sandbox, *layers)
    waits = {**SHAPES, "needs": ["h1"]}
    without = repairs(sandbox, *layers, checks=(LAYERS, OUTPUT, PROBABLE))
    assert repairs(sandbox, *layers, checks=(marked[0], waits, LAYERS, OUTPUT, PROBABLE)) == without


def test_a_check_that_waits_is_paid_only_with_what_it_needs(sandbox: Sandbox) -> None:
    waits = {**PROBABLE, "needs": ["output_shape"]}
    found = repairs(sandbox, FLAT, DENSE.replace("10", "9"), checks=(OUTPUT, waits))
    assert said(found) == ["Layer 2, Dense (d): units=10 instead of units=9."]
    assert found[0].gain == 10


def test_a_check_that_arithmetic_judges_otherwise_is_left_out(sandbox: Sandbox) -> None:
    asked = exercise(*ALL)
    model = build(sandbox, f"Sequential([Input((28, 28, 1)), {CONV}, {POOL}, {DENSE}])")
    evidence = with_model(Evidence(input_shape=(28, 28, 1)), model)
    results = list(results_of(asked, evidence))
    before = find_repairs(asked, results, evidence, seconds=60)[0].gain
    results[1] = replace(results[1], status="skipped", score=0.0)
    assert before - find_repairs(asked, results, evidence, seconds=60)[0].gain == 0
    results[3] = replace(results[3], status="passed", score=5.0)
    assert find_repairs(asked, results, evidence, seconds=60)[0].gain == before - 5


def test_a_model_that_was_kept_inside_gets_none(sandbox: Sandbox) -> None:
    asked = exercise(*ALL)
    model = build(sandbox, f"Sequential([Input((28, 28, 1)), {CONV}, {POOL}, {DENSE}])")
    evidence = with_model(Evidence(input_shape=(28, 28, 1)), replace(model, rebuilt=False))
    assert find_repairs(asked, results_of(asked, evidence), evidence) == ()
    assert find_repairs(asked, (), Evidence()) == ()


def test_an_argument_of_a_branched_model_is_put_right(sandbox: Sandbox) -> None:
    code = """
i = Input((28, 28, 1))
x = Conv2D(8, 3, padding="same", name="stem")(i)
a = Conv2D(8, 3, padding="same", name="a")(x)
b = Conv2D(4, 1, name="b")(x)
model = Model(i, Concatenate(name="both")([Add(name="sum")([a, x]), b]))
"""
    output = {"type": "output_shape", "expect": [28, 28, 16], "points": 1}
    found = of_code(sandbox, code, (output,))
    assert said(found) == ["Layer 4, Conv2D (b): filters=8 instead of filters=4."]


def test_the_search_is_the_same_each_time(sandbox: Sandbox) -> None:
    layers = (CONV.replace("8, 3,", '9, 3, padding="same",'), POOL, 'Dense(10, name="d")')
    assert repairs(sandbox, *layers) == repairs(sandbox, *layers)


def test_without_time_nothing_is_told(sandbox: Sandbox) -> None:
    asked = exercise(*ALL)
    model = build(sandbox, f"Sequential([Input((28, 28, 1)), {CONV}, {POOL}, {DENSE}])")
    evidence = with_model(Evidence(input_shape=(28, 28, 1)), model)
    assert find_repairs(asked, results_of(asked, evidence), evidence, seconds=0) == ()


def test_the_change_that_undoes_an_edit_is_nearly_always_named(sandbox: Sandbox) -> None:
    """Every edit of the table, on every solution, wherever a check tells the difference."""
    undone = [undo(wrong) for wrong in wrong_models(solved_exercises(sandbox))]
    assert len(undone) > 500
    assert {one.wrong.edit for one in undone} >= {"padding", "filters", "add_layer", "swap_layers"}
    assert sum(one.contained for one in undone) >= 0.95 * len(undone)
    assert sum(one.alone for one in undone) >= 0.80 * len(undone)
