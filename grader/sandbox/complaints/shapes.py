"""Complaints about the shapes of images and feature maps."""

from __future__ import annotations

import math
import re

from grader.records import Shape
from grader.sandbox.complaints.reading import (
    SHAPE,
    Sentence,
    a,
    image,
    layer,
    numbers,
    says,
    show_image,
)
from grader.words import join_words, show_count, show_shape

TAKES = {
    1: "sequences (steps×channels)",
    2: "feature maps (height×width×channels)",
    3: "volumes (depth×height×width×channels)",
}
"""What a layer reads whose windows move along so many axes."""


def _kernel_too_large(match: re.Match[str], _: str) -> str:
    sizes, dilation = numbers(match["kernel"])[:-2], numbers(match["dilation"])
    spread = ""
    if any(rate != 1 for rate in dilation):
        rates = show_shape(dilation if len(set(dilation)) > 1 else dilation[:1])
        covered = tuple(
            (size or 1) * (rate or 1) - (rate or 1) + 1
            for size, rate in zip(sizes, dilation, strict=False)
        )
        spread = f" with dilation {rates} covers {show_shape(covered)} and"
    return f"{_sized('kernel', sizes)}{spread} {_no_room(match)}"


def _pool_too_large(match: re.Match[str], _: str) -> str:
    return f"{_sized('pooling window', numbers(match['pool']))} {_no_room(match)}"


def _no_room(match: re.Match[str]) -> str:
    room = a(show_image(match["input"]))
    return f'does not fit over {room} feature map with padding="{match["padding"]}".'


def _sized(noun: str, sizes: Shape) -> str:
    if len(sizes) == 1:
        return f"A {noun} of length {sizes[0]}"
    shown = f"{a(show_shape(sizes))} {noun}"
    return shown[0].upper() + shown[1:]


def _wrong_axes(match: re.Match[str], _: str) -> str:
    name, given = layer(match["layer"]), image(match["shape"])
    moves = int(match["axes"]) - 2
    takes = TAKES.get(moves) if moves > 1 or "1D" in name else None
    if takes is None:
        return f"{name} takes inputs of {moves + 1} axes; here it gets {show_shape(given)}."
    if len(given) == 1:
        size = "an unknown number of" if given[0] is None else show_count(given[0])
        got = f"a vector of {size} values, such as Flatten or Dense gives"
    elif len(given) == moves:
        full = ", ".join(str(axis) for axis in (*given, 1))
        got = (
            f"{show_shape(given)}: one axis is missing, such as the channels in "
            f"keras.Input(({full}))"
        )
    else:
        got = show_shape(given)
    return f"{name} takes {takes}; here it gets {got}."


def _wrong_kernel(match: re.Match[str], _: str) -> str:
    sizes = numbers(match["kernel"])[:-2]
    takes = TAKES.get(len(sizes), f"inputs of {len(sizes) + 1} axes")
    return f"{_sized('kernel', sizes)} takes {takes}; here it gets {show_image(match['shape'])}."


def _wrong_channels(match: re.Match[str], _: str) -> str:
    given, has = image(match["shape"]), int(match["has"])
    noun = "channel" if len(given) > 1 else "value"
    got = show_shape(given)
    if len(given) == 1 and given[0] is not None:
        got = f"{show_count(given[0])} values"
    return (
        f"{layer(match['layer'])} has weights for inputs of {show_count(has)} "
        f"{noun}{'' if has == 1 else 's'}; here it gets {got}: the image, or a layer before it, "
        "is not the one that it was built for."
    )


def _wrong_image(match: re.Match[str], _: str) -> str:
    wanted, given = show_image(match["wanted"]), show_image(match["given"])
    return f"{layer(match['layer'])} takes {wanted}; here it gets {given}."


def _not_concatenated(match: re.Match[str], _: str) -> str:
    shapes = join_words([show_image(shape) for shape in SHAPE.findall(match["shapes"])[:6]])
    return f"Concatenate joins inputs that differ along one axis only; here it gets {shapes}."


def _not_merged(match: re.Match[str], _: str) -> str:
    shapes = match["one"], match["other"]
    # With the batch in brackets, without it in parentheses.
    one, other = (image(s) if s.startswith("[") else numbers(s) for s in shapes)
    return (
        "Feature maps that are added or multiplied must have the same shape; here they have "
        f"{show_shape(one)} and {show_shape(other)}."
    )


def _not_reshaped(match: re.Match[str], _: str) -> str:
    given, target = numbers(match["given"]), numbers(match["target"])
    count = show_count(math.prod(axis or 0 for axis in given))
    fixed = show_count(math.prod(axis for axis in target if axis is not None and axis != -1))
    shown = show_shape(tuple(None if axis == -1 else axis for axis in target))
    end = f": {fixed} does not divide them" if -1 in target else f", {fixed} values"
    return f"Reshape cannot turn {show_shape(given)}, {count} values, into {shown}{end}."


