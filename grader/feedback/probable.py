"""Whether a model's outputs are probabilities, told from its last activation."""

from __future__ import annotations

import math

from grader.model.canonical import activation_alone, takes_activation
from grader.records import LayerDescription, ModelDescription

PASSES_ON = frozenset(
    "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout "
    "GaussianNoise ActivityRegularization Identity Flatten Reshape Permute".split()
)
"""Layers that give the values that they take, outside training."""
AVERAGES = frozenset("GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D".split())
"""Layers behind which the mean of probabilities is one still."""


def sums_to_one(model: ModelDescription) -> bool:
    """Whether softmax is the last thing that happens, over all outputs of an image at once."""
    place, averaged = len(model.layers) - 1, False
    while place >= 0:
        layer = model.layers[place]
        if len(layer.output_shapes) != 1:
            return False
        activation = _activation(layer)
        if activation == "softmax":
            shape = layer.output_shape
            if not shape or None in shape:
                return False
            return averaged or math.prod(size or 0 for size in shape[:-1]) == 1
        averaged = averaged or layer.type in AVERAGES
        # What is not below 0 passes through ReLU as it is.
        passes = layer.type in PASSES_ON | AVERAGES or activation in ("linear", "relu")
        if not passes or _has_weights(layer) or len(layer.inbound) != 1:
            return False
        place = layer.inbound[0]
    return False


def _activation(layer: LayerDescription) -> str | None:
    alone = activation_alone(layer.type, layer.config)
    inside = layer.config.get("activation") if takes_activation(layer.type) else None
    return alone or (inside if isinstance(inside, str) else None)


def _has_weights(layer: LayerDescription) -> bool:
    return takes_activation(layer.type) or layer.params > 0
