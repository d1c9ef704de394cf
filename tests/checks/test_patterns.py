"""Settings by Keras's names: what they take, what they refuse, and how a range reads."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from grader.checks.patterns import (
    FAULTS,
    Fault,
    Layer,
    LayerName,
    LossName,
    MetricName,
    Optimizer,
    number_meant,
)
from grader.checks.ranges import NumberRange
from grader.model import keras_names


def faults(kind: Any, value: Any) -> list[Fault]:
    """What a setting refuses."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (error,) = caught.value.errors()
    assert error["type"] == FAULTS
    return list(error["ctx"]["faults"])


def taken(kind: Any, value: Any) -> tuple[str, dict[str, Any]]:
    pattern = TypeAdapter(kind).validate_python(value)
    return pattern.type, pattern.args


# --- layers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("Flatten", ("Flatten", {})),
        ({"Flatten": None}, ("Flatten", {})),
        ({"Flatten": {}}, ("Flatten", {})),
        ("MaxPool2D", ("MaxPooling2D", {})),
        ({"Convolution2D": {"filters": 3}}, ("Conv2D", {"filters": 3})),
        (
            {"Conv2D": {"filters": 3, "activation": "relu", "kernel_size": [3, 3]}},
            ("Conv2D", {"filters": 3, "activation": "relu", "kernel_size": [3, 3]}),
        ),
        ({"Dense": {"activation": None}}, ("Dense", {"activation": None})),
        ({"Activation": {"activation": "softmax"}}, ("Activation", {"activation": "softmax"})),
        (
            {"LSTM": {"recurrent_activation": "sigmoid"}},
            ("LSTM", {"recurrent_activation": "sigmoid"}),
        ),
        (
            {"Dense": {"name": "out", "dtype": "float32"}},
            ("Dense", {"name": "out", "dtype": "float32"}),
        ),
    ],
    ids=repr,
)
def test_a_layer_is_a_name_or_a_name_with_arguments(
    value: Any, pattern: tuple[str, dict[str, Any]]
) -> None:
    assert taken(Layer, value) == pattern


LIKE_THIS = "such as Flatten or Conv2D: {filters: 24}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Dens", [Fault((), 'Keras has no layer "Dens". Did you mean "Dense"?')]),
        ("conv2d", [Fault((), 'Keras has no layer "conv2d". Did you mean "Conv2D"?')]),
        (
            "AveragePool",
            [Fault((), 'Keras has no layer "AveragePool". Did you mean "AveragePooling2D"?')],
        ),
        (
            "GlobalMaxPool",
            [Fault((), 'Keras has no layer "GlobalMaxPool". Did you mean "GlobalMaxPool2D"?')],
        ),
        ("Layer", [Fault((), 'Keras has no layer "Layer". Did you mean "JaxLayer"?')]),
        ("conv", [Fault((), 'Keras has no layer "conv". Did you mean "Conv2D"?')]),
        ("conv1", [Fault((), 'Keras has no layer "conv1". Did you mean "Conv1D"?')]),
        ("__class__", [Fault((), 'Keras has no layer "__class__".')]),
        ("", [Fault((), 'Keras has no layer "".')]),
        ({"": None}, [Fault(("",), 'Keras has no layer "".', on_key=True)]),
        (
            {"Dens": {"units": 1}},
            [Fault(("Dens",), 'Keras has no layer "Dens". Did you mean "Dense"?', on_key=True)],
        ),
        (
            {"Conv2D": {"filtres": 1, "strides": 1, "kernel": 3}},
            [
                Fault(
                    ("Conv2D", "filtres"),
                    'Conv2D has no argument "filtres". Did you mean "filters"?',
                    on_key=True,
                ),
                Fault(
                    ("Conv2D", "kernel"),
                    'Conv2D has no argument "kernel". Did you mean "kernel_size"?',
                    on_key=True,
                ),
            ],
        ),
        (
            {"MaxPool2D": {"zzz": 1}},
            [
                Fault(
                    ("MaxPool2D", "zzz"),
                    'MaxPool2D has no argument "zzz". Known are pool_size, strides, padding, '
                    "data_format, name, trainable and dtype.",
                    on_key=True,
                )
            ],
        ),
        (
            {"Dense": {"units": "10", "activation": 5}},
            [
                Fault(("Dense", "units"), 'Expected a number, got the text "10". Write 10.'),
                Fault(("Dense", "activation"), "Expected the name of a Keras activation, got 5."),
            ],
        ),
        (
            {"Dense": {"activation": {"relu": {}}}},
            [
                Fault(
                    ("Dense", "activation"),
                    "Expected the name of a Keras activation, got a mapping.",
                )
            ],
        ),
        (
            {"LSTM": {"recurrent_activation": "sigmiod"}},
            [
                Fault(
                    ("LSTM", "recurrent_activation"),
                    'Keras has no activation "sigmiod". Did you mean "sigmoid"?',
                )
            ],
        ),
        (None, [Fault((), f"Expected a layer, {LIKE_THIS}; got nothing.")]),
        ([], [Fault((), f"Expected a layer, {LIKE_THIS}; got a list.")]),
        ({}, [Fault((), f"Expected a layer, {LIKE_THIS}; got a mapping.")]),
        (True, [Fault((), f"Expected a layer, {LIKE_THIS}; got true.")]),
        (
            {"Dense": 10},
            [Fault(("Dense",), f"Expected arguments by name, {LIKE_THIS}; got 10.")],
        ),
        (
            {"Dense": None, "units": 10},
            [
                Fault(
                    ("units",),
                    'What belongs to "Dense" must be indented further than its name.',
                    on_key=True,
                )
            ],
        ),
        (
            {"Dense": {}, "Flatten": {}},
            [Fault(("Flatten",), f"Expected a layer by itself, {LIKE_THIS}.", on_key=True)],
        ),
    ],
    ids=repr,
)
def test_what_is_no_layer_is_refused_at_its_key(value: Any, expected: list[Fault]) -> None:
    assert faults(Layer, value) == expected


