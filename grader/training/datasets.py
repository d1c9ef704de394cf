"""Data sets as arrays: embedded, fetched once, or in a file beside the assignment.

NumPy only; the main process holds the labels, and the process that trains never sees those of
the test images.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grader.errors import InternalError, UsageError
from grader.training.data_file import MAX_BYTES, read_file
from grader.training.folders import cache_folder
from grader.training.images import to_shape
from grader.training.split import Split, stratified
from grader.words import show_shape

PACKAGE = Path(__file__).resolve().parent.parent
DIGITS = Path(__file__).with_name("data") / "digits.npz"
FETCHED = ("mnist", "fashion_mnist", "cifar10")
NAMED_CLASSES = 10
"""Of each data set that has a name."""
TEST_SHARE = 270 / 1797
VALIDATION_SHARE = 127 / 1797
FETCH_SECONDS = 900


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
        keep, _ = stratified(train.labels, limit / len(train.labels))
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
        test, rest = stratified(labels, TEST_SHARE)
        validation, train = stratified(labels[rest], VALIDATION_SHARE / (1 - TEST_SHARE))
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
