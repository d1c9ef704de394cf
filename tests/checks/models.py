"""Turns a Keras expression into the evidence that a check is given, the way a submission does."""

from __future__ import annotations

import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from grader.assignment.load import load_assignment
from grader.evidence.collect import Collector
from grader.evidence.work import Work
from grader.model.architecture import Architecture, canonical_model, check_architecture
from grader.model.claims import read_compiled, read_model, read_sample
from grader.records import CompileDescription, Evidence, ModelDescription, Returned
from grader.sandbox.client import Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import read_answer, read_error
from grader.submission.read import read_submission
from grader.training.cache import ResultCache
from tests.sandbox.asking import NOTHING_SPECIAL

LIMITS = Limits(seconds=20, memory_bytes=2 << 30)
IMPORTS = "import keras, numpy as np\nfrom keras import *\nfrom keras.layers import *\n"


def build(sandbox: Sandbox, code: str) -> ModelDescription:
    """The model that an expression gives, or that some lines name ``model``; each built once."""
    return _built(sandbox, code)[1]


def build_compiled(sandbox: Sandbox, code: str) -> CompileDescription | None:
    return _built(sandbox, code)[2]


@cache
def evidence_of(sandbox: Sandbox, code: str) -> Evidence:
    """The model, how it was compiled, and what it gives for the seeded images."""
    architecture, model, compiled = _built(sandbox, code)
    request = {"architecture": canonical_model(architecture.config), "input_shape": [], "seed": 1}
    sample = read_sample(_ask_trusted(sandbox, "sample", request))
    return Evidence(model=model, compiled=compiled, sample=sample)


@cache
def _built(
    sandbox: Sandbox, code: str
) -> tuple[Architecture, ModelDescription, CompileDescription | None]:
    named = code if "model = " in code else f"model = {code}"
    answer = _ask_student(sandbox, "build", named, "model", weightless="compile" not in code)
    architecture = check_architecture(answer["architecture"])
    request = {"architecture": architecture.config, "input_shape": []}
    described = _ask_trusted(sandbox, "describe", request)
    model = read_model(described["model"], rebuilt=True, names=architecture.names)
    return architecture, model, read_compiled(answer["compiled"])


def call(sandbox: Sandbox, function: str, cases: list[dict[str, Any]]) -> tuple[Returned, ...]:
    """What a function gives for each case: a lambda, or lines that define ``f``."""
    code = function if "def f(" in function else f"f = {function}"
    answer = _ask_student(sandbox, "call", code, "f", cases=cases)
    return tuple(
        Returned(item["value"])
        if "value" in item
        else Returned(problem=read_error(item["error"], "f"))
        for item in answer["returned"]
    )


def read_dict(sandbox: Sandbox, expression: str) -> dict[str, Any]:
    """A dict of answers as it arrives from the student's process."""
    answer = _ask_student(sandbox, "read", f"answers = {expression}", "answers")
    value: dict[str, Any] = answer["value"]
    return value


def collect(sandbox: Sandbox, check: dict[str, Any], code: str, source: str = "") -> Evidence:
    """What the real collector gives for one check of a model; ``source`` is an author's file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shape = eval(re.search(r"Input\((\([^)]*\))", code)[1])  # type: ignore[index]
        exercise = {"id": "it", "build": "model", "input_shape": list(shape), "checks": [check]}
        check.setdefault("points", 1)
        check["id"] = check["type"]
        content = {"format": 1, "id": "it", "title": "It", "exercises": [exercise]}
        (folder / "it.yaml").write_text(json.dumps(content))
        (folder / str(check.get("file", "none.py"))).write_text(source)
        (folder / "it.py").write_text(f"{IMPORTS}model = {code}\n")
        assignment = load_assignment(folder / "it.yaml")
        (asked,) = assignment.content.exercises
        collector, work = Collector(asked, assignment, sandbox, ResultCache(None)), Work()
        collector.collect(read_submission(folder / "it.py"), work)
        collector.prepare(asked.checks[0], work)
        return work.evidence


def _ask_student(
    sandbox: Sandbox, job: str, code: str, name: str, **request: Any
) -> dict[str, Any]:
    statements = [
        {"source": IMPORTS, "cell": 1, "line": 1},
        {"source": code, "cell": 2, "line": 1},
    ]
    full = {"statements": statements, "name": name, "input_shape": []}
    full |= {**NOTHING_SPECIAL, **request}
    return read_answer(sandbox.ask_student(job, full, LIMITS), name, LIMITS)


def _ask_trusted(sandbox: Sandbox, job: str, request: dict[str, Any]) -> Any:
    reply = sandbox.ask_trusted(job, request, LIMITS)
    assert reply.ending == "answered", reply
    return reply.answer
