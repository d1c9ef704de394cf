"""Puts student code behind the walls, the way the grader does, and reads what comes back."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from grader.errors import SubmissionError
from grader.records import Problem
from grader.sandbox.client import Reply, Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import read_answer

LIMITS = Limits(seconds=10, memory_bytes=1 << 30)
SHORT = Limits(seconds=1, memory_bytes=1 << 30)

SMALL_CNN = """
import keras
from keras import layers

def build_cnn():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(2, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])
"""


NOTHING_SPECIAL: dict[str, Any] = {
    "unbound": [],
    "files": {},
    "classes": None,
    "translate_old_keras": True,
    "keras_1": False,
}
"""Of a request for a program without data, files and old code."""


def statements(*cells: str) -> list[dict[str, Any]]:
    """Each text as the only statement of its cell, cells counted from 1."""
    return [
        {"source": textwrap.dedent(cell).strip("\n"), "cell": number, "line": 1}
        for number, cell in enumerate(cells, 1)
    ]


def ask(
    sandbox: Sandbox,
    job: str,
    name: str,
    *cells: str,
    limits: Limits = LIMITS,
    **request: Any,
) -> Reply:
    full = {
        "statements": statements(*cells),
        "name": name,
        "input_shape": [28, 28, 1],
        "weightless": True,
        **NOTHING_SPECIAL,
        **request,
    }
    return sandbox.ask_student(job, full, limits)


def read(sandbox: Sandbox, source: str) -> dict[str, Any]:
    """The dict ``facts`` that student code put together behind the walls."""
    reply = ask(sandbox, "read", "facts", source)
    value: dict[str, Any] = read_answer(reply, "facts", LIMITS)["value"]
    return value


def build(sandbox: Sandbox, source: str, name: str = "build_cnn", **request: Any) -> dict[str, Any]:
    """What is known of the model that ``name`` holds or returns."""
    return read_answer(ask(sandbox, "build", name, source, **request), name, LIMITS)


def refused(reply: Reply, name: str = "build_cnn", limits: Limits = LIMITS) -> Problem:
    """The verdict on a submission that gave no answer."""
    with pytest.raises(SubmissionError) as caught:
        read_answer(reply, name, limits)
    return caught.value.problem
