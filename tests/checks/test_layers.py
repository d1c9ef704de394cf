"""``layers``: alignment, credit, the rules of fairness, and the marks in the report's table."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.checks.base import Finding
from grader.checks.divergence import Pair
from grader.checks.layers import (
    ALONE,
    OTHER_TYPE,
    WRONG_ARGUMENT,
    Layers,
    check_layers,
    lay_side_by_side,
    wrong_arguments,
)
from grader.model.canonical import CanonicalLayer
from grader.records import Evidence, LayerDescription, ModelDescription
from grader.sandbox.client import Sandbox
from tests.checks.models import build
from tests.checks.test_alignment import all_ways

CONV_24 = {"Conv2D": {"filters": 24, "kernel_size": 3, "padding": "valid", "activation": "relu"}}
CONV_36 = {"Conv2D": {"filters": 36, "kernel_size": 3, "padding": "valid", "activation": "relu"}}
POOL = {"MaxPooling2D": {"pool_size": 2}}
DECIDE = {"Dense": {"units": 10, "activation": "softmax"}}
CNN = [CONV_24, POOL, CONV_36, POOL, "Flatten", DECIDE]
RIGHT = (
    "Conv2D(24, 3, activation='relu')",
    "MaxPooling2D(2)",
    "Conv2D(36, 3, activation='relu')",
    "MaxPooling2D(2)",
    "Flatten()",
    "Dense(10, activation='softmax')",
)


def sequential(*layers: str) -> str:
    return f"Sequential([Input((28, 28, 1)), {', '.join(layers)}])"


def run(sandbox: Sandbox, code: str, expect: list[Any], *allow: str) -> Finding:
    spec = Layers.model_validate({"expect": expect, "allow": allow})
    return check_layers(spec, Evidence(model=build(sandbox, code)))


def notes(finding: Finding) -> list[tuple[int, str, str]]:
    return [(note.index, note.verdict, note.text) for note in finding.layers]


# --- credit ---------------------------------------------------------------------------------


def test_all_layers_as_asked(sandbox: Sandbox) -> None:
    finding = run(sandbox, sequential(*RIGHT), CNN)
    assert (finding.credit, finding.where) == (1, "All 6 layers are as asked.")
    assert (finding.detail, finding.why, finding.fix) == ("", "", "")
    assert notes(finding) == [(index, "ok", "ok") for index in range(6)]
    conv = 'Conv2D(filters=24, kernel_size=3, padding="valid", activation="relu")'
    assert isinstance(finding.expected, list) and isinstance(finding.got, list)
    assert finding.expected[0] == conv
    # Of the found layers the report shows what the assignment speaks of.
    assert sorted(finding.got[0][7:-1].split(", ")) == sorted(conv[7:-1].split(", "))


def test_few_layers_are_counted_in_words(sandbox: Sandbox) -> None:
    assert run(sandbox, sequential("Flatten()"), ["Flatten"]).where == "The layer is as asked."
    both = run(sandbox, sequential("Flatten()", "Dense(3)"), ["Flatten", "Dense"])
    assert both.where == "Both layers are as asked."


def without(position: int) -> tuple[str, ...]:
    return RIGHT[:position] + RIGHT[position + 1 :]


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_one_forgotten_layer_costs_one_layer(sandbox: Sandbox, position: int) -> None:
    assert run(sandbox, sequential(*without(position)), CNN).credit == 5 / 6


@pytest.mark.parametrize("position", range(6))
def test_one_layer_too_many_costs_one_layer(sandbox: Sandbox, position: int) -> None:
    layers = [*RIGHT[:position], "Dropout(0.5)", *RIGHT[position:]]
    assert run(sandbox, sequential(*layers), CNN).credit == 6 / 7


def test_two_right_layers_of_three_earn_two_thirds(sandbox: Sandbox) -> None:
    code = sequential("Conv2D(24, 5)", "MaxPooling2D(2)", "Flatten()")
    assert run(sandbox, code, [CONV_24, POOL, "Flatten"]).credit == 2 / 3


def test_layers_that_were_moved_up_by_one_are_still_right(sandbox: Sandbox) -> None:
    sizes = [{"Dense": {"units": units}} for units in (64, 32, 16, 8)]
    code = sequential("Flatten()", "Dense(32)", "Dense(16)", "Dense(8)", "Dense(4)")
    assert run(sandbox, code, ["Flatten", *sizes]).credit == 4 / 5


def test_nothing_right_earns_nothing(sandbox: Sandbox) -> None:
    assert run(sandbox, sequential("Flatten()"), [CONV_24, POOL]).credit == 0
    empty = run(sandbox, "x = Input((8, 8, 1))\nmodel = Model(x, x)", [CONV_24])
    assert (empty.credit, empty.where, empty.got) == (0, "A layer is missing at the beginning.", [])


# --- fairness -------------------------------------------------------------------------------

SHORT = [{"Conv2D": {"filters": 4, "kernel_size": 3, "activation": "relu"}}, "MaxPooling2D"]


@pytest.mark.parametrize(
    "code",
    [
        sequential("Conv2D(4, 3, activation='relu')", "MaxPooling2D()"),
        sequential("Conv2D(4, (3, 3), activation=activations.relu)", "MaxPool2D((2, 2))"),
        sequential("Conv2D(4, 3)", "Activation('relu')", "MaxPooling2D()"),
        sequential("Conv2D(4, 3)", "ReLU()", "MaxPooling2D()"),
        sequential("Conv2D(4, 3, activation='linear')", "ReLU()", "MaxPooling2D(strides=2)"),
        sequential("Conv2D(4, 3, activation='relu', name='a')", "MaxPooling2D(name='b')"),
        "x = Input((28, 28, 1))\nmodel = Model(x, MaxPooling2D()(ops.relu(Conv2D(4, 3)(x))))",
        "import tensorflow as tf\nmodel = Sequential([Input((28, 28, 1)),"
        " Conv2D(4, 3, activation=tf.nn.relu), MaxPooling2D()])",
        "inner = Sequential([Input((28, 28, 1)), Conv2D(4, 3), ReLU()])\n"
        "x = Input((28, 28, 1))\nmodel = Model(x, MaxPooling2D()(inner(x)))",
    ],
    ids=["short", "long", "layer", "ReLU", "linear", "names", "operation", "tf", "nested"],
)
def test_equal_ways_to_write_a_model(sandbox: Sandbox, code: str) -> None:
    finding = run(sandbox, code, SHORT)
    assert finding.credit == 1, finding
    assert {note.verdict for note in finding.layers} == {"ok"}
    assert len(finding.layers) == len(build(sandbox, code).layers)


@pytest.mark.parametrize(
    "expect",
    [
        [{"Conv2D": {"activation": "relu"}}, "MaxPool2D"],
        ["Conv2D", "ReLU", "MaxPooling2D"],
        ["Conv2D", {"Activation": {"activation": "relu"}}, "MaxPooling2D"],
        ["InputLayer", "Conv2D", "ReLU", {"MaxPooling2D": {"strides": 2}}],
        ["Conv2D", "MaxPooling2D"],
    ],
    ids=["inside", "ReLU", "Activation", "input", "free"],
)
def test_equal_ways_to_ask_for_it(sandbox: Sandbox, expect: list[Any]) -> None:
    code = sequential("Conv2D(4, 3, activation='relu')", "MaxPooling2D()")
    assert run(sandbox, code, expect).credit == 1


def test_allowed_types_may_stand_anywhere(sandbox: Sandbox) -> None:
    code = sequential(
        "Dropout(0.1)",
        "Conv2D(4, 3)",
        "BatchNormalization()",
        "ReLU()",
        "Dropout(0.1)",
        "MaxPooling2D()",
        "Dropout(0.1)",
    )
    finding = run(sandbox, code, SHORT, "Dropout", "BatchNormalization")
    assert finding.credit == 1
    assert notes(finding) == [(1, "ok", "ok"), (3, "ok", "ok"), (5, "ok", "ok")]
    assert run(sandbox, code, SHORT, "Dropout").credit < 1


def test_an_allowed_type_may_be_asked_for_as_well(sandbox: Sandbox) -> None:
    asked = ["Flatten", {"Dropout": {"rate": 0.5}}, "Dense"]
    code = sequential("Dropout(0.2)", "Flatten()", "Dropout(0.5)", "Dense(3)", "Dropout(0.1)")
    finding = run(sandbox, code, asked, "Dropout")
    assert (finding.credit, finding.where) == (1, "All 3 layers are as asked.")
    assert notes(finding) == [(1, "ok", "ok"), (2, "ok", "ok"), (3, "ok", "ok")]
    # A second Dropout is not taken for a Dense that is missing.
    code = sequential("Flatten()", "Dropout(0.5)", "Dropout(0.1)")
    finding = run(sandbox, code, asked, "Dropout")
    assert (finding.credit, finding.where) == (
        2 / 3,
        "A layer is missing after layer 2, Dropout (dropout).",
    )


# --- marks ----------------------------------------------------------------------------------


def test_what_follows_from_a_layer_above_is_not_wrong(sandbox: Sandbox) -> None:
    layers = [RIGHT[0], RIGHT[1], "Conv2D(36, 3, padding='same', activation='relu')", *RIGHT[3:]]
    finding = run(sandbox, sequential(*layers), CNN)
    assert finding.credit == 5 / 6
    assert notes(finding) == [
        (0, "ok", "ok"),
        (1, "ok", "ok"),
        (2, "wrong", "expected 11×11×36"),
        (3, "follows", "ok, follows from above"),
        (4, "follows", "ok, follows from above"),
        (5, "ok", "ok"),
    ]


def test_marks_of_layers_in_anothers_place_too_many_and_with_another_setting(
    sandbox: Sandbox,
) -> None:
    layers = ["Conv2D(24, 3)", "AveragePooling2D(2)", RIGHT[2], RIGHT[3], "Flatten()"]
    layers += ["Dense(64)", "ReLU()", RIGHT[5]]
    finding = run(sandbox, sequential(*layers), CNN)
    assert notes(finding) == [
        (0, "wrong", 'expected activation="relu"'),
        (1, "wrong", "expected MaxPooling2D(pool_size=2, strides=2)"),
        (2, "ok", "ok"),
        (3, "ok", "ok"),
        (4, "ok", "ok"),
        (5, "extra", "not asked for"),
        (6, "extra", "not asked for"),
        (7, "ok", "ok"),
    ]
    assert finding.credit == 4 / 7


def test_a_wrong_activation_is_marked_where_it_is_written(sandbox: Sandbox) -> None:
    code = sequential("Conv2D(4, 3)", "Activation('tanh')", "MaxPooling2D()")
    assert notes(run(sandbox, code, SHORT)) == [
        (0, "ok", "ok"),
        (1, "wrong", 'expected activation="relu"'),
        (2, "ok", "ok"),
    ]
    code = sequential("Conv2D(8, 3)", "Activation('tanh')", "MaxPooling2D()")
    assert notes(run(sandbox, code, SHORT)) == [
        (0, "wrong", "expected 26×26×4"),
        (1, "wrong", 'expected activation="relu"'),
        (2, "follows", "ok, follows from above"),
    ]


def test_a_layer_that_is_missing_moves_the_shapes_behind_it(sandbox: Sandbox) -> None:
    finding = run(sandbox, sequential(*without(1)), CNN)
    assert notes(finding) == [
        (0, "ok", "ok"),
        (1, "follows", "ok, follows from above"),
        (2, "follows", "ok, follows from above"),
        (3, "follows", "ok, follows from above"),
        (4, "ok", "ok"),
    ]


def test_allowed_layers_do_their_work_on_the_shapes(sandbox: Sandbox) -> None:
    code = sequential("ZeroPadding2D(1)", "Conv2D(4, 3, activation='relu')", "MaxPooling2D()")
    finding = run(sandbox, code, SHORT, "ZeroPadding2D")
    assert notes(finding) == [(1, "ok", "ok"), (2, "ok", "ok")]


def test_a_model_with_branches_has_no_shapes_to_follow(sandbox: Sandbox) -> None:
    code = (
        "x = Input((28, 28, 1))\n"
        "a, b = Conv2D(4, 3, padding='same')(x), Conv2D(4, 5, padding='same')(x)\n"
        "model = Model(x, Add()([a, b]))"
    )
    expect = [{"Conv2D": {"padding": "valid"}}, {"Conv2D": {"kernel_size": 5}}, "Add"]
    finding = run(sandbox, code, expect)
    assert finding.credit == 2 / 3
    assert notes(finding) == [
        (0, "wrong", 'expected padding="valid"'),
        (1, "ok", "ok"),
        (2, "ok", "ok"),
    ]
    assert finding.detail == 'Expected padding="valid".'


def test_a_shared_layer_counts_once(sandbox: Sandbox) -> None:
    code = "shared = Dense(8)\nx = Input((8,))\nmodel = Model(x, shared(shared(x)))"
    assert run(sandbox, code, [{"Dense": {"units": 8}}]).credit == 1


def test_two_inputs_are_looked_at_like_one(sandbox: Sandbox) -> None:
    code = (
        "a, b = Input((8, 8, 1)), Input((8, 8, 1))\n"
        "model = Model([a, b], Concatenate()([Conv2D(4, 3)(a), Conv2D(4, 3)(b)]))"
    )
    asked = {"Conv2D": {"filters": 4, "kernel_size": 3}}
    assert run(sandbox, code, [asked, asked, "Concatenate"]).credit == 1


def test_sizes_that_are_not_known_are_no_difference(sandbox: Sandbox) -> None:
    code = "Sequential([Input((None, None, 3)), Conv2D(8, 3, padding='same'), MaxPooling2D()])"
    finding = run(sandbox, code, [{"Conv2D": {"padding": "valid"}}, "MaxPooling2D"])
    assert notes(finding) == [(0, "wrong", 'expected padding="valid"'), (1, "ok", "ok")]


def test_a_window_that_would_not_fit_ends_the_expected_shapes(sandbox: Sandbox) -> None:
    code = "Sequential([Input((4, 4, 1)), Conv2D(4, 3, padding='same'), MaxPooling2D()])"
    expect = [{"Conv2D": {"padding": "valid", "kernel_size": 5}}, "MaxPooling2D"]
    finding = run(sandbox, code, expect)
    assert notes(finding)[0] == (0, "wrong", 'expected padding="valid" and kernel_size=5')
    assert finding.detail == 'Expected padding="valid" and kernel_size=5.'


# --- alignment ------------------------------------------------------------------------------


def layer(type: str, place: int, **args: Any) -> CanonicalLayer:
    return CanonicalLayer(type, args, place)


@st.composite
def layer_lists(draw: st.DrawFn, largest: int = 12) -> list[CanonicalLayer]:
    types = st.sampled_from(["Conv2D", "Conv2D", "MaxPooling2D", "Dense"])
    rows = draw(st.lists(st.tuples(types, st.integers(1, 3), st.booleans()), max_size=largest))
    return [layer(type, i, filters=n, use_bias=bias) for i, (type, n, bias) in enumerate(rows)]


def right(pairs: tuple[Pair, ...]) -> int:
    return sum(pair.right for pair in pairs)


def cost(pair: Pair) -> int:
    """Counted here anew, from the constants' meaning."""
    if pair.expected is None or pair.found is None:
        return ALONE
    if pair.expected.type != pair.found.type:
        return OTHER_TYPE
    differing = [
        key for key in pair.expected.args if pair.expected.args[key] != pair.found.args[key]
    ]
    return min(ALONE, WRONG_ARGUMENT * len(differing))


