"""Older modules and names are found where they stand today, however they are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.old_keras.moved import (
    GONE_ROOTS,
    MODULES,
    NAMES,
    ROOTS,
    STALE,
    TENSORFLOW_NAMES,
)
from tests.sandbox.old_keras.speaking import Speaker

INSIDE = {
    "": "Model",
    "backend": "floatx",
    "initializers": "Zeros",
    "layers": "Dense",
    "losses": "MeanSquaredError",
    "models": "Sequential",
    "optimizers": "Adam",
    "utils": "to_categorical",
    "wrappers": "SKLearnClassifier",
}
"""A name of each of today's modules."""

SHOWN = {"keras": "keras", "tensorflow.keras": "tensorflow.keras"}

WAYS = {
    "import as": "import {root}.{module} as m\nit = m.{name} is keras.{today}",
    "from import": "from {root}.{module} import {name}\nit = {name} is keras.{today}",
    "import": "import {root}.{module}\nit = {root}.{module}.{name} is keras.{today}",
    "attribute": "import {top}\nit = {root}.{module}.{name} is keras.{today}",
}

Answers = dict[tuple[str, str, str], dict[str, Any]]


def today_of(module: str) -> str:
    return f"{MODULES[module][0]}.{INSIDE[MODULES[module][0]]}".lstrip(".")


@pytest.fixture(scope="module")
def found(speaker: Speaker) -> Answers:
    """The answer to each way to ask for each module, by root, way and module."""
    answers: Answers = {}
    for root in SHOWN:
        for way, source in WAYS.items():
            cases = [
                (
                    source.format(
                        root=root,
                        top=root.partition(".")[0],
                        module=module,
                        name=INSIDE[MODULES[module][0]],
                        today=today_of(module),
                    ),
                    "",
                )
                for module in MODULES
            ]
            replies = speaker.ask_all(cases)
            answers |= {
                (root, way, module): reply for module, reply in zip(MODULES, replies, strict=True)
            }
    return answers


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("root", SHOWN)
def test_an_older_module_gives_what_todays_gives(found: Answers, root: str, module: str) -> None:
    now = f"{root}.{MODULES[module][0]}".rstrip(".")
    told = f"{root}.{module} was read as {now}."
    for way in WAYS:
        answer = found[root, way, module]
        assert (way, answer["error"], answer["old"]) == (way, None, "true")
        # tensorflow.keras.utils and keras.utils are one module, and it calls itself keras.utils.
        assert answer["notes"] in ([told], [told.replace("tensorflow.", "")])


FREE = """
import importlib.util
def is_there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
it = [name for name in {names} if is_there("keras." + name)]
"""


def test_no_older_module_hides_one_of_keras_3(speaker: Speaker) -> None:
    answer = speaker.ask("", FREE.format(names=list(MODULES)))
    assert answer["today"] == str(list(STALE)).replace("'", '"')


def test_an_older_module_is_refused_when_nothing_is_translated(speaker: Speaker) -> None:
    cases = [(f"from keras.{module} import {INSIDE[MODULES[module][0]]}", "") for module in MODULES]
    for module, answer in zip(MODULES, speaker.ask_all(cases, translate=False), strict=True):
        now = f"keras.{MODULES[module][0]}".rstrip(".")
        text = f"keras.{module} belongs to an older Keras. Write {now}."
        assert answer["error"] == ["OldModule", text]


def test_another_way_to_import_is_taken_when_nothing_is_translated(speaker: Speaker) -> None:
    source = (
        "try:\n    from keras.layers.core import Dense\n"
        "except ImportError:\n    from keras.layers import Dense"
    )
    assert speaker.notes(source, translate=False) == []


@pytest.mark.parametrize("star", ["keras.layers.core", "tensorflow.python.keras.layers.pooling"])
def test_a_star_brings_the_names_of_todays_module(speaker: Speaker, star: str) -> None:
    source = f"from {star} import *\nit = [Dense is layers.Dense, Merge.__name__]"
    answer = speaker.ask(source)
    assert (answer["error"], answer["old"]) == (None, '[true, "Merge"]')


def test_a_module_that_never_was_is_missing_as_ever(speaker: Speaker) -> None:
    cases = [
        ("import keras.nothing", "No module named 'keras.nothing'"),
        ("import tensorflow.keras.nothing", "No module named 'tensorflow.keras.nothing'"),
        ("keras.layers.Nothing", "module 'keras.layers' has no attribute 'Nothing'"),
        ("from keras.layers.core import Nothing", "cannot import name 'Nothing' from"),
        ("tf.nothing", "module 'tensorflow' has no attribute 'nothing'"),
        ("tf.keras.layers.Nothing", "layers' has no attribute 'Nothing'"),
    ]
    answers = speaker.ask_all([(source, "") for source, _ in cases])
    for answer, (_, text) in zip(answers, cases, strict=True):
        assert text in answer["error"][1]


# --- packages that are Keras ----------------------------------------------------------------------


@pytest.mark.parametrize("root", sorted(GONE_ROOTS))
def test_a_package_that_is_gone_is_keras_today(speaker: Speaker, root: str) -> None:
    source = f"""
import {root} as k
from {root} import layers as l
from {root}.layers import Dense as D
import {root}.models as m
it = [D is layers.Dense, l.Dense is D, m.Sequential is keras.Sequential, k.layers.Dense is D]
"""
    now = "keras" if ROOTS[root] == "keras" else "tensorflow.keras"
    answer = speaker.ask(source)
    assert (answer["error"], answer["old"]) == (None, "[true, true, true, true]")
    assert f"{root} was read as {now}." in answer["notes"]
    outermost = min((old for old in GONE_ROOTS if f"{root}.".startswith(f"{old}.")), key=len)
    now = "keras" if ROOTS[outermost] == "keras" else "tensorflow.keras"
    assert speaker.refusal(f"import {root}.layers", translate=False) == (
        f"{outermost} belongs to an older Keras. Write {now}."
    )


