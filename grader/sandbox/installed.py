"""Which TensorFlow and Keras are installed, read without importing them."""

from __future__ import annotations

import contextlib
import importlib.metadata

TENSORFLOW_PACKAGES = ("tf-nightly", "tensorflow-cpu", "tensorflow-macos", "tensorflow")
"""Names under which TensorFlow is distributed; the last one installed counts."""


def versions() -> dict[str, str]:
    """Versions by package; ``unknown`` for one that is not there."""
    found = dict.fromkeys(("tensorflow", "keras"), "unknown")
    for name in (*TENSORFLOW_PACKAGES, "keras"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found["keras" if name == "keras" else "tensorflow"] = importlib.metadata.version(name)
    return found
