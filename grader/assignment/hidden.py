"""Hidden checks: a file in ``solutions/`` that only instructors have, merged into its assignment.

``solutions/NN-topic.hidden.yaml`` names the assignment, and for some of its exercises further
checks. Where the file is, they are part of the grade, and nothing of them is told but whether
they passed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from grader.assignment.complaints import complaint_at
from grader.assignment.schema import check_ids
from grader.assignment.yaml_nodes import Document, KeyPath
from grader.checks.patterns import Fault
from grader.errors import Complaint
from grader.words import did_you_mean, quoted

KEYS = {"format", "id", "exercises"}
EXERCISE_KEYS = {"id", "checks"}


def merge_hidden(document: Document, hidden: Document) -> tuple[Document, list[Complaint]]:
    """The assignment with its hidden checks appended, and what is wrong with their file's form.

    The positions of the appended checks are those in the hidden file, so that their faults are
    told there. What stands before them is known to be right.
    """
    faults = list(_faults(hidden.value, document.value))
    if faults or hidden.complaints:
        told = [complaint_at(hidden, fault.at, fault.message, fault.on_key) for fault in faults]
        return document, hidden.complaints or told
    merged = Document(copy.deepcopy(document.value), dict(document.values), dict(document.keys))
    places = {exercise["id"]: n for n, exercise in enumerate(document.value["exercises"])}
    for exercise in merged.value["exercises"]:
        _fix_ids(exercise["checks"])
    for place, exercise in enumerate(hidden.value["exercises"]):
        target = places[exercise["id"]]
        checks = merged.value["exercises"][target]["checks"]
        before = ("exercises", target, "checks")
        _move(hidden, merged, ("exercises", place, "checks"), before, len(checks))
        checks += [_hide(check) for check in exercise["checks"]]
    return merged, []


def _fix_ids(checks: list[dict[str, Any]]) -> None:
    """Write down the ids that checks get: what is appended must not change them."""
    ids = check_ids([(check.get("id", ""), check["type"]) for check in checks])
    for check, name in zip(checks, ids, strict=True):
        check["id"] = name


def _hide(check: Any) -> Any:
    return {**check, "visibility": "hidden"} if isinstance(check, dict) else check


def _move(hidden: Document, merged: Document, here: KeyPath, there: KeyPath, first: int) -> None:
    """Copy the positions of a list's items to where the items now stand."""
    depth = len(here)
    for source, target in ((hidden.values, merged.values), (hidden.keys, merged.keys)):
        for path, position in source.items():
            if path[:depth] == here and len(path) > depth:
                place = path[depth]
                assert isinstance(place, int)
                target[(*there, first + place, *path[depth + 1 :])] = position


def _faults(value: Any, assignment: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with the form of the file; the checks themselves are looked at later."""
    if not isinstance(value, dict):
        yield Fault((), "Hidden checks are a mapping of format, id and exercises.")
        return
    for key in value:
        if key not in KEYS:
            message = f"The key {quoted(str(key))} is not known here.{did_you_mean(key, KEYS)}"
            yield Fault((key,), message, on_key=True)
    if value.get("format") != 1:
        yield Fault(("format",), "Hidden checks begin with format: 1.")
    if value.get("id") != assignment["id"]:
        yield Fault(("id",), f"These checks belong to {quoted(assignment['id'])}: write its id.")
    exercises = value.get("exercises")
    if not isinstance(exercises, list) or not exercises:
        yield Fault(("exercises",), "Name the exercises that have hidden checks.")
        return
    known = [exercise["id"] for exercise in assignment["exercises"]]
    for place, exercise in enumerate(exercises):
        yield from _exercise_faults(exercise, ("exercises", place), known)


def _exercise_faults(exercise: Any, at: KeyPath, known: list[str]) -> Iterator[Fault]:
    if not isinstance(exercise, dict):
        yield Fault(at, "An exercise here is its id and its checks.")
        return
    for key in exercise:
        if key not in EXERCISE_KEYS:
            message = f"The key {quoted(str(key))} is not known here; only id and checks are."
            yield Fault((*at, key), message, on_key=True)
    name = exercise.get("id")
    if name not in known:
        hint = did_you_mean(str(name), known)
        message = f"The assignment has no exercise {quoted(str(name))}.{hint}"
        yield Fault((*at, "id"), message)
    if not isinstance(exercise.get("checks"), list) or not exercise["checks"]:
        yield Fault((*at, "checks"), "At least one check is needed here.")
