"""Models that Keras builds and nobody can judge: their points stay in the maximum."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.pipeline import Tools
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.assignments.grading import grade_answer

HEAD = "import keras\nfrom keras import layers, ops\n\n"
CASES = {
    "shapes of thousands of digits": (
        ("03-cnn-structure", "cnn"),
        "def build_cnn():\n"
        "    keras.Layer.get_build_config = lambda self: None\n"
        "    return keras.Sequential([keras.Input((28, 28, 1))]\n"
        "        + [layers.UpSampling2D((2**31 - 1, 1)) for _ in range(500)]\n"
        '        + [layers.GlobalMaxPooling2D(), layers.Dense(10, activation="softmax")])\n',
    ),
    "an output that mixes the batch, trained": (
        ("03-cnn-structure", "cnn"),
        "def build_cnn():\n"
        "    inputs = keras.Input((28, 28, 1))\n"
        '    x = layers.Dense(10, activation="softmax")(layers.Flatten()(inputs))\n'
        "    return keras.Model(inputs, ops.mean(x, axis=0, keepdims=True))\n",
    ),
    "an output that mixes the batch, shifted": (
        ("02-pooling", "invariant"),
        "def build_invariant():\n"
        "    inputs = keras.Input((40, 40, 1))\n"
        "    x = layers.GlobalMaxPooling2D()(layers.Conv2D(8, 3)(inputs))\n"
        "    return keras.Model(inputs, ops.mean(x, axis=0, keepdims=True))\n",
    ),
    "an output without values": (
        ("02-pooling", "invariant"),
        "def build_invariant():\n"
        "    inputs = keras.Input((40, 40, 1))\n"
        "    x = layers.GlobalMaxPooling2D()(layers.Conv2D(8, 3)(inputs))\n"
        "    return keras.Model(inputs, x[:, :0])\n",
    ),
    "an output of gigabytes": (
        ("02-pooling", "invariant"),
        "def build_invariant():\n"
        "    return keras.Sequential([keras.Input((40, 40, 1)), layers.Conv2D(8, 3),\n"
        "        layers.UpSampling2D(16)])\n",
    ),
    "one number for all images": (
        ("01-convolution", "filters"),
        "def build_filters():\n"
        "    inputs = keras.Input((5, 5, 1))\n"
        "    return keras.Model(inputs, ops.mean(layers.Conv2D(3, 3)(inputs)))\n",
    ),
    "more weights than a message holds": (
        ("01-convolution", "filters"),
        "def build_filters():\n"
        "    return keras.Sequential([keras.Input((5, 5, 1)), layers.Conv2D(3, 3),\n"
        "        *[layers.Dense(3) for _ in range(127)]])\n",
    ),
    "names of megabytes": (
        ("03-cnn-structure", "cnn"),
        "from grader.sandbox import student\n\n"
        "def build_cnn():\n"
        "    honest = student._architecture\n"
        "    def forged(model):\n"
        "        config = honest(model)\n"
        '        config["config"]["more"] = {"é" * 900 + str(i): 1 for i in range(3000)}\n'
        "        return config\n"
        "    student._architecture = forged\n"
        "    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(),\n"
        '        layers.Dense(10, activation="softmax")])\n',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_who_makes_a_model_that_cannot_be_judged_gains_nothing(
    case: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    (assignment, exercise), source = CASES[case]
    tools = Tools(sandbox, ResultCache(None))
    report = grade_answer(assignment, exercise, HEAD + source, tools, tmp_path)
    assert "error" not in {check.status for check in report.checks}
    assert report.max_score == sum(check.max_score for check in report.checks)
    assert report.score < report.max_score / 2
    said = " ".join([*(check.message for check in report.checks), str(report.error)])
    assert "Traceback" not in said and "silent" not in said
