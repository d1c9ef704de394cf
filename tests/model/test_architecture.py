"""Which claimed architectures are taken, and which of them are one architecture."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.model.architecture import canonical_model, check_architecture
from grader.model.claims import read_model
from grader.records import ModelDescription
from grader.sandbox.client import Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import clean_exception
from tests.model.saved import (
    Saved,
    array,
    call,
    dense,
    entry,
    functional,
    layer,
    sequential,
    tensor,
)
from tests.model.student import assert_same, build, describe, keras_facts, objects_in

# --- models as students write them ----------------------------------------------------------

CNN = """
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(8, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])"""
MODELS = {
    "sequential": CNN,
    "built late": """
model = keras.Sequential([layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)])
model.build((None, 28, 28, 1))""",
    "functional": """
entry = keras.Input((28, 28, 1))
x = layers.Conv2D(8, 3, activation="relu")(entry)
model = keras.Model(entry, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))""",
    "shared layer": """
entry = keras.Input((28, 28, 3))
conv = layers.Conv2D(3, 3, padding="same")
model = keras.Model(entry, conv(layers.ReLU()(conv(entry))))""",
    "Sequential in Functional": """
stem = keras.Sequential([layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU()])
entry = keras.Input((28, 28, 1))
model = keras.Model(entry, layers.Flatten()(stem(entry)))""",
    "Functional in Sequential": """
entry = keras.Input((28, 28, 1))
stem = keras.Model(entry, layers.Conv2D(4, 3)(entry))
model = keras.Sequential([stem, layers.Flatten(), layers.Dense(10)])""",
    "models three deep": """
inner = keras.Sequential([layers.Dense(5), layers.Dense(6)])
middle = keras.Sequential([inner, layers.Dense(7)])
model = keras.Sequential([keras.Input((4,)), middle, layers.Dense(8)])""",
    "two models in one": """
left, right = (keras.Sequential([layers.Dense(4), layers.ReLU()]) for _ in range(2))
model = keras.Sequential([keras.Input((4,)), left, right])""",
    "shared model": """
stem = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(4, 3), layers.Flatten()])
left, right = keras.Input((28, 28, 1)), keras.Input((28, 28, 1))
model = keras.Model([left, right], layers.Dense(1)(layers.subtract([stem(left), stem(right)])))""",
    "inputs and outputs in lists": """
left, right = keras.Input((8,)), keras.Input((4,))
joined = layers.Concatenate()([left, right])
model = keras.Model([left, right], [layers.Dense(3)(joined), layers.Dense(2)(left)])""",
    "inputs and outputs in dicts": """
image, size = keras.Input((8, 8, 1), name="image"), keras.Input((1,), name="size")
joined = layers.concatenate([layers.Flatten()(image), size])
model = keras.Model(
    {"image": image, "size": size}, {"kind": layers.Dense(3)(joined), "raw": joined}
)""",
    "operators": """
entry = keras.Input((8, 8, 3))
x = layers.Conv2D(3, 3, padding="same")(entry)
model = keras.Model(entry, (x + entry) * 2.0 - x / 3 + x[:, :, :, 0:1])""",
    "keras.ops": """
entry = keras.Input((8, 8, 3))
x = ops.relu(layers.Conv2D(3, 3, padding="same")(entry))
x = ops.concatenate([x, ops.mean(x, axis=-1, keepdims=True)], axis=-1)
x = ops.where(x > 0.5, x, ops.zeros_like(x))
model = keras.Model(entry, ops.softmax(ops.reshape(x, (-1, 256))))""",
    "small arrays and tensors": """
entry = keras.Input((8, 8, 3))
x = entry * np.array([0.2, 0.7, 0.1], "float32") + tf.constant([0.5, 0.5, 0.5])
model = keras.Model(entry, layers.Conv2D(3, 3)(x))""",
    "residual block": """
