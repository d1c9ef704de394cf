"""Remarks on how a model's layers follow one another.

Each function looks at the found model alone and gives one remark, or none; each condition is
narrow, so that a network that is built like this on purpose is not spoken of.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from grader.model.arithmetic import split_channels, window_of
from grader.model.canonical import activation_alone, takes_activation
from grader.model.counts import bias_count
from grader.model.explain_counts import explain_parameters
from grader.records import (
    Evidence,
    LayerDescription,
    ModelDescription,
    Plain,
    Remark,
    Shape,
)
from grader.words import show_count, show_percent

PLAIN_CONV = re.compile(r"Conv[123]D")
SEE_THROUGH = frozenset({"Dropout", "BatchNormalization", "ZeroPadding2D"})
"""Layers across which two linear ones are still one linear layer."""
BENT = frozenset({"LeakyReLU", "PReLU"})
"""Layers that are an activation, beside those that have a name as an argument."""
ALL_IN_ONE = 0.95
LARGE = 1_000_000
"""A dense layer with fewer parameters costs nobody anything."""


IDLE = 0.02
"""Share of the parameters; fewer biases cost nobody anything."""


def place(model: ModelDescription, index: int) -> str:
    """``Layer 3, Conv2D (conv2d_1)``."""
    layer = model.layers[index]
    return f"Layer {index + 1}, {layer.type} ({layer.name[:60]})"


def activation_of(layer: LayerDescription) -> str | None:
    """The activation that a layer applies last; None for one that applies none."""
    name: Plain = activation_alone(layer.type, layer.config)
    if layer.type in BENT:
        name = layer.type
    elif takes_activation(layer.type):
        name = layer.config.get("activation")
    if name is None or name == "linear":
        return None
    return name if isinstance(name, str) else "another"


def sizes_of(layer: LayerDescription, shape: Shape) -> Shape:
    """Height and width of a feature map; nothing for a row of numbers."""
    return split_channels(layer.config, shape)[0] if len(shape) > 1 else ()


def _next(model: ModelDescription) -> dict[int, int]:
    """The one layer behind each layer, where the two are a chain."""
    readers: dict[int, list[int]] = {}
    for feeder, fed in model.edges:
        readers.setdefault(feeder, []).append(fed)
    return {
        i: js[0]
        for i, js in readers.items()
        if len(js) == 1
        and model.layers[js[0]].inbound == (i,)
        and model.layers[i].calls == model.layers[js[0]].calls == 1
    }


def no_activation_between(evidence: Evidence) -> Remark | None:
    """Two convolutions, or dense layers, that are one linear layer together."""
    model = evidence.model
    for first, second in _linear_pairs(model) if model else ():
        assert model is not None
        one, two = model.layers[first], model.layers[second]
        if one.type == "Dense":
            noun, can = "dense layers", "no more than one dense layer"
        else:
            noun, can = "convolutions", _one_convolution(one, two)
        return Remark(
            "no-activation",
            f"{place(model, first)}, and layer {second + 1}, {two.type} ({two.name[:60]}), have "
            "no activation between them.",
            f"Without a non-linearity two {noun} collapse into one: together they can do {can}.",
            'Give the first one activation="relu" and compare the accuracy of both models.',
            first,
        )
    return None


def _linear_pairs(model: ModelDescription) -> Iterator[tuple[int, int]]:
    behind = _next(model)
    for first, layer in enumerate(model.layers):
        second = behind.get(first)
        while second is not None and model.layers[second].type in SEE_THROUGH:
            second = behind.get(second)
        if second is None or activation_of(layer) is not None:
            continue
        other = model.layers[second]
        if layer.type == other.type and (_wide(layer, other) or (_whole(layer) and _whole(other))):
            yield first, second


def _wide(one: LayerDescription, two: LayerDescription) -> bool:
    """Two dense layers that are no matrix in two factors, which saves weights."""
    units, more = one.config.get("units"), two.config.get("units")
    return isinstance(units, int) and isinstance(more, int) and units >= more


def _whole(layer: LayerDescription) -> bool:
    """A convolution that looks around itself along all axes, and at all channels.

    A 1×1 convolution, a 3×1 before a 1×3, or one in groups saves weights on purpose.
    """
    window = window_of(layer.type, layer.config)
    plain = PLAIN_CONV.fullmatch(layer.type) is not None and layer.config.get("groups", 1) == 1
    return plain and window is not None and min(window.kernel) > 1


def _one_convolution(one: LayerDescription, two: LayerDescription) -> str:
    """``no more than one convolution with a 5×5 kernel``."""
    windows = window_of(one.type, one.config), window_of(two.type, two.config)
    said = "no more than one convolution"
    if windows[0] is None or windows[1] is None:
        return said
    if {*windows[0].strides, *windows[0].dilation, *windows[1].dilation} != {1}:
        return said
    sizes = [a + b - 1 for a, b in zip(windows[0].kernel, windows[1].kernel, strict=True)]
    return f"{said} with a kernel of {'×'.join(map(str, sizes))}"


def two_activations(evidence: Evidence) -> Remark | None:
    """An activation behind an activation."""
    model = evidence.model
    for first, second in _next(model).items() if model else ():
        assert model is not None
        layer = model.layers[second]
        before, then = activation_of(model.layers[first]), activation_of(layer)
        if not before or not then or takes_activation(layer.type):
            continue
        return Remark(
            "two-activations",
            f"{place(model, second)}, is a second activation: layer {first + 1}, "
            f"{model.layers[first].type} ({model.layers[first].name[:60]}), applies {before} "
            "already.",
            _second_activation(before, then),
            "Take one of the two out and compare the outputs for one image.",
            second,
        )
    return None


def _second_activation(before: str, then: str) -> str:
    if before == "relu" and then in ("relu", *BENT):
        return f"{then} changes nothing then: relu gives no value below 0."
    if before == "relu" and then == "softmax":
        return "relu makes every score below 0 the same 0, so softmax cannot tell those apart."
    if before == then == "softmax":
        return "Probabilities lie between 0 and 1, so a second softmax makes them nearly equal."
    return "The second one bends what the first one has bent already."


def dropout_on_output(evidence: Evidence) -> Remark | None:
    """Dropout behind the last layer with weights."""
    model = evidence.model
    if model is None or not model.linear:
        return None
    last = max((i for i, layer in enumerate(model.layers) if layer.params), default=None)
    behind = range(0 if last is None else last + 1, len(model.layers))
    found = next((i for i in behind if model.layers[i].type == "Dropout"), None)
    if last is None or found is None or not model.layers[found].config.get("rate"):
        return None
    return Remark(
        "dropout-on-output",
        f"{place(model, found)}, drops outputs of the network itself.",
        "No layer with weights stands behind it that could learn to do without a class that is "
        "set to 0 while training.",
        "Put it before the last layer with weights and compare the validation accuracy.",
        found,
    )


def dropout_before_norm(evidence: Evidence) -> Remark | None:
    """Dropout directly before BatchNormalization."""
    model = evidence.model
    for first, second in _next(model).items() if model else ():
        assert model is not None
        kinds = (model.layers[first].type, model.layers[second].type)
        if kinds != ("Dropout", "BatchNormalization"):
            continue
        return Remark(
            "dropout-before-norm",
            f"{place(model, first)}, stands before layer {second + 1}, BatchNormalization "
            f"({model.layers[second].name[:60]}).",
            "BatchNormalization measures the variance that dropout makes while training; "
            "afterwards, without dropout, the measured one no longer fits.",
            "Swap the two and compare the validation accuracy.",
            first,
        )
    return None


def useless_bias(evidence: Evidence) -> Remark | None:
    """Biases that BatchNormalization takes away again, where they are not a few among many."""
    model = evidence.model
    if model is None:
        return None
    biased = [first for first, second in _next(model).items() if _is_undone(model, first, second)]
    layers = [model.layers[index] for index in biased]
    count = sum(bias_count(layer.type, layer.config, layer.input_shape) for layer in layers)
    if not biased or count < IDLE * model.total_params:
        return None
    them = "a bias" if len(biased) == 1 else f"a bias, as {_others(len(biased) - 1)},"
    return Remark(
        "useless-bias",
        f"{place(model, biased[0])}, has {them} before BatchNormalization.",
        "BatchNormalization subtracts the mean, and the bias with it, and adds a number of its "
        f"own: {show_count(count)} of {show_count(model.total_params)} parameters do nothing.",
        "Set use_bias=False and compare parameters and accuracy.",
        biased[0],
    )


def _others(count: int) -> str:
    return "another layer has" if count == 1 else f"{count} other layers have"


def _is_undone(model: ModelDescription, first: int, second: int) -> bool:
    """Whether a layer's bias is subtracted again with the mean."""
    layer, norm = model.layers[first], model.layers[second]
    weighted = layer.type == "Dense" or PLAIN_CONV.fullmatch(layer.type) is not None
    biased = weighted and layer.config.get("use_bias") is True and activation_of(layer) is None
    return biased and norm.type == "BatchNormalization" and norm.config.get("center") is True


