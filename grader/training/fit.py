"""Training inside a forked child: what ``fit`` means, in one compiled function.

``compile`` and ``fit`` spend more time on tracing and data handling than on networks of this
size. Here one traced function runs a whole epoch: shuffle, batches, regularisation losses,
BatchNormalization updates and Dropout as ``fit`` does them. A test holds it to ``fit``'s result.
"""

from __future__ import annotations

import contextlib
import math
import resource
import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader.model.rebuild import (
    first_output,
    out_of_memory,
    outputs_for,
    reason_of,
    rebuild_model,
)
from grader.model.seed import seed_everything
from grader.training.silent import silent_shares

PREDICT_BATCH = 256
GUESSING = 1.2
"""Times the share that guessing gives: a model above this has learned something."""
ONE_BATCH_STEPS = 60
"""Times that a model which has learned nothing is shown a single batch."""
EARLY = 0.4
"""Share of its time after which a training looks no further into why it failed."""
SMALL = 0.25
"""Share of its memory that a training may need, so that there is enough for another."""
NO_CLASS = -1
"""The class of an image for which the model gives something that is not a number."""


def train_job(request: dict[str, Any]) -> dict[str, Any]:
    """Rebuild ``architecture`` with fresh weights from the recipe's seed, and train it.

    Returns what ``train_model`` does, or ``out_of_memory``, or ``refused``: why the model cannot
    be trained by anybody. For a model that does no better than guessing, and has needed little of
    the request's ``seconds`` and ``memory_bytes``, also ``one_batch`` (see ``learn_one_batch``).
    """
    recipe, images = request["recipe"], request["images"]
    seed_everything(recipe["seed"])
    try:
        started, before = time.monotonic(), _peak_bytes()
        model = rebuild_model(request["architecture"], images["train"].shape[1:])
        result = train_model(model, recipe, images)
        early = time.monotonic() - started < EARLY * request["seconds"]
        small = _peak_bytes() - before < SMALL * request["memory_bytes"]
        if "silent" in result and early and small:
            until = started + 1.5 * EARLY * request["seconds"]
            # What it tells is worth less than the training that is done.
            with contextlib.suppress(Exception):
                few = learn_one_batch(request["architecture"], recipe, images, until)
                result["one_batch"] = few
        return result
    except Exception as error:
        if out_of_memory(error):
            return {"out_of_memory": True}
        reason = _why_untrainable(request["architecture"], images["train"][:2])
        if reason is None:
            _train_control(recipe, images)
            reason = reason_of(error)
        return {"refused": reason}


def train_model(
    model: Any,
    recipe: Mapping[str, Any],
    images: Mapping[str, np.ndarray],
    until: float = math.inf,
) -> dict[str, Any]:
    """Train ``model`` and predict; scoring is left to whoever holds the labels.

    Args:
        model: a built Keras model that takes one batch of images.
        recipe: ``optimizer`` and its ``settings``, ``loss``, ``epochs``, ``batch_size``, ``seed``.
        images: ``train`` (n, …) float32 with ``train_labels`` (n,), ``validation`` and ``test``.
        until: a time of ``time.monotonic`` after which no epoch is begun, and none is finished.

    Returns:
        ``outcome`` (``finished`` or ``diverged``); ``epochs``, each with ``loss``, ``accuracy``
        and the classes predicted for the validation images; ``test``, the classes predicted
        for the test images; ``first_loss``, of the first batch; ``silent`` of a model that does
        no better than guessing (see ``silent_shares``).
    """
    optimizer = keras.optimizers.get(
        {"class_name": recipe["optimizer"], "config": dict(recipe["settings"])}
    )
    optimizer.build(model.trainable_variables)
    run_epoch = _compile_epoch(
        model, optimizer, _as_loss(recipe["loss"]), images, recipe["batch_size"]
    )
    predict = _compile_predict(model, images["train"].shape[1:])
    count = len(images["train"])
    # The order of the samples is its own stream, so that it does not depend on the model.
    order = np.random.default_rng(recipe["seed"])
    epochs: list[dict[str, Any]] = []
    result: dict[str, Any] = {"outcome": "diverged", "epochs": epochs, "first_loss": None}
    for _ in range(recipe["epochs"]):
        if time.monotonic() > until:
            return result
        shuffled = tf.constant(order.permutation(count), tf.int32)
        loss, accuracy, first = map(float, run_epoch(shuffled))
        if not epochs and _tells_of_chance(recipe["loss"]):
            result["first_loss"] = first
        if not math.isfinite(loss):
            return result
        validation = predict(images["validation"])
        epochs.append({"loss": loss, "accuracy": accuracy, "validation": validation})
    optimizer.finalize_variable_values(model.trainable_variables)
    test = predict(images["test"])
    if (test == NO_CLASS).any():
        return result
    classes = int(images["train_labels"].max()) + 1
    if epochs and epochs[-1]["accuracy"] <= GUESSING / classes:
        result["silent"] = silent_shares(model, images["validation"][:PREDICT_BATCH])
    return {**result, "outcome": "finished", "test": test}


