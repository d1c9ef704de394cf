"""Building a checked architecture, in a fork that never saw the student's code."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from grader.model.describe import describe_model

SAMPLE_IMAGES = 16
SAMPLE_SEED = 1
FREE_SIDE = 32
"""Pixels of a random image along an axis that the model leaves open."""
MAX_REASON = 1_000
MAX_OUTPUTS = 4_000_000
"""Values that are looked at for one batch of images."""
LARGEST = 2**62
BOLD = re.compile(r"\x1b\[1m(.*?)\x1b\[0m", re.DOTALL)
"""How Keras sets what went wrong inside a layer that it was calling."""


def rebuild_model(config: Mapping[str, Any], input_shape: Iterable[int]) -> Any:
    """Build the Keras model of a checked architecture. Its weights come from the current seed.

    Args:
        config: as ``Architecture.config``.
        input_shape: for a model that names none itself.

    Raises whatever Keras raises for a combination of layers that does not fit.
    """
    model = _load(config)
    if not model.built:
        model.build((None, *input_shape))
    return model


def _load(saved: Mapping[str, Any]) -> Any:
    """Keras's own loader, but for Sequential: that one builds the model anew with each layer."""
    import keras

    if saved["class_name"] == "Sequential":
        config = saved["config"]
        return keras.Sequential([_load(layer) for layer in config["layers"]], name=config["name"])
    # Keras takes apart what it is given.
    return keras.saving.deserialize_keras_object(copy.deepcopy(dict(saved)), safe_mode=True)


class Unfit(Exception):
    """The model cannot be judged; the text says why, as the end of a sentence."""


def describe_job(request: dict[str, Any]) -> dict[str, Any]:
    """Describe ``architecture`` without making its weights."""
    from grader.model.weightless import weightless

    def work() -> dict[str, Any]:
        with weightless():
            model = rebuild_model(request["architecture"], request["input_shape"])
            return {"model": _bounded(describe_model(model))}

    return or_refusal(work)


def sample_job(request: dict[str, Any]) -> dict[str, Any]:
    """What the model, with fresh weights, gives for a seeded batch of random images."""
    from grader.model.seed import seed_everything

    def work() -> dict[str, Any]:
        model = rebuild_model(request["architecture"], request["input_shape"])
        shape = [axis or FREE_SIDE for axis in model.inputs[0].shape[1:]]
        return sample_outputs(model, shape, request["seed"])

    seed_everything(request["seed"])
    return or_refusal(work)


def respond_job(request: dict[str, Any]) -> dict[str, Any]:
    """What the model gives for batches of images, with fresh weights or with given ones.

    Args:
        request: ``architecture``, ``input_shape``, ``seed``; ``images``, a list of batches; and,
            if given, ``weights``: for each neutral layer name in turn, a list of arrays.
    """
    from grader.model.seed import seed_everything

    def work() -> dict[str, Any]:
        model = rebuild_model(request["architecture"], request["input_shape"])
        _set_weights(model, request.get("weights", []))
        return {"outputs": [outputs_for(model, images) for images in request["images"]]}

    seed_everything(request["seed"])
    return or_refusal(work)


def or_refusal(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The work's answer; ``refused`` with the reason where the model does not let it be done."""
    try:
        return work()
    except Exception as error:
        return {"out_of_memory": True} if out_of_memory(error) else {"refused": reason_of(error)}


def outputs_for(model: Any, images: Any) -> Any:
    """The model's (first) output for a batch of images, as a float32 array.

    Raises Unfit where there is not one result for each image, or too large a one.
    """
    import keras
    import numpy as np

    outputs = first_output(model(images, training=False))
    if not outputs.shape or outputs.shape[0] != len(images):
        raise Unfit("it mixes the images of a batch; each image must be judged alone")
    values = math.prod(outputs.shape)
    if not 0 < values <= MAX_OUTPUTS:
        raise Unfit(f"it gives {values:,} values for {len(images)} images")
    return np.asarray(keras.ops.cast(outputs, "float32"))


def _bounded(value: Any) -> Any:
    """The same with whole numbers of thousands of digits cut down to ``LARGEST``.

    Whoever reads a description refuses a model of that size; it only has to get there.
    """
    if isinstance(value, Mapping):
        return {key: _bounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_bounded(item) for item in value]
    return min(value, LARGEST) if type(value) is int else value


def _set_weights(model: Any, weights: list[list[Any]]) -> None:
    layers = {layer.name: layer for layer in model._flatten_layers(include_self=False)}
    for place, arrays in enumerate(weights):
        if arrays:
            layers[f"n{place}"].set_weights(arrays)


def first_output(outputs: Any) -> Any:
    """Of what a model gives: a tensor, or several in a list or dict."""
    import keras

    return keras.tree.flatten(outputs)[0]


def out_of_memory(error: BaseException) -> bool:
    """Whether Python or TensorFlow could not get memory."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def reason_of(error: BaseException) -> str:
    """What an exception of Keras's says, without the configurations that it repeats."""
    text = str(error).rpartition("Exception encountered: ")[2]
    inner = BOLD.search(text)
    return (inner[1] if inner else text).strip()[:MAX_REASON] or type(error).__name__


def sample_outputs(model: Any, shape: Iterable[int], seed: int) -> dict[str, Any]:
    """Smallest and largest output, and how far the outputs of an image are from summing to 1.

    Args:
        model: takes images of ``shape``, without the batch axis.
        seed: of the images.
    """
    import numpy as np

    images = np.random.default_rng(seed).random((SAMPLE_IMAGES, *shape), dtype=np.float32)
    outputs = outputs_for(model, images).astype(np.float64)
    return {
        "images": SAMPLE_IMAGES,
        "minimum": float(outputs.min()),
        "maximum": float(outputs.max()),
        "largest_sum_error": float(np.abs(1 - outputs.reshape(len(outputs), -1).sum(axis=1)).max()),
    }
