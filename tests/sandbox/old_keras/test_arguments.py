"""Older arguments: each row of the table gives the layer that today's words give."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.old_keras.renamed import (
    DEFAULTS,
    JOINED,
    LEFT_OUT,
    MAPPED,
    NOT_TODAY,
    RENAMED,
    Rename,
)
from tests.sandbox.old_keras.speaking import Speaker

VALUES: dict[str, str] = {
    "W_constraint": "constraints.NonNeg()",
    "W_regularizer": "regularizers.L2(0.25)",
    "alpha": "0.25",
    "b_constraint": "constraints.NonNeg()",
    "b_regularizer": "regularizers.L2(0.25)",
    "beta_init": "'ones'",
    "bias": "False",
    "border_mode": "'same'",
    "dim_ordering": "'th'",
    "filter_length": "2",
    "gamma_init": "'zeros'",
    "init": "'he_normal'",
    "l": "0.25",
    "length": "3",
    "lr": "0.25",
    "m": "3",
    "nb_filter": "5",
    "output_dim": "7",
    "p": "0.25",
    "pool_length": "3",
    "sigma": "0.25",
    "stride": "1",
    "subsample": "(2, 2)",
    "subsample_length": "2",
}
"""A value for each older argument, another one than the default."""

NEEDS: dict[str, dict[str, str]] = {
    "AveragePooling1D": {"pool_size": "2"},
    "AveragePooling2D": {"pool_size": "2"},
    "AveragePooling3D": {"pool_size": "2"},
    "Conv1D": {"filters": "4", "kernel_size": "3"},
    "Conv2D": {"filters": "4", "kernel_size": "3"},
    "Conv2DTranspose": {"filters": "4", "kernel_size": "3"},
    "Conv3D": {"filters": "4", "kernel_size": "3"},
    "Dense": {"units": "4"},
    "DepthwiseConv2D": {"kernel_size": "3"},
    "Dropout": {"rate": "0.5"},
    "Embedding": {"input_dim": "9", "output_dim": "2"},
    "GaussianDropout": {"rate": "0.5"},
    "GaussianNoise": {"stddev": "0.5"},
    "SeparableConv2D": {"filters": "4", "kernel_size": "3"},
    "SpatialDropout1D": {"rate": "0.5"},
    "SpatialDropout2D": {"rate": "0.5"},
    "SpatialDropout3D": {"rate": "0.5"},
}
"""What a class must be given besides."""

ROWS = [
    (place, old, today)
    for place, renamed in RENAMED.items()
    for old, today in renamed.items()
    if "Model" not in place and "Functional" not in place
]


def value_of(old: str, place: str) -> str:
    return "(2, 2, 2)" if old == "subsample" and place.endswith("3D") else VALUES[old]


def call(place: str, **arguments: str) -> str:
    return f"{place}({', '.join(f'{key}={value}' for key, value in arguments.items())})"


def shape_for(name: str) -> str:
    if name == "Embedding":
        return "(5,)"
    axes = next((int(axis) for axis in "123" if f"{axis}D" in name), 2)
    return f"{(8,) * axes + (8,)}"


def in_model(place: str, made: str) -> str:
    """A source whose ``it`` is a model with that layer, or the thing itself."""
    if not place.startswith("layers."):
        return f"it = {made}"
    shape = shape_for(place.partition(".")[2])
    return f"it = keras.Sequential([keras.Input({shape}), {made}])"


def same(speaker: Speaker, old: str, today: str) -> list[str]:
    """The notes of a source that gives exactly what the source in today's words gives."""
    answer = speaker.ask(old, today)
    assert answer["error"] is None, answer["error"]
    assert answer["old"] == answer["today"]
    notes: list[str] = answer["notes"]
    return notes


