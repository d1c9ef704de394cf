"""Whether a model's outputs are probabilities, told from its layers."""

from __future__ import annotations

import math

from grader.model.canonical import activation_alone, activation_inside, takes_activation
from grader.records import LayerDescription, ModelDescription, Plain

PASSES_ON = frozenset(
    "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout "
    "GaussianNoise ActivityRegularization Identity Flatten Reshape Permute".split()
)
"""Layers that give the values that they take, outside training."""
FINITE = PASSES_ON | frozenset(
    "InputLayer Conv1D Conv2D DepthwiseConv2D SeparableConv2D Dense BatchNormalization "
    "MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D GlobalMaxPooling1D "
    "GlobalMaxPooling2D GlobalAveragePooling1D GlobalAveragePooling2D ZeroPadding2D Cropping2D "
    "UpSampling2D Activation ReLU Softmax".split()
)
"""Layers that, with fresh weights, give finite numbers for finite numbers."""
TAME = frozenset("linear relu relu6 tanh sigmoid softmax elu selu gelu softplus softsign".split())
"""Activations that give nothing much larger than what they take."""
SCALED = frozenset("GlorotUniform GlorotNormal HeUniform HeNormal LecunUniform LecunNormal".split())
"""Initialisers that keep the outputs of a layer about as large as its inputs."""
FRESH = {
    "kernel_initializer": SCALED,
    "depthwise_initializer": SCALED,
    "pointwise_initializer": SCALED,
    "bias_initializer": frozenset({"Zeros"}),
    "beta_initializer": frozenset({"Zeros"}),
    "gamma_initializer": frozenset({"Ones"}),
    "moving_mean_initializer": frozenset({"Zeros"}),
    "moving_variance_initializer": frozenset({"Ones"}),
}
DEEPEST = 100
"""Layers of a chain: each may at most double what is in float32 below 2¹²⁸."""
AVERAGES = frozenset("GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D".split())
"""Layers behind which the mean of probabilities is one still."""
MOVES = frozenset("Flatten Reshape Permute".split())
"""Of ``PASSES_ON``, the layers behind which the last axis is another one."""


def sums_to_one(model: ModelDescription) -> bool:
    """Whether softmax is the last thing that happens, over all outputs of an image at once."""
    place = len(model.layers) - 1
    averaged = False  # from here to the end, over all axes but the last
    while place >= 0:
        layer = model.layers[place]
        if len(layer.output_shapes) != 1 or len(layer.inbound) > 1:
            return False
        activation = last_activation(layer)
        if activation == "softmax":
            shape = layer.output_shape
            if not shape or None in shape:
                return False
            return averaged or math.prod(size or 0 for size in shape[:-1]) == 1
        if layer.type in AVERAGES:
            averaged = True
        last_axis = layer.config.get("data_format") != "channels_first"
        if averaged and (layer.type in MOVES or (layer.type in AVERAGES and not last_axis)):
            return False
        # What is not below 0 passes through ReLU as it is.
        passes = layer.type in PASSES_ON | AVERAGES or activation in ("linear", "relu")
        if not passes or _has_weights(layer) or len(layer.inbound) != 1:
            return False
        place = layer.inbound[0]
    return False


def certainly_probabilities(model: ModelDescription) -> bool:
    """Whether no run is needed to know that the outputs of a plain chain are probabilities.

    Softmax gives them for whatever is finite, so every layer must be known to be that. Only of
    a model that was rebuilt from Keras's own layers do its layers say what it does; and only of
    a chain, as ``architecture.is_plain_chain`` tells, is that all there is to know: in a graph
    there are operations, constants, masks, and outputs that nothing reads.
    """
    return (
        model.rebuilt
        and len(model.input_shapes) == len(model.output_shapes) == 1
        and 0 < len(model.layers) <= DEEPEST
        and last_activation(model.layers[-1]) == "softmax"
        and len(model.output_shapes[0]) == 1
        and all(map(_is_finite, model.layers))
    )


def _is_finite(layer: LayerDescription) -> bool:
    config = layer.config
    slope, epsilon = config.get("negative_slope"), config.get("epsilon", 1)
    return (
        layer.type in FINITE
        and layer.calls == 1
        and all(size is None or size > 0 for size in layer.output_shape)
        and (layer.type != "Softmax" or config.get("axis", -1) == -1)
        and _name_of(config.get("activation", "linear")) in TAME
        and not slope
        and isinstance(epsilon, int | float)
        and epsilon > 0
        and all(
            _name_of(value) in FRESH.get(key, ())
            for key, value in config.items()
            if key.endswith("_initializer")
        )
    )


def _name_of(initializer: Plain) -> Plain:
    """The initialiser's class; None where it was given anything but a seed."""
    if isinstance(initializer, dict) and len(initializer) == 1:
        ((name, given),) = initializer.items()
        return name if isinstance(given, dict) and set(given) <= {"seed"} else None
    return initializer if isinstance(initializer, str) else None


def last_activation(layer: LayerDescription) -> str | None:
    """What a layer does last, where that is an activation over the last axis."""
    alone = activation_alone(layer.type, layer.config)
    return alone or activation_inside(layer.type, layer.config)


def _has_weights(layer: LayerDescription) -> bool:
    return takes_activation(layer.type) or layer.params > 0
