"""Trains small models twice in one process: with the grader's step and with Keras's own ``fit``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.sandbox.client import Sandbox
from tests.model.student import ask

EPOCHS = 2
BATCH = 16
IMAGES = 40
"""Two whole batches and a smaller one."""

BOTH = f"""
from grader.model.seed import seed_everything
from grader.training.fit import train_model

EPOCHS, BATCH, SEED = {EPOCHS}, {BATCH}, 5
random = np.random.default_rng(1)
labels = np.arange({IMAGES}) % 3
# Each class is brightest in a corner of its own, so that there is something to learn.
images = random.random(({IMAGES}, 8, 8, 1), dtype=np.float32)
for label, (row, column) in enumerate([(0, 0), (0, 4), (4, 0)]):
    images[labels == label, row : row + 4, column : column + 4] += 1


def weights(model):
    return np.concatenate([np.ravel(v) for v in model.get_weights()])


def build(code):
    space = dict(keras=keras, layers=layers, ops=ops)
    seed_everything(SEED)
    exec(code, space)
    return space["model"]


def ours(code, recipe):
    model = build(code)
    recipe = dict(recipe, epochs=EPOCHS, batch_size=BATCH, seed=SEED)
    data = dict(train=images, train_labels=labels, validation=images, test=images)
    trained = train_model(model, recipe, data)
    curve = np.array([[e["loss"], e["accuracy"]] for e in trained["epochs"]])
    return weights(model), curve, trained["test"]


def keras_fit(code, recipe):
    model = build(code)
    sparse = recipe["loss"].lower().startswith("sparse")
    targets = labels if sparse else keras.utils.to_categorical(labels, 3)
    optimizer = dict(class_name=recipe["optimizer"], config=dict(recipe["settings"]))
    accuracy = "sparse_categorical_accuracy" if sparse else "categorical_accuracy"
    model.compile(keras.optimizers.get(optimizer), recipe["loss"], metrics=[accuracy])
    order = np.random.default_rng(SEED)
    rows = [order.permutation({IMAGES}) for _ in range(EPOCHS)]
    parts = [now[i : i + BATCH] for now in rows for i in range(0, {IMAGES}, BATCH)]
    past = model.fit(
        ((images[part], targets[part]) for part in parts),
        epochs=EPOCHS, steps_per_epoch=len(parts) // EPOCHS, verbose=0,
    ).history
    curve = np.transpose([past["loss"], past[accuracy]])
    return weights(model), curve, model.predict(images, verbose=0).argmax(-1)
"""


def train_both(sandbox: Sandbox, cases: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Any:
    """For each case, the code of a model and a recipe: weights, curve and classes, both ways."""
    code = f"""{BOTH}
both = {{
    name: [ours(code, recipe), keras_fit(code, recipe)]
    for name, (code, recipe) in {dict(cases)!r}.items()
}}"""
    reply = ask(sandbox, "read", code, "both")
    assert reply.ending == "answered", reply
    assert "error" not in reply.answer, reply.answer
    return reply.answer["value"]
