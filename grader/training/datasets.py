"""Data sets as arrays: embedded, fetched once, or in a file beside the assignment.

NumPy only; the main process holds the labels, and the process that trains never sees those of
the test images.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import InternalError, UsageError
from grader.training.folders import cache_folder
from grader.training.images import to_shape
from grader.words import show_shape

if TYPE_CHECKING:
    import numpy as np

PACKAGE = Path(__file__).resolve().parent.parent
DIGITS = Path(__file__).with_name("data") / "digits.npz"
KEYS = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test")
UNREADABLE = (OSError, ValueError, EOFError, MemoryError, RuntimeError)
"""What NumPy and zipfile raise for files that are not what they seem."""
FETCHED = ("mnist", "fashion_mnist", "cifar10")
SPLIT_SEED = 20_210_811
TEST_SHARE = 270 / 1797
VALIDATION_SHARE = 127 / 1797
FILE_VALIDATION_SHARE = 0.1
FETCH_SECONDS = 900
MAX_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Split:
    """Images (n, height, width, channels) as they came, and labels (n,)."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set cut to one input shape: float32 images from 0 to 1, whole-number labels."""

    name: str
    train: Split
    validation: Split
    test: Split
    classes: int
    digest: str
    """SHA-256 of everything above."""


@lru_cache(maxsize=4)
def load_dataset(
    name: str, file: Path | None, input_shape: tuple[int, ...], limit: int | None = None
) -> Dataset:
    """Load a data set and bring its images to ``input_shape``.

    Args:
        name: ``digits``, ``mnist``, ``fashion_mnist`` or ``cifar10``; a title for a ``file``.
        file: an ``.npz`` of the author's, or None.
        input_shape: (height, width, channels), or (values,) for flat images.
        limit: at most so many training images, the same share of each class.

    Raises UsageError for a faulty file or shape, InternalError where a download fails.
    """
    import numpy as np

    train, validation, test = read_file(file) if file else _read_named(name)
    if limit is not None and limit < len(train.labels):
        keep, _ = _stratified(train.labels, limit / len(train.labels))
        train = Split(train.images[keep], train.labels[keep])
    pixels = int(np.prod(input_shape)) * 4
    if pixels * (len(train.labels) + len(validation.labels) + len(test.labels)) > MAX_BYTES:
        shape = show_shape(input_shape)
        raise UsageError(f"The data set {name} does not fit into memory at {shape}.")
    train, validation, test = splits = tuple(
        Split(to_shape(split.images, input_shape), split.labels.astype(np.int32))
        for split in (train, validation, test)
    )
    digest = hashlib.sha256(repr(input_shape).encode())
    for split in splits:
        digest.update(split.images.tobytes())
        digest.update(split.labels.tobytes())
    classes = int(max(split.labels.max() for split in splits)) + 1
    return Dataset(name, train, validation, test, classes, digest.hexdigest())


def _read_named(name: str) -> tuple[Split, Split, Split]:
    import numpy as np

    if name == "digits":
        with np.load(DIGITS, allow_pickle=False) as arrays:
            images = arrays["images"][..., None].astype(np.float32) / 16
            labels = arrays["labels"]
        test, rest = _stratified(labels, TEST_SHARE)
        validation, train = _stratified(labels[rest], VALIDATION_SHARE / (1 - TEST_SHARE))
        rows = rest[train], rest[validation], test
        first, second, third = (Split(images[row], labels[row]) for row in rows)
        return first, second, third
    if name not in FETCHED:
        raise UsageError(f'There is no data set "{name}".')
    path = cache_folder("datasets") / f"{name}.npz"
    if not path.exists():
        _fetch(name, path)
    return read_file(path)


def _fetch(name: str, path: Path) -> None:
    """Have Keras download it, in a process of its own: this one imports no Keras."""
    command = [sys.executable, "-m", "grader.training.fetch", name, str(path.resolve())]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=FETCH_SECONDS, cwd=PACKAGE.parent
        )
        failed = done.returncode != 0
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1][:300]
    except subprocess.TimeoutExpired:
        failed, reason = True, f"it took more than {FETCH_SECONDS} s"
    if failed:
        raise InternalError(
            f"The data set {name} could not be downloaded ({reason}). Connect this machine to "
            f"the network once, or put the data set at {path} (x_train, y_train, x_test, y_test)."
        )