@pytest.mark.parametrize("word", keras_names.layer_words())
def test_every_name_of_a_layer_is_taken(word: str) -> None:
    assert TypeAdapter(LayerName).validate_python(word) == taken(Layer, word)[0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Dropuot", 'Keras has no layer "Dropuot". Did you mean "Dropout"?'),
        ({"Dropout": {}}, "Expected the name of a Keras layer, got a mapping."),
        (None, "Expected the name of a Keras layer, got nothing."),
    ],
)
def test_what_is_no_name_of_a_layer_is_refused(value: Any, message: str) -> None:
    assert faults(LayerName, value) == [Fault((), message)]


# --- compile ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("Adam", ("Adam", {})),
        ("adam", ("Adam", {})),
        ("rmsprop", ("RMSprop", {})),
        ({"sgd": {"momentum": 0.9}}, ("SGD", {"momentum": 0.9})),
    ],
    ids=repr,
)
def test_an_optimizer_is_a_name_or_a_name_with_arguments(
    value: Any, pattern: tuple[str, dict[str, Any]]
) -> None:
    assert taken(Optimizer, value) == pattern


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ADAM", [Fault((), 'Keras has no optimizer "ADAM". Did you mean "Adam"?')]),
        ("Optimizer", [Fault((), 'Keras has no optimizer "Optimizer".')]),
        ("MultiOptimizer", [Fault((), 'Keras has no optimizer "MultiOptimizer".')]),
        (
            {"Adm": {}},
            [Fault(("Adm",), 'Keras has no optimizer "Adm". Did you mean "Adam"?', on_key=True)],
        ),
        (
            {"Adam": {"learning_rat": 1}},
            [
                Fault(
                    ("Adam", "learning_rat"),
                    'Adam has no argument "learning_rat". Did you mean "learning_rate"?',
                    on_key=True,
                )
            ],
        ),
        (
            {"Adam": {"learning_rate": "1e-3"}},
            [
                Fault(
                    ("Adam", "learning_rate"),
                    'Expected a number, got the text "1e-3". Write 0.001.',
                )
            ],
        ),
        (
            5,
            [
                Fault(
                    (),
                    "Expected an optimizer, such as Adam or Adam: {learning_rate: 0.001}; got 5.",
                )
            ],
        ),
    ],
    ids=repr,
)
def test_what_is_no_optimizer_is_refused_at_its_key(value: Any, expected: list[Fault]) -> None:
    assert faults(Optimizer, value) == expected


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (LossName, ["mse", "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"]),
        (MetricName, ["accuracy", "acc", "mae", "AUC", "SparseCategoricalAccuracy"]),
    ],
    ids=["loss", "metric"],
)
def test_losses_and_metrics_go_by_every_name_that_compile_takes(
    kind: Any, names: list[str]
) -> None:
    for name in names:
        assert TypeAdapter(kind).validate_python(name) == name


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (LossName, "mes", 'Keras has no loss "mes". Did you mean "mse"?'),
        (LossName, "Loss", 'Keras has no loss "Loss".'),
        (LossName, None, "Expected the name of a Keras loss, got nothing."),
        (LossName, ["mse"], "Expected the name of a Keras loss, got a list."),
        (MetricName, "accurcy", 'Keras has no metric "accurcy". Did you mean "accuracy"?'),
        (MetricName, {"a": 1}, "Expected the name of a Keras metric, got a mapping."),
    ],
)
def test_what_is_no_loss_or_metric_is_refused(kind: Any, value: Any, message: str) -> None:
    assert faults(kind, value) == [Fault((), message)]