entry = keras.Input((16, 16, 4))
x = layers.Conv2D(8, 3, padding="same", use_bias=False)(entry)
x = layers.ReLU()(layers.BatchNormalization()(x))
short = layers.Conv2D(8, 1)(entry)
model = keras.Model(entry, layers.Activation("relu")(layers.Add()([x, short])))""",
    "Bidirectional": """
model = keras.Sequential([
    keras.Input((8, 3)),
    layers.Bidirectional(layers.LSTM(4, return_sequences=True), merge_mode="sum"),
    layers.Bidirectional(layers.GRU(4), backward_layer=layers.GRU(4, go_backwards=True)),
])""",
    "TimeDistributed": """
frame = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.Flatten()])
model = keras.Sequential([keras.Input((4, 8, 8, 1)), layers.TimeDistributed(frame)])""",
    "preprocessing": """
model = keras.Sequential([
    keras.Input((28, 28, 1), dtype="uint8"),
    layers.Rescaling(1 / 255),
    layers.RandomFlip("horizontal", seed=7),
    layers.RandomRotation(0.1),
    layers.Conv2D(4, 3),
])""",
    "regularizers and constraints": """
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(
        4, 3,
        kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
        bias_regularizer="l2",
        activity_regularizer=keras.regularizers.OrthogonalRegularizer(0.01),
        kernel_constraint=keras.constraints.MinMaxNorm(0.1, 2.0, axis=[0, 1, 2]),
        bias_constraint="non_neg",
    ),
    layers.MaxPooling2D(activity_regularizer="l1"),
])""",
    "initializers": """
init = keras.initializers
model = keras.Sequential([
    keras.Input((8,)),
    layers.Dense(8, kernel_initializer=init.Orthogonal(0.5, seed=1), bias_initializer="ones"),
    layers.Dense(8, kernel_initializer=init.VarianceScaling(2.0, "fan_out", "uniform")),
    layers.Dense(8, kernel_initializer=init.Constant(0.1), bias_initializer=init.Constant(np.pi)),
    layers.Dense(8, kernel_initializer=init.RandomNormal(stddev=0.01), name="last"),
])""",
    "activations": """
model = keras.Sequential([
    keras.Input((8,)),
    layers.Dense(8, activation=tf.nn.relu),
    layers.Dense(8, activation=tf.nn.softmax),
    layers.Dense(8, activation=tf.nn.swish),
    layers.Dense(8, activation=keras.activations.gelu),
    layers.Dense(8, activation=layers.LeakyReLU(0.1)),
    layers.Dense(8, activation=layers.PReLU()),
    layers.Dense(8, activation=layers.Softmax()),
    layers.Activation(tf.nn.elu),
    layers.Activation(keras.ops.tanh),
])""",
    "mixed precision": """
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(4, 3, dtype="mixed_float16"),
    layers.Flatten(),
    layers.Dense(3, dtype="float32"),
])""",
    "frozen layers": """
base = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.BatchNormalization()])
base.trainable = False
model = keras.Sequential([base, layers.Dense(3), layers.Dense(2, trainable=False)])""",
    "a frozen model with a layer that is not": """
model = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(3)])
model.trainable = False
model.layers[-1].trainable = True""",
    "any image size": """
model = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(4, 3)])""",
}


@pytest.fixture(scope="module")
def written(sandbox: Sandbox) -> dict[str, Any]:
    return keras_facts(sandbox, MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_models_as_students_write_them_are_described_as_keras_has_them(
    name: str, written: dict[str, Any], sandbox: Sandbox
) -> None:
    assert "error" not in written[name], written[name]
    model = describe(sandbox, check_architecture(written[name]["architecture"]))
    assert isinstance(model, ModelDescription), model
    assert_same(model, written[name])


@pytest.mark.parametrize("name", MODELS)
def test_the_canonical_model_is_described_like_the_one_that_was_written(
    name: str, written: dict[str, Any], sandbox: Sandbox
) -> None:
    claimed = canonical_model(check_architecture(written[name]["architecture"]).config)
    architecture = check_architecture(json.loads(json.dumps(claimed)))
    model = describe(sandbox, architecture)
    assert isinstance(model, ModelDescription), model
    assert_same(model, written[name])


@pytest.mark.parametrize("name", MODELS)
def test_the_canonical_model_of_a_canonical_model_is_itself(
    name: str, written: dict[str, Any]
) -> None:
    once = canonical_model(check_architecture(written[name]["architecture"]).config)
    claimed = json.loads(json.dumps(once))
    assert canonical_model(check_architecture(claimed).config) == claimed


def test_seeds_and_data_types_are_not_taken_over(written: dict[str, Any]) -> None:
    for facts in written.values():
        for item in objects_in(check_architecture(facts["architecture"]).config):
            assert item["config"].get("seed") is None
            if item["module"] == "keras.layers" and item["class_name"] != "InputLayer":
                assert "dtype" not in item["config"]


def test_the_claim_itself_stays_as_it_is(written: dict[str, Any]) -> None:
    for facts in written.values():
        before = copy.deepcopy(facts["architecture"])
        check_architecture(facts["architecture"])
        assert facts["architecture"] == before


# --- any change of a valid architecture -----------------------------------------------------

STARTS = (
    MODELS["sequential"],
    MODELS["operators"],
    MODELS["Sequential in Functional"],
    MODELS["Bidirectional"],
)
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 3, 2**31, 10**400, 0.5, float("nan"), 1e38),
    *("", "relu", "same", "n0", "os.system"),
    *([], {}, [1], [-1], [None, 4, 4, 3], ["n0", 0, 0], {"class_name": "Dense"}),
    array(1.0, 2.0),
    {"class_name": "__slice__", "config": {"start": 0, "stop": 1, "step": None}},
    {"class_name": "__ellipsis__", "config": {}},
    tensor("n0", 4),
    dense(),
    layer("Zeros", "keras.initializers"),
]
INTERNALS = ("Traceback", "site-packages", 'File "', "/keras/")


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value inside."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*way, key)
        if isinstance(item, dict | list):
            yield from places(item, (*way, key))


@st.composite
def changed(draw: st.DrawFn, starts: list[Any]) -> Any:
    """A valid architecture with one to three values replaced, taken out or put elsewhere."""
    claimed = copy.deepcopy(draw(st.sampled_from(starts)))
    for _ in range(draw(st.integers(1, 3))):
        ways = list(places(claimed))
        *above, key = draw(st.sampled_from(ways))
        holder = claimed
        for step in above:
            holder = holder[step]
        change = draw(st.sampled_from(["replace", "replace", "remove", "move"]))
        if change == "remove":
            del holder[key]
        elif change == "replace":
            holder[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        else:
            other = claimed
            for step in draw(st.sampled_from(ways)):
                other = other[step]
            holder[key] = copy.deepcopy(other)
    return claimed


@pytest.fixture(scope="module")
def starts(sandbox: Sandbox) -> list[Any]:
    return [build(sandbox, code) for code in STARTS]


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_a_changed_architecture_is_described_or_refused_in_words(
    data: st.DataObject, starts: list[Any], sandbox: Sandbox
) -> None:
    claimed = data.draw(changed(starts))
    try:
        architecture = check_architecture(claimed)
        assert len(architecture.digest) == 64
        request = {"architecture": architecture.config, "input_shape": [28, 28, 1]}
        reply = sandbox.ask_trusted("describe", request, Limits(20, 2 * 2**30))
        assert reply.ending == "answered", reply
        if "refused" in reply.answer:
            message = clean_exception(reply.answer["refused"])
        else:
            model = read_model(reply.answer["model"], rebuilt=True, names=architecture.names)
            message = str(model.total_params)
    except SubmissionError as error:
        message = error.problem.message
    assert message
    assert not any(text in message for text in INTERNALS)


# --- one architecture, written in several ways ----------------------------------------------

HEAD = 'keras.Input((8, 8, 1)), layers.Conv2D(4, 3, activation="relu"), layers.Flatten()'
EQUAL = {
    "Sequential": f'model = keras.Sequential([{HEAD}, layers.Dense(3, activation="softmax")])',
    "Functional": """
