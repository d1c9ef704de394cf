"""Edits of one layer's arguments: which values are worth trying, and the sentence for each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from grader.feedback.chain import Chain, Link
from grader.feedback.change import (
    UNLIKELY,
    Apply,
    Change,
    layer_words,
    show_argument,
    start_sentence,
)
from grader.feedback.hopes import COUNTS, Hopes
from grader.model.arithmetic import GLOBAL, as_tuple, window_of

DOUBLED = ("filters", "units", "groups")
"""Arguments that one doubles or halves; to others one adds or takes away."""
STEPS = {"kernel_size": 2}
"""By how much, where it is not 1: kernels are mostly odd."""

SELDOM = ("dilation_rate", "groups")
"""Arguments that are hardly ever forgotten: only what is asked for is likely."""


def set_argument(link: Link, key: str, value: Any, **more: Any) -> Change:
    """The change of one argument; ``more`` are others that change with it."""
    before = link.config.get(key)
    says = f"{key}={show_argument(value)} instead of {key}={show_argument(before)}"
    if more:
        says += " and " + " and ".join(f"{k}={show_argument(v)}" for k, v in more.items())
    return Change(
        f"{start_sentence(layer_words(link))}: {says}.",
        (link,),
        (link.having(**{key: value, **more}),),
        cost=1 + len(more),
        distance=_distance(before, value),
        about=f"{key}{len(more)}",
    )


def _distance(before: Any, value: Any) -> float:
    """How many times larger or smaller, on a scale of logarithms."""
    pairs = zip(_numbers(before), _numbers(value), strict=False)
    return sum(abs(math.log(b / a)) for a, b in pairs if a > 0 and b > 0)


def _numbers(value: Any) -> list[int]:
    values = value if isinstance(value, list | tuple) else [value]
    return [n for n in values if type(n) is int]


def number(key: str) -> Apply:
    """The edit of an argument that is a number, or one for each axis."""

    def changes(chain: Chain, hopes: Hopes) -> Iterator[Change]:
        for place, link in enumerate(chain.links):
            usual = link.config.get(key), *hopes.values(link.type, key)
            for value in candidates(chain, place, key, hopes):
                change = set_argument(link, key, value)
                seldom = key in SELDOM and max(_numbers(value)) > 1 and value not in usual
                yield replace(change, cost=change.cost + UNLIKELY * seldom)

    return changes


def candidates(chain: Chain, place: int, key: str, hopes: Hopes) -> Iterator[Any]:
    """What is asked for, what the neighbours of the same type have, and the nearest values.

    None for a layer without that argument.
    """
    link = chain.links[place]
    current = link.config.get(key)
    sizes = _numbers(current)
    if not sizes:
        return
    last = not any(key in other.config for other in chain.links[place + 1 :] for key in COUNTS)
    asked = [*hopes.values(link.type, key, last), *_of_neighbours(chain, place, key)]
    tried = [sizes]
    for value in (*asked, *_nearest(key, sizes)):
        new = _numbers(as_tuple(value, len(sizes)))
        if new not in tried and len(new) == len(sizes):
            tried.append(new)
            yield new if isinstance(current, list) else new[0]


def _of_neighbours(chain: Chain, place: int, key: str) -> Iterator[Any]:
    """What the nearest layers of the same type have, before and behind."""
    for side in (reversed(chain.links[:place]), chain.links[place + 1 :]):
        near = (link for link in side if link.type == chain.links[place].type)
        yield from (link.config[key] for link in near if key in link.config)


def _nearest(key: str, sizes: list[int]) -> Iterator[list[int]]:
    """A little more and a little less; from there one of the two leads back."""
    if key in DOUBLED:
        yield [2 * n for n in sizes]
        if all(n % 2 == 0 for n in sizes):
            yield [n // 2 for n in sizes]
        return
    step = STEPS.get(key, 1)
    yield [n + step for n in sizes]
    if min(sizes) > step:
        yield [n - step for n in sizes]


def change_padding(chain: Chain, _: Hopes) -> Iterator[Change]:
    for link in chain.links:
        padding = link.config.get("padding")
        if padding in ("valid", "same") and window_of(link.type, link.config):
            yield set_argument(link, "padding", "same" if padding == "valid" else "valid")


def change_pool_size(chain: Chain, hopes: Hopes) -> Iterator[Change]:
    """A pool's stride follows its size where it is not given."""
    for place, link in enumerate(chain.links):
        size, strides = link.config.get("pool_size"), link.config.get("strides")
        for value in candidates(chain, place, "pool_size", hopes):
            alone = {"strides": strides} if size == strides else {}
            changes = [set_argument(link, "pool_size", value, **alone)]
            if size == strides:
                changes.insert(0, _pool(link, value))
            for change in changes:
                # A pool of one value does nothing.
                yield replace(change, cost=change.cost + UNLIKELY * (max(_numbers(value)) == 1))


def _pool(link: Link, size: Any) -> Change:
    """Both at once, as it is written in one word."""
    change = set_argument(link, "pool_size", size)
    return replace(change, added=(link.having(pool_size=size, strides=size),), about="pool")


def toggle_bias(chain: Chain, _: Hopes) -> Iterator[Change]:
    for link in chain.links:
        if isinstance(link.config.get("use_bias"), bool):
            yield set_argument(link, "use_bias", not link.config["use_bias"])


def change_channel_axis(chain: Chain, _: Hopes) -> Iterator[Change]:
    """Images have their channels last here; a layer that takes them for first reads rows."""
    for link in chain.links:
        if link.type == "BatchNormalization":
            axis = link.config.get("axis")
            if axis in (-1, 1):
                change = set_argument(link, "axis", 1 if axis == -1 else -1)
                yield replace(change, cost=UNLIKELY if axis == -1 else 1)
        elif window_of(link.type, link.config) or GLOBAL.fullmatch(link.type):
            last = link.config.get("data_format") != "channels_first"
            change = set_argument(
                link, "data_format", "channels_first" if last else "channels_last"
            )
            yield replace(change, cost=UNLIKELY if last else 1)