@settings(deadline=None)
@given(layers=layer_lists())
def test_a_list_beside_itself_is_all_right(layers: list[CanonicalLayer]) -> None:
    pairs = lay_side_by_side(layers, layers)
    assert right(pairs) == len(pairs) == len(layers)


@settings(deadline=None)
@given(layers=layer_lists(), place=st.integers(0, 11))
def test_a_layer_taken_out_costs_exactly_one(layers: list[CanonicalLayer], place: int) -> None:
    fewer = [one for i, one in enumerate(layers) if i != place % max(len(layers), 1)]
    assert right(lay_side_by_side(layers, fewer)) == len(fewer)
    assert right(lay_side_by_side(fewer, layers)) == len(fewer)


@settings(deadline=None)
@given(wanted=layer_lists(), found=layer_lists())
def test_right_layers_and_cost_do_not_depend_on_the_side(
    wanted: list[CanonicalLayer], found: list[CanonicalLayer]
) -> None:
    there, back = lay_side_by_side(wanted, found), lay_side_by_side(found, wanted)
    assert right(there) == right(back)
    assert sum(map(cost, there)) == sum(map(cost, back))


@settings(deadline=None)
@given(wanted=layer_lists(), found=layer_lists())
def test_every_layer_stands_once_and_in_order(
    wanted: list[CanonicalLayer], found: list[CanonicalLayer]
) -> None:
    pairs = lay_side_by_side(wanted, found)
    assert [pair.expected for pair in pairs if pair.expected] == wanted
    assert [pair.found for pair in pairs if pair.found] == found


