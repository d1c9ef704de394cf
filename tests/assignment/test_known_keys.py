"""The keys that could stand at a place, against the JSON Schema as an oracle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from grader.assignment.known_keys import known_keys
from grader.assignment.load import assignment_json_schema
from grader.assignment.schema import Assignment, Exercise, Limits
from grader.checks.returns import Case
from grader.checks.table import CHECK_TYPES


def with_check(**check: Any) -> dict[str, Any]:
    return {"exercises": [{"checks": [check]}]}


CHECK = ("exercises", 0, "checks", 0)
PLACES: dict[str, tuple[Any, tuple[str | int, ...], list[str]]] = {
    "the file": ({}, (), list(Assignment.model_fields)),
    "a file of another format": ({"format": 2}, (), list(Assignment.model_fields)),
    "limits": ({"limits": {}}, ("limits",), list(Limits.model_fields)),
    "limits that are not there": ({}, ("limits",), list(Limits.model_fields)),
    "an exercise": ({"exercises": [{}]}, ("exercises", 0), list(Exercise.model_fields)),
    "a range": (
        with_check(type="contains", expect={"Conv2D": {}}),
        (*CHECK, "expect", "Conv2D"),
        ["exact", "min", "max"],
    ),
    "parameters": (
        with_check(type="parameters", expect={}),
        (*CHECK, "expect"),
        ["total", "trainable", "non_trainable"],
    ),
    "a range of parameters": (
        with_check(type="parameters", expect={"total": {}}),
        (*CHECK, "expect", "total"),
        ["exact", "min", "max"],
    ),
    "costs": (
        with_check(type="budget", expect={}),
        (*CHECK, "expect"),
        ["parameters", "multiply_adds", "receptive_field"],
    ),
    "compile": (
        with_check(type="compile", expect={}),
        (*CHECK, "expect"),
        ["optimizer", "loss", "metrics"],
    ),
    "a case": (
        with_check(type="returns", cases=[{}]),
        (*CHECK, "cases", 0),
        list(Case.model_fields),
    ),
    "what takes any key": (
        with_check(type="answers", expect={"a": {"b": 1}}),
        (*CHECK, "expect", "a"),
        [],
    ),
    "below a scalar": ({"title": "x"}, ("title", "a"), []),
    "below an unknown key": ({"titel": {"a": 1}}, ("titel",), []),
}


@pytest.mark.parametrize(("assignment", "path", "keys"), PLACES.values(), ids=PLACES)
def test_the_keys_are_those_of_the_model_at_the_place(
    assignment: Any, path: tuple[str | int, ...], keys: list[str]
) -> None:
    assert known_keys(assignment, path) == keys


@pytest.mark.parametrize("name", CHECK_TYPES)
def test_a_check_has_the_keys_of_its_type(name: str) -> None:
    assert known_keys(with_check(type=name), CHECK) == list(CHECK_TYPES[name].spec.model_fields)


@pytest.mark.parametrize("check", [{}, {"type": None}], ids=repr)
def test_a_check_of_no_type_could_have_the_keys_of_any(check: dict[str, Any]) -> None:
    keys = {key for check_type in CHECK_TYPES.values() for key in check_type.spec.model_fields}
    assert set(known_keys(with_check(**check), CHECK)) == keys


@pytest.mark.parametrize("name", ["layrs", 5, ["layers"]], ids=repr)
def test_a_check_of_an_unknown_type_has_no_known_keys(name: Any) -> None:
    assert known_keys(with_check(type=name), CHECK) == []


def mappings(
    schema: dict[str, Any], at: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Every mapping that a schema describes with its keys, by path."""
    while "$ref" in at:
        at = schema["$defs"][at["$ref"].removeprefix("#/$defs/")]
    for branch in at.get("anyOf", []):
        yield from mappings(schema, branch, path)
    if at.get("additionalProperties") is False and "title" in at:
        yield path, set(at["properties"])
        for key, inner in at["properties"].items():
            yield from mappings(schema, inner, (*path, key))


@pytest.mark.parametrize("name", CHECK_TYPES)
def test_the_json_schema_knows_the_same_keys(name: str) -> None:
    schema = assignment_json_schema()
    spec = schema["$defs"][CHECK_TYPES[name].spec.__name__]
    found = list(mappings(schema, spec))
    assert found
    for path, keys in found:
        assert set(known_keys(with_check(type=name), (*CHECK, *path))) == keys