# --- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("1e-3", " Write 0.001."),
        ("1E-3", " Write 0.001."),
        ("1.5e3", " Write 1500."),
        ("1e-7", " Write 1.0e-07."),
        ("1.5e-7", " Write 1.5e-07."),
        ("1e22", " Write 1.0e+22."),
        ("10", " Write 10."),
        (" 5 ", " Write 5."),
        ("inf", ""),
        ("nan", ""),
        ("1e999", ""),
        ("0,5", ""),
        ("five", ""),
        ("", ""),
        (5, ""),
        (None, ""),
        (["1e-3"], ""),
    ],
    ids=repr,
)
def test_text_that_is_meant_as_a_number_is_written_as_one(value: Any, hint: str) -> None:
    assert number_meant(value) == hint


@given(st.floats(-1e300, 1e300))
def test_the_hint_is_a_number_to_yaml(number: float) -> None:
    hint = number_meant(repr(number)).removeprefix(" Write ").removesuffix(".")
    read = yaml.safe_load(hint)
    assert isinstance(read, int | float)
    assert math.isclose(read, number, rel_tol=1e-14)


RANGES: list[tuple[Any, str, Any]] = [
    (124_670, "124,670", 124_670),
    (0, "0", 0),
    (0.5, "0.5", 0.5),
    (12_345_678_901, "12,345,678,901", 12_345_678_901),
    ({"exact": 7}, "7", 7),
    ({"max": 150_000}, "at most 150,000", {"max": 150_000}),
    ({"min": 3}, "at least 3", {"min": 3}),
    ({"min": 0}, "at least 0", {"min": 0}),
    ({"min": 3, "max": 5}, "between 3 and 5", {"min": 3, "max": 5}),
    ({"min": 3, "max": 3}, "between 3 and 3", {"min": 3, "max": 3}),
    ({"min": 1.5, "max": None}, "at least 1.5", {"min": 1.5}),
]


@pytest.mark.parametrize(("value", "shown", "plain"), RANGES, ids=repr)
def test_a_range_reads_as_it_is_meant(value: Any, shown: str, plain: Any) -> None:
    bounds = NumberRange.model_validate(value)
    assert bounds.show() == shown
    assert repr(bounds.plain()) == repr(plain)


BOUND = st.none() | st.integers(0, 5)


@given(BOUND, BOUND, BOUND, st.integers(-1, 6))
def test_a_range_holds_what_lies_in_it(
    exact: int | None, low: int | None, high: int | None, value: int
) -> None:
    given_range = {"exact": exact, "min": low, "max": high}
    nothing = exact is None and low is None and high is None
    both = exact is not None and (low is not None or high is not None)
    upside_down = low is not None and high is not None and low > high
    if nothing or both or upside_down:
        with pytest.raises(ValidationError):
            NumberRange.model_validate(given_range)
        return
    allowed = [
        number
        for number in range(-1, 7)
        if (exact is None or number == exact)
        and (low is None or number >= low)
        and (high is None or number <= high)
    ]
    assert NumberRange.model_validate(given_range).holds(value) == (value in allowed)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, Fault((), "A range needs exact, min or max.")),
        ({"exact": 1, "max": 2}, Fault(("exact",), "exact goes with neither min nor max.", True)),
        ({"min": 5, "max": 3}, Fault(("min",), "min (5) is above max (3).")),
        ({"min": 2_500_000, "max": 0.5}, Fault(("min",), "min (2,500,000) is above max (0.5).")),
        (
            "5",
            Fault((), 'Expected a number, or a range such as {min: 1, max: 3}; got the text "5".'),
        ),
        (None, Fault((), "Expected a number, or a range such as {min: 1, max: 3}; got nothing.")),
        (True, Fault((), "Expected a number, or a range such as {min: 1, max: 3}; got true.")),
        ([1], Fault((), "Expected a number, or a range such as {min: 1, max: 3}; got a list.")),
    ],
    ids=repr,
)
def test_what_is_no_range_is_refused(value: Any, expected: Fault) -> None:
    assert faults(NumberRange, value) == [expected]


@pytest.mark.parametrize(
    "value", [-1, math.inf, math.nan, {"max": -1}, {"min": math.nan}], ids=repr
)
def test_a_count_is_a_finite_number_from_zero(value: Any) -> None:
    with pytest.raises(ValidationError):
        NumberRange.model_validate(value)
