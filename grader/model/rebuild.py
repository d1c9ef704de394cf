"""Building a checked architecture, in a fork that never saw the student's code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from grader.model.describe import describe_model

SAMPLE_IMAGES = 16
SAMPLE_SEED = 1


def rebuild_model(config: Mapping[str, Any]) -> Any:
    """Build the Keras model of a checked architecture. Its weights come from the current seed.

    Raises whatever Keras raises for a combination of layers that does not fit.
    """
    import keras

    return keras.saving.deserialize_keras_object(dict(config), safe_mode=True)


def describe_job(request: dict[str, Any]) -> dict[str, Any]:
    """Describe ``architecture`` without making its weights."""
    from grader.model.weightless import weightless

    try:
        with weightless():
            return {
                "model": describe_model(_built(rebuild_model(request["architecture"]), request))
            }
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"[:2000]}


def _built(model: Any, request: Mapping[str, Any]) -> Any:
    if not model.built:
        model.build((None, *request["input_shape"]))
    return model


def sample_job(request: dict[str, Any]) -> dict[str, Any]:
    """What the model, with fresh weights, gives for a seeded batch of random images."""
    from grader.model.seed import seed_everything

    seed_everything(request["seed"])
    try:
        model = _built(rebuild_model(request["architecture"]), request)
        return sample_outputs(model, model.inputs[0].shape[1:], request["seed"])
    except Exception as error:
        if out_of_memory(error):
            return {"out_of_memory": True}
        raise


def out_of_memory(error: BaseException) -> bool:
    """Whether Python or TensorFlow could not get memory."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def sample_outputs(model: Any, shape: Iterable[int], seed: int) -> dict[str, Any]:
    """Smallest and largest output, and how far the outputs of an image are from summing to 1.

    Args:
        model: takes images of ``shape``, without the batch axis.
        seed: of the images.
    """
    import numpy as np

    images = np.random.default_rng(seed).random((SAMPLE_IMAGES, *shape), dtype=np.float32)
    result = model(images, training=False)
    first = result[0] if isinstance(result, list | tuple) else result
    outputs = np.asarray(first, dtype=np.float64)
    return {
        "images": SAMPLE_IMAGES,
        "minimum": float(outputs.min()),
        "maximum": float(outputs.max()),
        "largest_sum_error": float(np.abs(1 - outputs.sum(axis=-1)).max()),
    }
