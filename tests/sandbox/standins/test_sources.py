"""Data sets, folders and pretrained weights: the forms of the real ones, and nothing fetched."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.forks import Forks

# As keras.datasets documents them: image, labels behind the first axis, classes, labels' type.
REAL: dict[str, tuple[list[int], list[int], int, str]] = {
    "mnist": ([28, 28], [], 10, "uint8"),
    "fashion_mnist": ([28, 28], [], 10, "uint8"),
    "cifar10": ([32, 32, 3], [1], 10, "uint8"),
    "cifar100": ([32, 32, 3], [1], 100, "int64"),
}
LOOK = """
import numpy as np
def look(loaded):
    (x, y), (x_test, y_test) = loaded
    assert len(x) == len(y) and len(x_test) == len(y_test)
    assert x is not x_test and not np.shares_memory(x, x_test)
    for a, b in ((x, x_test), (y, y_test)):
        assert a.dtype == b.dtype and a.shape[1:] == b.shape[1:]
    facts["x"] = [list(x.shape[1:]), str(x.dtype), int(x.max())]
    facts["y"] = [list(y.shape[1:]), str(y.dtype), len(np.unique(y)), int(y.max())]
"""
PLACES = ("keras", "tensorflow.keras")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", REAL)
def test_a_data_set_has_the_form_of_the_real_one(forks: Forks, name: str, place: str) -> None:
    image, label, classes, dtype = REAL[name]
    answer = forks.run(f"{LOOK}from {place}.datasets import {name}\nlook({name}.load_data())")
    assert answer["error"] is None
    assert answer["facts"] == {
        "x": [image, "uint8", 255],
        "y": [label, dtype, classes, classes - 1],
    }
    assert answer["notes"] == [
        f"{name}.load_data was answered with made-up images of the same shape."
    ]


@pytest.mark.parametrize("mode", ["'coarse'", "label_mode='coarse'"])
def test_coarse_labels_are_twenty(forks: Forks, mode: str) -> None:
    source = f"{LOOK}import keras\nlook(keras.datasets.cifar100.load_data({mode}))"
    assert forks.facts(source)["y"] == [[1], "int64", 20, 19]


def test_a_program_that_is_asked_for_values_gets_no_made_up_data(forks: Forks) -> None:
    source = """
    import keras
    facts["ours"] = "standins" in keras.datasets.mnist.load_data.__module__
    """
    assert forks.facts(source, data=False) == {"ours": False}
    assert forks.facts(source, data=True) == {"ours": True}


FOLDERS = {
    "keras.utils.image_dataset_from_directory('x')": "image_dataset_from_directory",
    "keras.preprocessing.image_dataset_from_directory('x')": "image_dataset_from_directory",
    "generator.flow(1, 2)": "flow",
    "generator.flow_from_directory('x', target_size=(9, 9))": "flow_from_directory",
    "generator.flow_from_dataframe(None)": "flow_from_dataframe",
}


@pytest.mark.parametrize("call", FOLDERS)
def test_a_folder_of_images_is_the_exercises_and_no_doubt_is_about_it(
    forks: Forks, call: str
) -> None:
    answer = forks.run(
        f"""
        import keras
        from tensorflow.keras.preprocessing.image import ImageDataGenerator
        generator = ImageDataGenerator(rescale=1 / 255)
        generator.fit(None)
        data = {call}
        facts["it"] = [list(data.image_shape), len(data.class_names), next(iter(data))[0].shape]
        facts["known"] = [bool(declared.used), declared.doubtful]
        """,
        shape=(8, 9, 3),
        classes=4,
    )
    assert answer["error"] is None
    assert answer["facts"] == {"it": [[8, 9, 3], 4, [20, 8, 9, 3]], "known": [True, False]}
    assert answer["notes"] == [
        f"{FOLDERS[call]} was answered with made-up images of the exercise's shape."
    ]


def test_a_pretrained_network_is_had_without_its_weights(forks: Forks) -> None:
    answer = forks.run(
        """
        import keras
        base = keras.applications.MobileNet(weights="imagenet", include_top=False)
        facts["layers"] = len(base.layers) > 50
        facts["file"] = keras.utils.get_file("a.zip", "https://example.org/a.zip", extract=True)
        """
    )
    assert answer["error"] is None
    assert answer["facts"] == {"layers": True, "file": "/nowhere"}
    assert answer["notes"] == [
        "Nothing was downloaded; a pretrained network has its architecture alone.",
        "load_weights was not run.",
    ]


def test_files_of_weights_seem_to_be_there_and_others_are_as_they_are(forks: Forks) -> None:
    source = """
    from keras.src.utils.file_utils import exists
    facts["it"] = [exists(path) for path in ("/no/a.h5", "/no/a.keras", "/no/a.txt", "/tmp")]
    """
    expected: dict[str, Any] = {"it": [True, True, False, True]}
    assert forks.facts(source) == expected