def sentence(place: str, old: str, today: Rename) -> tuple[str, str]:
    """The call in older words and in today's, as they are told."""
    name = place.partition(".")[2]
    value = value_of(old, place)
    now = repr(MAPPED[old][eval(value)]) if old in MAPPED else value
    if "regularizers" in value or "constraints" in value:
        value = now = "…"
    names = (today,) if isinstance(today, str) else today
    parts = ", ".join(f"{key}={now}" for key in names)
    return f"{name}({old}={value})".replace("'", '"'), f"{name}({parts})".replace("'", '"')


def sources(place: str, old: str, today: Rename) -> tuple[str, str]:
    """A source in older words and one in today's, for a row of the table."""
    names = (today,) if isinstance(today, str) else today
    value = value_of(old, place)
    now = repr(MAPPED[old][eval(value)]) if old in MAPPED else value
    needed = NEEDS.get(place.partition(".")[2], {})
    rest = {key: value for key, value in needed.items() if key not in names}
    return (
        in_model(place, call(place, **rest, **{old: value})),
        in_model(place, call(place, **rest, **dict.fromkeys(names, now))),
    )


Answers = dict[tuple[str, str], dict[str, Any]]


def ask_rows(speaker: Speaker, translate: bool) -> Answers:
    answers = speaker.ask_all([sources(*row) for row in ROWS], translate)
    return {row[:2]: answer for row, answer in zip(ROWS, answers, strict=True)}


@pytest.fixture(scope="module")
def translated(speaker: Speaker) -> Answers:
    return ask_rows(speaker, True)


@pytest.fixture(scope="module")
def refused(speaker: Speaker) -> Answers:
    return ask_rows(speaker, False)


@pytest.mark.parametrize(("place", "old", "today"), ROWS)
def test_an_older_argument_gives_what_todays_gives(
    translated: Answers, place: str, old: str, today: Rename
) -> None:
    answer = translated[place, old]
    was, now = sentence(place, old, today)
    assert answer["error"] is None
    assert answer["old"] == answer["today"]
    assert answer["notes"] == [f"{was} was read as {now}."]


@pytest.mark.parametrize(("place", "old", "today"), ROWS)
def test_an_older_argument_is_refused_when_nothing_is_translated(
    refused: Answers, place: str, old: str, today: Rename
) -> None:
    was, now = sentence(place, old, today)
    expected = ["OldKeras", f"{was} belongs to an older Keras. Write {now}."]
    assert (refused[place, old]["error"], refused[place, old]["notes"]) == (expected, [])


JOINS = {
    name: (f"4, {', '.join(f'{part}=3' for part in parts)}", f"4, {(3,) * len(parts)}")
    for name, (_, parts) in JOINED.items()
}


@pytest.mark.parametrize("name", JOINS)
def test_sides_of_a_kernel_become_one_tuple(speaker: Speaker, name: str) -> None:
    old, today = JOINS[name]
    place = f"layers.{name}"
    notes = same(speaker, in_model(place, f"{place}({old})"), in_model(place, f"{place}({today})"))
    was, now = old.removeprefix("4, "), today.removeprefix("4, ")
    assert notes == [f"{name}({was}) was read as {name}(kernel_size={now})."]


def test_one_side_of_a_kernel_alone_is_refused(speaker: Speaker) -> None:
    assert speaker.refusal("layers.Conv2D(4, nb_row=3)") == (
        "Conv2D(nb_row=3) belongs to an older Keras. Write kernel_size=(3, …)."
    )


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        (name, key, value)
        for name, keys in LEFT_OUT.items()
        for key, values in keys.items()
        for value in values
    ],
)
def test_what_keras_does_anyway_is_left_out(
    speaker: Speaker, name: str, key: str, value: Any
) -> None:
    place = f"layers.{name}" if name == "BatchNormalization" else f"optimizers.{name}"
    notes = same(
        speaker, in_model(place, f"{place}({key}={value!r})"), in_model(place, f"{place}()")
    )
    assert notes == [f"{name}({key}={value!r}) was read as {name}()."]