def _unknown_size(match: re.Match[str], _: str) -> str:
    name = layer(f"/{match['path']}".split("/")[-2])
    if numbers(match["shape"])[-1:] == (None,):
        return f"{name} has None where the number of its filters or units belongs."
    return (
        f"{name} cannot make its weights, because the size of its input is unknown: give "
        "keras.Input the whole shape, such as (28, 28, 1)."
    )


def _cropped_away(match: re.Match[str], _: str) -> str:
    return f"Cropping leaves nothing of {a(show_image(match['shape']))} feature map."


def _other_weights(match: re.Match[str], _: str) -> str:
    has, given = show_shape(numbers(match["has"])), show_shape(numbers(match["given"]))
    return f"{layer(match['layer'])} holds weights of {has}; it is given {given}."


_ROOM = (
    r"Computed output size would be zero or negative\. Received:? inputs.shape="
    r"(?P<input>[(\[][^)\]]*[)\]]), "
)
_ROOM_END = r", strides=[^)]*\), padding=(?P<padding>\w+)"
_INPUT = (
    r"Input \d+ (?:with name '[^']*' )?of layer ['\"](?P<layer>[^'\"]*)['\"] is incompatible "
    r"with the layer: expected "
)

SHAPES: tuple[tuple[str, Sentence], ...] = (
    (
        rf"{_ROOM}kernel shape=(?P<kernel>\([^)]*\)), dilation_rate=(?P<dilation>\[[^\]]*\])"
        rf"{_ROOM_END}",
        _kernel_too_large,
    ),
    (rf"{_ROOM}pool_size=(?P<pool>\[[^\]]*\]){_ROOM_END}", _pool_too_large),
    (
        rf"{_INPUT}(?:min_)?ndim=(?P<axes>\d{{1,3}}), found ndim=\d+\. "
        r"Full shape received: (?P<shape>\([^)]*\))",
        _wrong_axes,
    ),
    (
        rf"{_INPUT}axis -1 of input shape to have value (?P<has>\d{{1,18}}), but received input "
        r"with shape (?P<shape>\([^)]*\))",
        _wrong_channels,
    ),
    (
        rf"{_INPUT}shape=(?P<wanted>\([^)]*\)), found shape=(?P<given>\([^)]*\))",
        _wrong_image,
    ),
    (
        r"^Kernel shape must have the same length as input, but received kernel of shape "
        r"(?P<kernel>\([^)]*\)) and input of shape (?P<shape>\([^)]*\))",
        _wrong_kernel,
    ),
    (
        r"^A Concatenate layer requires inputs with matching shapes except for the "
        r"concatenation axis\. Received: input_shape=\[(?P<shapes>.*)\]",
        _not_concatenated,
    ),
    (
        r"^A Concatenate layer should be called on a list",
        says("Concatenate takes a list of inputs: Concatenate()([x, y])."),
    ),
    (
        r"^A merge layer should be called on a list",
        says("A layer such as Add takes a list of inputs: Add()([x, y])."),
    ),
    (
        r"^Inputs have incompatible shapes\. Received shapes (?P<one>\([^)]*\)) and "
        r"(?P<other>\([^)]*\))",
        _not_merged,
    ),
    (
        r"^Cannot broadcast shape, .* Input shapes are: (?P<one>\[[^\]]*\]) and "
        r"(?P<other>\[[^\]]*\])",
        _not_merged,
    ),
    (
        r"^The total size of the tensor must be unchanged.* Received: "
        r"input_shape=(?P<given>\([^)]*\)), target_shape=(?P<target>\([^)]*\))",
        _not_reshaped,
    ),
    (
        r"^The number of input channels must be evenly divisible by the number of groups\. "
        r"Received groups=(?P<groups>\d+), but the input has (?P<channels>\d+) channels",
        says("groups={groups} does not divide the {channels} channels of the input."),
    ),
    (
        r"^The number of filters must be evenly divisible by the number of groups\. "
        r"Received: groups=(?P<groups>\d+), filters=(?P<filters>\d+)\.$",
        says("groups={groups} does not divide the {filters} filters."),
    ),
    (
        r"^Shapes used to initialize variables must be fully-defined .* Received: "
        r"shape=(?P<shape>\([^)]*\)) for variable path='(?P<path>[^']*)'",
        _unknown_size,
    ),
    (
        r"^Values in cropping argument should be smaller .* input_shape=(?P<shape>\([^)]*\)),",
        _cropped_away,
    ),
    (
        r"^Layer (?P<layer>\S+) weight shape (?P<has>\([^)]*\)) is not compatible with provided "
        r"weight shape (?P<given>\([^)]*\))",
        _other_weights,
    ),
)
