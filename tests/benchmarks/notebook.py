"""One notebook, graded end to end, beside the script that a person would write."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from grader.assignment.load import load_assignment
from grader.checks.training import Training
from grader.choose import FOLDER
from grader.training.datasets import load_dataset
from tests.benchmarks.measure import ROOT, Row, median_ratio, seconds_in_turn, show
from tests.writing import IMPORTS, RIGHT, write_notebook

ROUNDS = 5
NOTEBOOK = ROOT / "solutions" / "03-cnn-structure.ipynb"
SCRIPT = """\
import sys

import keras
import numpy as np
from keras import layers

data = np.load(sys.argv[1])
keras.utils.set_random_seed(1)
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(24, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(36, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.001),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(
    data["x_train"],
    data["y_train"],
    epochs=int(sys.argv[2]),
    batch_size=32,
    validation_data=(data["x_val"], data["y_val"]),
)
print(model.evaluate(data["x_test"], data["y_test"]))
"""


def measure() -> list[Row]:
    """The whole command, training included and nothing known from before."""
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "digits.npz", Path(folder) / "script.py"
        write_data(data)
        script.write_text(SCRIPT)
        messy = _write_messy(Path(folder) / "03-cnn-structure.ipynb")
        graded, bare, known, messy_graded = seconds_in_turn(
            [
                [sys.executable, "grade.py", str(NOTEBOOK), "--no-cache"],
                [sys.executable, str(script), str(data), str(epochs())],
                [sys.executable, "grade.py", str(NOTEBOOK)],
                [sys.executable, "grade.py", str(messy), "--no-cache"],
            ],
            ROUNDS,
            {"XDG_CACHE_HOME": folder},
        )
    return [
        Row(
            "one notebook, trained",
            show(graded),
            f"{median_ratio(graded, bare):.2f} × a bare script ({show(bare)})",
            "≤ 1.0 ×",
        ),
        Row(
            "one notebook, training known from before",
            show(known),
            f"{median_ratio(known, bare):.2f} × a bare script",
            "",
        ),
        Row(
            "the same with pip, a mount, 500 epochs and a broken cell",
            show(messy_graded),
            f"{median_ratio(messy_graded, graded):.2f} × the clean one",
            "the same",
        ),
    ]


def _write_messy(path: Path) -> Path:
    """The solution among what real notebooks do."""
    return write_notebook(
        path,
        "!pip install tensorflow==1.15\nfrom google.colab import drive\ndrive.mount('/content')",
        IMPORTS,
        RIGHT,
        "def broken(:\n    return 3",
        "model = build_cnn()\nmodel.compile('adam', 'mse')\nmodel.fit(x, y, epochs=500)",
    )


def epochs() -> int:
    """As many as the assignment trains."""
    checks = load_assignment(FOLDER / "03-cnn-structure.yaml").content.exercises[0].checks
    return next(check.epochs for check in checks if isinstance(check, Training))


def write_data(path: Path) -> None:
    """The same digits, resized and split as the grader does it."""
    import numpy as np

    digits = load_dataset("digits", None, (28, 28, 1))
    np.savez(
        path,
        x_train=digits.train.images,
        y_train=digits.train.labels,
        x_val=digits.validation.images,
        y_val=digits.validation.labels,
        x_test=digits.test.images,
        y_test=digits.test.labels,
    )
