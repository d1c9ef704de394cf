"""Training does what Keras's ``fit`` does, and the same thing every time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.model.architecture import canonical_model, check_architecture
from grader.sandbox.client import Reply, Sandbox
from grader.sandbox.limits import Limits
from tests.model.student import build
from tests.training.fitting import train_both

# --- what fit means -------------------------------------------------------------------------

MODEL = """
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(4, 3, activation="relu"{convolution}),
    {between}
    layers.Flatten(),
    layers.Dense(3, activation="softmax"),
])"""
SCHEDULE = {
    "module": "keras.optimizers.schedules",
    "class_name": "ExponentialDecay",
    "config": {"initial_learning_rate": 0.1, "decay_steps": 2, "decay_rate": 0.5},
    "registered_name": None,
}
SPARSE = "sparse_categorical_crossentropy"


def case(
    between: str = "",
    convolution: str = "",
    optimizer: str = "SGD",
    loss: str = SPARSE,
    **settings: Any,
) -> tuple[str, dict[str, Any]]:
    """The code of a model, and a recipe."""
    code = MODEL.format(between=between, convolution=convolution)
    settings = settings or {"learning_rate": 0.1}
    return code, {"optimizer": optimizer, "settings": settings, "loss": loss}


CASES = {
    "a plain CNN": case(),
    "BatchNormalization": case("layers.BatchNormalization(),"),
    "Dropout": case("layers.Dropout(0.5),"),
    "augmentation": case("layers.RandomFlip(), layers.RandomTranslation(0.2, 0.2),"),
    "L2": case(convolution=", kernel_regularizer=keras.regularizers.L2(0.1)"),
    "penalties on outputs": case(
        "layers.ActivityRegularization(0.01),", ', activity_regularizer="l1"'
    ),
    "a constraint": case(convolution=", kernel_constraint=keras.constraints.MaxNorm(0.5)"),
    "a frozen layer": case(convolution=", trainable=False"),
    "momentum": case(learning_rate=0.1, momentum=0.9, nesterov=True),
    "Adam": case(optimizer="Adam", learning_rate=0.01),
    "weight decay and clipping": case(optimizer="AdamW", weight_decay=0.1, clipnorm=0.5),
    "averaged weights": case(learning_rate=0.1, use_ema=True, ema_momentum=0.9),
    "a scaled loss": case(learning_rate=0.1, loss_scale_factor=128.0),
    "gathered gradients": case(learning_rate=0.1, gradient_accumulation_steps=2),
    "a schedule": case(learning_rate=SCHEDULE),
    "a sparse loss as a class": case(loss="SparseCategoricalCrossentropy"),
    "a categorical loss": case(loss="categorical_crossentropy"),
    "a binary loss": case(loss="BinaryCrossentropy"),
    "squares": case(loss="mse"),
    "a functional model": (
        """
entry = keras.Input((8, 8, 1))
conv = layers.Conv2D(1, 3, padding="same", kernel_regularizer="l2")
x = layers.Dropout(0.5)(conv(conv(entry))) + entry
model = keras.Model(entry, layers.Dense(3, activation="softmax")(layers.Flatten()(x)))""",
        case()[1],
    ),
}
TOLERANCE = 1e-6
"""Both add the same numbers in the same order. Only the last bit of a float32 near 1 may differ,
where TensorFlow joins neighbouring operations in one graph and not in the other."""


@pytest.fixture(scope="module")
def both(sandbox: Sandbox) -> Any:
    return train_both(sandbox, CASES)


@pytest.mark.parametrize("name", CASES)
def test_training_ends_with_the_weights_of_fit(name: str, both: Any) -> None:
    (ours, _, our_classes), (keras, _, keras_classes) = both[name]
    np.testing.assert_allclose(ours, keras, rtol=0, atol=TOLERANCE)
    np.testing.assert_array_equal(our_classes, keras_classes)


@pytest.mark.parametrize("name", CASES)
def test_the_curve_is_that_of_fit(name: str, both: Any) -> None:
    (_, ours, _), (_, keras, _) = both[name]
    np.testing.assert_allclose(ours, keras, rtol=1e-5)


SAME = {"a plain CNN", "a sparse loss as a class", "a categorical loss", "a scaled loss"}


@pytest.mark.parametrize("name", [name for name in CASES if name not in SAME])
def test_each_setting_changes_something(name: str, both: Any) -> None:
    """Else the comparison with ``fit`` would say nothing about it."""
    (plain, plain_curve, _), (other, other_curve, _) = both["a plain CNN"][0], both[name][0]
    assert not (np.array_equal(plain, other) and np.array_equal(plain_curve, other_curve))


@pytest.mark.parametrize("name", sorted(SAME - {"a plain CNN"}))
def test_other_words_for_the_same_change_nothing(name: str, both: Any) -> None:
    np.testing.assert_allclose(both[name][0][1], both["a plain CNN"][0][1], rtol=1e-5)


# --- the job --------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
LABELS = (np.arange(48) % 3).astype(np.int32)
IMAGES = RNG.random((48, 8, 8, 1), dtype=np.float32) + LABELS[:, None, None, None] / 2
DATA = {
    "train": IMAGES,
    "train_labels": LABELS,
    "validation": IMAGES[:9],
    "test": RNG.random((300, 8, 8, 1), dtype=np.float32),
}
DROPPING = MODEL.format(between="layers.Dropout(0.25),", convolution="")
LIMITS = Limits(60, 2 * 2**30)


def train(
    sandbox: Sandbox, code: str, data: Any = DATA, seconds: float = LIMITS.seconds, **recipe: Any
) -> Reply:
    """What the job of the trusted side gives, from the code of a model."""
    full = {
        "optimizer": "Adam",
        "settings": {"learning_rate": 0.01},
        "loss": SPARSE,
        "epochs": 2,
        "batch_size": 16,
        "seed": 1,
        **recipe,
    }
    architecture = canonical_model(check_architecture(build(sandbox, code)).config)
    request = {
        "architecture": architecture,
        "recipe": full,
        "images": data,
        "seconds": seconds,
        "memory_bytes": LIMITS.memory_bytes,
    }
    return sandbox.ask_trusted("train", request, LIMITS)


def trained(sandbox: Sandbox, code: str, data: Any = DATA, **recipe: Any) -> Any:
    reply = train(sandbox, code, data, **recipe)
    assert reply.ending == "answered", reply
    del reply.answer["seconds"]
    return reply.answer


def assert_equal(one: Any, other: Any) -> None:
    np.testing.assert_equal(one, other)


def test_the_same_request_gives_the_same_bits(sandbox: Sandbox) -> None:
    assert_equal(trained(sandbox, DROPPING), trained(sandbox, DROPPING))


def test_names_and_seeds_of_the_student_s_change_nothing(sandbox: Sandbox) -> None:
    named = DROPPING.replace("Dropout(0.25)", "Dropout(0.25, seed=9, name='lucky')")
    named = named.replace("Flatten()", "Flatten(name='mine')")
    assert named.count("name=") == 2
    assert_equal(trained(sandbox, DROPPING), trained(sandbox, named))


def test_equal_architectures_train_alike(sandbox: Sandbox) -> None:
    functional = """
