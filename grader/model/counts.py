"""The lecture's formulas: parameters and multiply-adds.

As in ``arithmetic``: layers are given by Keras's class name and arguments, shapes leave out the
batch axis, and arguments that no Keras layer has give None.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from grader.model.arithmetic import (
    NO_LAYER,
    Config,
    Window,
    checked_size,
    layer_output_shape,
    multiplier,
    output_shape_behind,
    split_channels,
    window_of,
)
from grader.records import Shape

OTHER_WEIGHTS = frozenset({"PReLU", "LayerNormalization", "GroupNormalization"})
"""Layers with parameters that are not counted here, though their shapes are known."""


class LayerFacts(NamedTuple):
    """What follows from a layer's arguments and the shape that it takes."""

    output_shape: Shape
    params: int
    multiply_adds: int


def layer_facts(type: str, config: Config, input_shape: Shape) -> LayerFacts | None:
    """All at once: None where the output shape or the parameters are not known here."""
    window = window_of(type, config)
    try:
        shape = output_shape_behind(type, config, window, input_shape)
        if shape is None:
            return None
        weights = _weight_count(type, config, window, input_shape)
        if weights is None:
            return None
        biases = _bias_count(type, config, shape)
        return LayerFacts(shape, weights + biases, _products(type, config, window, weights, shape))
    except NO_LAYER:
        return None


def layer_parameters(type: str, config: Config, input_shape: Shape) -> int | None:
    """Parameters of a layer, biases included; None where this module does not know the layer."""
    weights = weight_count(type, config, input_shape)
    return None if weights is None else weights + bias_count(type, config, input_shape)


def weight_count(type: str, config: Config, input_shape: Shape) -> int | None:
    """Parameters without biases; None where this module does not know the layer.

    A convolution has k₁·k₂·(C_in / groups)·C_out weights, a dense layer D_in·D_out, a
    BatchNormalization up to four numbers for each channel.
    """
    try:
        return _weight_count(type, config, window_of(type, config), input_shape)
    except NO_LAYER:
        return None


def _weight_count(
    type: str, config: Config, window: Window | None, input_shape: Shape
) -> int | None:
    if type == "BatchNormalization":
        axis = config.get("axis", -1)
        # Keras counts the batch axis.
        channels = input_shape[axis - 1 if axis > 0 else axis]
        return None if channels is None else channels * (2 + _learned(config))
    if not _multiplies(type, window):
        known = output_shape_behind(type, config, window, input_shape) is not None
        return 0 if known and type not in OTHER_WEIGHTS else None
    channels = split_channels(config, input_shape)[1]
    if channels is None:
        return None
    if window is None:
        return channels * checked_size(config["units"])
    pixels = math.prod(window.kernel)
    if type.startswith("Depthwise"):
        return pixels * channels * multiplier(config)
    if type.startswith("Separable"):
        deep = channels * multiplier(config)
        return pixels * deep + deep * checked_size(config["filters"])
    groups = checked_size(config.get("groups", 1))
    return pixels * (channels // groups) * checked_size(config["filters"])


def bias_count(type: str, config: Config, input_shape: Shape) -> int:
    """One bias for each channel or unit that the layer gives, unless ``use_bias`` is off."""
    output = layer_output_shape(type, config, input_shape)
    return 0 if output is None else _bias_count(type, config, output)


def _bias_count(type: str, config: Config, output_shape: Shape) -> int:
    if not config.get("use_bias", True) or not (type == "Dense" or "Conv" in type):
        return 0
    return split_channels(config, output_shape)[1] or 0


def learned_count(type: str, config: Config, params: int) -> int:
    """How many of a layer's parameters are trainable, if the layer is.

    A BatchNormalization measures its mean and variance.
    """
    if type != "BatchNormalization":
        return params
    learned = _learned(config)
    return params * learned // (2 + learned)


def _learned(config: Config) -> int:
    """Numbers that a BatchNormalization learns for each channel: a shift, a scale."""
    return sum(bool(config.get(key, True)) for key in ("center", "scale"))


def multiply_adds(type: str, config: Config, input_shape: Shape, output_shape: Shape) -> int:
    """Multiply-adds for one image: each weight of a convolution works at each output position.

    0 for layers without a product of weights, and where a size is unknown.
    """
    weights = weight_count(type, config, input_shape)
    if weights is None:
        return 0
    return _products(type, config, window_of(type, config), weights, output_shape)


def _products(
    type: str, config: Config, window: Window | None, weights: int, output_shape: Shape
) -> int:
    spatial, _ = split_channels(config, output_shape)
    if not _multiplies(type, window) or None in spatial:
        return 0
    return weights * math.prod(axis or 0 for axis in spatial)


def _multiplies(type: str, window: Window | None) -> bool:
    """Whether a layer's weights are factors of what it takes."""
    return type == "Dense" or (window is not None and "Conv" in type)
