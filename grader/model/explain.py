"""The lecture's arithmetic in words: why a layer gives this shape, or has these parameters.

Checks use these sentences, so they stand below the checks; ``grader/feedback`` stands above.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.arithmetic import (
    Config,
    Window,
    bias_count,
    split_channels,
    weight_count,
    window_of,
    window_output,
)
from grader.records import Shape
from grader.words import join_words, show_count


def explain_size(type: str, config: Config, input_shape: Shape) -> str:
    """How the sizes behind a convolution or pooling come about; empty for other layers.

    Each axis has a sum of its own, and what is equal along all axes is said once.
    """
    window = window_of(type, config)
    if window is None or len(input_shape) != len(window.kernel) + 1:
        return ""
    sizes = [n for n in split_channels(config, input_shape)[0] if n is not None]
    if len(sizes) != len(window.kernel):
        return ""
    axes = list(zip(sizes, window.kernel, window.strides, window.dilation, strict=True))
    given = f'With padding="{window.padding}" {_window_words(type, window)}'
    if any(window_output(n, k, s, window.padding, d) < 1 for n, k, s, d in axes):
        return f"{given} does not fit into {_times(sizes)} pixels."
    sums = list(dict.fromkeys(_sum(*axis, window.padding) for axis in axes))
    keeps = window.padding != "valid" and set(window.strides) == {1}
    verb = "keep" if keeps else "give"
    return f"{given} and stride {_once(window.strides)} {verb} {join_words(sums)}."


def _window_words(type: str, window: Window) -> str:
    """``a 3×3 kernel``, ``an 11×11 kernel``, ``a pool of size 2``."""
    what = "pool" if "Pooling" in type else "kernel"
    size = _times(window.kernel)
    # Eight, eleven and eighteen begin with a vowel.
    article = "an" if size.startswith("8") or window.kernel[0] in (11, 18) else "a"
    words = f"{article} {size} {what}" if len(window.kernel) > 1 else f"a {what} of size {size}"
    if all(d == 1 for d in window.dilation):
        return words
    reach = [d * (k - 1) + 1 for k, d in zip(window.kernel, window.dilation, strict=True)]
    return f"{words} with dilation {_once(window.dilation)} (it reaches {_times(reach)} pixels)"


def _times(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))


def _once(sizes: Sequence[int]) -> str:
    """``2`` for 2 along all axes, else ``2×1``."""
    return str(sizes[0]) if len(set(sizes)) == 1 else _times(sizes)


def _sum(n: int, kernel: int, stride: int, dilation: int, padding: str) -> str:
    size = window_output(n, kernel, stride, padding, dilation)
    if padding != "valid":
        return f"⌈{n}/{stride}⌉ = {size}" if stride > 1 else str(size)
    reach = dilation * (kernel - 1) + 1
    quotient = f"({n} − {reach})/{stride}"
    return f"{quotient if (n - reach) % stride == 0 else f'⌊{quotient}⌋'} + 1 = {size}"


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
