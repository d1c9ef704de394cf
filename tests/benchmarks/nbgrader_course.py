"""The same class graded by nbgrader: its tests make the same checks and train by the same recipe.

nbgrader lives in an environment of its own. ``NBGRADER_PYTHON`` names that environment's
interpreter; without it one is made, which downloads TensorFlow.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.benchmarks.classes import ASSIGNMENT, Member
from tests.benchmarks.measure import ROOT
from tests.benchmarks.notebook import epochs, write_data

SOLUTION = ROOT / "solutions" / f"{ASSIGNMENT}.ipynb"
INSTALL = ("nbgrader", "ipykernel", "matplotlib")
SAME_VERSION = ("tensorflow", "keras", "numpy")

# What a cell prints on stderr, such as a warning of Keras's, fails it in nbgrader.
ASK = """\
import warnings

import keras
import numpy as np

warnings.simplefilter("ignore")


def _graded_model():
    names = globals()
    return names["build_cnn"]() if "build_cnn" in names else names.get("cnn", names.get("model"))


def _main_layers(network):
    kept, extra = [], ("InputLayer", "Dropout", "BatchNormalization")
    for layer in network.layers:
        kind = type(layer).__name__
        if kind in ("Activation", "ReLU", "Softmax"):
            applied = layer.activation.__name__ if kind == "Activation" else kind.lower()
            kept[-1][1]["activation"] = applied
        elif kind not in extra:
            kept.append((kind, layer.get_config()))
    return kept"""
OUTPUT_SHAPE = "assert _graded_model().output_shape == (None, 10)"
FEATURE_MAPS = """\
maps = [layer.output.shape[1:] for layer in _graded_model().layers if len(layer.output.shape) == 4]
for expected in ((26, 26, 24), (13, 13, 24), (11, 11, 36), (5, 5, 36)):
    assert expected in maps, f"no feature map {expected}\""""
LAYERS = """\
_conv = {"kernel_size": (3, 3), "strides": (1, 1), "padding": "valid", "activation": "relu"}
_pool = {"pool_size": (2, 2), "strides": (2, 2)}
wanted = [
    ("Conv2D", {"filters": 24, **_conv}),
    ("MaxPooling2D", _pool),
    ("Conv2D", {"filters": 36, **_conv}),
    ("MaxPooling2D", _pool),
    ("Flatten", {}),
    ("Dense", {"units": 128, "activation": "relu"}),
    ("Dense", {"units": 10, "activation": "softmax"}),
]
found = _main_layers(_graded_model())
right = [
    kind == name and all(settings[key] == value for key, value in expected.items())
    for (kind, settings), (name, expected) in zip(found, wanted)
]
round(35 * sum(right) / max(len(wanted), len(found)), 2)"""
PARAMETERS = "assert 124670 <= _graded_model().count_params() <= 130000"
PROBABILITIES = """\
given = np.asarray(_graded_model()(np.random.default_rng(1).random((8, 28, 28, 1))))
assert (given >= 0).all() and np.allclose(given.sum(axis=1), 1, atol=1e-4)"""
LEARNS = """\
data = np.load("digits.npz")
keras.utils.set_random_seed(1)
network = keras.models.clone_model(_graded_model())
network.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.001),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
network.fit(
    data["x_train"],
    data["y_train"],
    epochs=EPOCHS,
    batch_size=32,
    validation_data=(data["x_val"], data["y_val"]),
    verbose=0,
)
accuracy = network.evaluate(data["x_test"], data["y_test"], verbose=0)[1]
round(30 * min(1.0, max(0.0, (accuracy - 0.95) / 0.015)), 2)"""


@dataclass(frozen=True, slots=True)
class Graded:
    """What nbgrader made of a class."""

    seconds: dict[str, float]
    """By student; without the first, which the start-up is in."""
    scores: dict[str, float]
    """By student, of 100."""


def test_cells() -> list[dict[str, Any]]:
    """The instructor's, as they stand in the release that students were given."""
    cells = [
        ("helpers", ASK, None),
        ("output_shape", OUTPUT_SHAPE, 10),
        ("feature_maps", FEATURE_MAPS, 10),
        ("layers", LAYERS, 35),
        ("parameters", PARAMETERS, 5),
        ("probabilities", PROBABILITIES, 10),
        ("learns", LEARNS.replace("EPOCHS", str(epochs())), 30),
    ]
    return [_locked(name, source, points) for name, source, points in cells]


def _locked(name: str, source: str, points: int | None) -> dict[str, Any]:
    mark: dict[str, Any] = {
        "grade_id": name,
        "grade": points is not None,
        "locked": True,
        "solution": False,
        "task": False,
        "schema_version": 3,
    }
    if points is not None:
        mark["points"] = points
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"nbgrader": mark},
        "outputs": [],
        "source": source,
    }


def interpreter(folder: Path) -> Path:
    """Of an environment with nbgrader, and the same TensorFlow and Keras as here."""
    named = os.environ.get("NBGRADER_PYTHON")
    if named:
        return Path(named)
    print("installing nbgrader; NBGRADER_PYTHON names one that is there …", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    same = [f"{name}=={version(name)}" for name in SAME_VERSION]
    subprocess.run([python, "-m", "pip", "install", "-q", *INSTALL, *same], check=True)
    return python


def autograde(python: Path, course: Path, members: Sequence[Member]) -> Graded:
    """Make a course with these submissions and have nbgrader grade them.

    Args:
        course: a folder that is not there yet.
        members: by name, as nbgrader takes them; the first is not timed.
    """
    source = course / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    solution = json.loads(SOLUTION.read_text())
    solution["cells"] += [cell | {"id": f"test{i}"} for i, cell in enumerate(test_cells())]
    (source / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(solution))
    write_data(source / "digits.npz")
    for member in members:
        path = course / "submitted" / member.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(member.data)
    _nbgrader(python, course, "generate_assignment", ASSIGNMENT)
    _nbgrader(python, course, "autograde", ASSIGNMENT)
    done = sorted(
        (path.stat().st_mtime_ns / 1e9, path.parent.parent.name)
        for path in (course / "autograded").glob(f"*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
    )
    seconds = {name: end - before for (before, _), (end, name) in pairwise(done)}
    _nbgrader(python, course, "export")
    with (course / "grades.csv").open(newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    return Graded(seconds, scores)


def _nbgrader(python: Path, course: Path, *arguments: str) -> None:
    """It ends with 1 where one notebook could not be graded, and has then graded the others."""
    environment = os.environ | {
        "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", "")]),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PIP_NO_INDEX": "1",
    }
    done = subprocess.run(
        [python, "-m", "nbgrader", *arguments],
        cwd=course,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode and arguments[0] != "autograde":
        sys.exit(f"nbgrader {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
