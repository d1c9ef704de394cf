"""Data files of an author's: what is taken, and what is said of the rest."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.errors import UsageError
from grader.training import data_file
from grader.training.data_file import read_file
from grader.training.datasets import load_dataset


def arrays(train: int = 40, test: int = 10, **changes: Any) -> dict[str, Any]:
    """Right arrays, with changes; None takes one out."""
    made = {
        "x_train": np.arange(train * 12, dtype=np.uint8).reshape(train, 3, 4),
        "y_train": np.arange(train) % 4,
        "x_test": np.arange(test * 12, dtype=np.uint8).reshape(test, 3, 4),
        "y_test": np.arange(test) % 4,
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.npz"


def test_a_file_is_read_and_some_of_it_set_aside_for_validation(path: Path) -> None:
    np.savez(path, **arrays(), extra=np.zeros(3))
    data = load_dataset("data.npz", path, (3, 4, 1))
    assert data.name == "data.npz"
    assert [len(part.labels) for part in (data.train, data.validation, data.test)] == [36, 4, 10]
    assert sorted(data.validation.labels) == [0, 1, 2, 3]
    assert data.classes == 4
    assert data.train.images.max() <= 1
    np.testing.assert_allclose(data.test.images[0].ravel() * 255, np.arange(12), atol=1e-5)


def test_a_file_may_bring_its_own_validation_images(path: Path) -> None:
    np.savez_compressed(path, **arrays(x_val=np.zeros((5, 3, 4)), y_val=np.full(5, 3)))
    train, validation, test = read_file(path)
    assert [len(part.labels) for part in (train, validation, test)] == [40, 5, 10]


@pytest.mark.parametrize(
    ("images", "largest"),
    [
        (np.full((40, 3, 4), 255, np.uint8), 1.0),
        (np.ones((40, 3, 4), np.int64), 1.0),
        (np.full((40, 3, 4), 200.0), 200.0),
        (np.full((40, 3, 4), 0.5, np.float16), 0.5),
    ],
    ids=["bytes", "zeros and ones", "fractions stay", "half precision"],
)
def test_whole_numbers_up_to_255_are_scaled(images: np.ndarray, largest: float, path: Path) -> None:
    np.savez(path, **arrays(x_train=images))
    assert read_file(path)[0].images.max() == pytest.approx(largest)


@pytest.mark.parametrize(
    ("shape", "input_shape"),
    [((40, 12), (12,)), ((40, 3, 4), (3, 4, 1)), ((40, 3, 4, 3), (3, 4, 3))],
)
def test_images_may_be_flat_grey_or_in_colour(
    shape: tuple[int, ...], input_shape: tuple[int, ...], path: Path
) -> None:
    np.savez(path, **arrays(x_train=np.zeros(shape), x_test=np.zeros((10, *shape[1:]))))
    assert load_dataset("x", path, input_shape).train.images.shape == (36, *input_shape)


def test_labels_may_stand_in_a_column(path: Path) -> None:
    np.savez(path, **arrays(y_train=(np.arange(40) % 4)[:, None].astype(np.uint8)))
    assert read_file(path)[0].labels.shape == (36,)


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no labels": ({"y_train": None}, " has no array y_train."),
    "half a validation part": ({"x_val": np.zeros((5, 3, 4))}, " has no array y_val."),
    "labels in two axes": (
        {"y_train": np.zeros((40, 2), int)},
        ": y_train must be a row of whole numbers.",
    ),
    "labels that are fractions": (
        {"y_test": np.zeros(10)},
        ": y_test must be a row of whole numbers.",
    ),
    "labels that are text": (
        {"y_test": np.array(["a"] * 10)},
        ": y_test must be a row of whole numbers.",
    ),
    "one label": ({"y_test": np.int64(3)}, ": y_test must be a row of whole numbers."),
    "nothing": (
        {"x_test": np.zeros((0, 3, 4)), "y_test": np.zeros(0, int)},
        ": y_test must be a row of whole numbers.",
    ),
    "a negative label": (
        {"y_test": np.full(10, -1)},
        ": y_test has a label outside 0…100,000.",
    ),
    "a large label": (
        {"y_test": np.full(10, 100_001)},
        ": y_test has a label outside 0…100,000.",
    ),
    "other lengths": ({"y_test": np.zeros(9, int)}, ": 10 images but 9 labels in test."),
    "images that are text": (
        {"x_test": np.full((10, 3), "a")},
        ": x_test must hold numbers, as (n, values), (n, height, width) or (n, height, width, "
        "channels).",
    ),
    "images without an axis": (
        {"x_test": np.zeros(10)},
        ": x_test must hold numbers, as (n, values), (n, height, width) or (n, height, width, "
        "channels).",
    ),
    "images without a pixel": (
        {"x_test": np.zeros((10, 0, 4))},
        ": x_test must hold numbers, as (n, values), (n, height, width) or (n, height, width, "
        "channels).",
    ),
    "NaN": (
        {"x_test": np.full((10, 3, 4), np.nan)},
        ": x_test holds a value that is not finite.",
    ),
    "beyond a float32": (
        {"x_test": np.full((10, 3, 4), 1e39)},
        ": x_test holds a value that is not finite.",
    ),
    "16 bits": (
        {"x_test": np.full((10, 3, 4), 256)},
        ": x_test has a whole number outside 0…255; scale the images to 0…1.",
    ),
    "negative pixels": (
        {"x_test": np.full((10, 3, 4), -1)},
        ": x_test has a whole number outside 0…255; scale the images to 0…1.",
    ),
    "too few to set some aside": (
        {"x_train": np.zeros((4, 3, 4)), "y_train": np.zeros(4, int)},
        " has too few training images to set some aside; give x_val and y_val.",
    ),
}


@pytest.mark.parametrize(("changes", "message"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_file_is_named_with_its_fault(
    changes: dict[str, Any], message: str, path: Path
) -> None:
    np.savez(path, **arrays(**changes))
    assert refused(path) == f"The data file {path}{message}"


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_file(path)
    return str(caught.value)


NO_NPZ = "it is no .npz of numbers, as numpy.savez writes"


class Harmful:
    """Sets a flag when it is unpickled."""

    done = False

    def __reduce__(self) -> Any:
        return setattr, (Harmful, "done", True)


def npy(value: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, value, allow_pickle=True)
    return buffer.getvalue()


def zipped(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


HEADER = (
    b"\x93NUMPY\x01\x00v\x00"
    + (b"{'descr': '|u1', 'fortran_order': False, 'shape': (100000000000, 28, 28), }").ljust(117)
    + b"\n"
)
BROKEN: dict[str, bytes | dict[str, bytes]] = {
    "text": b"x_train, y_train",
    "nothing": b"",
    "a pickle": pickle.dumps(Harmful()),
    "an array alone": npy(np.zeros(3)),
    "a pickle inside": {"x_train.npy": npy(np.array([Harmful()], dtype=object))},
    "a pickle in place of an array": {"y_test.npy": pickle.dumps(Harmful())},
    "an array that ends early": {"x_train.npy": npy(np.zeros(100))[:-8]},
    "a header that lies": {"x_train.npy": HEADER + b"\x00" * 100},
    "a header that is no dict": {"x_train.npy": b"\x93NUMPY\x01\x00v\x00" + b"[" * 118},
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_file_in_another_form_is_refused_and_nothing_is_unpickled(
    content: bytes | dict[str, bytes], path: Path
) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        zipped(path, content)
    assert refused(path) == f"The data file {path} cannot be read: {NO_NPZ}."
    assert not Harmful.done


def test_a_damaged_file_is_refused(path: Path) -> None:
    np.savez_compressed(path, **arrays())
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(data)
    assert refused(path) == f"The data file {path} cannot be read: {NO_NPZ}."


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    assert refused(path) == f"There is no data file {path}."


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"The data file {tmp_path} cannot be read: Is a directory."


def test_a_file_that_unpacks_into_more_than_the_memory_is_not_unpacked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zipped(path, {"x_train.npy": bytes(3 * 2**20)})
    assert path.stat().st_size < 2**14
    monkeypatch.setattr(data_file, "MAX_BYTES", 2**21)
    assert refused(path) == f"The data file {path} holds more than 2 MiB."