entry = keras.Input((8, 8, 1))
x = layers.Dropout(0.25)(layers.ReLU()(layers.Conv2D(4, 3)(entry)))
model = keras.Model(entry, layers.Softmax()(layers.Dense(3)(layers.Flatten()(x))))"""
    assert_equal(trained(sandbox, DROPPING), trained(sandbox, functional))


def test_another_seed_gives_another_model(sandbox: Sandbox) -> None:
    first, second = (trained(sandbox, DROPPING, seed=seed) for seed in (1, 2))
    assert first["epochs"][0]["loss"] != second["epochs"][0]["loss"]


def test_a_run_is_told_epoch_by_epoch(sandbox: Sandbox) -> None:
    answer = trained(sandbox, DROPPING, epochs=3)
    assert answer["outcome"] == "finished"
    assert len(answer["epochs"]) == 3
    for epoch in answer["epochs"]:
        assert epoch.keys() == {"loss", "accuracy", "validation"}
        assert isinstance(epoch["loss"], float)
        assert 0 <= epoch["accuracy"] <= 1
        assert (epoch["validation"].shape, epoch["validation"].dtype) == ((9,), np.int32)
    assert answer["epochs"][2]["loss"] < answer["epochs"][0]["loss"]
    assert (answer["test"].shape, answer["test"].dtype) == ((300,), np.int32)
    assert set(answer["test"].tolist()) <= {0, 1, 2}


FLAT = MODEL.format(between="", convolution=", trainable=False").replace(
    "layers.Dense(3,", 'layers.Dense(3, kernel_initializer="zeros",'
)


def test_the_first_loss_is_that_of_the_untrained_model(sandbox: Sandbox) -> None:
    for batch in (16, 48, 500):
        answer = trained(sandbox, FLAT, batch_size=batch)
        assert answer["first_loss"] == pytest.approx(np.log(3), rel=1e-6)
    assert answer["epochs"][0]["loss"] == answer["first_loss"]
    assert trained(sandbox, FLAT, loss="mse")["first_loss"] is None


def test_silent_units_are_counted_where_nothing_is_learned(sandbox: Sandbox) -> None:
    dead = """
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(4, 3, activation="relu", bias_initializer=keras.initializers.Constant(-1e4)),
    layers.Flatten(), layers.Dense(8), layers.ReLU(), layers.Dense(3, activation="softmax"),
])"""
    answer = trained(sandbox, dead, optimizer="SGD", settings={"learning_rate": 1e-9})
    assert answer["silent"] == [1.0, 1.0]
    assert "silent" not in trained(sandbox, DROPPING)


SLOW = {"optimizer": "SGD", "settings": {"learning_rate": 1e-9}}


def test_what_learned_nothing_is_shown_a_single_batch(sandbox: Sandbox) -> None:
    stuck = trained(sandbox, FLAT, **SLOW)["one_batch"]
    assert (stuck["images"], stuck["steps"]) == (16, 60)
    assert stuck["first_loss"] == pytest.approx(np.log(3), rel=1e-6)
    assert stuck["last_loss"] == pytest.approx(np.log(3), rel=1e-4)
    assert "one_batch" not in trained(sandbox, DROPPING)
    # Labels that say nothing can be learned by heart, and nothing else.
    blind = {**DATA, "train_labels": RNG.integers(0, 3, 48).astype(np.int32)}
    learned = trained(sandbox, DROPPING, blind, epochs=1, settings={"learning_rate": 0.003})
    assert learned["one_batch"]["last_loss"] < learned["one_batch"]["first_loss"]


def test_where_time_is_short_nothing_more_is_looked_at(sandbox: Sandbox) -> None:
    late = trained(sandbox, FLAT, seconds=0.01, **SLOW)
    assert "silent" in late and "one_batch" not in late


def test_a_single_batch_changes_nothing_of_the_result(sandbox: Sandbox) -> None:
    looked, not_looked = (trained(sandbox, FLAT, seconds=s, **SLOW) for s in (60, 0.01))
    assert looked["epochs"][-1]["loss"] == not_looked["epochs"][-1]["loss"]
    np.testing.assert_array_equal(looked["test"], not_looked["test"])


def test_many_images_are_predicted_like_few(sandbox: Sandbox) -> None:
    few = {**DATA, "test": DATA["test"][290:]}
    many_classes = trained(sandbox, DROPPING)["test"]
    np.testing.assert_array_equal(many_classes[290:], trained(sandbox, DROPPING, few)["test"])


FAST = {"optimizer": "SGD", "settings": {"learning_rate": 1e25}}
SOFTMAX = MODEL.format(between="", convolution="")
DIVERGING: dict[str, tuple[str, dict[str, Any], Any]] = {
    "a loss that is not a number": (SOFTMAX, FAST, DATA),
    "an infinite loss": (
        SOFTMAX.replace("softmax", "linear"),
        {**FAST, "loss": "mse", "epochs": 1, "batch_size": 48},
        {**DATA, "train": IMAGES * np.float32(1e25)},
    ),
    "weights that overflow in the last step": (
        SOFTMAX,
        {"optimizer": "SGD", "settings": {"learning_rate": 1e38}, "epochs": 1, "batch_size": 48},
        DATA,
    ),
}


@pytest.mark.parametrize(("code", "recipe", "data"), DIVERGING.values(), ids=DIVERGING)
def test_divergence_is_not_a_low_score(code: str, recipe: Any, data: Any, sandbox: Sandbox) -> None:
    answer = trained(sandbox, code, data, **recipe)
    assert answer["outcome"] == "diverged"
    assert "test" not in answer


HEAD = "entry = keras.Input((8, 8, 1))\nx = layers.Dense(3)(layers.Flatten()(entry))\n"
UNUSUAL = {
    "an output in a list": HEAD + "model = keras.Model([entry], [layers.Softmax()(x)])",
    "an output in a dict": HEAD + 'model = keras.Model(entry, {"kind": layers.Softmax()(x)})',
    "whole numbers as input": (
        'entry = keras.Input((8, 8, 1), dtype="uint8")\n'
        "x = layers.Dense(3)(layers.Flatten()(entry))\nmodel = keras.Model(entry, x)"
    ),
    "half precision": HEAD + 'model = keras.Model(entry, ops.cast(layers.Softmax()(x), "float16"))',
    "double precision": HEAD + 'model = keras.Model(entry, ops.cast(x, "float64"))',
    "any image size": (
        "model = keras.Sequential([\n    keras.Input((None, None, 1)), layers.Conv2D(4, 3),\n"
        '    layers.GlobalMaxPooling2D(), layers.Dense(3, "softmax"),\n])'
    ),
    "a mask": HEAD
    + "model = keras.Model(entry, layers.Softmax()(layers.Masking()(x[:, None])[:, 0]))",
}


@pytest.mark.parametrize("code", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_models_train(code: str, sandbox: Sandbox) -> None:
    assert trained(sandbox, code)["outcome"] == "finished"


UNTRAINABLE = {
    "no gradient": (
        HEAD + "model = keras.Model(entry, ops.round(x))",
        "No gradients provided for any variable.",
    ),
    "an axis that is not there": (
        MODEL.format(
            between="", convolution=", kernel_constraint=keras.constraints.MaxNorm(1.0, axis=7)"
        ),
        "Invalid reduction dimension",
    ),
}


@pytest.mark.parametrize(("code", "reason"), UNTRAINABLE.values(), ids=UNTRAINABLE)
def test_a_model_that_keras_cannot_train_is_refused_in_its_words(
    code: str, reason: str, sandbox: Sandbox
) -> None:
    answer = trained(sandbox, code)
    assert answer.keys() == {"refused"}
    assert reason in answer["refused"]


def test_what_is_not_the_model_s_fault_is_not_laid_at_its_door(sandbox: Sandbox) -> None:
    reply = train(sandbox, DROPPING, loss="no_such_loss")
    assert reply.ending == "silent"
    assert reply.code != 0
