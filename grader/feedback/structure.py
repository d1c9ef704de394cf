"""Edits of whole layers: one too few, one too many, two in the wrong order, one of another type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from grader.feedback.chain import Chain, Link, new_link
from grader.feedback.change import SETTINGS, UNLIKELY, Change, layer_words, show_new, start_sentence
from grader.feedback.hopes import COUNTS, Hopes
from grader.model import keras_names
from grader.model.canonical import canonical_args

USUAL = ("MaxPooling2D", "Flatten", "GlobalAveragePooling2D", "ReLU")
"""Layers that are forgotten most often."""
ROWS = ("Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D")
"""Layers that make one row of feature maps."""
OTHER_POOL = {"Max": "Average", "Average": "Max"}
OTHER_CONVOLUTION = {"Conv2D": "SeparableConv2D", "SeparableConv2D": "Conv2D"}
NEEDED: Mapping[str, Any] = {"kernel_size": 3, "rate": 0.5, "activation": "relu"}
"""Arguments that Keras has no default for, and what is usual."""
COUNT = 32
COUNTS_TRIED = 3


def kind_of(link: Link) -> tuple[str, str]:
    """Equal for two layers that do the same, however they are named."""
    return link.type, spelled(canonical_args(link.type, link.config))


def spelled(arguments: Mapping[str, Any]) -> str:
    """Equal for equal arguments: one that is None may as well be left out."""
    return repr(sorted(item for item in arguments.items() if item[1] is not None))


def remove_layer(chain: Chain, _: Hopes) -> Iterator[Change]:
    """Of equal layers behind one another the last is named."""
    for place, link in enumerate(chain.links):
        behind = chain.links[place + 1 : place + 2]
        if len(chain.links) > 1 and not (behind and kind_of(behind[0]) == kind_of(link)):
            says = f"{start_sentence(layer_words(link))}, is too much: take it out."
            yield Change(says, (link,), ())


def double_layer(chain: Chain, _: Hopes) -> Iterator[Change]:
    """A copy behind itself."""
    for link in chain.links:
        yield _insert(link, link)


def add_layer(chain: Chain, hopes: Hopes) -> Iterator[Change]:
    """Layers that are asked for, those that the model has already, and usual ones, anywhere.

    Not beside a layer of the same kind, which would be to double it, and not before a layer that
    another change has brought in: where that is could not be said.
    """
    kinds = {kind_of(link): link for link in _new_layers(chain, hopes)}
    for before, behind in pairwise((None, *chain.links, None)):
        if behind is not None and behind.place is None:
            continue
        beside = {kind_of(link) for link in (before, behind) if link is not None}
        for kind, link in kinds.items():
            if kind not in beside:
                yield _insert(before, link)


def _new_layers(chain: Chain, hopes: Hopes) -> Iterator[Link]:
    for type, arguments in hopes.layers:
        yield from _completed(type, arguments, chain.links, hopes)
    yield from chain.links
    for type in USUAL:
        yield new_link(type)


def _completed(
    type: str, arguments: Mapping[str, Any], like: Sequence[Link], hopes: Hopes
) -> Iterator[Link]:
    """A layer; what is left open is as in others of its type, or as usual."""
    known = keras_names.class_arguments("layers", type) or {}
    open_ = [key for key, value in known.items() if value == ["required"] and key not in arguments]
    given = {key: NEEDED[key] for key in open_ if key in NEEDED} | dict(arguments)
    counted = [key for key in open_ if key in COUNTS]
    if not set(open_) <= {*NEEDED, *COUNTS} or len(counted) > 1:
        return
    if not counted:
        yield new_link(type, given)
        return
    own = [link.config[counted[0]] for link in like if link.type == type]
    for count in list(dict.fromkeys((*own, *hopes.channels, *hopes.outputs, COUNT)))[:COUNTS_TRIED]:
        yield new_link(type, {**given, counted[0]: count})


def _insert(before: Link | None, link: Link) -> Change:
    where = f"after {layer_words(before)}" if before is not None else "at the beginning"
    says = f"A layer is missing {where}: add {show_new(link)}."
    added = Link(link.type, link.config)
    return Change(says, (), (added,), behind=before, cost=2, about=link.type)


def swap_layers(chain: Chain, _: Hopes) -> Iterator[Change]:
    """Two neighbours that differ."""
    for one, other in pairwise(chain.links):
        if kind_of(one) != kind_of(other):
            words = f"{start_sentence(layer_words(one))}, and {layer_words(other)}"
            says = f"{words}, stand the wrong way round: swap them."
            yield Change(says, (one, other), (other, one), cost=2)


def change_layer_type(chain: Chain, hopes: Hopes) -> Iterator[Change]:
    """A layer that is asked for in another's place; what both have is kept."""
    for link in chain.links:
        asked = [layer for layer in hopes.layers if layer[0] != link.type]
        if link.type in OTHER_CONVOLUTION:
            asked.append((OTHER_CONVOLUTION[link.type], {}))
        kinds: dict[tuple[str, str], Link] = {}
        for type, arguments in asked:
            shared = {**_shared(link, type), **arguments}
            for new in _completed(type, shared, chain.links, hopes):
                kinds.setdefault(kind_of(new), new)
        for new in kinds.values():
            change = _replace(link, new)
            yield replace(change, cost=2 if new.type != "SeparableConv2D" else UNLIKELY)


def change_pool_type(chain: Chain, _: Hopes) -> Iterator[Change]:
    """The mean of a window for its largest value, or the other way round."""
    for link in chain.links:
        for one, other in OTHER_POOL.items():
            if link.type.startswith(f"{one}Pooling"):
                yield _replace(link, new_like(link, link.type.replace(one, other)))


def change_row_type(chain: Chain, _: Hopes) -> Iterator[Change]:
    """Another way to make one row of feature maps."""
    for link in chain.links:
        for type in ROWS:
            if link.type in ROWS and link.type != type:
                yield _replace(link, new_like(link, type))


def new_like(link: Link, type: str) -> Link:
    """A layer of another type with the arguments that both have."""
    return new_link(type, _shared(link, type))


def _shared(link: Link, type: str) -> dict[str, Any]:
    known = keras_names.class_arguments("layers", type) or {}
    return {
        key: value
        for key, value in link.config.items()
        if key in known and not key.endswith(SETTINGS)
    }


def _replace(link: Link, new: Link) -> Change:
    words = start_sentence(layer_words(link))
    placed = Link(new.type, new.config, link.name, link.place)
    says = f"{words}: put {show_new(new)} in its place."
    return Change(says, (link,), (placed,), about=f"type {new.type}")