OTHER_VALUES = {"mode": 2, "renorm": True, "schedule_decay": 0.1}


@pytest.mark.parametrize(("name", "key"), NOT_TODAY)
def test_what_keras_no_longer_does_is_refused(speaker: Speaker, name: str, key: str) -> None:
    room = "layers" if name == "BatchNormalization" else "optimizers"
    text = speaker.refusal(f"{room}.{name}({key}={OTHER_VALUES[key]})")
    assert text == (
        f"{name}({key}={OTHER_VALUES[key]}) belongs to an older Keras. {NOT_TODAY[name, key]}"
    )


def test_an_epsilon_of_ones_own_stays(speaker: Speaker) -> None:
    source = "it = optimizers.Adam(epsilon=1e-8)"
    assert same(speaker, source, source) == []


IN_ONE = (
    "keras.Sequential([keras.Input((8, 8, 3)), "
    "layers.Conv2D(nb_filter=4, nb_row=3, nb_col=3, border_mode='same', subsample=(2, 2), "
    "init='normal', W_regularizer=regularizers.l2(l=0.1), bias=False)])"
)
IN_TODAYS = (
    "keras.Sequential([keras.Input((8, 8, 3)), "
    "layers.Conv2D(4, (3, 3), padding='same', strides=(2, 2), kernel_initializer='normal', "
    "kernel_regularizer=regularizers.l2(0.1), use_bias=False)])"
)


def test_a_call_in_older_words_is_one_sentence(speaker: Speaker) -> None:
    assert same(speaker, f"it = {IN_ONE}", f"it = {IN_TODAYS}") == [
        "L2(l=0.1) was read as L2(l2=0.1).",
        'Conv2D(nb_row=3, nb_col=3, nb_filter=4, border_mode="same", subsample=(2, 2), '
        'init="normal", W_regularizer=…, bias=False) was read as Conv2D(kernel_size=(3, 3), '
        'filters=4, padding="same", strides=(2, 2), kernel_initializer="normal", '
        "kernel_regularizer=…, use_bias=False).",
    ]


def test_a_kind_is_told_once_and_another_kind_again(speaker: Speaker) -> None:
    source = (
        "layers.Dense(output_dim=3)\nlayers.Dense(output_dim=4)\n"
        "layers.Dropout(p=0.5)\nlayers.Dropout(p=0.2)"
    )
    assert speaker.notes(source) == [
        "Dense(output_dim=3) was read as Dense(units=3).",
        "Dropout(p=0.5) was read as Dropout(rate=0.5).",
    ]


@pytest.mark.parametrize(("order", "now"), [("'tf'", "'channels_last'"), ("'default'", "None")])
def test_every_dim_ordering_has_a_name_today(speaker: Speaker, order: str, now: str) -> None:
    place = "layers.MaxPooling2D"
    notes = same(
        speaker,
        in_model(place, f"{place}(dim_ordering={order})"),
        in_model(place, f"{place}(data_format={now})"),
    )
    assert notes == [
        f"MaxPooling2D(dim_ordering={order}) was read as MaxPooling2D(data_format={now}).".replace(
            "'", '"'
        )
    ]


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_pool_without_a_size_has_the_size_that_it_had(speaker: Speaker, name: str) -> None:
    place, size = f"layers.{name}", DEFAULTS[name][1]
    notes = same(
        speaker, in_model(place, f"{place}()"), in_model(place, f"{place}(pool_size={size})")
    )
    assert notes == [f"{name}() was read as {name}(pool_size={size})."]


def test_a_pool_without_a_size_may_have_older_arguments(speaker: Speaker) -> None:
    place = "layers.AveragePooling2D"
    notes = same(
        speaker,
        in_model(place, f"{place}(border_mode='same')"),
        in_model(place, f"{place}((2, 2), padding='same')"),
    )
    assert notes == [
        'AveragePooling2D(border_mode="same") was read as '
        'AveragePooling2D(padding="same", pool_size=(2, 2)).'
    ]


