"""``feature_maps``: shapes along the way, and the layer that comes nearest to a lost one."""

from __future__ import annotations

import time
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.checks.base import Finding
from grader.checks.feature_maps import FeatureMaps, check_feature_maps, longest_match
from grader.model.arithmetic import matches
from grader.records import Evidence, Shape
from grader.sandbox.client import Sandbox
from tests.checks.models import build

CNN = (
    "Sequential([Input((28, 28, 1)), Conv2D(24, 3{first}, name='conv1'), MaxPooling2D(2),"
    " Conv2D({filters}, 3{second}, name='conv2'), MaxPooling2D(2), Flatten(), Dense(10)])"
)
MAPS = [[26, 26, 24], [13, 13, 24], [11, 11, 36], [5, 5, 36]]


def cnn(first: str = "", second: str = "", filters: int = 36) -> str:
    return CNN.format(first=first, second=second, filters=filters)


def run(sandbox: Sandbox, code: str, expect: list[Any]) -> Finding:
    spec = FeatureMaps(expect=expect)
    return check_feature_maps(spec, Evidence(model=build(sandbox, code)))


def words(finding: Finding) -> tuple[float, str, str, str, str]:
    return finding.credit, finding.where, finding.detail, finding.why, finding.fix


SETTINGS = "Look at its kernel, stride and padding, and at what stands before it."


def test_right_feature_maps(sandbox: Sandbox) -> None:
    finding = run(sandbox, cnn(), MAPS)
    said = "The feature maps are 26×26×24, 13×13×24, 11×11×36 and 5×5×36."
    assert words(finding) == (1, said, "", "", "")
    assert finding.expected == MAPS
    assert finding.got == [*MAPS, [900], [10]]


def test_other_shapes_may_stand_between(sandbox: Sandbox) -> None:
    assert run(sandbox, cnn(), [[13, 13, 24], [5, 5, 36]]).credit == 1
    assert run(sandbox, cnn(), [[None, None, 36]]).where == "The feature map is 11×11×36."


def test_same_padding_fails_the_valid_shape(sandbox: Sandbox) -> None:
    finding = run(sandbox, cnn(second=", padding='same'"), MAPS)
    assert words(finding) == (
        0.5,
        "No layer gives 11×11×36; nearest is layer 3, Conv2D (conv2).",
        "It gives 13×13×36.",
        'With padding="same" a 3×3 kernel and stride 1 keep 13.',
        SETTINGS,
    )


def test_a_stride_makes_the_shape_smaller(sandbox: Sandbox) -> None:
    finding = run(sandbox, cnn(first=", strides=2"), MAPS)
    assert words(finding) == (
        0.25,
        "No layer gives 26×26×24; nearest is layer 1, Conv2D (conv1).",
        "It gives 13×13×24.",
        'With padding="valid" a 3×3 kernel and stride 2 give ⌊(28 − 3)/2⌋ + 1 = 13.',
        SETTINGS,
    )


def test_the_number_of_filters_is_the_last_size(sandbox: Sandbox) -> None:
    finding = run(sandbox, cnn(filters=32), MAPS)
    assert words(finding) == (
        0.5,
        "No layer gives 11×11×36; nearest is layer 3, Conv2D (conv2).",
        "It gives 11×11×32.",
        "Each filter gives one feature map.",
        "Its number of filters should be 36.",
    )


def test_the_number_of_units_is_the_last_size(sandbox: Sandbox) -> None:
    code = "Sequential([Input((28, 28, 1)), Flatten(), Dense(64, name='wide'), Dense(10)])"
    assert words(run(sandbox, code, [[784], [32], [10]]))[2:] == (
        "It gives 64.",
        "Each unit gives one number.",
        "Its number of units should be 32.",
    )


def test_what_flatten_lays_in_a_row_is_counted(sandbox: Sandbox) -> None:
    code = "Sequential([Input((7, 7, 36)), MaxPooling2D(), Flatten(name='flat'), Dense(10)])"
    assert words(run(sandbox, code, [[1296]]))[1:4] == (
        "No layer gives 1296; nearest is layer 2, Flatten (flat).",
        "It gives 324.",
        "Flatten lays 3·3·36 = 324 values in one row.",
    )


