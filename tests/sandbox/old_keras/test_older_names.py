"""``Convolution2D`` is Keras's own class under an older name."""

from __future__ import annotations

import pytest

from grader.sandbox.old_keras.older_names import OLDER_NAMES
from tests.sandbox.old_keras.speaking import Speaker

IS_OURS = """
old, today = layers.{0}, layers.{1}
layer = old(4, 3)
it = [
    type(layer) is today, isinstance(layer, old), isinstance(layer, today),
    isinstance(layers.Dense(3), old), issubclass(today, old), issubclass(layers.Dense, old),
    tf.keras.layers.{0} is old, old.__name__, layer.name.rstrip("_123456789"),
]
"""


@pytest.mark.parametrize("older", OLDER_NAMES)
def test_a_layer_made_by_an_older_name_is_keras_own(speaker: Speaker, older: str) -> None:
    answer = speaker.ask(IS_OURS.format(older, OLDER_NAMES[older]))
    assert answer["error"] is None
    name = {
        "Convolution2D": "conv2d",
        "SeparableConvolution2D": "separable_conv2d",
        "Convolution2DTranspose": "conv2d_transpose",
        "Convolution3D": "conv3d",
    }[older]
    expected = f'[true, true, true, false, true, false, true, "{older}", "{name}"]'
    assert answer["old"] == expected


def test_an_older_name_takes_older_arguments(speaker: Speaker) -> None:
    model = "it = keras.Sequential([keras.Input((8, 8, 3)), layers.{}])"
    answer = speaker.ask(
        model.format("Convolution2D(4, nb_row=3, nb_col=3, border_mode='same')"),
        model.format("Conv2D(4, (3, 3), padding='same')"),
    )
    assert (answer["error"], answer["old"]) == (None, answer["today"])
    assert answer["notes"] == [
        'Convolution2D(nb_row=3, nb_col=3, border_mode="same") was read as '
        'Conv2D(kernel_size=(3, 3), padding="same").'
    ]


SUBCLASS = """
class Own(layers.Convolution2D):
    def __init__(self, filters, **kwargs):
        super().__init__(filters, 3, **kwargs)
        self.mine = True
layer = Own(4, border_mode="same")
it = [
    type(layer) is Own, isinstance(layer, Own), isinstance(layer, layers.Convolution2D),
    isinstance(layers.Conv2D(4, 3), Own), issubclass(layers.Conv2D, Own), layer.padding,
    layer.mine,
]
"""


def test_an_older_name_may_be_subclassed(speaker: Speaker) -> None:
    answer = speaker.ask(SUBCLASS)
    assert answer["error"] is None
    assert answer["old"] == '[true, true, true, false, false, "same", true]'
    assert answer["notes"] == ['Conv2D(border_mode="same") was read as Conv2D(padding="same").']
