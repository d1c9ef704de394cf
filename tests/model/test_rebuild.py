"""Checked architectures are built again outside, with fresh weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.model.architecture import canonical_model, check_architecture
from grader.model.rebuild import SAMPLE_IMAGES, out_of_memory, reason_of
from grader.sandbox.client import Sandbox
from grader.sandbox.limits import Limits
from tests.model.saved import dense, entry, layer, sequential
from tests.model.student import build

LIMITS = Limits(30, 2 * 2**30)
SOFTMAX = """
model = keras.Sequential([
    keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")
])"""


def ask(sandbox: Sandbox, job: str, architecture: Any, **request: Any) -> Any:
    full = {"architecture": architecture, "input_shape": [4, 4, 1], **request}
    reply = sandbox.ask_trusted(job, full, LIMITS)
    assert reply.ending == "answered", reply
    del reply.answer["seconds"]
    return reply.answer


def sample(sandbox: Sandbox, code: str, seed: int = 1) -> Any:
    config = canonical_model(check_architecture(build(sandbox, code)).config)
    return ask(sandbox, "sample", config, seed=seed)


def test_the_outputs_of_softmax_are_probabilities(sandbox: Sandbox) -> None:
    found = sample(sandbox, SOFTMAX)
    assert found["images"] == SAMPLE_IMAGES
    assert 0 < found["minimum"] < found["maximum"] < 1
    assert 0 <= found["largest_sum_error"] < 1e-6


def test_the_outputs_of_a_sigmoid_do_not_sum_to_one(sandbox: Sandbox) -> None:
    found = sample(sandbox, SOFTMAX.replace("softmax", "sigmoid"))
    assert found["minimum"] > 0
    assert found["largest_sum_error"] > 0.1


def test_a_sample_is_a_function_of_the_seed(sandbox: Sandbox) -> None:
    first, again, other = (sample(sandbox, SOFTMAX, seed) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    "code",
    [
        """
model = keras.Sequential([
    keras.Input((None, None, 1)), layers.GlobalMaxPooling2D(), layers.Dense(3, "softmax")
])""",
        """
entry = keras.Input((4, 4, 1))
x = layers.Dense(3, activation="softmax")(layers.Flatten()(entry))
model = keras.Model(entry, [x, x + 1.0])""",
        """
entry = keras.Input((4, 4, 1))
x = layers.Dense(3, activation="softmax")(layers.Flatten()(entry))
model = keras.Model(entry, {"kind": x})""",
    ],
    ids=["any size", "outputs in a list", "output in a dict"],
)
def test_the_first_output_is_sampled(code: str, sandbox: Sandbox) -> None:
    assert sample(sandbox, code)["largest_sum_error"] < 1e-6


def test_a_model_that_names_no_shape_takes_the_exercise_s(sandbox: Sandbox) -> None:
    late = sequential(layer("Flatten", name="f"), dense(3))
    config = check_architecture(late).config
    model = ask(sandbox, "describe", config)["model"]
    assert model["input_shapes"] == [[4, 4, 1]]
    assert model["total_params"] == 16 * 3 + 3
    assert ask(sandbox, "sample", config, seed=1)["images"] == SAMPLE_IMAGES


def test_a_model_that_cannot_run_is_refused_in_keras_words(sandbox: Sandbox) -> None:
    config = check_architecture(
        sequential(entry(4, 4, 1), layer("Rescaling", name="r", scale=["one", 2.0], offset=0.0))
    ).config
    assert ask(sandbox, "sample", config, seed=1) == {
        "refused": "Can't convert Python sequence with mixed types to Tensor."
    }


def test_a_lack_of_memory_is_told_apart(sandbox: Sandbox) -> None:
    config = check_architecture(
        sequential(entry(30_000, 30_000, 1), layer("GlobalMaxPooling2D", name="g"))
    ).config
    assert ask(sandbox, "sample", config, seed=1) == {"out_of_memory": True}


def test_given_weights_answer_as_they_would_at_the_student_s(sandbox: Sandbox) -> None:
    config = check_architecture(sequential(entry(4, 4, 1), layer("Flatten", name="f"), dense(2)))
    rng = np.random.default_rng(0)
    kernel, bias = rng.random((16, 2), np.float32), rng.random(2, np.float32)
    images = rng.random((5, 4, 4, 1), np.float32)
    answer = ask(
        sandbox,
        "respond",
        config.config,
        seed=1,
        weights=[[], [], [kernel, bias]],
        images=[images, images[:1]],
    )
    first, second = answer["outputs"]
    np.testing.assert_allclose(first, images.reshape(5, 16) @ kernel + bias, rtol=1e-5)
    np.testing.assert_allclose(second, first[:1], rtol=1e-5)


def test_of_several_outputs_the_first_answers(sandbox: Sandbox) -> None:
    code = """
entry = keras.Input((4, 4, 1))
x = layers.Flatten()(entry)
model = keras.Model(entry, {"flat": x, "more": x + 1.0})"""
    config = check_architecture(build(sandbox, code)).config
    images = np.ones((2, 4, 4, 1), np.float32)
    (output,) = ask(sandbox, "respond", config, seed=1, images=[images])["outputs"]
    np.testing.assert_array_equal(output, np.ones((2, 16)))


def test_weights_of_another_shape_are_refused(sandbox: Sandbox) -> None:
    config = check_architecture(sequential(entry(4, 4, 1), dense(2))).config
    weights = [[], [np.zeros((3, 2), np.float32), np.zeros(2, np.float32)]]
    answer = ask(sandbox, "respond", config, seed=1, weights=weights, images=[])
    assert "expects" in answer["refused"] or "shape" in answer["refused"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("too small"), "too small"),
        (ValueError(""), "ValueError"),
        (TypeError("long\n\nconfig={}.\n\nException encountered: too small"), "too small"),
        (ValueError("Exception encountered: a Exception encountered: b"), "b"),
        (
            ValueError("Calling X.\n\n\x1b[1mIt does not fit.\x1b[0m\n\nArguments"),
            "It does not fit.",
        ),
        (ValueError("x" * 5000), "x" * 1000),
    ],
)
def test_the_reason_is_what_the_innermost_exception_says(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_memory_errors_are_known() -> None:
    exhausted = type("ResourceExhaustedError", (Exception,), {})
    assert out_of_memory(MemoryError())
    assert out_of_memory(exhausted())
    assert not out_of_memory(ValueError())
