"""The lecture's arithmetic in words: why a layer gives this shape, or has these parameters.

Checks use these sentences, so they stand below the checks; ``grader/feedback`` stands above.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from grader.model.arithmetic import (
    GLOBAL,
    Config,
    Window,
    layer_output_shape,
    split_channels,
    window_of,
    window_output,
)
from grader.records import LayerDescription, Shape
from grader.words import join_words, show_count


def explain_layer(layers: Sequence[LayerDescription], index: int, config: Config) -> str:
    """How the sizes behind one layer of a model come about, with the border put around its input.

    Args:
        layers: of the model.
        index: of the layer.
        config: its arguments, or others that are compared with them.
    """
    layer = layers[index]
    said = explain_size(layer.type, config, layer.input_shape)
    before = layers[layer.inbound[0]] if len(layer.inbound) == 1 else None
    if not said or before is None or before.type not in BORDERS:
        return said
    border = explain_size(before.type, before.config, before.input_shape)
    return f"{border} {said}" if border else said


def explain_size(type: str, config: Config, input_shape: Shape) -> str:
    """How the sizes behind a layer come about; empty for layers that keep them.

    Each axis has a sum of its own, and what is equal along all axes is said once.
    """
    if type in _OTHER_SIZES or GLOBAL.fullmatch(type):
        output = layer_output_shape(type, config, input_shape)
        if output is None or None in (*input_shape, *output):
            return ""
        return _OTHER_SIZES.get(type, _global)(config, input_shape, output)
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


def _flat(_: Config, given: Shape, output: Shape) -> str:
    if len(given) < 2:
        return ""
    return f"Flatten lays {_product(given)} = {show_count(output[0] or 0)} values in one row."


def _global(config: Config, given: Shape, _: Shape) -> str:
    channels = split_channels(config, given)[1] or 0
    maps = "the feature map" if channels == 1 else f"each of the {channels} feature maps"
    return f"Global pooling leaves one number of {maps}."


def _bordered(config: Config, given: Shape, output: Shape) -> str:
    """``Padding makes 28 + 2 = 30``: both edges of an axis together."""
    axes = zip(*(split_channels(config, shape)[0] for shape in (given, output)), strict=True)
    changed = [(n or 0, m or 0) for n, m in axes]
    grows = sum(m - n for n, m in changed) > 0
    sums = [f"{n} {'+' if m > n else '−'} {abs(m - n)} = {m}" for n, m in changed if m != n]
    what = "ZeroPadding2D makes" if grows else "Cropping2D leaves"
    return f"{what} {join_words(list(dict.fromkeys(sums)))}." if sums else ""


def _upsampled(config: Config, given: Shape, output: Shape) -> str:
    axes = zip(*(split_channels(config, shape)[0] for shape in (given, output)), strict=True)
    sums = [f"{n}·{(m or 0) // n} = {m}" for n, m in axes if n]
    return f"UpSampling2D repeats each pixel: {join_words(list(dict.fromkeys(sums)))}."


BORDERS = ("ZeroPadding2D", "Cropping2D")
"""Layers that change a feature map's edges, for the layer behind them."""

_OTHER_SIZES: dict[str, Callable[[Config, Shape, Shape], str]] = {
    "Flatten": _flat,
    "ZeroPadding2D": _bordered,
    "Cropping2D": _bordered,
    "UpSampling2D": _upsampled,
}


def _product(sizes: Shape) -> str:
    return "·".join(map(str, sizes))


def explain_way(given: Shape, layers: Sequence[tuple[str, Config, Shape]]) -> str:
    """How a chain of layers has made an image smaller, for the layer that finds no room behind it.

    Args:
        given: shape of what goes in.
        layers: type, arguments and output shape of each.
    """
    rows = [_spatial(layers[0][1] if layers else {}, given)]
    by: list[str] = []
    for type, config, shape in layers:
        if len(shape) < 2 or None in shape:
            return ""
        if _spatial(config, shape) != rows[-1]:
            rows.append(_spatial(config, shape))
            by.append(type)
    if not by or None in given or len(by) > MOST_STEPS:
        return ""
    shown = [str(row[0]) if len(set(row)) == 1 else _times(row) for row in rows]
    if all("Pooling" in type for type in by) and all(
        n // 2 <= m <= -(-n // 2)
        for before, behind in itertools.pairwise(rows)
        for n, m in zip(before, behind, strict=False)
    ):
        noun = "pooling has" if len(by) == 1 else "poolings have"
        return f"{_number(len(by))} {noun} halved {' → '.join(shown)}."
    steps = [f"{size} ({type})" for size, type in zip(shown[1:], by, strict=True)]
    return f"On the way to it: {' → '.join([shown[0], *steps])}."


MOST_STEPS = 12
"""Sizes that a sentence can hold."""
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six")


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _spatial(config: Config, shape: Shape) -> tuple[int, ...]:
    return tuple(size or 0 for size in split_channels(config, shape)[0])