entry = keras.Input((8, 8, 1))
x = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(entry))
model = keras.Model(entry, layers.Dense(3, activation="softmax")(x))""",
    "output in a list": """
entry = keras.Input((8, 8, 1))
x = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(entry))
model = keras.Model([entry], [layers.Dense(3, activation="softmax")(x)], name="mine")""",
    "activations apart": """
model = keras.Sequential([
    keras.Input((8, 8, 1)), layers.Conv2D(4, 3), layers.ReLU(), layers.Flatten(),
    layers.Dense(3), layers.Activation("softmax"),
])""",
    "softmax as a layer": f"""
model = keras.Sequential([{HEAD}, layers.Dense(3), layers.Softmax()])""",
    "functions as activations": """
model = keras.Sequential([
    keras.Input((8, 8, 1)), layers.Conv2D(4, 3, activation=tf.nn.relu), layers.Flatten(),
    layers.Dense(3, activation=keras.activations.softmax),
])""",
    "other names": """
model = keras.Sequential([
    keras.Input((8, 8, 1), name="a"), layers.Conv2D(4, 3, activation="relu", name="b"),
    layers.Flatten(name="c"), layers.Dense(3, activation="softmax", name="d"),
], name="e")""",
    "seeds": """
lucky = keras.initializers.GlorotUniform(seed=42)
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(4, (3, 3), strides=1, activation="relu", kernel_initializer=lucky),
    layers.Flatten(), layers.Dense(3, activation="softmax"),
])""",
    "added one by one": """
model = keras.Sequential()
model.add(keras.Input((8, 8, 1)))
model.add(layers.Conv2D(4, 3, activation="relu", padding="valid"))
model.add(layers.Flatten())
model.add(layers.Dense(3, activation="softmax"))
model.compile("sgd", "mse")""",
    "built late": """
model = keras.Sequential([
    layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(3, "softmax")
])
model.build((7, 8, 8, 1))""",
    "in parts": """
stem = keras.Sequential([layers.Conv2D(4, 3), layers.ReLU()])
entry = keras.Input((8, 8, 1))
x = layers.Flatten()(stem(entry))
model = keras.Model(entry, layers.Dense(3, activation="softmax")(x))""",
    "a batch size": """
model = keras.Sequential([
    keras.Input((8, 8, 1), batch_size=32), layers.Conv2D(4, 3, activation="relu"),
    layers.Flatten(), layers.Dense(3, activation="softmax"),
])""",
}
START = "model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, {}), {}])"
DIFFERENT = {
    "as it is": START.format("", "layers.Flatten()"),
    "filters": START.replace("4, 3", "5, 3").format("", "layers.Flatten()"),
    "padding": START.format('padding="same"', "layers.Flatten()"),
    "activation": START.format('activation="tanh"', "layers.Flatten()"),
    "frozen": START.format("trainable=False", "layers.Flatten()"),
    "no bias": START.format("use_bias=False", "layers.Flatten()"),
    "initialiser": START.format('kernel_initializer="he_normal"', "layers.Flatten()"),
    "constant": START.format(
        "bias_initializer=keras.initializers.Constant(0.1)", "layers.Flatten()"
    ),
    "regularizer": START.format(
        "kernel_regularizer=keras.regularizers.L2(0.1)", "layers.Flatten()"
    ),
    "more of it": START.format("kernel_regularizer=keras.regularizers.L2(0.2)", "layers.Flatten()"),
    "constraint": START.format('kernel_constraint="max_norm"', "layers.Flatten()"),
    "penalty on the output": START.format(
        'activity_regularizer="l2"', "layers.ReLU(), layers.Flatten()"
    ),
    "penalty behind the activation": START.format(
        'activity_regularizer="l2", activation="relu"', "layers.Flatten()"
    ),
    "penalty of the activation": START.format(
        "", 'layers.Activation("relu", activity_regularizer="l2"), layers.Flatten()'
    ),
    "dropout": START.format("", "layers.Dropout(0.5), layers.Flatten()"),
    "more dropout": START.format("", "layers.Dropout(0.6), layers.Flatten()"),
    "order": START.format("", "layers.Flatten(), layers.Dropout(0.5)"),
    "clipped": START.format("", "layers.ReLU(max_value=0.0), layers.Flatten()"),
    "clipped higher": START.format("", "layers.ReLU(max_value=6.0), layers.Flatten()"),
    "gelu": START.format('activation="gelu"', "layers.Flatten()"),
    "recurrent, relu inside": """
