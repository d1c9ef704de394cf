"""The lecture's arithmetic in words: why a layer gives this shape, or has these parameters.

Checks use these sentences, so they stand below the checks; ``grader/feedback`` stands above.
"""

from __future__ import annotations

from typing import Any

from grader.model.arithmetic import (
    Config,
    Window,
    bias_count,
    layer_output_shape,
    split_channels,
    weight_count,
    window_of,
    window_output,
)
from grader.records import Shape
from grader.words import show_count, show_shape


def explain_size(type: str, config: Config, input_shape: Shape) -> str:
    """How the output size of a convolution or pooling comes about; empty for other layers."""
    window = window_of(type, config)
    if window is None or len(input_shape) != len(window.kernel) + 1:
        return ""
    spatial, _ = split_channels(config, input_shape)
    if not spatial or spatial[0] is None:
        return ""
    return f"{_rule(type, window)} {_sum(window, spatial[0])}."


def _rule(type: str, window: Window) -> str:
    what = "pool" if "Pooling" in type else "kernel"
    kernel = "×".join(map(str, window.kernel))
    return f'With padding="{window.padding}" a {kernel} {what} and stride {window.strides[0]}'


def _sum(window: Window, n: int) -> str:
    k, s, d = window.kernel[0], window.strides[0], window.dilation[0]
    size = window_output(n, k, s, window.padding, d)
    if window.padding != "valid":
        return f"give ⌈{n}/{s}⌉ = {size}" if s > 1 else f"keep {n}"
    wide = d * (k - 1) + 1
    reach = f"reach {wide} pixels (dilation {d}) and " if d > 1 else ""
    quotient = f"({n} − {wide})/{s}" if (n - wide) % s == 0 else f"⌊({n} − {wide})/{s}⌋"
    return f"{reach}give {quotient} + 1 = {size}"


def explain_parameters(type: str, config: Config, input_shape: Shape) -> str:
    """``3·3·24·36 + 36 = 7,812``; empty for a layer without such a formula."""
    weights = weight_count(type, config, input_shape)
    if not weights or type == "BatchNormalization":
        return ""
    biases = bias_count(type, config, input_shape)
    factors = _factors(type, config, input_shape)
    tail = f" + {biases}" if biases else ""
    return f"{factors}{tail} = {show_count(weights + biases)}"


def _factors(type: str, config: Config, input_shape: Shape) -> str:
    channels = split_channels(config, input_shape)[1] or 0
    if type == "Dense":
        return f"{channels}·{config['units']}"
    window = window_of(type, config)
    assert window is not None
    kernel = "·".join(map(str, window.kernel))
    multiplier = config.get("depth_multiplier", 1)
    if type.startswith("Depthwise"):
        return f"{kernel}·{channels}·{multiplier}"
    if type.startswith("Separable"):
        deep = channels * multiplier
        return f"{kernel}·{deep} + {deep}·{config['filters']}"
    groups = config.get("groups", 1)
    inner = f"({channels}/{groups})" if groups > 1 else str(channels)
    return f"{kernel}·{inner}·{config['filters']}"


def explain_change(type: str, found: Config, wanted: dict[str, Any], input_shape: Shape) -> str:
    """What the wanted arguments would give: the formula with them put in."""
    config = {**found, **wanted}
    output = layer_output_shape(type, config, input_shape)
    if output is None:
        return ""
    size = explain_size(type, config, input_shape)
    return size or f"That gives {show_shape(output)}."