def test_the_frozen_keras_2_is_never_used(speaker: Speaker) -> None:
    source = """
import sys
from tensorflow.python import keras as a
import tensorflow.python.keras.engine.training as b
from tensorflow.python.keras.layers.convolutional import Conv2D as c
import tensorflow.python.keras.layers
it = [a.layers.Dense is layers.Dense, b.Model is keras.Model, c is layers.Conv2D,
      tensorflow.python.keras.layers.Dense is layers.Dense,
      [name for name, module in sys.modules.items() if name.startswith("tensorflow.python.keras")
       and getattr(module, "__file__", None) and "python/keras" in module.__file__]]
"""
    answer = speaker.ask(source)
    assert (answer["error"], answer["old"]) == (None, "[true, true, true, true, []]")
    assert answer["notes"] == [
        "tensorflow.python.keras was read as tensorflow.keras.",
        "tensorflow.keras.layers.convolutional was read as tensorflow.keras.layers.",
        "tensorflow.keras.engine.training was read as tensorflow.keras.models.",
    ]


def test_the_frozen_keras_2_is_not_reached_by_an_attribute(speaker: Speaker) -> None:
    answer = speaker.ask("it = tf.python.keras.layers.Dense is layers.Dense")
    assert (answer["error"], answer["old"]) == (None, "true")
    assert answer["notes"] == ["tensorflow.python.keras was read as tensorflow.keras."]


def test_contrib_keras_is_reached_by_an_attribute(speaker: Speaker) -> None:
    answer = speaker.ask("it = tf.contrib.keras.layers.Dense is layers.Dense")
    assert (answer["error"], answer["old"]) == (None, "true")
    assert answer["notes"] == ["tensorflow.contrib.keras was read as tensorflow.keras."]


def test_tensorflow_keras_is_loaded_once(speaker: Speaker) -> None:
    source = """
import tensorflow.keras.layers as a
from tensorflow.keras import layers as b
from tensorflow.keras.datasets import mnist
from tensorflow.keras.applications.vgg16 import VGG16
import tensorflow.keras
it = [a is b, a is tf.keras.layers, a.Convolution2D is keras.layers.Convolution2D]
"""
    answer = speaker.ask(source)
    assert (answer["error"], answer["old"], answer["notes"]) == (None, "[true, true, true]", [])


# --- names ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def named(speaker: Speaker) -> dict[str, Any]:
    cases = [(f"it = keras.{older} is keras.{today}", "") for older, today in NAMES.items()]
    return dict(zip(NAMES, speaker.ask_all(cases), strict=True))


@pytest.mark.parametrize("older", NAMES)
def test_an_older_name_is_todays(named: dict[str, Any], older: str) -> None:
    assert (named[older]["error"], named[older]["old"]) == (None, "true")
    assert named[older]["notes"] == [f"keras.{older} was read as keras.{NAMES[older]}."]


def test_an_older_name_is_refused_when_nothing_is_translated(speaker: Speaker) -> None:
    cases = [
        (f"from keras.{older.rpartition('.')[0]} import {older.rpartition('.')[2]}", "")
        for older in NAMES
    ]
    for answer, (older, today) in zip(
        speaker.ask_all(cases, translate=False), NAMES.items(), strict=True
    ):
        text = f"keras.{older} belongs to an older Keras. Write keras.{today}."
        assert answer["error"] == ["OldKeras", text]


ONLY_IN_TF_KERAS = [
    "backend.int_shape",
    "backend.sum",
    "layers.ThresholdedReLU",
    "losses.kullback_leibler_divergence",
    "preprocessing.image.ImageDataGenerator",
    "preprocessing.text.Tokenizer",
]


@pytest.mark.parametrize("place", ONLY_IN_TF_KERAS)
def test_what_only_tf_keras_has_is_found_there(speaker: Speaker, place: str) -> None:
    answer = speaker.ask(f"it = keras.{place} is tf.keras.{place}")
    assert (answer["error"], answer["old"]) == (None, "true")
    home, _, name = place.rpartition(".")
    is_module = home == "preprocessing.text"
    told = home if is_module else place
    assert answer["notes"] == [f"keras.{told} was read as tensorflow.keras.{told}."]
    imported = speaker.ask(f"from keras.{home} import {name}")
    assert (imported["error"], imported["notes"]) == (None, answer["notes"])


@pytest.mark.parametrize("name", TENSORFLOW_NAMES)
def test_a_harmless_name_of_tensorflow_1_is_found(speaker: Speaker, name: str) -> None:
    today = TENSORFLOW_NAMES[name]
    answer = speaker.ask(f"it = tf.{name} is tf.{today}")
    assert (answer["error"], answer["old"]) == (None, "true")
    assert answer["notes"] == [f"tf.{name} was read as tf.{today}."]
    assert speaker.refusal(f"tf.{name}", translate=False) == (
        f"tf.{name} belongs to an older TensorFlow. Write tf.{today}."
    )


def test_the_versions_stay(speaker: Speaker) -> None:
    source = "it = [keras.__version__, tf.__version__, tf.keras.__version__]"
    answer = speaker.ask(source, source)
    assert answer["old"] == answer["today"]
