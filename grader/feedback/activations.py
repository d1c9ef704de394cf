"""Edits of activations: missing, too many, another one, on another layer, no softmax at the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from grader.feedback.chain import Chain, Link, new_link
from grader.feedback.change import Change, layer_words, show_new, start_sentence
from grader.feedback.hopes import Hopes
from grader.model.canonical import activation_alone, activation_inside

USUAL = ("relu", "softmax", "sigmoid", "tanh")


def activation_of(link: Link) -> str | None:
    """The activation inside a layer, ``linear`` for none; None for a layer that takes none."""
    return activation_inside(link.type, link.config)


def _with(link: Link, activation: str, says: str) -> Change:
    words = start_sentence(layer_words(link))
    changed = link.having(activation=activation)
    return Change(f"{words}: {says}.", (link,), (changed,), about="activation")


def add_activation(chain: Chain, hopes: Hopes) -> Iterator[Change]:
    """All but softmax, which has an edit of its own."""
    for link in chain.links:
        if activation_of(link) == "linear":
            for value in dict.fromkeys(("relu", *hopes.values(link.type, "activation"))):
                if isinstance(value, str) and value not in ("linear", "softmax"):
                    yield _with(link, value, f'add activation="{value}"')


def remove_activation(chain: Chain, _: Hopes) -> Iterator[Change]:
    for link in chain.links:
        activation = activation_of(link)
        if activation not in (None, "linear", "softmax"):
            yield _with(link, "linear", f'leave activation="{activation}" out')


def change_activation(chain: Chain, hopes: Hopes) -> Iterator[Change]:
    """Inside a layer, or a layer that is nothing else."""
    for link in chain.links:
        inside, alone = activation_of(link), activation_alone(link.type, link.config)
        current = alone or inside
        if current in (None, "linear"):
            continue
        for value in dict.fromkeys((*hopes.activations(), *USUAL)):
            if value in (current, "linear"):
                continue
            if inside is not None or link.type == "Activation":
                says = f'activation="{value}" instead of activation="{current}"'
                yield _with(link, value, says)
            else:
                new = new_link("Activation", {"activation": value})
                new = Link(new.type, new.config, link.name, link.place)
                words = start_sentence(layer_words(link))
                says = f"{words}: put {show_new(new)} in its place."
                yield Change(says, (link,), (new,), about="activation")


def move_activation(chain: Chain, _: Hopes) -> Iterator[Change]:
    """Two neighbours that take an activation exchange theirs."""
    places = [i for i, link in enumerate(chain.links) if activation_of(link) is not None]
    for i, j in pairwise(places):
        one, other = chain.links[i], chain.links[j]
        first, second = activation_of(one), activation_of(other)
        if first == second or first is None or second is None:
            continue
        added = (
            one.having(activation=second),
            *chain.links[i + 1 : j],
            other.having(activation=first),
        )
        if "linear" in (first, second):
            word = second if first == "linear" else first
            owner, loser = (one, other) if first == "linear" else (other, one)
            words = f"{layer_words(owner)}, not to {layer_words(loser)}"
            says = f'activation="{word}" belongs to {words}.'
        else:
            words = f"{layer_words(one)}, and {layer_words(other)}"
            says = f'Exchange the activations of {words}: "{second}" and "{first}".'
        yield Change(says, chain.links[i : j + 1], added, cost=2)


def add_softmax(chain: Chain, _: Hopes) -> Iterator[Change]:
    """In the last layer, or as a layer behind one that takes no activation."""
    last = chain.links[-1]
    activation = activation_of(last)
    if activation == "linear":
        yield _with(last, "softmax", 'add activation="softmax"')
    elif (
        activation is None
        and chain.inbound is None
        and not activation_alone(last.type, last.config)
    ):
        says = f"A layer is missing after {layer_words(last)}: add Softmax()."
        yield Change(says, (), (new_link("Softmax"),), behind=last, cost=2)


def remove_softmax(chain: Chain, _: Hopes) -> Iterator[Change]:
    for link in chain.links:
        if activation_of(link) == "softmax":
            yield _with(link, "linear", 'leave activation="softmax" out')
        elif activation_alone(link.type, link.config) == "softmax" and chain.inbound is None:
            says = f"{start_sentence(layer_words(link))}, is too much: take it out."
            yield Change(says, (link,), ())
