"""Downloads a data set through ``keras.datasets``, in a process of its own.

Run as ``python -m grader.training.fetch NAME FILE``: writes x_train, y_train, x_test and y_test
to FILE, whole or not at all. Without a network it ends with one line on stderr.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.training.folders import write_whole


def main(name: str, target: Path) -> None:
    """Load the data set ``name`` and write it to ``target``."""
    import keras
    import numpy as np

    (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    arrays = {
        "x_train": x_train,
        "y_train": np.ravel(y_train),
        "x_test": x_test,
        "y_test": np.ravel(y_test),
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, lambda file: np.savez_compressed(file, **arrays))


def reason_of(error: BaseException) -> str:
    """What went wrong, in one line; Keras wraps the system's own words in an address."""
    cause = getattr(error.__context__, "reason", error)
    return " ".join(str(getattr(cause, "strerror", None) or cause).split()) or type(cause).__name__


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        main(sys.argv[1], Path(sys.argv[2]))
    except Exception as error:
        sys.exit(reason_of(error))