@settings(deadline=None, max_examples=60)
@given(wanted=layer_lists(4), found=layer_lists(4))
def test_no_other_way_has_more_right_layers_or_costs_less(
    wanted: list[CanonicalLayer], found: list[CanonicalLayer]
) -> None:
    def judged(pairs: list[Pair]) -> tuple[int, int]:
        costs = list(map(cost, pairs))
        return -costs.count(0), sum(costs)

    ways = [
        [Pair(None if i is None else wanted[i], None if j is None else found[j]) for i, j in way]
        for way in all_ways(len(wanted), len(found))
    ]
    assert judged(list(lay_side_by_side(wanted, found))) == min(map(judged, ways))


def test_the_divergence_comes_as_late_as_it_may() -> None:
    twins = [layer("Conv2D", i, filters=8) for i in range(3)]
    assert [pair.found is None for pair in lay_side_by_side(twins, twins[:2])] == [
        False,
        False,
        True,
    ]


def test_arguments_that_differ() -> None:
    wanted = layer("Conv2D", 0, filters=8, padding="valid")
    assert wrong_arguments(wanted, layer("Conv2D", 0, filters=8, padding="valid", x=1)) == ()
    assert wrong_arguments(wanted, layer("Conv2D", 0, filters=4)) == ("filters", "padding")
    assert wrong_arguments(wanted, layer("Dense", 0, filters=8)) == ("type",)


