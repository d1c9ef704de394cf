"""The lecture's formulas: output sizes.

Output sizes follow V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep
learning", arXiv:1603.07285. Layers are given by Keras's class name and Keras's own arguments;
shapes leave out the batch axis. Nothing here needs Keras.

Arguments may be a pattern that leaves some out, or a claim from inside the walls. Where they
could not be those of a Keras layer, the answer is None, as for a layer that is not known here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from grader.records import Shape

Config = Mapping[str, Any]

SAME_SHAPE = frozenset(
    "Activation ReLU LeakyReLU PReLU ELU Softmax Dropout SpatialDropout1D SpatialDropout2D "
    "SpatialDropout3D AlphaDropout GaussianDropout GaussianNoise BatchNormalization "
    "LayerNormalization GroupNormalization UnitNormalization Rescaling Identity "
    "ActivityRegularization RandomFlip RandomRotation RandomTranslation RandomZoom "
    "RandomContrast RandomBrightness".split()
)
"""Layers that give the shape they take."""

LARGEST = 2**40
"""Above this a number is no size of a layer."""

NO_LAYER = (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError)
"""What arguments that no Keras layer has lead to."""

WINDOWED = re.compile(r"(Conv|DepthwiseConv|SeparableConv|MaxPooling|AveragePooling)([123])D")
GLOBAL = re.compile(r"Global(?:Max|Average)Pooling([123])D")


class Window(NamedTuple):
    """What slides over the image, one entry for each spatial axis."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str
    dilation: tuple[int, ...]


def window_output(n: int, kernel: int, stride: int, padding: str | int, dilation: int = 1) -> int:
    """Positions of a window along an axis of ``n`` pixels.

    ``valid``: ⌊(n − k) / s⌋ + 1. ``same``: ⌈n / s⌉. With ``padding`` pixels on each side:
    ⌊(n + 2p − k) / s⌋ + 1. Dilation d makes k into d(k − 1) + 1. Not above 0 where the window
    does not fit.
    """
    reach = dilation * (kernel - 1) + 1
    if padding in ("same", "causal"):
        return math.ceil(n / stride)
    pixels = padding if isinstance(padding, int) else 0
    return (n + 2 * pixels - reach) // stride + 1


def as_tuple(value: Any, axes: int) -> tuple[int, ...]:
    """``3`` as ``(3, 3)``; a list as a tuple."""
    return tuple(value) if isinstance(value, list | tuple) else (value,) * axes


def window_of(type: str, config: Config) -> Window | None:
    """The window of a convolution or pooling layer; None for any other layer."""
    windowed = _windowed(type)
    if windowed is None:
        return None
    axes, pooling = windowed
    try:
        kernel = _sizes(config.get("pool_size", 2) if pooling else config["kernel_size"], axes)
        strides = config.get("strides")
        if strides is None:
            strides = kernel if pooling else 1
        dilation = 1 if pooling else config.get("dilation_rate", 1)
        padding = config.get("padding", "valid")
        if padding not in ("valid", "same", "causal"):
            return None
        return Window(kernel, _sizes(strides, axes), padding, _sizes(dilation, axes))
    except NO_LAYER:
        return None


@lru_cache(maxsize=1000)
def _windowed(type: str) -> tuple[int, bool] | None:
    """A windowed layer's number of spatial axes, and whether it pools."""
    match = WINDOWED.fullmatch(type)
    return (int(match[2]), match[1].endswith("Pooling")) if match else None


def _sizes(value: Any, axes: int) -> tuple[int, ...]:
    """One whole number above 0 for each axis. Raises ValueError for anything else."""
    sizes = as_tuple(value, axes)
    if len(sizes) != axes:
        raise ValueError
    for size in sizes:
        checked_size(size)
    return sizes


def checked_size(value: Any) -> int:
    """A whole number from 1 to ``LARGEST``. Raises ValueError for anything else."""
    if type(value) is not int or not 1 <= value <= LARGEST:
        raise ValueError
    return value


def _whole(value: Any) -> int:
    """A whole number, also below 1. Raises ValueError for anything else."""
    if type(value) is not int or abs(value) > LARGEST:
        raise ValueError
    return value


def layer_output_shape(type: str, config: Config, input_shape: Shape) -> Shape | None:
    """The shape that a layer gives, or None where this module does not know the layer.

    A size that is not above 0 means that the window does not fit its input.
    """
    try:
        return output_shape_behind(type, config, window_of(type, config), input_shape)
    except NO_LAYER:
        return None


