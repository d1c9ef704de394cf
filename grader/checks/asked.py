"""A found model as a ``layers`` check asks for it: each layer's arguments and shapes.

A wrong layer gets the arguments that are asked for, a missing one comes in, one that is too many
goes out, and what may stand anywhere stays. The arithmetic then gives the shapes, for as long as
it knows every layer on the way. Only a chain of layers has such shapes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.checks.divergence import Pair
from grader.model.arithmetic import layer_output_shape
from grader.model.counts import layer_facts, learned_count
from grader.model.receptive import Field, field_behind, field_of_input
from grader.records import LayerDescription, ModelDescription, Shape

Mends = Callable[[Pair], bool]
"""Whether a pair that is not right is put right."""


@dataclass(frozen=True, slots=True)
class AskedLayer:
    """One layer as it is asked for, or as it is found where nothing is asked of it."""

    index: int | None
    """Of the found layer; None for one that is missing."""
    type: str
    config: Mapping[str, Any]
    input_shape: Shape
    output_shape: Shape


def asked_layers(
    pairs: Sequence[Pair], model: ModelDescription, mends: Mends = lambda _: True
) -> tuple[tuple[AskedLayer, ...], bool]:
    """The layers as they are asked for, and whether that is the whole model.

    It ends early where the arithmetic does not know the way on.

    Args:
        pairs: expected and found layers side by side.
        model: the found one.
        mends: the pairs that are put right; the others stay as they are found.
    """
    layers: list[AskedLayer] = []
    if not model.linear or len(model.input_shapes) != 1:
        return (), False
    current = model.input_shapes[0]
    for index, type, config in _in_order(pairs, model, mends):
        output = None if config is None else layer_output_shape(type, config, current)
        if config is None or output is None or any(n is not None and n < 1 for n in output):
            return tuple(layers), False
        layers.append(AskedLayer(index, type, config, current, output))
        current = output
    return tuple(layers), True


def _in_order(
    pairs: Sequence[Pair], model: ModelDescription, mends: Mends
) -> Iterator[tuple[int | None, str, Mapping[str, Any] | None]]:
    """Index, type and arguments of each layer; None for arguments that are not known."""
    placed = {index for pair in pairs for index in pair.indices}
    next_index = 0
    for pair in pairs:
        if pair.found is not None:
            # Layers that may stand anywhere do their work all the same.
            yield from _as_found(model, range(next_index, pair.found.index), placed)
            next_index = pair.found.index
        if pair.right or mends(pair):
            if pair.expected is not None:
                index = None if pair.found is None else pair.found.index
                yield index, pair.expected.type, _asked_config(pair, model)
        elif pair.found is not None:
            yield from _as_found(model, [pair.found.index], set())
    yield from _as_found(model, range(next_index, len(model.layers)), placed)


def _as_found(
    model: ModelDescription, indices: Sequence[int] | range, without: set[int]
) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    for index in indices:
        if index not in without:
            yield index, model.layers[index].type, model.layers[index].config


def _asked_config(pair: Pair, model: ModelDescription) -> Mapping[str, Any] | None:
    """The arguments that are asked for; where the assignment lists none, those of the student.

    None for a wrong convolution with a stride or padding of its own that nothing asks about:
    the asked-for arguments alone do not say which size was meant.
    """
    assert pair.expected is not None
    asked = pair.expected.args
    if pair.found is None:
        return asked
    config = model.layers[pair.found.index].config
    if pair.wrong and "Conv" in pair.found.type:
        strides = config.get("strides", 1)
        moves = any(one != 1 for one in (strides if isinstance(strides, list) else [strides]))
        pads = config.get("padding", "valid") != "valid"
        if (moves and "strides" not in asked) or (pads and "padding" not in asked):
            return None
    return {**config, **asked} if pair.found.type == pair.expected.type else asked


def mended_model(
    pairs: Sequence[Pair], model: ModelDescription, mends: Mends = lambda _: True
) -> ModelDescription | None:
    """The model as it would be described if it were as asked; None where that is not known."""
    asked, whole = asked_layers(pairs, model, mends)
    if not whole:
        return None
    layers: list[LayerDescription] = []
    field = field_of_input(model.input_shapes[0])
    for layer in asked:
        described, field = _described(layer, len(layers), field, model)
        if described is None:
            return None
        layers.append(described)
    fields = [layer.receptive_field for layer in layers if layer.receptive_field]
    return dataclasses.replace(
        model,
        layers=tuple(layers),
        output_shapes=(asked[-1].output_shape if asked else model.input_shapes[0],),
        total_params=sum(layer.params for layer in layers),
        trainable_params=sum(layer.trainable_params for layer in layers),
        multiply_adds=sum(layer.multiply_adds for layer in layers),
        receptive_field=fields[-1] if fields else None,
    )


def unasked_weights(pairs: Sequence[Pair], model: ModelDescription) -> bool:
    """Whether layers of an asked-for type, with weights, stand beside those that are paired.

    What is asked for is then a part of the model, and says nothing of the whole one's counts.
    """
    paired = {pair.found.index for pair in pairs if pair.found is not None}
    types = {model.layers[at].type for at in paired}
    return any(
        at not in paired and layer.params > 0 and layer.type in types
        for at, layer in enumerate(model.layers)
    )


def _described(
    layer: AskedLayer, place: int, before: Field | None, model: ModelDescription
) -> tuple[LayerDescription | None, Field | None]:
    """One layer, and what a value behind it sees; None where its parameters are not known."""
    found = None if layer.index is None else model.layers[layer.index]
    given, shape = layer.input_shape, layer.output_shape
    facts = layer_facts(layer.type, layer.config, given)
    field = field_behind(layer.type, layer.config, [before], given, shape)
    if facts is None:
        return None, field
    described = LayerDescription(
        name=found.name if found else "",
        type=layer.type,
        config=layer.config,
        input_shapes=(given,),
        output_shapes=(shape,),
        params=facts.params,
        trainable_params=_trainable(layer, facts.params, found),
        multiply_adds=facts.multiply_adds,
        receptive_field=field.size if field else None,
        inbound=(place - 1,) if place else (),
    )
    return described, field


def _trainable(layer: AskedLayer, params: int, found: LayerDescription | None) -> int:
    if found and found.params and not found.trainable_params:
        return 0
    return learned_count(layer.type, layer.config, params)
