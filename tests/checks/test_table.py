"""The table of checks, and the contract of their docs: every example in them is run."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import yaml

import grader.checks
from grader.checks.base import HINT_LEVELS, CheckSpec, HintLevel, run_check
from grader.checks.table import CHECK_TYPES
from grader.records import CheckResult, Evidence, TrainingResult, TrainingRun
from grader.sandbox.client import Sandbox
from tests.checks.models import build, build_compiled, call, collect, evidence_of, read_dict

HEADINGS = ["What it checks", "Why it matters", "Passes", "Fails"]
TYPES = list(CHECK_TYPES)


def read_docs(docstring: str) -> dict[str, str]:
    """The sections of a check's docs by heading. Raises ValueError where one is missing."""
    title, *parts = re.split(r"^(\S.*)\n(?=    )", docstring, flags=re.MULTILINE)
    if not re.match(r"``\w+``: \S", title):
        raise ValueError("the first line does not name the check")
    headings, bodies = parts[::2], parts[1::2]
    if headings != HEADINGS or not all(body.strip() for body in bodies):
        raise ValueError(f"the sections are {headings}, not {HEADINGS}")
    return {key: inspect.cleandoc(body) for key, body in zip(headings, bodies, strict=True)}


def docs_of(name: str) -> dict[str, str]:
    docstring = importlib.import_module(CHECK_TYPES[name].spec.__module__).__doc__
    assert docstring is not None and docstring.startswith(f"``{name}``: ")
    return read_docs(docstring)


def read_example(text: str) -> dict[str, Any]:
    """``key: value`` lines; an expression of Python is taken as it stands."""
    example: dict[str, Any] = {}
    for line in text.splitlines():
        key, value = line.split(": ", 1)
        example[key] = value if key == "model" else yaml.safe_load(value)
    return example


def run_example(
    sandbox: Sandbox, name: str, heading: str, level: HintLevel = "fix", **settings: Any
) -> CheckResult:
    check, asked = CHECK_TYPES[name], read_example(docs_of(name)[heading])["check"]
    assert asked["type"] == name
    spec = check.spec.model_validate({**asked, "id": name, "points": 8, **settings})
    return run_check(check, spec, example_evidence(sandbox, name, heading), level)


@cache
def example_evidence(sandbox: Sandbox, name: str, heading: str) -> Evidence:
    """What an example gives beside its settings, made for real, once."""
    example = read_example(docs_of(name)[heading])
    asked = example.pop("check")
    evidence = Evidence()
    if name in COLLECTED:
        return collect(sandbox, asked, example["model"], example.get("source", ""))
    for key, given in example.items():
        evidence = replace(evidence, **PARTS[key](sandbox, name, asked, given))
    return evidence


COLLECTED = {"response", "invariance", "custom"}
"""Checks whose evidence is had for themselves alone."""


def _model(sandbox: Sandbox, name: str, _: Any, code: str) -> dict[str, Any]:
    if name == "probabilities":
        return {"sample": evidence_of(sandbox, code).sample}
    return {"model": build(sandbox, code)}


def _compiled(sandbox: Sandbox, _: str, __: Any, given: dict[str, Any]) -> dict[str, Any]:
    lines = "model = Sequential([Input((4,)), Dense(3)])\n"
    return {"compiled": build_compiled(sandbox, f"{lines}model.compile(**{given!r})")}


def _accuracy(_: Sandbox, name: str, __: Any, accuracy: float) -> dict[str, Any]:
    run = TrainingRun(1, accuracy, (), "finished")
    return {"training": {name: TrainingResult((run,), 270, 1.0, False)}}


def _function(sandbox: Sandbox, name: str, asked: Any, code: str) -> dict[str, Any]:
    cases = [{"args": case["args"], "kwargs": {}} for case in asked["cases"]]
    return {"returned": {name: call(sandbox, code, cases)}}


