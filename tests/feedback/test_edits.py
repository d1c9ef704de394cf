"""The table of edits: complete in itself, and each edit does what its row says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from grader.feedback.chain import Chain, Link, new_link
from grader.feedback.change import show_new
from grader.feedback.edits import CHANGES_THE_WAY, EDITS
from grader.feedback.hopes import NOTHING, Hopes

TABLE = {edit.name: edit for edit in EDITS}


def placed(*layers: tuple[str, Mapping[str, Any]]) -> Chain:
    """A student's layers, named ``l1``, ``l2``, …"""
    links = [new_link(type, arguments) for type, arguments in layers]
    return Chain(
        tuple(Link(k.type, k.config, f"l{i + 1}", i) for i, k in enumerate(links)), (28, 28, 1)
    )


CONV = placed(("Conv2D", {"filters": 24, "kernel_size": 3}))
POOL = placed(("MaxPooling2D", {}))
BOTH = placed(("Conv2D", {"filters": 24, "kernel_size": 3, "activation": "relu"}), ("Flatten", {}))
DENSE = placed(
    ("Dense", {"units": 128, "activation": "softmax"}),
    ("Dense", {"units": 10}),
    ("Dropout", {"rate": 0.5}),
)


def said(edit: str, chain: Chain, hopes: Hopes = NOTHING) -> list[str]:
    return [change.says for change in TABLE[edit].changes(chain, hopes)]


def test_each_edit_has_a_name_of_its_own_and_its_inverse_in_the_table() -> None:
    assert len(TABLE) == len(EDITS)
    assert all(edit.inverse in TABLE for edit in EDITS)
    assert set(TABLE) >= CHANGES_THE_WAY


@pytest.mark.parametrize(
    ("edit", "chain", "sentences"),
    [
        ("padding", CONV, ['padding="same" instead of padding="valid"']),
        ("stride", CONV, ["strides=2 instead of strides=1"]),
        (
            "kernel_size",
            CONV,
            [
                "kernel_size=5 instead of kernel_size=3",
                "kernel_size=1 instead of kernel_size=3",
            ],
        ),
        ("filters", CONV, ["filters=48 instead of filters=24", "filters=12 instead of filters=24"]),
        ("dilation", CONV, ["dilation_rate=2 instead of dilation_rate=1"]),
        ("groups", CONV, ["groups=2 instead of groups=1"]),
        ("bias", CONV, ["use_bias=False instead of use_bias=True"]),
        ("add_activation", CONV, ['add activation="relu"']),
        ("add_softmax", CONV, ['add activation="softmax"']),
        (
            "channel_axis",
            CONV,
            ['data_format="channels_first" instead of data_format="channels_last"'],
        ),
        ("layer_type", CONV, ["put SeparableConv2D(filters=24, kernel_size=3) in its place"]),
    ],
)
def test_an_edit_of_a_convolution_in_one_sentence(
    edit: str, chain: Chain, sentences: list[str]
) -> None:
    assert said(edit, chain) == [f"Layer 1, Conv2D (l1): {words}." for words in sentences]


def test_a_pools_stride_follows_its_size_unless_it_is_given() -> None:
    changes = list(TABLE["pool_size"].changes(POOL, NOTHING))
    assert [change.says for change in changes] == [
        "Layer 1, MaxPooling2D (l1): pool_size=3 instead of pool_size=2.",
        "Layer 1, MaxPooling2D (l1): pool_size=3 instead of pool_size=2 and strides=2.",
        "Layer 1, MaxPooling2D (l1): pool_size=1 instead of pool_size=2.",
        "Layer 1, MaxPooling2D (l1): pool_size=1 instead of pool_size=2 and strides=2.",
    ]
    assert [change.added[0].config["strides"] for change in changes[:2]] == [[3, 3], [2, 2]]


def test_edits_of_other_layers_in_one_sentence() -> None:
    pool, row = "Layer 1, MaxPooling2D (l1)", "Layer 2, Flatten (l2)"
    assert said("pool_type", POOL) == [f"{pool}: put AveragePooling2D(pool_size=2) in its place."]
    assert said("row_type", BOTH) == [
        f"{row}: put GlobalAveragePooling2D() in its place.",
        f"{row}: put GlobalMaxPooling2D() in its place.",
    ]
    assert said("units", DENSE)[-1] == "Layer 2, Dense (l2): units=5 instead of units=10."