model = keras.Sequential([keras.Input((8, 3)), layers.SimpleRNN(4, activation="relu")])""",
    "recurrent, relu behind": """
model = keras.Sequential([
    keras.Input((8, 3)), layers.SimpleRNN(4, activation="linear"), layers.ReLU()
])""",
    "batch norm": """
entry = keras.Input((8,))
model = keras.Model(entry, layers.BatchNormalization()(entry))""",
    "batch norm that never trains": """
entry = keras.Input((8,))
model = keras.Model(entry, layers.BatchNormalization()(entry, training=False))""",
    "dropout that never rests": """
entry = keras.Input((8,))
model = keras.Model(entry, layers.Dropout(0.5)(entry, training=True))""",
    "two outputs": """
entry = keras.Input((8,))
x = layers.Dense(3)(entry)
model = keras.Model(entry, [x, layers.Dense(3)(x)])""",
    "the first output": """
entry = keras.Input((8,))
x = layers.Dense(3)(entry)
model = keras.Model(entry, [layers.Dense(3)(x), x])""",
    "short cut": """
entry = keras.Input((8, 8, 1))
x = layers.Conv2D(1, 3, padding="same")(entry)
model = keras.Model(entry, layers.add([x, entry]))""",
    "twice the same layer": """
entry = keras.Input((8,))
same = layers.Dense(8)
model = keras.Model(entry, same(same(entry)))""",
    "two such layers": """
entry = keras.Input((8,))
model = keras.Model(entry, layers.Dense(8)(layers.Dense(8)(entry)))""",
    "whole numbers as input": """
model = keras.Sequential([keras.Input((8,), dtype="uint8"), layers.Dense(8), layers.Dense(8)])""",
}


@pytest.fixture(scope="module")
def spellings(sandbox: Sandbox) -> dict[str, Any]:
    return keras_facts(sandbox, {**EQUAL, **{f"not {key}": v for key, v in DIFFERENT.items()}})


@pytest.mark.parametrize("name", [name for name in EQUAL if name != "Sequential"])
def test_equal_architectures_have_one_digest_and_are_trained_as_one(
    name: str, spellings: dict[str, Any]
) -> None:
    first, second = (
        check_architecture(spellings[key]["architecture"]) for key in ("Sequential", name)
    )
    assert first.digest == second.digest
    assert canonical_model(first.config) == canonical_model(second.config)


def test_whatever_changes_training_changes_the_digest(spellings: dict[str, Any]) -> None:
    digests: dict[str, str] = {}
    for name in DIFFERENT:
        architecture = check_architecture(spellings[f"not {name}"]["architecture"])
        assert architecture.digest not in digests, (name, digests[architecture.digest])
        digests[architecture.digest] = name


def test_names_do_not_change_the_digest_of_a_graph() -> None:
    def graph(first: str, second: str) -> Saved:
        return functional(
            call(entry(8)),
            call(dense(name=first), tensor("entry", 8)),
            call(layer("Add", name=second), [tensor(first, 4), tensor(first, 4)]),
        )

    one, other = graph("a", "b"), graph("conv", "sum")
    other["config"]["name"] = "mine"
    assert check_architecture(one).digest == check_architecture(other).digest


def test_the_input_of_a_model_that_begins_another_is_that_of_both() -> None:
    inner = sequential(entry(8), dense())
    nested = canonical_model(check_architecture(sequential(inner)).config)
    assert nested == canonical_model(check_architecture(inner).config)
    assert nested["config"]["layers"][0]["class_name"] == "InputLayer"