def test_an_argument_given_by_both_names_is_refused(speaker: Speaker) -> None:
    assert speaker.refusal("layers.Dense(units=3, output_dim=3)") == (
        "Dense is given units twice, once by its older name. Write units only."
    )


# --- input shapes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [
        "Dense(3, {})",
        "Conv1D(3, 1, {})",
        "Flatten({})",
        "Reshape((-1,), {})",
        "Activation('relu', {})",
    ],
)
def test_a_batch_of_any_size_is_an_input_shape(speaker: Speaker, made: str) -> None:
    old = made.format("batch_input_shape=(None, 4, 2)")
    today = made.format("input_shape=(4, 2)")
    name = made.partition("(")[0]
    notes = same(
        speaker,
        f"it = keras.Sequential([layers.{old}])",
        f"it = keras.Sequential([layers.{today}])",
    )
    assert notes == [
        f"{name}(batch_input_shape=(None, 4, 2)) was read as {name}(input_shape=(4, 2))."
    ]


def test_a_batch_of_one_size_is_refused(speaker: Speaker) -> None:
    assert speaker.refusal("layers.Dense(3, batch_input_shape=(32, 4))") == (
        "Dense(batch_input_shape=(32, 4)) belongs to an older Keras. "
        "Begin the model with keras.Input(batch_shape=(32, 4))."
    )


# --- models ---------------------------------------------------------------------------------------

FUNCTIONAL = "x = keras.Input((4,))\ny = layers.Dense(3)(x)\nit = models.Model({})"


@pytest.mark.parametrize("given", ["input=x, output=y", "x, output=y", "inputs=x, output=y"])
def test_a_models_ends_have_todays_names(speaker: Speaker, given: str) -> None:
    notes = same(speaker, FUNCTIONAL.format(given), FUNCTIONAL.format("inputs=x, outputs=y"))
    both = given.startswith("input=")
    was, now = ("input=…, output=…", "inputs=…, outputs=…") if both else ("output=…", "outputs=…")
    assert notes == [f"Model({was}) was read as Model({now})."]


def test_a_models_older_ends_are_refused_when_nothing_is_translated(speaker: Speaker) -> None:
    assert speaker.refusal(FUNCTIONAL.format("input=x, output=y"), translate=False) == (
        "Model(input=…, output=…) belongs to an older Keras. Write Model(inputs=…, outputs=…)."
    )


SUBCLASS = """
class Net(models.Model):
    def __init__(self):
        x = keras.Input((4,))
        super().__init__({})
it = Net().count_params(), Net().output_shape
it = str(it)
"""


def test_a_subclass_of_model_may_give_its_ends_older_names(speaker: Speaker) -> None:
    ends = "{}=x, {}=layers.Dense(3)(x)"
    same(
        speaker,
        SUBCLASS.format(ends.format("input", "output")),
        SUBCLASS.format(ends.format("inputs", "outputs")),
    )


# --- a student's own layers -----------------------------------------------------------------------

OWN_LAYER = """
class Own(layers.{base}):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
layer = Own({given})
it = [str(layer.get_config()), layer.name]
"""


def test_a_layer_of_ones_own_may_pass_older_arguments_on(speaker: Speaker) -> None:
    old = OWN_LAYER.format(base="Dense", given="output_dim=3, init='normal'")
    today = OWN_LAYER.format(base="Dense", given="units=3, kernel_initializer='normal'")
    assert same(speaker, old, today) == [
        'Dense(output_dim=3, init="normal") was read as '
        'Dense(units=3, kernel_initializer="normal").'
    ]


def test_a_layer_of_ones_own_may_have_arguments_that_sound_old(speaker: Speaker) -> None:
    source = """
class Own(layers.Layer):
    def __init__(self, output_dim, p=0.5, **kwargs):
        super().__init__(**kwargs)
        self.output_dim = output_dim
    def call(self, x):
        return x
layer = Own(3, p=0.25, name="own")
it = str(layer.get_config())
"""
    assert same(speaker, source, source) == []