def _answers(sandbox: Sandbox, _: str, __: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {"answers": read_dict(sandbox, repr(given))}


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "model": _model,
    "compiled": _compiled,
    "accuracy": _accuracy,
    "function": _function,
    "answers": _answers,
}
"""What a line of an example adds to the evidence, by its key."""


@pytest.mark.parametrize("name", TYPES)
def test_the_example_that_passes_passes(sandbox: Sandbox, name: str) -> None:
    result = run_example(sandbox, name, "Passes")
    assert (result.status, result.score) == ("passed", 8)
    assert result.hint is None


@pytest.mark.parametrize("name", TYPES)
def test_the_example_that_fails_fails(sandbox: Sandbox, name: str) -> None:
    result = run_example(sandbox, name, "Fails")
    assert result.status in ("failed", "partial")
    assert result.score < 8
    assert result.hint, "whoever fails is told what to try"


@pytest.mark.parametrize("name", TYPES)
def test_each_level_of_hints_tells_a_little_more(sandbox: Sandbox, name: str) -> None:
    none, where, why, fix = (
        run_example(sandbox, name, "Fails", level=level) for level in HINT_LEVELS
    )
    assert none.score == where.score == why.score == fix.score
    assert (none.message, none.hint, none.expected, none.got) == ("Not passed.", None, None, None)
    assert where.message != none.message
    assert (where.hint, where.expected, where.got, where.layers) == (None, None, None, ())
    assert why.message.startswith(where.message) and why.expected is not None
    assert why.message == fix.message
    assert (fix.hint or "").startswith(why.hint or "")
    assert fix.hint != why.hint or name == "contains"


@pytest.mark.parametrize("heading", ["Passes", "Fails"])
@pytest.mark.parametrize("name", TYPES)
def test_a_hidden_check_gives_nothing_away(sandbox: Sandbox, name: str, heading: str) -> None:
    result = run_example(sandbox, name, heading, visibility="hidden")
    assert result.message == "A hidden check."
    assert (result.expected, result.got, result.hint, result.layers) == (None, None, None, ())


@pytest.mark.parametrize("name", TYPES)
def test_every_check_has_its_docs(name: str) -> None:
    assert list(docs_of(name)) == HEADINGS


DOCS = """``size``: how large.

What it checks
    A size.

Why it matters
    It does.

Passes
    check: {type: size}
    model: Flatten()

Fails
    check: {type: size}
    model: Dense(1)
"""


def test_docs_are_read_by_section() -> None:
    sections = read_docs(DOCS)
    assert sections["What it checks"] == "A size."
    assert read_example(sections["Passes"]) == {"check": {"type": "size"}, "model": "Flatten()"}


@pytest.mark.parametrize("heading", HEADINGS)
def test_docs_without_a_section_are_refused(heading: str) -> None:
    with pytest.raises(ValueError, match="the sections are"):
        read_docs(re.sub(rf"{heading}\n(    .*\n)+\n?", "", DOCS))


def test_docs_that_do_not_name_the_check_are_refused() -> None:
    with pytest.raises(ValueError, match="does not name the check"):
        read_docs(DOCS.replace("``size``: how large.", "How large."))


def test_every_check_in_the_folder_is_in_the_table() -> None:
    modules = [
        importlib.import_module(f"grader.checks.{module.name}")
        for module in pkgutil.iter_modules(grader.checks.__path__)
    ]
    specs = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, CheckSpec) and value is not CheckSpec
    }
    assert specs == {check.spec for check in CHECK_TYPES.values()}


@pytest.mark.parametrize("name", TYPES)
def test_a_check_is_listed_under_its_own_type(name: str) -> None:
    check = CHECK_TYPES[name]
    assert check.spec.model_fields["type"].default == name
    assert check.run.__module__ == check.spec.__module__


def test_each_kind_of_exercise_has_its_checks() -> None:
    asks = {name: check.asks for name, check in CHECK_TYPES.items()}
    assert [name for name, kind in asks.items() if kind == "function"] == ["returns"]
    assert [name for name, kind in asks.items() if kind == "answers"] == ["answers"]
