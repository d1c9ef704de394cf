"""The digits, the fetched data sets, and data files of an author's."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from grader.errors import InternalError, UsageError
from grader.training.datasets import DIGITS, Dataset, load_dataset
from grader.training.folders import cache_folder
from grader.training.split import Split

# --- the digits -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits", None, (8, 8, 1))


def test_the_digits_are_those_of_scikit_learn() -> None:
    with np.load(DIGITS) as arrays:
        data = arrays["images"].tobytes() + arrays["labels"].tobytes()
    # Compared once with sklearn.datasets.load_digits; this is what was found equal to it.
    assert hashlib.sha256(data).hexdigest() == (
        "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
    )


def test_the_digits_are_split_once_and_for_all(digits: Dataset) -> None:
    parts = (digits.train, digits.validation, digits.test)
    assert [len(part.labels) for part in parts] == [1400, 127, 270]
    assert digits.classes == 10
    assert digits.digest == "a2e5c21c6349a73e5d568d06715e5fc2afcdc31544889eadd6b0f588c6d08d1c"


def test_each_part_has_each_class_in_its_share(digits: Dataset) -> None:
    everything = np.bincount(np.concatenate([p.labels for p in parts_of(digits)]))
    for part in parts_of(digits):
        share = len(part.labels) / 1797
        assert np.abs(np.bincount(part.labels) - share * everything).max() < 1.5


def parts_of(data: Dataset) -> list[Split]:
    return [data.train, data.validation, data.test]


def test_no_image_is_in_two_parts_and_none_is_lost(digits: Dataset) -> None:
    found = np.concatenate([part.images for part in parts_of(digits)]).reshape(1797, 64) * 16
    labels = np.concatenate([part.labels for part in parts_of(digits)])
    with np.load(DIGITS) as arrays:
        expected = arrays["images"].reshape(1797, 64)
        expected_labels = arrays["labels"]
    assert len(np.unique(expected, axis=0)) == 1797
    order, expected_order = np.lexsort(found.T), np.lexsort(expected.T)
    np.testing.assert_array_equal(found[order], expected[expected_order])
    np.testing.assert_array_equal(labels[order], expected_labels[expected_order])


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (64,), (784,)])
def test_the_digits_take_the_shape_that_is_asked_for(shape: tuple[int, ...]) -> None:
    data = load_dataset("digits", None, shape)
    for part, count in zip(parts_of(data), (1400, 127, 270), strict=True):
        assert part.images.shape == (count, *shape)
        assert part.images.dtype == np.float32
        assert part.labels.dtype == np.int32
        assert part.images.min() >= 0
        assert part.images.max() <= 1


def test_the_digest_tells_shapes_apart(digits: Dataset) -> None:
    assert digits.digest != load_dataset("digits", None, (64,)).digest


@pytest.mark.parametrize("limit", [10, 100, 999])
def test_fewer_training_images_keep_the_share_of_each_class(limit: int, digits: Dataset) -> None:
    data = load_dataset("digits", None, (8, 8, 1), limit)
    assert len(data.train.labels) == limit
    share = limit / 1400
    counts = np.bincount(data.train.labels, minlength=10)
    assert np.abs(counts - share * np.bincount(digits.train.labels)).max() <= 1
    np.testing.assert_array_equal(data.test.images, digits.test.images)
    assert data.digest != digits.digest


def test_more_than_there_are_is_all(digits: Dataset) -> None:
    assert load_dataset("digits", None, (8, 8, 1), 5000).digest == digits.digest


def test_a_shape_beyond_the_memory_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        load_dataset("digits", None, (2000, 2000, 1))
    message = "The data set digits does not fit into memory at 2000×2000×1."
    assert str(caught.value) == message


def test_an_unknown_data_set_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        load_dataset("letters", None, (8, 8, 1))
    assert str(caught.value) == 'There is no data set "letters".'


# --- downloads ------------------------------------------------------------------------------


def test_a_data_set_that_was_fetched_before_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    path = cache_folder("datasets") / "cifar10.npz"
    labels = np.arange(40) % 4
    images = np.zeros((40, 32, 32, 3), np.uint8)
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    monkeypatch.setenv("PATH", "")
    try:
        data = load_dataset("cifar10", None, (32, 32, 3))
    finally:
        path.unlink()
    assert data.train.images.shape == (36, 32, 32, 3)


def test_without_a_network_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Port 9 of this machine takes no connection, so nothing leaves it.
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InternalError) as caught:
        load_dataset("mnist", None, (28, 28, 1))
    path = cache_folder("datasets") / "mnist.npz"
    assert str(caught.value) == (
        "The data set mnist could not be downloaded (Connection refused). Connect this machine "
        f"to the network once, or put the data set at {path} (x_train, y_train, x_test, y_test)."
    )
    assert not path.exists()