def _peak_bytes() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def learn_one_batch(
    architecture: Mapping[str, Any],
    recipe: Mapping[str, Any],
    images: Mapping[str, np.ndarray],
    until: float = math.inf,
) -> dict[str, Any] | None:
    """Whether a fresh model learns a few images by heart, as all that can learn at all do.

    Returns ``images``, ``steps``, and ``first_loss`` and ``last_loss``; None where the loss does
    not stay finite, or by ``until`` not all steps are made.
    """
    x, y = (images[part][: recipe["batch_size"]] for part in ("train", "train_labels"))
    seed_everything(recipe["seed"])
    model = rebuild_model(architecture, x.shape[1:])
    few = {"train": x, "train_labels": y, "validation": x[:1], "test": x[:1]}
    epochs = train_model(model, {**recipe, "epochs": ONE_BATCH_STEPS}, few, until)["epochs"]
    if len(epochs) < ONE_BATCH_STEPS:
        return None
    first, last = epochs[0]["loss"], epochs[-1]["loss"]
    return {"images": len(x), "steps": len(epochs), "first_loss": first, "last_loss": last}


def _tells_of_chance(loss: str) -> bool:
    """Whether a loss is ln(classes) where all classes are given the same probability."""
    return loss.replace("_", "").lower().endswith("categoricalcrossentropy")


def _as_loss(name: str) -> Callable[[Any, Any], Any]:
    """The mean loss of a batch with whole numbers as labels, whatever form the loss asks for."""
    loss = keras.losses.get(name)
    if name.lower().startswith("sparse"):
        return lambda labels, outputs: tf.reduce_mean(loss(labels, outputs))
    return lambda labels, outputs: tf.reduce_mean(
        loss(tf.one_hot(labels, outputs.shape[-1], dtype=outputs.dtype), outputs)
    )


def _compile_epoch(
    model: Any, optimizer: Any, loss_function: Any, images: Mapping[str, np.ndarray], batch: int
) -> Any:
    """One epoch over the training images in the given order, as one TensorFlow function.

    It gives the mean loss and the accuracy on the way, as ``fit`` reports them, and the loss of
    the first batch.
    """
    inputs = tf.constant(images["train"])
    labels = tf.constant(images["train_labels"], tf.int32)
    count = len(images["train"])
    variables = model.trainable_variables

    def step(x: Any, y: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            predicted = first_output(model(x, training=True))
            loss = loss_function(y, predicted)
            for extra in model.losses:
                loss += tf.cast(extra, loss.dtype)
            scaled = optimizer.scale_loss(loss)
        optimizer.apply(tape.gradient(scaled, variables), variables)
        right = tf.equal(tf.argmax(predicted, -1, output_type=tf.int32), y)
        whole = tf.cast(loss, tf.float32) * tf.cast(tf.size(y), tf.float32)
        return whole, tf.math.count_nonzero(right, dtype=tf.int32)

    @tf.function(autograph=False)
    def run_epoch(order: Any) -> tuple[Any, Any, Any]:
        x, y = tf.gather(inputs, order), tf.gather(labels, order)

        def add_batch(
            start: Any, loss_sum: Any, right_sum: Any, first: Any
        ) -> tuple[Any, Any, Any, Any]:
            loss, right = step(x[start : start + batch], y[start : start + batch])
            first = tf.where(tf.equal(start, 0), loss / min(batch, count), first)
            return start + batch, loss_sum + loss, right_sum + right, first

        nothing = (tf.constant(0), tf.constant(0.0), tf.constant(0), tf.constant(0.0))
        _, loss, right, first = tf.while_loop(lambda start, *_: start < count, add_batch, nothing)
        return loss / count, right / count, first

    return run_epoch


def _compile_predict(model: Any, shape: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """The class with the largest output, for each image, as int32."""

    @tf.function(autograph=False, input_signature=[tf.TensorSpec((None, *shape), tf.float32)])
    def classes(batch: Any) -> Any:
        outputs = first_output(model(batch, training=False))
        best = tf.argmax(outputs, -1, output_type=tf.int32)
        unknown = tf.reduce_any(tf.math.is_nan(outputs), -1)
        return tf.where(unknown, NO_CLASS, best)

    def predict(images: np.ndarray) -> np.ndarray:
        starts = range(0, len(images), PREDICT_BATCH)
        return np.concatenate([classes(images[i : i + PREDICT_BATCH]).numpy() for i in starts])

    return predict


def _train_control(recipe: Mapping[str, Any], images: Mapping[str, np.ndarray]) -> None:
    """Train a model that nothing can be said against, by the same recipe, for one epoch.

    Where that works, the fault was the other model's. Raises where the recipe, the data or this
    process are at fault.
    """
    classes = int(images["train_labels"].max()) + 1
    control = keras.Sequential(
        [
            keras.Input(images["train"].shape[1:]),
            keras.layers.Flatten(),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )
    train_model(control, {**recipe, "epochs": 1}, images)


def _why_untrainable(config: Mapping[str, Any], images: np.ndarray) -> str | None:
    """What Keras itself says against training the model, whatever the recipe; None if nothing.

    This asks only after training has failed.
    """
    try:
        model = rebuild_model(config, images.shape[1:])
        outputs_for(model, images)
        model.compile("sgd", "mean_squared_error")
        model.train_on_batch(images, keras.tree.map_structure(tf.zeros_like, model(images)))
    except Exception as error:
        return reason_of(error)
    return None