def filters_shrink(evidence: Evidence) -> Remark | None:
    """Fewer filters from convolution to convolution, while the feature maps get smaller."""
    model = evidence.model
    if model is None or not model.linear:
        return None
    convolutions = [
        layer for layer in model.layers if PLAIN_CONV.fullmatch(layer.type) and _whole(layer)
    ]
    counts = [layer.config.get("filters") for layer in convolutions]
    filters = [count for count in counts if isinstance(count, int)]
    # Two convolutions of which the second has fewer filters do well in many a tutorial.
    if len(filters) < 3 or filters != sorted(set(filters), reverse=True):
        return None
    sizes = [
        math.prod(axis or 0 for axis in sizes_of(layer, layer.output_shape))
        for layer in convolutions
    ]
    grows = any("UpSampling" in layer.type or "Transpose" in layer.type for layer in model.layers)
    if grows or sizes[-1] * 2 > sizes[0] or convolutions[-1] is model.layers[-1]:
        return None
    shown, turned = (", ".join(map(str, row)) for row in (filters, filters[::-1]))
    return Remark(
        "filters-shrink",
        f"The number of filters shrinks with depth: {shown}.",
        "Later convolutions combine what earlier ones found, and have smaller feature maps to "
        "keep it in: with fewer filters as well, features are lost.",
        f"Turn the numbers around ({turned}) and compare parameters and accuracy.",
        model.layers.index(convolutions[-1]),
    )


def all_in_one_dense_layer(evidence: Evidence) -> Remark | None:
    """A dense layer behind Flatten that holds nearly all parameters of a CNN."""
    model = evidence.model
    if model is None or not any("Conv" in layer.type for layer in model.layers):
        return None
    for feeder, index in model.edges:
        layer = model.layers[index]
        share = layer.params / max(1, model.total_params)
        if layer.type != "Dense" or model.layers[feeder].type != "Flatten":
            continue
        if share < ALL_IN_ONE or layer.params < LARGE:
            continue
        formula = explain_parameters(layer.type, layer.config, layer.input_shape)
        return Remark(
            "all-in-one-dense-layer",
            f"{show_percent(share)} of all parameters are in layer {index + 1}, Dense "
            f"({layer.name[:60]}): {formula}.",
            "A dense layer has D_in·D_out weights, and Flatten hands it every value of every "
            "feature map.",
            "Put a pooling, a stride or a 1×1 convolution before Flatten and count again.",
            index,
        )
    return None
