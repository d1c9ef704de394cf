"""Values from a student's process become records, or one sentence."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.model.claims import read_compiled, read_model, read_sample, read_texts
from grader.records import CompileDescription, ModelDescription, OutputSample

LAYER: dict[str, Any] = {
    "name": "n1",
    "type": "Dense",
    "config": {"units": 10, "activation": "softmax"},
    "input_shapes": [[784]],
    "output_shapes": [[10]],
    "params": 7850,
    "trainable_params": 7850,
    "multiply_adds": 7840,
    "receptive_field": None,
    "inbound": [],
    "calls": 1,
}
MODEL: dict[str, Any] = {
    "layers": [LAYER, LAYER | {"name": "n2", "inbound": [0]}],
    "input_shapes": [[784]],
    "output_shapes": [[10]],
    "total_params": 7850,
    "trainable_params": 7850,
    "multiply_adds": 7840,
    "receptive_field": [3, 3],
}
COMPILED: dict[str, Any] = {
    "optimizer": "Adam",
    "optimizer_config": {"learning_rate": 0.001},
    "loss": None,
    "loss_config": {},
    "metrics": ["accuracy", None],
}
SAMPLE: dict[str, Any] = {
    "images": 16,
    "minimum": 0.0,
    "maximum": 1.0,
    "largest_sum_error": 0.5,
}
UNREADABLE = "The model's description cannot be read."


def changed(value: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(value) | changes


def with_layer(**changes: Any) -> dict[str, Any]:
    return changed(MODEL, layers=[changed(LAYER, **changes)])


def test_a_description_is_read_field_by_field() -> None:
    model = read_model(MODEL, rebuilt=True, names=["entry", "first", "second"])
    assert [layer.name for layer in model.layers] == ["first", "second"]
    assert model.layers[0].config == {"units": 10, "activation": "softmax"}
    assert model.layers[0].output_shapes == ((10,),)
    assert model.layers[1].inbound == (0,)
    assert model.receptive_field == (3, 3)
    assert model.rebuilt


def test_names_from_inside_the_walls_stay_as_they_are() -> None:
    model = read_model(MODEL, rebuilt=False)
    assert [layer.name for layer in model.layers] == ["n1", "n2"]


@pytest.mark.parametrize("name", ["n", "n99", "n²", "n-1", "dense", "n1x", ""])
def test_only_a_neutral_name_is_translated(name: str) -> None:
    assert read_model(with_layer(name=name), rebuilt=True, names=["a"]).layers[0].name == name


def test_edges_lead_forward() -> None:
    model = read_model(with_layer(inbound=[0, 1, 7]), rebuilt=False)
    assert model.layers[0].inbound == ()


def test_a_layer_without_an_input_takes_one_value() -> None:
    assert read_model(with_layer(input_shapes=[]), rebuilt=False).layers[0].input_shape == ()


def test_what_is_no_number_is_written_out() -> None:
    model = read_model(with_layer(config={"rate": math.nan, "scale": [math.inf]}), rebuilt=False)
    assert model.layers[0].config == {"rate": "nan", "scale": ["inf"]}


def test_long_texts_and_lists_are_cut() -> None:
    model = read_model(
        with_layer(
            name="x" * 500,
            type="y" * 500,
            config={"z" * 500: ["w" * 500] * 500},
            output_shapes=[[1] * 50],
        ),
        rebuilt=False,
    )
    layer = model.layers[0]
    assert (layer.name, layer.type) == ("x" * 200, "y" * 200)
    assert layer.config == {"z" * 200: ["w" * 200] * 100}
    assert layer.output_shape == (1,) * 10


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "model",
        np.zeros(3),
        {},
        changed(MODEL, layers={}),
        changed(MODEL, layers=[None]),
        changed(MODEL, layers=[np.zeros((2, 2))]),
        changed(MODEL, layers=[LAYER] * 5_001),
        changed(MODEL, total_params=1.0),
        changed(MODEL, total_params=True),
        changed(MODEL, total_params=-1),
        changed(MODEL, receptive_field=3),
        changed(MODEL, output_shapes=[10]),
        changed(MODEL, output_shapes=[["ten"]]),
        with_layer(name=None),
        with_layer(type=["Dense"]),
        with_layer(config=[]),
        with_layer(config={"x": np.zeros(3)}),
        with_layer(config={"x": [[[[[[[[[1]]]]]]]]]}),
        with_layer(output_shapes=[]),
        with_layer(inbound="01"),
        with_layer(inbound=[-1]),
        with_layer(calls=np.int64(1)),
        with_layer(params=np.zeros(3, int)),
    ],
)
def test_a_model_out_of_form_is_refused(data: Any) -> None:
    with pytest.raises(SubmissionError) as caught:
        read_model(data, rebuilt=False)
    assert caught.value.problem.kind == "unreadable"
    assert caught.value.problem.message == UNREADABLE


@pytest.mark.parametrize(
    "data", [changed(MODEL, total_params=2**62), with_layer(multiply_adds=10**40)]
)
def test_a_model_that_no_computer_holds_is_named_so(data: Any) -> None:
    with pytest.raises(SubmissionError) as caught:
        read_model(data, rebuilt=True)
    assert caught.value.problem.kind == "memory"
    assert caught.value.problem.message == "The model is larger than any computer can hold."


def test_what_was_compiled_is_read() -> None:
    assert read_compiled(COMPILED) == CompileDescription(
        "Adam", {"learning_rate": 0.001}, None, {}, ("accuracy",)
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        {},
        changed(COMPILED, optimizer=1),
        changed(COMPILED, loss=np.zeros(2)),
        changed(COMPILED, metrics="accuracy"),
        changed(COMPILED, metrics=[np.zeros(2)]),
        changed(COMPILED, metrics=[1]),
        changed(COMPILED, loss_config=[]),
        changed(COMPILED, optimizer_config={"x": {1: 2}}),
    ],
)
def test_what_was_compiled_out_of_form_is_as_if_nothing_was(data: Any) -> None:
    assert read_compiled(data) is None


def test_a_sample_is_read() -> None:
    assert read_sample(SAMPLE) == OutputSample(16, 0.0, 1.0, 0.5)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        np.zeros(4),
        changed(SAMPLE, minimum="0"),
        changed(SAMPLE, minimum=10**400),
        changed(SAMPLE, maximum=np.zeros(1)),
        changed(SAMPLE, maximum=True),
        changed(SAMPLE, largest_sum_error=None),
        changed(SAMPLE, images=16.0),
    ],
)
def test_a_sample_out_of_form_is_refused(data: Any) -> None:
    with pytest.raises(SubmissionError) as caught:
        read_sample(data)
    assert caught.value.problem.message == UNREADABLE


def test_texts_are_bounded() -> None:
    assert read_texts(["x" * 400] * 30) == ("x" * 300,) * 20
    assert read_texts("text") == ()
    assert read_texts(None) == ()
    assert read_texts([None, 1]) == ("None", "1")


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, np.zeros(2), np.array("text"), np.zeros((2, 0))]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*MODEL, *LAYER, *COMPILED, *SAMPLE]), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def near(draw: st.DrawFn, valid: dict[str, Any]) -> Any:
    """A valid description with one value, at any depth, replaced by another."""
    data: Any = copy.deepcopy(valid)
    holder, key = data, draw(st.sampled_from(sorted(data)))
    while draw(st.booleans()) and isinstance(holder[key], dict | list) and holder[key]:
        holder = holder[key]
        keys = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        key = draw(st.sampled_from(keys))
    holder[key] = draw(PLAIN)
    return data


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=PLAIN | near(MODEL))
def test_any_values_give_a_model_or_a_verdict(data: Any) -> None:
    try:
        model = read_model(data, rebuilt=False, names=("a", "b"))
    except SubmissionError as error:
        assert error.problem.kind in ("unreadable", "memory")
    else:
        assert isinstance(model, ModelDescription)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(compiled=PLAIN | near(COMPILED), sample=PLAIN | near(SAMPLE), texts=PLAIN)
def test_any_values_give_settings_samples_and_texts_or_a_verdict(
    compiled: Any, sample: Any, texts: Any
) -> None:
    assert isinstance(read_compiled(compiled), CompileDescription | None)
    assert all(isinstance(text, str) for text in read_texts(texts))
    try:
        assert isinstance(read_sample(sample), OutputSample)
    except SubmissionError as error:
        assert error.problem.kind == "unreadable"