def read_file(path: Path) -> tuple[Split, Split, Split]:
    """Read x_train, y_train, x_test, y_test (and x_val, y_val) from an ``.npz``.

    Whole-number pixels up to 255 are scaled to 0…1. Raises UsageError naming the file.
    """
    found = _read_arrays(path)
    train, test = _split(path, found, "train"), _split(path, found, "test")
    if "x_val" in found or "y_val" in found:
        return train, _split(path, found, "val"), test
    validation, rest = _stratified(train.labels, FILE_VALIDATION_SHARE)
    if not len(validation):
        raise UsageError(
            f"The data file {path} has too few training images to set some aside; give x_val "
            "and y_val."
        )
    return (
        Split(train.images[rest], train.labels[rest]),
        Split(train.images[validation], train.labels[validation]),
        test,
    )


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The known arrays of an ``.npz``; none of them is unpickled, none larger than it may be."""
    import numpy as np

    found: dict[str, np.ndarray] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            # What a header says is believed only once the archive holds as many bytes.
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise UsageError(f"The data file {path} holds more than {MAX_BYTES >> 30} GiB.")
            for key in {f"{key}.npy" for key in KEYS} & set(archive.namelist()):
                with archive.open(key) as member:
                    found[key.removesuffix(".npy")] = np.lib.format.read_array(
                        member, allow_pickle=False
                    )
    except FileNotFoundError as error:
        raise UsageError(f"There is no data file {path}.") from error
    except (zipfile.BadZipFile, zlib.error, *UNREADABLE) as error:
        told = getattr(error, "strerror", None) or "it is no .npz of numbers, as numpy.savez writes"
        raise UsageError(f"The data file {path} cannot be read: {told}.") from error
    return found


def _split(path: Path, found: Mapping[str, np.ndarray], part: str) -> Split:
    import numpy as np

    for key in (f"x_{part}", f"y_{part}"):
        if key not in found:
            raise UsageError(f"The data file {path} has no array {key}.")
    images, labels = found[f"x_{part}"], found[f"y_{part}"]
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or len(labels) == 0:
        raise UsageError(f"The data file {path}: y_{part} must be a row of whole numbers.")
    if labels.min() < 0 or labels.max() > 100_000:
        raise UsageError(f"The data file {path}: y_{part} has a label outside 0…100,000.")
    if len(images) != len(labels):
        raise UsageError(
            f"The data file {path}: {len(images)} images but {len(labels)} labels in {part}."
        )
    if images.dtype.kind not in "iuf" or images.ndim not in (2, 3, 4) or not images.size:
        raise UsageError(
            f"The data file {path}: x_{part} must hold numbers, as (n, values), (n, height, "
            "width) or (n, height, width, channels)."
        )
    whole = images.dtype.kind in "iu"
    if whole and (images.min() < 0 or images.max() > 255):
        raise UsageError(
            f"The data file {path}: x_{part} has a whole number outside 0…255; scale the images "
            "to 0…1."
        )
    images = images.astype(np.float32) / (255 if whole and images.max() > 1 else 1)
    if not np.isfinite(images).all():
        raise UsageError(f"The data file {path}: x_{part} holds a value that is not finite.")
    return Split(images[..., None] if images.ndim == 3 else images, labels)


def _stratified(labels: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of a ``share`` with the same mix of classes, and of the rest; both sorted."""
    import numpy as np

    generator = np.random.default_rng(SPLIT_SEED)
    wanted = round(share * len(labels))
    rows_of = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    exact = np.array([len(rows) * share for rows in rows_of])
    counts = np.floor(exact).astype(int)
    # Largest remainder: the parts add up to the whole.
    for i in np.argsort(-(exact - counts), kind="stable")[: max(0, wanted - counts.sum())]:
        counts[i] += 1
    part = np.sort(
        np.concatenate([generator.permutation(r)[:n] for r, n in zip(rows_of, counts, strict=True)])
    )
    rest = np.setdiff1d(np.arange(len(labels)), part)
    return part, rest
