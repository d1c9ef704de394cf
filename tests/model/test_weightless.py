"""Models are built without weights, and what needs weights says so."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.client import Reply, Sandbox
from tests.model.student import ask
from tests.model.test_describe import ALEXNET


def build(sandbox: Sandbox, code: str, weightless: bool = True) -> Reply:
    reply = ask(sandbox, "build", code, "model", weightless=weightless, weights=False)
    assert reply.ending == "answered", reply
    return reply


def test_two_hundred_million_parameters_are_built_in_no_memory(sandbox: Sandbox) -> None:
    reply = build(sandbox, ALEXNET)
    assert "error" not in reply.answer
    assert reply.peak_bytes < 50 * 2**20


COMPILED = """
model = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5, seed=3), layers.Dense(2)])
model.compile(keras.optimizers.Adam(0.25, weight_decay=0.125), "mse", metrics=["accuracy"])"""
BUILDERS = {
    "compiled": COMPILED,
    "a schedule": """
model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
model.compile(keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.5, 10)), "mse")""",
    "values that are given": """
model = keras.Sequential([
    keras.Input((4,)), layers.Normalization(mean=0.5, variance=2.0), layers.Dense(2)
])""",
    "a model in a model, shared": """
inner = keras.Sequential([layers.Dense(4), layers.BatchNormalization()])
entry = keras.Input((4,))
model = keras.Model(entry, inner(inner(entry)))""",
    "recurrent": "model = keras.Sequential([keras.Input((4, 2)), layers.GRU(3)])",
}


@pytest.mark.parametrize("code", BUILDERS.values(), ids=BUILDERS)
def test_a_model_is_the_same_with_and_without_weights(code: str, sandbox: Sandbox) -> None:
    without, with_weights = (build(sandbox, code, on).answer for on in (True, False))
    assert "error" not in without
    for answer in (without, with_weights):
        del answer["seconds"]
    assert without == with_weights


def test_a_learning_rate_can_be_read_where_there_are_no_weights(sandbox: Sandbox) -> None:
    compiled: dict[str, Any] = build(sandbox, COMPILED).answer["compiled"]
    assert compiled["optimizer_config"]["learning_rate"] == 0.25
    assert compiled["optimizer_config"]["weight_decay"] == 0.125


DENSE = "model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\n"
USES = {
    "calls": "model(np.zeros((1, 4)))",
    "reads": "model.get_weights()",
    "sets": "model.set_weights([np.zeros((4, 2)), np.zeros(2)])",
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_builder_may_use_weights_that_are_not_there(use: str, sandbox: Sandbox) -> None:
    plain, used = (build(sandbox, DENSE + code).answer for code in ("", use))
    assert plain["architecture"] == used["architecture"]


def test_a_builder_that_trains_by_hand_fails_without_weights_and_works_with_them(
    sandbox: Sandbox,
) -> None:
    code = f"""{DENSE}
optimizer = keras.optimizers.SGD()
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(model(np.zeros((1, 4), "float32")))
optimizer.apply_gradients(zip(tape.gradient(loss, model.weights), model.weights))"""
    assert build(sandbox, code).answer["error"]["kind"] == "raised"
    assert "error" not in build(sandbox, code, weightless=False).answer


def test_after_the_block_weights_are_made_again(sandbox: Sandbox) -> None:
    code = """
from grader.model.weightless import weightless

before = keras.Variable.__init__
with weightless():
    layers.Dense(2).build((None, 4))
layer = layers.Dense(2)
layer.build((None, 4))
facts = {"same": keras.Variable.__init__ is before, "spread": np.ptp(layer.kernel.numpy())}"""
    facts = ask(sandbox, "read", code, "facts").answer["value"]
    assert facts["same"]
    assert facts["spread"] > 0
