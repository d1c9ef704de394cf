"""Parameters, multiply-adds and the receptive field in words, with their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.model.arithmetic import Config, as_tuple, split_channels, window_of
from grader.model.counts import bias_count, layer_parameters, multiply_adds, weight_count
from grader.records import LayerDescription, Shape
from grader.words import join_words, show_count


def explain_parameters(type: str, config: Config, input_shape: Shape) -> str:
    """``3·3·24·36 + 36 = 7,812``; empty for a layer without such a formula."""
    weights = weight_count(type, config, input_shape)
    if not weights:
        return ""
    biases = bias_count(type, config, input_shape)
    factors = _factors(type, config, input_shape, weights)
    tail = f" + {biases}" if biases else ""
    return f"{factors}{tail} = {show_count(weights + biases)}"


def _factors(type: str, config: Config, input_shape: Shape, weights: int) -> str:
    if type == "BatchNormalization":
        kinds = 2 + bool(config.get("center", True)) + bool(config.get("scale", True))
        return f"{kinds}·{weights // kinds}"
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


def explain_difference(
    type: str, asked: Config, asked_input: Shape, has: Config, has_input: Shape
) -> str:
    """``3·3·3·32 + 32 = 896, you have 864: the bias is missing (use_bias=False)``.

    Args:
        type: of the layer that is asked for, and of the found one.
        asked: its arguments, all that its count depends on.
        asked_input: the shape that reaches it where all before it is as asked.
        has: the found layer's arguments.
        has_input: the shape that reaches the found layer.

    Empty where the counts are equal, or where the layer has no such formula.
    """
    formula = explain_parameters(type, asked, asked_input)
    count = layer_parameters(type, has, has_input)
    if not formula or count is None or count == layer_parameters(type, asked, asked_input):
        return ""
    reasons = list(_reasons(type, asked, asked_input, has, has_input))
    why = f": {join_words(reasons)}" if reasons else ""
    return f"{formula}, you have {show_count(count)}{why}"


def _reasons(
    type: str, asked: Config, asked_input: Shape, has: Config, has_input: Shape
) -> Iterator[str]:
    """What a count depends on, where it differs."""
    wanted, given = (
        split_channels(config, shape)[1] or 0
        for config, shape in ((asked, asked_input), (has, has_input))
    )
    if wanted != given:
        noun = "value" if type == "Dense" else "channel"
        yield f"it reads {_counted(given, noun)} instead of {show_count(wanted)}"
    windows = window_of(type, asked), window_of(type, has)
    if windows[0] and windows[1] and windows[0].kernel != windows[1].kernel:
        shown = ["×".join(map(str, window.kernel)) for window in windows if window]
        yield f"its kernel is {shown[1]} instead of {shown[0]}"
    for key, noun in COUNTED.items():
        default = 0 if key in ("filters", "units") else 1
        number, other = has.get(key, default), asked.get(key, default)
        if number != other and isinstance(number, int):
            yield f"it has {_counted(number, noun)} instead of {other}"
    wanted, given = bias_count(type, asked, asked_input), bias_count(type, has, has_input)
    if wanted and not given:
        yield "the bias is missing (use_bias=False)"
    elif given and not wanted:
        verb = "is" if given == 1 else "are"
        yield f"the {_counted(given, 'bias')} {verb} too many (use_bias=True)"


COUNTED = {
    "filters": "filter",
    "units": "unit",
    "groups": "group",
    "depth_multiplier": "filter for each channel",
}
"""Arguments that a count of parameters depends on, as they are counted."""


def _counted(number: int, noun: str) -> str:
    head, _, tail = noun.partition(" ")
    plural = "" if number == 1 else "es" if head.endswith("s") else "s"
    return f"{show_count(number)} {head}{plural}{' ' if tail else ''}{tail}"


def explain_multiply_adds(
    type: str, config: Config, input_shape: Shape, output_shape: Shape
) -> str:
    """``26·26·(3·3·1·24) = 146,016``: the weights work at each place; empty where none do."""
    count, weights = (
        multiply_adds(type, config, input_shape, output_shape),
        weight_count(type, config, input_shape),
    )
    if not count or not weights:
        return ""
    factors = _factors(type, config, input_shape, weights)
    places = "·".join(map(str, split_channels(config, output_shape)[0]))
    return f"{places}·({factors}) = {show_count(count)}" if places else f"{factors} = {count:,}"


def explain_receptive_field(layers: Sequence[LayerDescription]) -> str:
    """``1 + (3 − 1)·1 + (2 − 1)·1 = 4``, of a chain of layers; empty where it is not so plain."""
    terms, size, jump = ["1"], 1, 1
    for layer in layers:
        window = window_of(layer.type, layer.config)
        if window is None:
            if layer.receptive_field is None:
                break
            continue
        if any(len(set(sizes)) > 1 for sizes in (window.kernel, window.strides, window.dilation)):
            return ""
        reach = window.dilation[0] * (window.kernel[0] - 1) + 1
        if reach > 1:
            terms.append(f"({reach} − 1)·{jump}")
        size += (reach - 1) * jump
        jump *= window.strides[0]
    known = [layer.receptive_field for layer in layers if layer.receptive_field]
    if not known or len(terms) > MOST_TERMS or known[-1] != as_tuple(size, len(known[-1])):
        return ""
    return f"{' + '.join(terms)} = {show_count(size)}"


MOST_TERMS = 12
"""Windows that a sum can hold."""
