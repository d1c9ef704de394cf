"""Writes notebooks for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

IMPORTS = "import keras\nfrom keras import layers"

LAYERS = """\
            keras.Input((28, 28, 1)),
            layers.Conv2D(24, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(36, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
"""
RIGHT = f"def build_cnn():\n    return keras.Sequential(\n        [\n{LAYERS}        ]\n    )"
"""A right answer to assignment 03."""


def write_notebook(path: Path, *cells: str, metadata: dict[str, Any] | None = None) -> Path:
    """Write a notebook (nbformat 4) of code cells, and return its path."""
    # Random names of cells, as nbformat gives them, are not always different among thousands.
    code = [new_code_cell(cell, id=f"cell-{place}") for place, cell in enumerate(cells)]
    notebook = new_notebook(cells=code, metadata=metadata or {})
    nbformat.write(notebook, path)
    return path
