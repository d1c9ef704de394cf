"""Units that have died in training: 0 for every image. Runs in a fork."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def silent_shares(model: Any, images: np.ndarray) -> list[float]:
    """For each layer with relu, in their order, the share of its units that are always 0.

    A unit of a convolution is a whole feature map. Empty where the model is no plain graph.

    Args:
        model: a trained model.
        images: a batch of them.
    """
    try:
        outputs = [layer.output for layer in model._flatten_layers() if _is_relu(layer)]
        watched = keras.Model(model.inputs, outputs)([images], training=False) if outputs else []
    except Exception:
        # No graph, a layer used in several places, a class of the student's: no training is lost.
        return []
    return [_share(np.asarray(output)) for output in watched]


def _is_relu(layer: Any) -> bool:
    bent = getattr(layer, "negative_slope", 0) or getattr(layer, "threshold", 0)
    if isinstance(layer, keras.layers.ReLU):
        return not bent and layer.max_value is None
    return getattr(layer, "activation", None) is keras.activations.relu


def _share(output: np.ndarray) -> float:
    always = np.all(output == 0, axis=tuple(range(output.ndim - 1)))
    return float(always.mean())
