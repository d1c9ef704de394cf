"""What has no place today can be imported, and tells what to write when it is used."""

from __future__ import annotations

import pytest

from grader.sandbox.old_keras.refusals import LAYERS, OPTIMIZERS, OTHERS, TENSORFLOW, TF_LAYERS
from tests.sandbox.old_keras.speaking import Speaker

MERGE = (
    "Merge belongs to an older Keras. Build the model with keras.Model(inputs, outputs) and join "
    "the branches with keras.layers.add([a, b]) or keras.layers.concatenate([a, b])."
)
CONTRIB = "TensorFlow 2 has no contrib: build the model with keras.layers."


def refused(speaker: Speaker, sources: dict[str, str]) -> None:
    """Each source is refused with its text, whether or not anything is translated."""
    for translate in (True, False):
        answers = speaker.ask_all([(source, "") for source in sources], translate)
        got = {source: a["error"] for source, a in zip(sources, answers, strict=True)}
        assert got == {source: ["OldKeras", text] for source, text in sources.items()}


def test_layers_that_are_gone_tell_what_to_write(speaker: Speaker) -> None:
    refused(
        speaker,
        {
            f"from {home} import {name}\n{name}(3)": f"{name} belongs to an older Keras. {advice}"
            for name, advice in LAYERS.items()
            for home in ("keras.layers", "tensorflow.keras.layers")
        },
    )


def test_other_things_that_are_gone_tell_what_to_write(speaker: Speaker) -> None:
    places = {place: place.partition(".")[::2] for place in OTHERS}
    refused(
        speaker,
        {
            f"from keras.{home} import {name} as old\nold()": (
                f"{name} belongs to an older Keras. {OTHERS[place]}"
            )
            for place, (home, name) in places.items()
        },
    )


@pytest.mark.parametrize(
    "source",
    [
        "model = models.Sequential()\nmodel.add(layers.Merge([model, model], mode='concat'))",
        "from keras.engine.topology import Merge\nMerge([])",
        "from keras.layers.core import *\nMerge([])",
        "class Own(layers.Merge):\n    pass",
        "layers.Merge.from_config({})",
    ],
)
def test_a_merge_layer_is_refused_however_it_is_used(speaker: Speaker, source: str) -> None:
    assert speaker.refusal(source) == MERGE


def test_what_is_gone_is_nothing_to_say_while_it_is_not_used(speaker: Speaker) -> None:
    source = (
        "from keras.layers import Merge, Highway\nfrom keras.models import Graph\n"
        "from tensorflow.contrib import slim\nfrom tensorflow.contrib.layers import flatten\n"
        "assert not isinstance(layers.Dense(3), Merge)"
    )
    assert speaker.notes(source, translate=False) == []


def test_tensorflow_1_tells_what_to_write(speaker: Speaker) -> None:
    refused(
        speaker,
        {
            f"tf.{name}(3)": f"tf.{name} belongs to an older TensorFlow. {advice}"
            for name, advice in TENSORFLOW.items()
        }
        | {
            f"tf.train.{name}(0.1)": (
                f"tf.train.{name} belongs to an older TensorFlow. Write keras.optimizers.{now}."
            )
            for name, now in OPTIMIZERS.items()
        }
        | {
            f"tf.layers.{name}(3)": (
                f"tf.layers.{name} belongs to an older TensorFlow. Write keras.layers.{now}(…)(x)."
            )
            for name, now in {**TF_LAYERS, "Dense": "Dense"}.items()
        }
        | {
            "tf.layers.foo(3)": (
                "tf.layers.foo belongs to an older TensorFlow. Build the model with keras.layers."
            ),
            "from tensorflow.layers import dense\ndense(3)": (
                "tf.layers.dense belongs to an older TensorFlow. Write keras.layers.Dense(…)(x)."
            ),
        },
    )


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("tf.contrib.layers.flatten(3)", "tf.contrib.layers.flatten"),
        ("from tensorflow.contrib.layers import flatten\nflatten(3)", "tf.contrib.layers.flatten"),
        ("from tensorflow.contrib import slim\nslim.conv2d(3)", "tf.contrib.slim.conv2d"),
        ("import tensorflow.contrib.slim as slim\nslim.conv2d(3)", "tf.contrib.slim.conv2d"),
        ("from tensorflow.contrib import flatten\nflatten(3)", "tf.contrib.flatten"),
    ],
)
def test_contrib_is_refused_when_it_is_used(speaker: Speaker, source: str, name: str) -> None:
    assert speaker.refusal(source) == f"{name} belongs to an older TensorFlow. {CONTRIB}"
