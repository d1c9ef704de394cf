"""Training inside a forked child: what ``fit`` means, in one compiled function.

``compile`` and ``fit`` spend more time on tracing and data handling than on networks of this
size. Here one traced function runs a whole epoch: shuffle, batches, regularisation losses,
BatchNormalization updates and Dropout as ``fit`` does them. A test holds it to ``fit``'s result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader.model.rebuild import out_of_memory, rebuild_model
from grader.model.seed import seed_everything

PREDICT_BATCH = 256


def train_job(request: dict[str, Any]) -> dict[str, Any]:
    """Rebuild ``architecture`` with fresh weights from the recipe's seed, and train it."""
    seed_everything(request["recipe"]["seed"])
    try:
        model = rebuild_model(request["architecture"])
        return train_model(model, request["recipe"], request["images"])
    except Exception as error:
        if out_of_memory(error):
            return {"out_of_memory": True}
        raise


def train_model(
    model: Any, recipe: Mapping[str, Any], images: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Train ``model`` and predict; scoring is left to whoever holds the labels.

    Args:
        model: a built Keras model that takes one batch of images.
        recipe: ``optimizer`` and its ``settings``, ``loss``, ``epochs``, ``batch_size``, ``seed``.
        images: ``train`` (n, …) float32 with ``train_labels`` (n,), ``validation`` and ``test``.

    Returns:
        ``outcome`` (``finished`` or ``diverged``); ``epochs``, each with ``loss``, ``accuracy``
        and the classes predicted for the validation images; ``test``, the classes predicted
        for the test images.
    """
    optimizer = keras.optimizers.get(
        {"class_name": recipe["optimizer"], "config": dict(recipe["settings"])}
    )
    optimizer.build(model.trainable_variables)
    run_epoch = _compile_epoch(
        model, optimizer, _as_loss(recipe["loss"]), images, recipe["batch_size"]
    )
    predict = _compile_predict(model)
    validation = tf.constant(images["validation"])
    count = len(images["train"])
    # The order of the samples is its own stream, so that it does not depend on the model.
    order = np.random.default_rng(recipe["seed"])
    epochs: list[dict[str, Any]] = []
    for _ in range(recipe["epochs"]):
        loss, accuracy = run_epoch(tf.constant(order.permutation(count).astype(np.int32)))
        loss = float(loss)
        if not math.isfinite(loss):
            return {"outcome": "diverged", "epochs": epochs}
        classes = predict(validation).numpy()
        epochs.append({"loss": loss, "accuracy": float(accuracy), "validation": classes})
    return {
        "outcome": "finished",
        "epochs": epochs,
        "test": predict(tf.constant(images["test"])).numpy(),
    }


def _as_loss(name: str) -> Callable[[Any, Any], Any]:
    """The mean loss of a batch with whole numbers as labels, whatever form the loss asks for."""
    loss = keras.losses.get(name)
    if name.startswith("sparse"):
        return lambda labels, outputs: tf.reduce_mean(loss(labels, outputs))
    return lambda labels, outputs: tf.reduce_mean(
        loss(tf.one_hot(labels, outputs.shape[-1], dtype=outputs.dtype), outputs)
    )


def _compile_epoch(
    model: Any, optimizer: Any, loss_function: Any, images: Mapping[str, np.ndarray], batch: int
) -> Any:
    """One epoch over the training images in the given order, as one TensorFlow function."""
    inputs = tf.constant(images["train"])
    labels = tf.constant(images["train_labels"].astype(np.int32))
    count = len(images["train"])
    variables = model.trainable_variables

    def step(rows: Any) -> tuple[Any, Any]:
        x, y = tf.gather(inputs, rows), tf.gather(labels, rows)
        with tf.GradientTape() as tape:
            predicted = model(x, training=True)
            loss = loss_function(y, predicted)
            for extra in model.losses:
                loss += tf.cast(extra, loss.dtype)
        optimizer.apply(tape.gradient(loss, variables), variables)
        right = tf.equal(tf.argmax(predicted, -1, output_type=tf.int32), y)
        rows_count = tf.cast(tf.shape(rows)[0], tf.float32)
        return loss * rows_count, tf.reduce_sum(tf.cast(right, tf.float32))

    @tf.function(reduce_retracing=True)
    def run_epoch(order: Any) -> tuple[Any, Any]:
        loss_sum, right_sum = tf.constant(0.0), tf.constant(0.0)
        for start in tf.range(0, count, batch):
            loss, right = step(order[start : start + batch])
            loss_sum += loss
            right_sum += right
        return loss_sum / count, right_sum / count

    return run_epoch


def _compile_predict(model: Any) -> Any:
    """The class with the largest output, for each image, as int32."""

    @tf.function(reduce_retracing=True)
    def predict(images: Any) -> Any:
        count = tf.shape(images)[0]
        classes = tf.TensorArray(tf.int32, size=0, dynamic_size=True, infer_shape=False)
        for start in tf.range(0, count, PREDICT_BATCH):
            outputs = model(images[start : start + PREDICT_BATCH], training=False)
            best = tf.argmax(outputs, -1, output_type=tf.int32)
            classes = classes.write(start // PREDICT_BATCH, best)
        return classes.concat()

    return predict
