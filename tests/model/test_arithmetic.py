"""The lecture's formulas against Keras, against counting, and against the lecture's figures."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model.arithmetic import Window, as_tuple, layer_output_shape, window_of, window_output
from grader.model.counts import (
    bias_count,
    layer_facts,
    layer_parameters,
    multiply_adds,
    weight_count,
)
from grader.model.receptive import Field
from grader.records import Shape
from grader.sandbox.client import Sandbox
from tests.checks.models import call

Spec = tuple[str, dict[str, Any], tuple[int | None, ...]]
"""A layer, its arguments, and the shape that it is given."""

ORACLE = """
from grader.model.describe import _plain_config
from grader.model.weightless import weightless

def f(specs):
    with weightless():
        return [measure(*spec) for spec in specs]

def measure(kind, arguments, shape):
    layer = getattr(keras.layers, kind)(**arguments)
    try:
        output = layer(keras.KerasTensor((None, *shape)))
    except ValueError:
        return None
    return {
        "shape": list(output.shape[1:]),
        "computed": list(layer.compute_output_shape((None, *shape))[1:]),
        "params": layer.count_params(),
        "config": _plain_config(layer),
    }
"""

ONES = """
def f(specs):
    return [products(*spec) for spec in specs]

def products(kind, arguments, shape):
    layer = getattr(keras.layers, kind)(**arguments, use_bias=False)
    layer.build((None, *shape))
    layer.set_weights([np.ones(weight.shape) for weight in layer.weights])
    return int(round(float(np.sum(layer(np.ones((1, *shape), "float32"))))))