def test_edits_of_activations_in_one_sentence() -> None:
    conv = "Layer 1, Conv2D (l1)"
    assert said("remove_activation", BOTH) == [f'{conv}: leave activation="relu" out.']
    assert said("change_activation", BOTH) == [
        f'{conv}: activation="{other}" instead of activation="relu".'
        for other in ("softmax", "sigmoid", "tanh")
    ]
    assert said("move_activation", DENSE) == [
        'activation="softmax" belongs to layer 2, Dense (l2), not to layer 1, Dense (l1).'
    ]
    assert said("remove_softmax", DENSE) == ['Layer 1, Dense (l1): leave activation="softmax" out.']
    assert said("add_softmax", DENSE) == [
        "A layer is missing after layer 3, Dropout (l3): add Softmax()."
    ]


def test_two_activations_are_exchanged() -> None:
    chain = placed(
        ("Dense", {"units": 9, "activation": "softmax"}),
        ("Dense", {"units": 10, "activation": "relu"}),
    )
    assert said("move_activation", chain) == [
        "Exchange the activations of layer 1, Dense (l1), and layer 2, Dense (l2): "
        '"relu" and "softmax".'
    ]


def test_edits_of_whole_layers_in_one_sentence() -> None:
    conv = 'Conv2D(filters=24, kernel_size=3, activation="relu")'
    assert said("remove_layer", BOTH) == [
        "Layer 1, Conv2D (l1), is too much: take it out.",
        "Layer 2, Flatten (l2), is too much: take it out.",
    ]
    assert said("double_layer", BOTH) == [
        f"A layer is missing after layer 1, Conv2D (l1): add {conv}.",
        "A layer is missing after layer 2, Flatten (l2): add Flatten().",
    ]
    assert said("swap_layers", BOTH) == [
        "Layer 1, Conv2D (l1), and layer 2, Flatten (l2), stand the wrong way round: swap them."
    ]
    added = said("add_layer", BOTH)
    assert added[0] == "A layer is missing at the beginning: add Flatten()."
    assert f"A layer is missing after layer 2, Flatten (l2): add {conv}." in added
    assert not any("(l2): add Flatten" in words for words in added)  # that is to double it


def test_of_equal_layers_the_last_is_too_much() -> None:
    assert said("remove_layer", placed(("Flatten", {}), ("Flatten", {}))) == [
        "Layer 2, Flatten (l2), is too much: take it out."
    ]


def test_what_is_asked_for_is_tried_first() -> None:
    hopes = Hopes(layers=(("Conv2D", {"filters": 36, "kernel_size": [3, 5]}),), outputs=(10,))
    conv = "Layer 1, Conv2D (l1)"
    assert said("filters", CONV, hopes)[:2] == [
        f"{conv}: filters=36 instead of filters=24.",
        f"{conv}: filters=10 instead of filters=24.",
    ]
    assert said("kernel_size", CONV, hopes)[0] == (
        f"{conv}: kernel_size=(3, 5) instead of kernel_size=3."
    )
    assert said(
        "filters", placed(*[(k.type, dict(k.config)) for k in (*CONV.links, *DENSE.links)]), hopes
    )[:2] == [
        f"{conv}: filters=36 instead of filters=24.",
        f"{conv}: filters=48 instead of filters=24.",
    ]
    asked = said("add_layer", POOL, hopes)
    assert (
        "A layer is missing at the beginning: add Conv2D(filters=36, kernel_size=(3, 5))." in asked
    )


def test_what_is_left_open_is_as_in_the_models_own_layers() -> None:
    hopes = Hopes(layers=(("Conv2D", {"kernel_size": 1}),))
    first = said("add_layer", CONV, hopes)[0]
    assert first == "A layer is missing at the beginning: add Conv2D(filters=24, kernel_size=1)."


def test_a_new_layer_is_shown_as_one_would_write_it() -> None:
    assert show_new(new_link("MaxPooling2D", {"pool_size": 3})) == "MaxPooling2D(pool_size=3)"
    assert show_new(new_link("MaxPooling2D", {"pool_size": 3, "strides": 2})) == (
        "MaxPooling2D(pool_size=3, strides=2)"
    )
    assert show_new(new_link("MaxPooling2D")) == "MaxPooling2D(pool_size=2)"


def test_a_layer_that_is_not_there_any_more_is_not_changed() -> None:
    (change,) = TABLE["padding"].changes(CONV, NOTHING)
    assert change.apply(BOTH) is None
    once = change.apply(CONV)
    assert once is not None and change.apply(once) is None