@pytest.mark.parametrize("length", [500, 5000])
def test_a_huge_model_is_compared_at_once(length: int) -> None:
    wanted = [layer("Conv2D", i, filters=i % 40, kernel_size=(3, 3)) for i in range(500)]
    found = [layer("Conv2D", i, filters=i * 7 % 90, kernel_size=(3, 3)) for i in range(length)]
    started = time.process_time()
    pairs = lay_side_by_side(wanted, found)
    assert time.process_time() - started < 20
    assert len([pair for pair in pairs if pair.found]) == length


def claimed(*layers: tuple[str, dict[str, Any]]) -> ModelDescription:
    """What a student's process may claim of a model that cannot be rebuilt."""
    rows = tuple(
        LayerDescription(
            f"l{i}", type, config, ((),), ((26, 26, 4),), 0, 0, 0, None, (i - 1,) if i else ()
        )
        for i, (type, config) in enumerate(layers)
    )
    return ModelDescription(rows, ((28, 28, 1),), ((10,),), 0, 0, 0, None, rebuilt=False)


HOSTILE: list[dict[str, Any]] = [
    {},
    {"filters": None, "kernel_size": {}, "strides": 0, "padding": ["same"]},
    {"filters": "4", "kernel_size": [3, 3, 3], "activation": {"relu": 1}},
    {"filters": 10**300, "kernel_size": [[3], [3]], "dilation_rate": -1, "data_format": 5},
]


@pytest.mark.parametrize("config", HOSTILE, ids=["empty", "kinds", "lengths", "sizes"])
def test_claims_out_of_form_are_wrong_and_nothing_worse(config: dict[str, Any]) -> None:
    model = claimed(("Conv2D", config), ("MaxPooling2D", config), ("Flatten", config))
    spec = Layers.model_validate({"expect": [CONV_24, POOL, "Flatten"]})
    finding = check_layers(spec, Evidence(model=model))
    assert finding.credit == 1 / 3
    nothing = replace(model, input_shapes=())
    assert check_layers(spec, Evidence(model=nothing)).credit == 1 / 3


@pytest.mark.parametrize(
    "settings",
    [
        {"expect": []},
        {"expect": ["Conv"]},
        {"expect": [{"Conv2D": {"filter": 3}}]},
        {"expect": ["Conv2D"], "allow": ["Drop"]},
        {"expect": ["Conv2D"] * 501},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Layers.model_validate(settings)