"""
"""Where all weights and pixels are 1, each product adds 1 to the sum of the outputs."""


def keras_says(sandbox: Sandbox, specs: list[Spec]) -> list[dict[str, Any] | None]:
    given = [[kind, arguments, list(shape)] for kind, arguments, shape in specs]
    [returned] = call(sandbox, ORACLE, [{"args": [given], "kwargs": {}}])
    assert returned.problem is None, returned.problem
    measured: list[dict[str, Any] | None] = returned.value
    return measured


LAYERS: list[Spec] = [
    ("Conv1D", {"filters": 4, "kernel_size": 3}, (20, 2)),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "causal"}, (21, 2)),
    ("Conv1D", {"filters": 4, "kernel_size": 3, "dilation_rate": 4}, (20, 2)),
    ("Conv2D", {"filters": 24, "kernel_size": 3}, (28, 28, 1)),
    ("Conv2D", {"filters": 24, "kernel_size": [3, 5], "strides": [2, 1]}, (28, 20, 3)),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "padding": "same", "strides": 2}, (27, 28, 3)),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 3, "use_bias": False}, (9, 9, 12)),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "dilation_rate": [2, 3]}, (12, 12, 2)),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "data_format": "channels_first"}, (2, 12, 11)),
    ("Conv2D", {"filters": 6, "kernel_size": 1}, (None, None, 8)),
    ("Conv2D", {"filters": 6, "kernel_size": 5}, (4, 8, 1)),
    ("Conv3D", {"filters": 2, "kernel_size": [1, 2, 3], "strides": 2}, (9, 9, 9, 3)),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": 3, "strides": 2}, (7, 7, 4)),
    ("Conv1DTranspose", {"filters": 3, "kernel_size": 3}, (7, 4)),
    ("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2}, (9, 4)),
    ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "padding": "same"}, (9, 9, 4)),
    (
        "DepthwiseConv2D",
        {"kernel_size": 3, "depth_multiplier": 2, "data_format": "channels_first"},
        (4, 9, 9),
    ),
    ("SeparableConv1D", {"filters": 5, "kernel_size": 3}, (9, 4)),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 3, "depth_multiplier": 3}, (9, 9, 4)),
    ("MaxPooling1D", {}, (9, 4)),
    ("MaxPooling2D", {}, (13, 12, 4)),
    ("MaxPooling2D", {"pool_size": 3, "strides": 2}, (27, 27, 96)),
    ("MaxPooling2D", {"pool_size": [2, 3], "padding": "same"}, (27, 27, 4)),
    ("MaxPooling2D", {"pool_size": 2, "data_format": "channels_first"}, (4, 9, 8)),
    ("AveragePooling2D", {"pool_size": 2, "strides": 1}, (9, 9, 4)),
    ("AveragePooling3D", {"pool_size": 2}, (9, 9, 9, 4)),
    ("GlobalMaxPooling1D", {}, (9, 4)),
    ("GlobalAveragePooling2D", {}, (9, 8, 4)),
    ("GlobalAveragePooling2D", {"keepdims": True}, (9, 8, 4)),
    ("GlobalMaxPooling2D", {"keepdims": True, "data_format": "channels_first"}, (4, 9, 8)),
    ("GlobalMaxPooling3D", {}, (3, 3, 3, 4)),
    ("Dense", {"units": 10}, (784,)),
    ("Dense", {"units": 10, "use_bias": False}, (28, 28, 3)),
    ("Flatten", {}, (5, 5, 36)),
    ("Flatten", {}, (None, 5, 36)),
    ("Reshape", {"target_shape": [7, 7, 2]}, (98,)),
    ("Reshape", {"target_shape": [-1, 2]}, (7, 7, 2)),
    ("Permute", {"dims": [2, 1, 3]}, (28, 20, 3)),
    ("ZeroPadding2D", {}, (9, 8, 4)),
    ("ZeroPadding2D", {"padding": [[1, 2], [3, 4]]}, (9, 8, 4)),
    ("ZeroPadding2D", {"padding": [1, 2], "data_format": "channels_first"}, (4, 9, 8)),
    ("ZeroPadding1D", {"padding": [1, 2]}, (9, 4)),
    ("Cropping2D", {"cropping": [[1, 2], [3, 4]]}, (9, 8, 4)),
    ("Cropping2D", {"cropping": 1}, (9, 8, 4)),
    ("Cropping2D", {}, (9, 8, 4)),
    ("UpSampling2D", {}, (9, 8, 4)),
    ("UpSampling2D", {"size": [2, 3]}, (None, 8, 4)),
    ("UpSampling1D", {"size": 2}, (9, 4)),
    ("BatchNormalization", {}, (9, 8, 4)),
    ("BatchNormalization", {"center": False}, (9, 8, 4)),
    ("BatchNormalization", {"scale": False, "center": False}, (4,)),
    ("BatchNormalization", {"axis": 1}, (9, 8, 4)),
    ("BatchNormalization", {"axis": 1}, (9, None, None)),
    ("LayerNormalization", {}, (9, 8, 4)),
    ("GroupNormalization", {"groups": 2}, (9, 8, 4)),
    ("PReLU", {}, (9, 8, 4)),
    ("Dropout", {"rate": 0.5}, (9, 8, 4)),
    ("Activation", {"activation": "relu"}, (9, 8, 4)),
    ("ReLU", {}, (9, 8, 4)),
    ("Softmax", {}, (10,)),
    ("Rescaling", {"scale": 0.5}, (9, 8, 4)),
    ("Embedding", {"input_dim": 5, "output_dim": 3}, (9,)),
]
NOT_KNOWN = {
    "Conv1DTranspose",
    "Conv2DTranspose",
    "ZeroPadding1D",
    "UpSampling1D",
    "Embedding",
}
OTHER_WEIGHTS = {"LayerNormalization", "GroupNormalization", "PReLU"}


def assert_agrees(spec: Spec, measured: dict[str, Any] | None) -> None:
    kind, arguments, shape = spec
    ours = layer_output_shape(kind, arguments, shape)
    if measured is None:
        # Keras refuses a window that does not fit.
        assert ours is not None and min(axis for axis in ours if axis is not None) < 1
        return
    assert measured["shape"] == measured["computed"]
    for config in (arguments, measured["config"]):
        output = layer_output_shape(kind, config, shape)
        known = None if kind in NOT_KNOWN else tuple(measured["shape"])
        assert output == known
        counted = kind not in NOT_KNOWN | OTHER_WEIGHTS
        params = measured["params"] if counted else None
        assert layer_parameters(kind, config, shape) == params
        facts = layer_facts(kind, config, shape)
        if known is None or params is None:
            assert facts is None
        else:
            assert facts == (known, params, multiply_adds(kind, config, shape, known))


def test_shapes_and_parameters_are_those_of_keras(sandbox: Sandbox) -> None:
    for spec, measured in zip(LAYERS, keras_says(sandbox, LAYERS), strict=True):
        assert_agrees(spec, measured)


@st.composite
def windowed_layers(draw: st.DrawFn) -> Spec:
    """Convolutions and poolings that Keras takes, unless the window does not fit."""
    axes = draw(st.integers(1, 3))
    of_axes = "Conv MaxPooling AveragePooling".split()
    of_axes += "DepthwiseConv SeparableConv".split() if axes < 3 else []
    family = draw(st.sampled_from(of_axes))
    groups = draw(st.sampled_from([1, 1, 2, 3])) if family == "Conv" else 1
    channels = groups * draw(st.integers(1, 3))
    per_axis = st.integers(1, 4) | st.lists(st.integers(1, 4), min_size=axes, max_size=axes)
    padding = ["valid", "same"] + (["causal"] if family == "Conv" and axes == 1 else [])
    arguments: dict[str, Any] = {"padding": draw(st.sampled_from(padding))}
    if family.endswith("Pooling"):
        arguments["pool_size"] = draw(per_axis)
        arguments["strides"] = draw(st.none() | per_axis)
    else:
        arguments["kernel_size"] = draw(per_axis)
        arguments["use_bias"] = draw(st.booleans())
        step = draw(st.sampled_from(["strides", "dilation_rate"]))
        # A depthwise kernel moves alike along both axes.
        arguments[step] = draw(per_axis if family == "Conv" else st.integers(1, 4))
    if family == "Conv":
        arguments["groups"] = groups
    if family in ("Conv", "SeparableConv"):
        arguments["filters"] = groups * draw(st.integers(1, 3))
    if family in ("DepthwiseConv", "SeparableConv"):
        arguments["depth_multiplier"] = draw(st.integers(1, 3))
    spatial = draw(st.lists(st.integers(1, 12), min_size=axes, max_size=axes))
    if arguments["padding"] != "causal" and draw(st.booleans()):
        return (
            f"{family}{axes}D",
            {**arguments, "data_format": "channels_first"},
            (
                channels,
                *spatial,
            ),
        )
    return f"{family}{axes}D", arguments, (*spatial, channels)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(specs=st.lists(windowed_layers(), min_size=15, max_size=40))
def test_any_window_moves_as_in_keras(sandbox: Sandbox, specs: list[Spec]) -> None:
    for spec, measured in zip(specs, keras_says(sandbox, specs), strict=True):
        assert_agrees(spec, measured)


@settings(deadline=None)
@given(
    n=st.integers(1, 40),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 5),
    dilation=st.integers(1, 3),
    padding=st.integers(0, 4),
)
def test_a_window_stands_where_all_of_it_lies_on_the_padded_axis(
    n: int, kernel: int, stride: int, dilation: int, padding: int
) -> None:
    axis = range(-padding, n + padding)
    starts = [
        start
        for start in axis[::stride]
        if all(start + dilation * tap in axis for tap in range(kernel))
    ]
    size = window_output(n, kernel, stride, padding, dilation)
    assert max(size, 0) == len(starts)
    if padding == 0:
        assert window_output(n, kernel, stride, "valid", dilation) == size


@pytest.mark.parametrize("padding", ["same", "causal"])
@settings(deadline=None)
@given(n=st.integers(1, 40), kernel=st.integers(1, 7), stride=st.integers(1, 5))
def test_same_padding_gives_one_output_for_each_step(
    padding: str, n: int, kernel: int, stride: int
) -> None:
    assert window_output(n, kernel, stride, padding) == len(range(0, n, stride))


@pytest.mark.parametrize(
    ("layer", "arguments", "given_shape", "output", "weights", "biases"),
    [
        ("Conv2D", {"filters": 1, "kernel_size": 3}, (7, 7, 1), (5, 5, 1), 9, 1),
        ("Conv2D", {"filters": 4, "kernel_size": 5}, (32, 32, 3), (28, 28, 4), 300, 4),
        ("Conv2D", {"filters": 10, "kernel_size": 5}, (28, 28, 4), (24, 24, 10), 1000, 10),
        (
            "Conv2D",
            {"filters": 64, "kernel_size": 3, "padding": "same"},
            (40, 50, 128),
            (40, 50, 64),
            73_728,
            64,
        ),
        (
            "Conv2D",
            {"filters": 96, "kernel_size": 11, "strides": 4},
            (227, 227, 3),
            (55, 55, 96),
            34_848,
            96,
        ),
        (
            "Conv2D",
            {"filters": 256, "kernel_size": 5, "padding": "same", "groups": 2},
            (27, 27, 96),
            (27, 27, 256),
            307_200,
            256,
        ),
        (
            "Conv2D",
            {"filters": 384, "kernel_size": 3, "padding": "same"},
            (13, 13, 256),
            (13, 13, 384),
            884_736,
            384,
        ),
        (
            "Conv2D",
            {"filters": 384, "kernel_size": 3, "padding": "same", "groups": 2},
            (13, 13, 384),
            (13, 13, 384),
            663_552,
            384,
        ),
        (
            "Conv2D",
            {"filters": 256, "kernel_size": 3, "padding": "same", "groups": 2},
            (13, 13, 384),
            (13, 13, 256),
            442_368,
            256,
        ),
        ("Flatten", {}, (13, 13, 256), (43_264,), 0, 0),
        ("Dense", {"units": 4096}, (43_264,), (4096,), 177_209_344, 4096),
        ("Dense", {"units": 4096}, (4096,), (4096,), 16_777_216, 4096),
        ("Dense", {"units": 1000}, (4096,), (1000,), 4_096_000, 1000),
        ("MaxPooling2D", {"pool_size": 3, "strides": 2}, (55, 55, 96), (27, 27, 96), 0, 0),
        (
            "Conv2D",
            {"filters": 32, "kernel_size": 1},
            (256, 256, 128),
            (256, 256, 32),
            4096,
            32,
        ),
        (
            "Conv2D",
            {"filters": 128, "kernel_size": 3, "padding": "same"},
            (256, 256, 32),
            (256, 256, 128),
            36_864,
            128,
        ),
        (
            "Conv2D",
            {"filters": 128, "kernel_size": 3, "padding": "same"},
            (256, 256, 128),
            (256, 256, 128),
            147_456,
            128,
        ),
    ],
)
def test_the_lectures_figures(
    layer: str,
    arguments: dict[str, Any],
    given_shape: Shape,
    output: Shape,
    weights: int,
    biases: int,
) -> None:
    assert layer_output_shape(layer, arguments, given_shape) == output
    assert weight_count(layer, arguments, given_shape) == weights
    assert bias_count(layer, arguments, given_shape) == biases
    assert layer_parameters(layer, arguments, given_shape) == weights + biases
    without = {**arguments, "use_bias": False}
    assert layer_parameters(layer, without, given_shape) == weights


COUNTED: list[Spec] = [
    ("Conv1D", {"filters": 4, "kernel_size": 3, "strides": 2}, (20, 2)),
    ("Conv2D", {"filters": 4, "kernel_size": [3, 5]}, (9, 11, 2)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2}, (9, 11, 6)),
    ("Conv2D", {"filters": 4, "kernel_size": 3, "dilation_rate": 2}, (9, 11, 2)),
    ("Conv3D", {"filters": 4, "kernel_size": 2}, (4, 5, 6, 2)),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, (9, 11, 3)),
    ("Dense", {"units": 10}, (49,)),
    ("Dense", {"units": 10}, (7, 7, 3)),
]


def test_multiply_adds_are_the_products_that_are_summed(sandbox: Sandbox) -> None:
    given = [[kind, arguments, list(shape)] for kind, arguments, shape in COUNTED]
    [returned] = call(sandbox, ONES, [{"args": [given], "kwargs": {}}])
    ours = []
    for kind, arguments, shape in COUNTED:
        output = layer_output_shape(kind, arguments, shape)
        assert output is not None
        ours.append(multiply_adds(kind, arguments, shape, output))
    assert ours == returned.value


@pytest.mark.parametrize(
    ("layer", "arguments", "given_shape", "output", "expected"),
    [
        # A separable convolution: 9 products for each channel, then a 1×1 convolution.
        (
            "SeparableConv2D",
            {"filters": 5, "kernel_size": 3},
            (9, 9, 4),
            (7, 7, 5),
            49 * (9 * 4 + 4 * 5),
        ),
        # Padded pixels are multiplied like any other.
        ("Conv2D", {"filters": 2, "kernel_size": 3, "padding": "same"}, (5, 5, 1), (5, 5, 2), 450),
        (
            "Conv2D",
            {"filters": 2, "kernel_size": 3, "data_format": "channels_first"},
            (1, 5, 6),
            (2, 3, 4),
            216,
        ),
        ("MaxPooling2D", {}, (4, 4, 2), (2, 2, 2), 0),
        ("BatchNormalization", {}, (4, 4, 2), (4, 4, 2), 0),
        ("Conv2D", {"filters": 2, "kernel_size": 3}, (None, 5, 1), (None, 3, 2), 0),
        ("Conv2D", {"filters": 2}, (5, 5, 1), (5, 5, 2), 0),
    ],
    ids=["separable", "same", "channels first", "pool", "normalisation", "unknown size", "claim"],
)
def test_multiply_adds_elsewhere(
    layer: str, arguments: dict[str, Any], given_shape: Shape, output: Shape, expected: int
) -> None:
    assert multiply_adds(layer, arguments, given_shape, output) == expected


windows = st.builds(
    lambda k, s, d: Window((k,), (s,), "valid", (d,)),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 3),
)


@settings(deadline=None)
@given(stack=st.lists(windows, max_size=5))
def test_the_receptive_field_spans_the_pixels_that_reach_one_value(stack: list[Window]) -> None:
    field = Field((1,), (1,))
    for window in stack:
        field = field.through(window)

    def seen_from(position: int) -> list[int]:
        reached = {position}
        for window in reversed(stack):
            [k], [s], [d] = window.kernel, window.strides, window.dilation
            reached = {place * s + tap * d for place in reached for tap in range(k)}
        return sorted(reached)

    first, second = seen_from(0), seen_from(1)
    assert field.size == (first[-1] - first[0] + 1,)
    assert field.jump == (second[0] - first[0],)


def test_the_receptive_field_has_two_axes_of_its_own() -> None:
    window = Window((3, 5), (2, 1), "same", (1, 2))
    assert Field((1, 1), (1, 1)).through(window) == Field((3, 9), (2, 1))
    assert Field((3, 9), (2, 1)).through(window) == Field((7, 17), (4, 1))


@pytest.mark.parametrize(
    ("layer", "arguments", "window"),
    [
        ("Conv2D", {"kernel_size": 3}, Window((3, 3), (1, 1), "valid", (1, 1))),
        (
            "Conv2D",
            {"kernel_size": [3, 5], "strides": 2, "padding": "same", "dilation_rate": [1, 2]},
            Window((3, 5), (2, 2), "same", (1, 2)),
        ),
        ("MaxPooling2D", {}, Window((2, 2), (2, 2), "valid", (1, 1))),
        (
            "AveragePooling2D",
            {"pool_size": [3, 2], "strides": None},
            Window((3, 2), (3, 2), "valid", (1, 1)),
        ),
        ("MaxPooling1D", {"pool_size": 3, "strides": 1}, Window((3,), (1,), "valid", (1,))),
        ("Conv2DTranspose", {"kernel_size": 3}, None),
        ("GlobalMaxPooling2D", {}, None),
        ("Dense", {"units": 3}, None),
    ],
)
def test_window_of(layer: str, arguments: dict[str, Any], window: Window | None) -> None:
    assert window_of(layer, arguments) == window


def test_one_number_stands_for_all_axes() -> None:
    assert as_tuple(3, 2) == (3, 3)
    assert as_tuple([3, 5], 2) == (3, 5)
    assert as_tuple((3,), 1) == (3,)


NOT_SIZES = [0, -1, 2.5, True, "3", None, [], [3], [3, 3, 3], {"a": 1}, 10**4000, [[3, 3], [3, 3]]]


@pytest.mark.parametrize("value", NOT_SIZES, ids=[repr(value)[:20] for value in NOT_SIZES])
@pytest.mark.parametrize(
    ("layer", "key"),
    [
        ("Conv2D", "kernel_size"),
        ("Conv2D", "filters"),
        ("Conv2D", "dilation_rate"),
        ("Conv2D", "groups"),
        ("DepthwiseConv2D", "depth_multiplier"),
        ("SeparableConv2D", "filters"),
        ("MaxPooling2D", "pool_size"),
        ("Dense", "units"),
    ],
)
def test_arguments_that_no_layer_has_give_no_number(layer: str, key: str, value: Any) -> None:
    sound = {"kernel_size": 3, "filters": 4, "units": 4}
    claimed = {**sound, key: value}
    shape, count = (9, 9, 2), 81
    output = layer_output_shape(layer, claimed, shape)
    weights = weight_count(layer, claimed, shape)
    if key != "groups":
        assert output is None
    assert weights is None
    assert layer_parameters(layer, claimed, shape) is None
    assert multiply_adds(layer, claimed, shape, (9, 9, count)) == 0


@pytest.mark.parametrize(
    ("layer", "claimed"),
    [
        ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "full"}),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": ["valid"]}),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 0}),
        ("Reshape", {}),
        ("Reshape", {"target_shape": 3}),
        ("Reshape", {"target_shape": [-1, 0]}),
        ("Reshape", {"target_shape": ["a", -1]}),
        ("Permute", {"dims": [7, 1, 2]}),
        ("Permute", {"dims": None}),
        ("ZeroPadding2D", {"padding": [1, 2, 3]}),
        ("ZeroPadding2D", {"padding": "1"}),
        ("Cropping2D", {"cropping": [[1], [2]]}),
        ("UpSampling2D", {"size": None}),
    ],
)
def test_claims_out_of_form_have_no_shape(layer: str, claimed: dict[str, Any]) -> None:
    assert layer_output_shape(layer, claimed, (9, 9, 2)) is None


@pytest.mark.parametrize("shape", [(), (9,), (9, 9), (9, 9, 9, 9)])
def test_a_window_needs_as_many_axes_as_its_input(shape: Shape) -> None:
    arguments = {"filters": 4, "kernel_size": 3}
    assert layer_output_shape("Conv2D", arguments, shape) is None
    assert layer_output_shape("GlobalMaxPooling2D", {}, shape) is None


def test_sizes_that_are_not_known_stay_unknown() -> None:
    conv = {"filters": 4, "kernel_size": 3}
    assert layer_output_shape("Conv2D", conv, (None, 9, 2)) == (None, 7, 4)
    assert layer_output_shape("Flatten", {}, (None, 9, 2)) == (None,)
    assert layer_output_shape("Reshape", {"target_shape": [-1, 2]}, (None, 2)) is None
    assert layer_output_shape("DepthwiseConv2D", {"kernel_size": 3}, (9, 9, None)) == (7, 7, None)
    assert weight_count("Conv2D", conv, (9, 9, None)) is None
    assert weight_count("Dense", {"units": 3}, (None,)) is None
    assert weight_count("BatchNormalization", {}, (9, 9, None)) is None
    assert weight_count("Dense", {"units": 3}, ()) is None


def test_flatten_counts_every_value() -> None:
    assert layer_output_shape("Flatten", {}, (5, 5, 36)) == (math.prod((5, 5, 36)),)
    assert layer_output_shape("Flatten", {}, ()) == (1,)
