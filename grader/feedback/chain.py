"""An architecture as data that can be changed: layers by type and arguments, and nothing else.

What a changed model would look like follows from the arithmetic alone: no Keras, no weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.feedback.merging import merged_shape
from grader.model import keras_names
from grader.model.arithmetic import WINDOWED, as_tuple, split_channels, window_of
from grader.model.canonical import PER_AXIS, activation_alone
from grader.model.counts import LayerFacts, layer_facts, learned_count
from grader.model.receptive import Field, field_behind, field_of_input
from grader.records import LayerDescription, ModelDescription, Plain, Shape

NOT_DESCRIBED = frozenset("name dtype trainable lora_rank lora_alpha quantization_config".split())
"""Arguments that a description leaves out."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One layer of a chain. Two links are the same only if they are one object."""

    type: str
    config: Mapping[str, Plain]
    name: str = ""
    place: int | None = None
    """Index in the found model; None for a layer that a change brought in."""
    frozen: bool = False
    """Whether the student set ``trainable`` to False."""

    def having(self, **arguments: Any) -> Link:
        """The same layer with other arguments."""
        return Link(self.type, {**self.config, **arguments}, self.name, self.place, self.frozen)


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The layers of a model with one input and one output."""

    links: tuple[Link, ...]
    input_shape: Shape
    inbound: tuple[tuple[int, ...], ...] | None = None
    """Which layers each one reads, where the model branches; None where each reads the one
    before."""

    def sources(self, place: int) -> tuple[int, ...]:
        """The layers that one reads; none for one that reads the model's input."""
        if self.inbound is not None:
            return self.inbound[place]
        return (place - 1,) if place else ()

    def spliced(self, start: int, stop: int, links: Sequence[Link]) -> Chain:
        """The chain with ``links`` in place of those from ``start`` up to ``stop``."""
        return Chain(
            (*self.links[:start], *links, *self.links[stop:]), self.input_shape, self.inbound
        )


def chain_of(model: ModelDescription) -> Chain | None:
    """A model as a chain; None where its layers do not say how it works.

    That is so for several inputs or outputs, for shared layers, and where a layer reads more
    tensors than the description tells apart.
    """
    if len(model.input_shapes) != 1 or len(model.output_shapes) != 1 or not model.layers:
        return None
    fed = {i for layer in model.layers for i in layer.inbound}
    if fed != set(range(len(model.layers) - 1)):
        return None
    for layer in model.layers:
        known = len(layer.inbound) or 1
        if layer.calls != 1 or len(layer.input_shapes) != known or len(layer.output_shapes) != 1:
            return None
    links = tuple(_link(layer, place) for place, layer in enumerate(model.layers))
    inbound = None if model.linear else tuple(layer.inbound for layer in model.layers)
    return Chain(links, model.input_shapes[0], inbound)


def _link(layer: LayerDescription, place: int) -> Link:
    frozen = layer.params > 0 and layer.trainable_params == 0
    return Link(layer.type, layer.config, layer.name, place, frozen)


def new_link(type: str, arguments: Mapping[str, Any] | None = None) -> Link:
    """A layer by Keras's name, its other arguments as Keras has them.

    Raises ValueError where an argument without a default is not given.
    """
    known = keras_names.class_arguments("layers", type) or {}
    config = {key: value for key, value in known.items() if key not in NOT_DESCRIBED}
    config |= arguments or {}
    if ["required"] in config.values():
        raise ValueError(f"{type} needs more arguments")
    for key, value in config.items():
        if key.endswith("_initializer") and isinstance(value, str):
            config[key] = "".join(map(str.title, value.split("_")))
    match = WINDOWED.fullmatch(type)
    if match is not None:
        for key in PER_AXIS:
            if config.get(key) is not None:
                config[key] = list(as_tuple(config[key], int(match[2])))
    if "pool_size" in config and config.get("strides") is None:
        config["strides"] = config["pool_size"]
    if "activation" in config and config["activation"] is None:
        config["activation"] = "linear"
    if "data_format" in config and config["data_format"] is None:
        config["data_format"] = "channels_last"
    return Link(type, config)


