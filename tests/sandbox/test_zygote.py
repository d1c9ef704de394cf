"""The warm process: pristine before each fork, and nobody's after it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.sandbox.client import Sandbox
from grader.sandbox.zygote import GATHER_AFTER
from tests.sandbox.asking import LIMITS, SMALL_CNN, build, read


def test_the_warm_process_has_not_started_tensorflows_runtime(plain: Sandbox) -> None:
    """A fork has none of its threads. The one that is there is for folding constants."""
    read(plain, "facts = {}")
    folder = Path(f"/proc/{plain._zygote.process.pid}/task")
    names = {(thread / "comm").read_text().strip() for thread in folder.iterdir()}
    assert names <= {Path(sys.executable).name, "python", "tf_graph_runner"}


FOLD = """
import tensorflow as tf
from tensorflow.python.framework.func_graph import FuncGraph
with FuncGraph("folded").as_default():
    anything = tf.compat.v1.placeholder(tf.float32, (None, 4))
    large = tf.reduce_sum(tf.nn.relu(tf.ones([1000, 1000]) * 2))
    image = tf.nn.conv2d(tf.ones([8, 64, 64, 16]), tf.ones([3, 3, 16, 16]), 1, "SAME")
    sizes = [tf.cast(large, tf.int32) - 1999996, tf.cast(image[0, 1, 1, 0], tf.int32)]
    facts = {"shape": tf.reshape(anything, tf.stack(sizes)).shape.as_list()}
"""


def test_constants_are_folded_without_that_thread(either: Sandbox) -> None:
    assert read(either, FOLD) == {"shape": [4, 3 * 3 * 16]}


def test_a_job_starts_with_one_thread_and_no_device_of_tensorflow(either: Sandbox) -> None:
    source = (
        "import threading\n"
        "from tensorflow.python.eager import context\n"
        "facts = {'threads': threading.active_count(),\n"
        "         'runtime': context.context()._context_handle is not None}\n"
    )
    assert read(either, source) == {"threads": 1, "runtime": False}


def test_the_first_layer_of_a_student_is_the_first(either: Sandbox) -> None:
    for _ in range(2):
        layers = build(either, SMALL_CNN)["architecture"]["config"]["layers"]
        names = [layer["config"]["name"] for layer in layers]
        assert names == ["input_layer", "conv2d", "flatten", "dense"]


def test_what_one_job_does_to_modules_the_next_does_not_see(either: Sandbox) -> None:
    spoil = (
        "import keras, grader.sandbox.student, os, sys\n"
        "keras.layers.Conv2D = None\n"
        "grader.sandbox.student.as_plain = lambda value: 'forged'\n"
        "os.environ['LEFT'] = '1'\n"
        "sys.modules['left'] = sys\n"
        "keras.backend.set_floatx('float16')\n"
        "facts = {}\n"
    )
    look = (
        "import keras, grader.sandbox.student, os, sys\n"
        "facts = {'layer': keras.layers.Conv2D is not None, 'left': 'left' in sys.modules,\n"
        "         'plain': grader.sandbox.student.as_plain(1), 'variable': 'LEFT' in os.environ,\n"
        "         'floats': keras.backend.floatx()}\n"
    )
    read(either, spoil)
    assert read(either, look) == {
        "layer": True,
        "left": False,
        "plain": 1,
        "variable": False,
        "floats": "float32",
    }


def test_the_trusted_side_is_forked_before_any_student_code(either: Sandbox) -> None:
    spoil = (
        "import keras, grader.model.rebuild as rebuild\n"
        "rebuild.describe_job = lambda request: {'forged': True}\n"
        "facts = {}\n"
    )
    architecture = build(either, SMALL_CNN)["architecture"]
    read(either, spoil)
    request = {"architecture": architecture, "input_shape": [28, 28, 1]}
    answer = either.ask_trusted("describe", request, LIMITS).answer
    assert answer["model"]["total_params"] == (9 + 1) * 2 + (26 * 26 * 2 + 1) * 10


def test_a_job_that_is_not_known_is_not_run(plain: Sandbox) -> None:
    reply = plain.ask_trusted("format_disk", {}, LIMITS)
    assert (reply.ending, reply.last_words) == ("silent", "KeyError: 'format_disk'")


@pytest.mark.parametrize("source", ["import sys\nsys.stdout.close()", "import os\nos.close(1)"])
def test_a_closed_output_costs_no_answer(either: Sandbox, source: str) -> None:
    assert read(either, f"{source}\nfacts = {{'one': 1}}") == {"one": 1}


def test_jobs_after_the_memory_was_gathered_answer_like_those_before(plain: Sandbox) -> None:
    """Huge pages are the same memory: more jobs than it takes until they are asked for."""
    answers = [build(plain, SMALL_CNN) for _ in range(GATHER_AFTER + 2)]
    for answer in answers:
        del answer["seconds"]
    assert all(answer == answers[0] for answer in answers)
