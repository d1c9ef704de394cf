"""Reads an author's ``.npz``, field by field: nothing is unpickled, every fault is named."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.training.split import Split, stratified

if TYPE_CHECKING:
    import numpy as np

KEYS = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test")
UNREADABLE = (
    *(OSError, ValueError, EOFError, MemoryError, RuntimeError, SyntaxError),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)
"""What NumPy and zipfile raise for files that are not what they seem."""
VALIDATION_SHARE = 0.1
MAX_BYTES = 4 * 2**30


def read_file(path: Path) -> tuple[Split, Split, Split]:
    """Read x_train, y_train, x_test, y_test (and x_val, y_val) from an ``.npz``.

    Whole-number pixels up to 255 are scaled to 0…1. Raises UsageError naming the file.
    """
    found = _read_arrays(path)
    train, test = _split(path, found, "train"), _split(path, found, "test")
    if "x_val" in found or "y_val" in found:
        return train, _split(path, found, "val"), test
    validation, rest = stratified(train.labels, VALIDATION_SHARE)
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
                raise UsageError(f"The data file {path} holds more than {MAX_BYTES >> 20:,} MiB.")
            for key in {f"{key}.npy" for key in KEYS} & set(archive.namelist()):
                with archive.open(key) as member:
                    found[key.removesuffix(".npy")] = np.lib.format.read_array(
                        member, allow_pickle=False
                    )
    except FileNotFoundError as error:
        raise UsageError(f"There is no data file {path}.") from error
    except UNREADABLE as error:
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
    scale = 255 if whole and images.max() > 1 else 1
    with np.errstate(over="ignore"):
        images = images.astype(np.float32) / scale
    if not np.isfinite(images).all():
        raise UsageError(f"The data file {path}: x_{part} holds a value that is not finite.")
    return Split(images[..., None] if images.ndim == 3 else images, labels)
