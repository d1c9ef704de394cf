"""Asks a student's process for what Keras itself says of the models that a test builds there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.model.architecture import Architecture, check_architecture
from grader.model.claims import read_model
from grader.records import ModelDescription
from grader.sandbox.client import Reply, Sandbox
from grader.sandbox.limits import Limits
from tests.sandbox.asking import NOTHING_SPECIAL

LIMITS = Limits(120, 4 * 2**30)
HEAD = """\
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
"""
FACTS = """\
def facts_of(code):
    space = dict(HEAD)
    try:
        exec(code, space)
        model = space["model"]
        saved = keras.saving.serialize_keras_object(model)
        saved.pop("compile_config", None)
        graph = getattr(model, "_functional", None) or model
        return {
            "architecture": saved,
            "params": model.count_params(),
            "trainable": sum(int(np.prod(w.shape)) for w in model.trainable_weights),
            "outputs": [list(t.shape[1:]) for t in graph.outputs],
            "layers": [
                [
                    type(layer).__name__,
                    sum(int(np.prod(w.shape)) for w in layer.weights),
                    list(getattr(layer.output, "shape", [])[1:]),
                ]
                for layer in graph.layers
            ],
        }
    except Exception as error:
        return {"error": str(error)}


HEAD = {name: globals()[name] for name in ("keras", "np", "tf", "layers", "ops")}
"""


def ask(sandbox: Sandbox, job: str, code: str, name: str, **request: Any) -> Reply:
    """Run a job on a program that is one statement after the usual imports."""
    statements = [
        {"source": HEAD, "cell": 1, "line": 1},
        {"source": code, "cell": 2, "line": 1},
    ]
    full = {"statements": statements, "name": name, "input_shape": [28, 28, 1]}
    full |= {**NOTHING_SPECIAL, **request}
    return sandbox.ask_student(job, full, LIMITS)


def build(sandbox: Sandbox, code: str, weightless: bool = True) -> Any:
    """The claimed architecture of ``model``, as the grader asks for it."""
    reply = ask(sandbox, "build", code, "model", weightless=weightless)
    assert reply.ending == "answered", reply
    assert "error" not in reply.answer, reply.answer
    return reply.answer["architecture"]


def keras_facts(sandbox: Sandbox, codes: Mapping[str, str]) -> dict[str, Any]:
    """For each code that defines ``model``: its architecture, and Keras's own numbers.

    All are built in one process, each in a namespace of its own.
    """
    code = f"{FACTS}\nfacts = {{name: facts_of(code) for name, code in {dict(codes)!r}.items()}}"
    reply = ask(sandbox, "read", code, "facts")
    assert reply.ending == "answered", reply
    assert "error" not in reply.answer, reply.answer
    facts: dict[str, Any] = reply.answer["value"]
    return facts


def describe(sandbox: Sandbox, architecture: Architecture) -> ModelDescription | str:
    """The description that the trusted side makes, or why it refuses."""
    request = {"architecture": architecture.config, "input_shape": [28, 28, 1]}
    reply = sandbox.ask_trusted("describe", request, LIMITS)
    assert reply.ending == "answered", reply
    if "refused" in reply.answer:
        refused: str = reply.answer["refused"]
        return refused
    return read_model(reply.answer["model"], rebuilt=True, names=architecture.names)


def described(sandbox: Sandbox, code: str) -> ModelDescription:
    """A model, from its code to its description."""
    model = describe(sandbox, check_architecture(build(sandbox, code)))
    assert not isinstance(model, str), model
    return model


def assert_same(model: ModelDescription, facts: dict[str, Any]) -> None:
    assert model.total_params == facts["params"]
    assert model.trainable_params == facts["trainable"]
    assert [list(shape) for shape in model.output_shapes] == facts["outputs"]


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object with a configuration, outermost first."""
    if isinstance(value, dict) and isinstance(value.get("config"), dict):
        if "module" in value:
            yield value
        yield from objects_in(list(value["config"].values()))
    elif isinstance(value, list):
        for item in value:
            yield from objects_in(item)