class Arithmetic:
    """Describes chains. What was worked out for a layer once is not worked out again."""

    def __init__(self, known: ModelDescription | None = None) -> None:
        """``known``: a described model, whose layers are taken at its word while their input
        stays what it was. Without it all is arithmetic."""
        self._known = known
        self._rows: dict[Any, tuple[LayerDescription, Field | None] | None] = {}
        self._first: tuple[Chain, list[LayerDescription], list[Field | None]] | None = None
        """The first chain that could be described: most others begin like it."""
        self.steps = 0
        """Layers looked at so far."""

    def describe(self, chain: Chain) -> ModelDescription | None:
        """The model's description, or None where Keras would refuse it or nothing is known."""
        rows, fields = self._begun(chain)
        self.steps += len(rows)
        feeder = field_of_input(chain.input_shape)
        for place in range(len(rows), len(chain.links)):
            link, sources = chain.links[place], chain.sources(place)
            given = tuple(rows[i].output_shapes[0] for i in sources) or (chain.input_shape,)
            before = tuple(fields[i] for i in sources) or (feeder,)
            key = (link, given, before, sources)
            self.steps += 1
            if key not in self._rows:
                self._rows[key] = self._row(link, given, before, sources)
            row = self._rows[key]
            if row is None:
                return None
            rows.append(row[0])
            fields.append(row[1])
        if self._first is None:
            self._first = chain, rows, fields
        return ModelDescription(
            layers=tuple(rows),
            input_shapes=(chain.input_shape,),
            output_shapes=rows[-1].output_shapes if rows else (chain.input_shape,),
            total_params=sum(row.params for row in rows),
            trainable_params=sum(row.trainable_params for row in rows),
            multiply_adds=sum(row.multiply_adds for row in rows),
            receptive_field=next(
                (row.receptive_field for row in reversed(rows) if row.receptive_field), None
            ),
            rebuilt=True,
        )

    def _begun(self, chain: Chain) -> tuple[list[LayerDescription], list[Field | None]]:
        """What is known of a chain's first layers because another one begins with them."""
        if self._first is None:
            return [], []
        first, rows, fields = self._first
        same = 0
        if (first.input_shape, first.inbound) == (chain.input_shape, chain.inbound):
            for one, other in zip(first.links, chain.links, strict=False):
                if one is not other:
                    break
                same += 1
        return rows[:same], fields[:same]

    def _row(
        self,
        link: Link,
        given: tuple[Shape, ...],
        before: tuple[Field | None, ...],
        sources: tuple[int, ...],
    ) -> tuple[LayerDescription, Field | None] | None:
        known = self._as_known(link, given)
        if known is not None:
            shape, params, products = known.output_shape, known.params, known.multiply_adds
            trainable = known.trainable_params
        else:
            facts = _facts(link, given)
            if facts is None:
                return None
            shape, params, products = facts
            trainable = 0 if link.frozen else learned_count(link.type, link.config, params)
        field = field_behind(link.type, link.config, before, given[0], shape)
        row = LayerDescription(
            name=link.name,
            type=link.type,
            config=link.config,
            input_shapes=given,
            output_shapes=(shape,),
            params=params,
            trainable_params=trainable,
            multiply_adds=products,
            receptive_field=field.size if field else None,
            inbound=sources,
        )
        return row, field

    def _as_known(self, link: Link, given: tuple[Shape, ...]) -> LayerDescription | None:
        """The layer as it was described, if it still is that."""
        if self._known is None or link.place is None:
            return None
        layer = self._known.layers[link.place]
        same = layer.config is link.config and layer.input_shapes == given
        return layer if same else None


def _facts(link: Link, given: tuple[Shape, ...]) -> LayerFacts | None:
    merged = merged_shape(link.type, link.config, given)
    if merged is not None:
        return LayerFacts(merged, 0, 0)
    if len(given) != 1 or _refused(link, given[0]):
        return None
    if activation_alone(link.type, link.config):
        return LayerFacts(given[0], 0, 0)
    facts = layer_facts(link.type, link.config, given[0])
    if facts is None or any(n is not None and n < 1 for n in facts.output_shape):
        return None
    return facts


def _refused(link: Link, shape: Shape) -> bool:
    """Whether Keras refuses a convolution's arguments, or a row where it needs more."""
    config = link.config
    window = window_of(link.type, config)
    if window is None or "Conv" not in link.type:
        return False
    if max(window.strides) > 1 and max(window.dilation) > 1:
        return True
    channels, groups = split_channels(config, shape)[1], config.get("groups", 1)
    if not isinstance(groups, int) or groups < 1:
        return True
    filters = config.get("filters", groups)
    return not (
        isinstance(filters, int) and filters % groups == 0 and (channels or 0) % groups == 0
    )