def output_shape_behind(
    type: str, config: Config, window: Window | None, input_shape: Shape
) -> Shape | None:
    """As ``layer_output_shape``, for a layer's known window. Raises what ``NO_LAYER`` lists."""
    if type in SAME_SHAPE:
        return input_shape
    rule = _SHAPE_RULES.get(type)
    if rule is not None:
        return rule(config, input_shape)
    if window is not None and len(input_shape) == len(window.kernel) + 1:
        return _windowed_shape(type, config, window, input_shape)
    match = GLOBAL.fullmatch(type)
    if match is not None and len(input_shape) == int(match[1]) + 1:
        spatial, channels = split_channels(config, input_shape)
        kept = (1,) * len(spatial) if config.get("keepdims") else ()
        return join_channels(config, kept, channels)
    return None


def matches(expected: Shape, got: Shape) -> bool:
    """Whether the sizes agree axis by axis; None in ``expected`` takes any size."""
    return len(expected) == len(got) and all(
        want is None or want == have for want, have in zip(expected, got, strict=True)
    )


def split_channels(config: Config, shape: Shape) -> tuple[Shape, int | None]:
    """Spatial axes and channels of an image or feature map."""
    if config.get("data_format") == "channels_first":
        return shape[1:], shape[0]
    return shape[:-1], shape[-1]


def join_channels(config: Config, spatial: Shape, channels: int | None) -> Shape:
    if config.get("data_format") == "channels_first":
        return (channels, *spatial)
    return (*spatial, channels)


def _windowed_shape(type: str, config: Config, window: Window, shape: Shape) -> Shape:
    spatial, channels = split_channels(config, shape)
    sizes = tuple(
        None if n is None else window_output(n, k, s, window.padding, d)
        for n, k, s, d in zip(spatial, window.kernel, window.strides, window.dilation, strict=True)
    )
    if type.startswith("Depthwise"):
        channels = None if channels is None else channels * multiplier(config)
    elif "Conv" in type:
        channels = checked_size(config["filters"])
    return join_channels(config, sizes, channels)


def multiplier(config: Config) -> int:
    """Feature maps that a depthwise convolution makes of each channel."""
    return checked_size(config.get("depth_multiplier", 1))


def _flatten(_: Config, shape: Shape) -> Shape:
    return (None if None in shape else math.prod(axis or 0 for axis in shape),)


def _dense(config: Config, shape: Shape) -> Shape:
    return (*shape[:-1], checked_size(config["units"]))


def _reshape(config: Config, shape: Shape) -> Shape | None:
    target = tuple(map(_whole, config["target_shape"]))
    if -1 not in target:
        return target
    if None in shape:
        return None
    known = math.prod(axis for axis in target if axis != -1)
    whole = math.prod(axis or 0 for axis in shape)
    return tuple(whole // known if axis == -1 else axis for axis in target) if known else None


def _permute(config: Config, shape: Shape) -> Shape:
    return tuple(shape[axis - 1] for axis in config["dims"])


def _sides(value: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """Keras's padding and cropping: one number, one for each axis, or a pair for each axis."""
    pairs = (
        side if isinstance(side, list | tuple) else (side, side) for side in as_tuple(value, axes)
    )
    return tuple((_whole(pair[0]), _whole(pair[1])) for pair in pairs)


def _bordered(sign: int, key: str) -> Callable[[Config, Shape], Shape]:
    def rule(config: Config, shape: Shape) -> Shape:
        spatial, channels = split_channels(config, shape)
        sides = _sides(config.get(key, 1 if sign > 0 else 0), len(spatial))
        sizes = tuple(
            None if n is None else n + sign * (before + after)
            for n, (before, after) in zip(spatial, sides, strict=True)
        )
        return join_channels(config, sizes, channels)

    return rule


def _upsampling(config: Config, shape: Shape) -> Shape:
    spatial, channels = split_channels(config, shape)
    factors = _sizes(config.get("size", 2), len(spatial))
    sizes = tuple(n and n * factor for n, factor in zip(spatial, factors, strict=True))
    return join_channels(config, sizes, channels)


_SHAPE_RULES: dict[str, Callable[[Config, Shape], Shape | None]] = {
    "Flatten": _flatten,
    "Dense": _dense,
    "Reshape": _reshape,
    "Permute": _permute,
    "UpSampling2D": _upsampling,
    "ZeroPadding2D": _bordered(+1, "padding"),
    "Cropping2D": _bordered(-1, "cropping"),
}