def test_the_border_in_front_of_a_layer_is_counted(sandbox: Sandbox) -> None:
    code = "Sequential([Input((28, 28, 1)), ZeroPadding2D(1), Conv2D(4, 3, name='conv')])"
    assert words(run(sandbox, code, [[26, 26, 4]]))[2:4] == (
        "It gives 28×28×4.",
        'ZeroPadding2D makes 28 + 2 = 30. With padding="valid" a 3×3 kernel and stride 1 give '
        "(30 − 3)/1 + 1 = 28.",
    )


def test_the_nearest_layer_stands_in_its_place_of_the_order(sandbox: Sandbox) -> None:
    # 26×26×24 is as near to 26×26×20, but comes before what was found.
    finding = run(sandbox, cnn(), [[13, 13, 24], [26, 26, 20], [5, 5, 36]])
    assert finding.where == "No layer gives 26×26×20; nearest is layer 3, Conv2D (conv2)."
    assert finding.credit == 2 / 3


def test_a_layer_that_changes_nothing_is_not_to_blame(sandbox: Sandbox) -> None:
    code = "Sequential([Input((8, 8, 1)), Dropout(0.5), Conv2D(4, 3, name='conv')])"
    finding = run(sandbox, code, [[8, 8, 4]])
    assert finding.where == "No layer gives 8×8×4; nearest is layer 2, Conv2D (conv)."


def test_no_layer_with_so_many_axes(sandbox: Sandbox) -> None:
    finding = run(sandbox, "Sequential([Input((8,)), Dense(4)])", [[8, 8, 4]])
    assert words(finding) == (0, "No layer gives 8×8×4.", "The layers give 4.", "", "")


def test_the_right_shapes_in_another_order(sandbox: Sandbox) -> None:
    finding = run(sandbox, cnn(), [MAPS[1], MAPS[0]])
    assert words(finding) == (
        0.5,
        "13×13×24 does not come in the order that is asked.",
        "Expected 13×13×24 and 26×26×24.",
        "",
        "Compare the order of the layers with the task.",
    )


def test_a_model_without_layers(sandbox: Sandbox) -> None:
    code = "x = Input((8, 8, 1))\nmodel = Model(x, x)"
    finding = run(sandbox, code, [[8, 8, 1]])
    assert words(finding) == (0, "No layer gives 8×8×1.", "The model has no layers.", "", "")


def test_shapes_of_branches_and_of_nested_models_count(sandbox: Sandbox) -> None:
    code = """
inner = Sequential([Input((8, 8, 1)), Conv2D(4, 3)])
x = Input((8, 8, 1))
model = Model(x, Concatenate()([inner(x), Conv2D(2, 3)(x)]))
"""
    assert run(sandbox, code, [[6, 6, 4], [6, 6, 6]]).credit == 1


def test_an_unknown_size_is_not_the_asked_one(sandbox: Sandbox) -> None:
    code = "Sequential([Input((None, None, 3)), Conv2D(8, 3, name='conv')])"
    finding = run(sandbox, code, [[26, 26, 8]])
    assert words(finding) == (
        0,
        "No layer gives 26×26×8; nearest is layer 1, Conv2D (conv).",
        "It gives ?×?×8.",
        "",
        SETTINGS,
    )


shapes = st.lists(st.tuples(st.sampled_from([1, 2, 3])), max_size=7)
wanted_shapes = st.lists(st.tuples(st.sampled_from([1, 2, 3, None])), max_size=5)


@settings(deadline=None)
@given(wanted=wanted_shapes, got=shapes)
def test_the_match_is_the_longest_there_is(wanted: list[Shape], got: list[Shape]) -> None:
    found = longest_match(wanted, got)
    assert list(found) == sorted(found) and list(found.values()) == sorted(set(found.values()))
    assert all(matches(wanted[i], got[j]) for i, j in found.items())
    longest = max(
        size
        for size in range(len(wanted) + 1)
        for some in combinations(wanted, size)
        if any(all(map(matches, some, others)) for others in combinations(got, size))
    )
    assert len(found) == longest


def test_a_huge_model_is_compared_at_once() -> None:
    wanted: list[Shape] = [(i % 30, 1) for i in range(500)]
    got: list[Shape] = [(i * 7 % 30, 1) for i in range(5000)]
    started = time.process_time()
    assert len(longest_match(wanted, got)) == 400
    assert time.process_time() - started < 10


@pytest.mark.parametrize("expect", [[], [[0]], [10], [["a"]], [[1]] * 501])
def test_shapes_that_make_no_sense_are_refused(expect: Any) -> None:
    with pytest.raises(ValidationError):
        FeatureMaps(expect=expect)