# --- optimizers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("SGD(0.01, 0.9, 1e-6, True)", "SGD(0.01, 0.9, nesterov=True)"),
        ("SGD(0.01, 0.9, 1e-6)", "SGD(0.01, 0.9)"),
        ("SGD(momentum=0.9, decay=1e-6)", "SGD(momentum=0.9)"),
        ("Adam(0.01, 0.9, 0.999, 1e-7, 1e-6)", "Adam(0.01, 0.9, 0.999, 1e-7)"),
        ("Adam(learning_rate=0.01, decay=1e-6)", "Adam(learning_rate=0.01)"),
        ("RMSprop(0.01, decay=1e-6)", "RMSprop(0.01)"),
    ],
)
def test_decay_is_left_out_and_said(speaker: Speaker, old: str, today: str) -> None:
    name = old.partition("(")[0]
    assert same(speaker, f"it = optimizers.{old}", f"it = optimizers.{today}") == [
        f"{name}(decay=1e-06) was read without decay, which Keras 3 ignores: "
        "the learning rate does not fall."
    ]


@pytest.mark.parametrize("old", ["SGD(0.01, 0.9, 0.0, True)", "SGD(0.01, 0.9, True, decay=0.0)"])
def test_no_decay_is_nothing_to_say(speaker: Speaker, old: str) -> None:
    today = "it = optimizers.SGD(0.01, 0.9, True)"
    assert same(speaker, f"it = optimizers.{old}", today) == []


@pytest.mark.parametrize(
    ("given", "start"), [("0.01, ", "0.01"), ("", "its first value"), ("lr=0.1, ", "0.1")]
)
def test_decay_is_refused_when_nothing_is_translated(
    speaker: Speaker, given: str, start: str
) -> None:
    assert speaker.refusal(f"optimizers.Adam({given}decay=1e-6)", translate=False) == (
        "Adam(decay=1e-06) belongs to an older Keras. Write learning_rate="
        f"keras.optimizers.schedules.InverseTimeDecay({start}, 1, 1e-06)."
    )


def test_todays_words_of_an_optimizer_are_left_alone(speaker: Speaker) -> None:
    source = "it = optimizers.SGD(0.01, 0.9, True)"
    assert same(speaker, source, source) == []


# --- Keras's own calls ----------------------------------------------------------------------------

ROUND_TRIP = """
import json
model = keras.Sequential([
    keras.Input((8, 8, 3)),
    layers.Conv2D(4, (3, 3), strides=(3, 3)),
    layers.LeakyReLU(negative_slope=0.25),
    layers.BatchNormalization(),
])
saved = json.dumps(keras.saving.serialize_keras_object(model))
config = json.loads(saved)
for layer in config["config"]["layers"]:
    if layer["class_name"] == "LeakyReLU":
        layer["config"]["alpha"] = layer["config"].pop("negative_slope")
keras.saving.deserialize_keras_object(config)
it = keras.models.clone_model(keras.saving.deserialize_keras_object(json.loads(saved)))
"""


@pytest.mark.parametrize("translate", [True, False])
def test_what_keras_reads_back_is_never_old(speaker: Speaker, translate: bool) -> None:
    assert speaker.notes(ROUND_TRIP, translate) == []


def test_a_bidirectional_or_distributed_layer_is_copied_without_a_word(speaker: Speaker) -> None:
    source = """
it = keras.Sequential([
    keras.Input((4, 3)),
    layers.TimeDistributed(layers.Dense(output_dim=3)),
    layers.Bidirectional(layers.LSTM(2)),
])
"""
    today = source.replace("output_dim", "units")
    assert same(speaker, source, today) == ["Dense(output_dim=3) was read as Dense(units=3)."]
