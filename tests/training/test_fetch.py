"""Data sets come through Keras's own loaders."""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
import urllib.error
from pathlib import Path

import numpy as np
import pytest

from grader.training.fetch import reason_of


def write_idx(path: Path, data: np.ndarray) -> None:
    """The format of the MNIST family: a head of big-endian numbers, then bytes."""
    head = struct.pack(f">HBB{data.ndim}I", 0, 8, data.ndim, *data.shape)
    path.write_bytes(gzip.compress(head + data.tobytes()))


def test_fashion_mnist_is_read_by_keras_and_written_whole(tmp_path: Path) -> None:
    folder = tmp_path / "keras" / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    expected = {}
    for part, name, count in (("train", "train", 6), ("test", "t10k", 4)):
        images = rng.integers(0, 256, (count, 28, 28), np.uint8)
        labels = rng.integers(0, 10, count, np.uint8)
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)
        expected |= {f"x_{part}": images, f"y_{part}": labels}
    target = tmp_path / "out" / "fashion_mnist.npz"
    command = [sys.executable, "-m", "grader.training.fetch", "fashion_mnist", str(target)]
    environment = {**os.environ, "KERAS_HOME": str(tmp_path / "keras")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(target) as found:
        assert set(found.files) == expected.keys()
        for key, array in expected.items():
            np.testing.assert_array_equal(found[key], array)
    assert list(target.parent.iterdir()) == [target]


def wrapped(cause: BaseException) -> BaseException:
    """An error as ``keras.utils.get_file`` raises it."""
    try:
        try:
            raise cause
        except BaseException as error:
            raise Exception(f"URL fetch failure on https://x: None -- {error}")  # noqa: B904
    except Exception as error:
        return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (wrapped(urllib.error.URLError(OSError(111, "Connection refused"))), "Connection refused"),
        (wrapped(urllib.error.URLError("no host given")), "no host given"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ValueError("Incomplete\nfile."), "Incomplete file."),
        (ValueError(), "ValueError"),
    ],
)
def test_the_reason_is_one_line_in_the_system_s_words(error: BaseException, reason: str) -> None:
    assert reason_of(error) == reason
