"""What pydantic says of an assignment, in our words and at its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from grader.assignment.known_keys import is_tagged, known_keys
from grader.assignment.schema import IDENTIFIER
from grader.assignment.yaml_nodes import Document, KeyPath
from grader.checks.patterns import FAULTS, Fault, number_meant
from grader.checks.table import CHECK_TYPES
from grader.errors import Complaint
from grader.words import (
    did_you_mean,
    join_words,
    meant_or_known,
    nearest,
    quoted,
    show_count,
    show_number,
    show_value,
)


@dataclass(frozen=True, slots=True)
class _Found:
    """One of pydantic's errors and where it is in the file."""

    path: KeyPath
    detail: ErrorDetails
    on_key: bool = False
    branch: tuple[KeyPath, str | int] | None = None
    """Where several types may stand, and which of them pydantic tried."""


def complaints_of(details: Iterable[ErrorDetails], document: Document) -> list[Complaint]:
    """All of pydantic's errors as complaints, in no order."""
    found = list(_likeliest([_locate(detail, document) for detail in details]))
    meant = {
        (*item.path[:-1], nearest(str(item.path[-1]), known_keys(document.value, item.path[:-1])))
        for item in found
        if item.detail["type"] == "extra_forbidden"
    }
    groups: dict[tuple[KeyPath, bool], list[_Found]] = {}
    for item in found:
        if not (item.detail["type"] == "missing" and item.path in meant):
            groups.setdefault((item.path, item.detail["type"] in WANTED), []).append(item)
    return [
        complaint_at(document, (*path, *fault.at), fault.message, fault.on_key or items[0].on_key)
        for (path, _), items in groups.items()
        for fault in _worded(items, document.value)
    ]


def complaint_at(
    document: Document, path: KeyPath, message: str, on_key: bool = False
) -> Complaint:
    """A complaint at ``path``, or at the deepest part of it that the file has."""
    known = path
    while known and known not in document.values:
        known = known[:-1]
    positions = document.keys if on_key and known in document.keys else document.values
    return Complaint(*positions.get(known, (1, 1)), ".".join(map(str, path)), message)


def _locate(detail: ErrorDetails, document: Document) -> _Found:
    """Leave out of pydantic's location what is not in the file: the type that it tried."""
    path: KeyPath = ()
    on_key = detail["type"] == "extra_forbidden"
    branch = tagged = None
    for place, step in enumerate(detail["loc"]):
        lost = detail["type"] == "missing" and place == len(detail["loc"]) - 1
        if path != tagged and is_tagged(document.value, path):
            tagged = path
        elif lost or (*path, step) in document.values:
            path = (*path, step)
        elif step == "[key]":
            on_key = True
        else:
            branch = (path, step)
    return _Found(path, detail, on_key, branch)


def _likeliest(found: Sequence[_Found]) -> Iterator[_Found]:
    """Where several types may stand, keep what is said of the type that fits best.

    A value of the right type that is out of bounds fits better than one of another type; among
    those, the best is the one that pydantic followed deepest.
    """
    fits: dict[tuple[KeyPath, str | int], tuple[bool, int]] = {}
    for item in found:
        if item.branch:
            fit = (item.detail["type"] not in WANTED, len(item.path))
            fits[item.branch] = max(fit, fits.get(item.branch, fit))
    for item in found:
        if item.branch:
            rivals = [fit for (path, _), fit in fits.items() if path == item.branch[0]]
            if fits[item.branch] < max(rivals):
                continue
        yield item


def _worded(items: Sequence[_Found], assignment: Any) -> list[Fault]:
    """What is wrong at one place: one error, or one for each type that could stand there."""
    detail, path = items[0].detail, items[0].path
    if detail["type"] == FAULTS:
        return list(detail["ctx"]["faults"])
    if detail["type"] == "extra_forbidden":
        return [_unknown_key(str(path[-1]), known_keys(assignment, path[:-1]))]
    if detail["type"] == "missing":
        return [Fault((), f"The key {quoted(str(path[-1]))} is missing here.")]
    if detail["type"].startswith("union_tag"):
        return [_wrong_check_type(detail["input"])]
    if detail["type"] == "too_short" and detail["input"]:
        return []  # its items are faulty, and each says so itself
    if detail["type"] in WANTED:
        return [Fault((), _wrong_type(detail["input"], [item.detail["type"] for item in items]))]
    return [Fault((), _reworded(detail))]


def _unknown_key(key: str, known: Iterable[str], at: tuple[str, ...] = ()) -> Fault:
    message = f"The key {quoted(key)} is not known here.{meant_or_known(key, known)}"
    return Fault(at, message, on_key=True)


def _wrong_check_type(check: Any) -> Fault:
    if not isinstance(check, dict):
        return Fault((), _wrong_type(check, ["dict_type"]))
    if "type" not in check:
        for key in check:
            if nearest(key, ["type"]):
                return _unknown_key(key, ["type"], (key,))
        return Fault((), f'The check has no "type": {join_words(list(CHECK_TYPES), "or")}.')
    name = check["type"]
    if not isinstance(name, str):
        return Fault(("type",), f"Expected a check type, got {show_value(name)}.")
    message = f"There is no check type {quoted(name)}.{meant_or_known(name, CHECK_TYPES)}"
    return Fault(("type",), message)


WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "finite_number": "a finite number",
}
"""What was expected, by pydantic's error type."""

BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _wrong_type(value: Any, kinds: Sequence[str]) -> str:
    wanted = join_words(list(dict.fromkeys(WANTED[kind] for kind in kinds)), "or")
    number = number_meant(value) if "float_type" in kinds else ""
    return f"Expected {wanted}, got {show_value(value)}.{number}"


def _reworded(detail: ErrorDetails) -> str:
    """pydantic's message in our words."""
    value, context = detail["input"], detail.get("ctx", {})
    kind, got = detail["type"], show_value(detail["input"])
    if kind in BOUNDS:
        words, key = BOUNDS[kind]
        bound = context[key]
        shown = show_count(int(bound)) if bound == int(bound) else show_number(bound)
        return f"Expected {words} {shown}, got {got}."
    if kind == "literal_error":
        known = context["expected"].replace("'", '"')
        words = known.replace(" or ", ", ").replace('"', "").split(", ")
        hint = did_you_mean(value, words) if isinstance(value, str) and value not in words else ""
        return f"Expected {known}, got {got}.{hint}"
    if kind in ("too_short", "string_too_short"):
        return "At least one is needed here." if kind == "too_short" else "The text is empty."
    if kind == "too_long":
        return f"At most {context['max_length']} are taken here, not {context['actual_length']}."
    if kind == "string_too_long":
        return f"The text is longer than {context['max_length']} characters."
    if kind == "string_pattern_mismatch":
        if context["pattern"] != IDENTIFIER:
            return f"{quoted(value)} is not of the form {context['pattern']}."
        return (
            f"{quoted(value)} may hold only letters, digits, dot, dash and underscore, and begins "
            "with a letter or digit."
        )
    return f"{detail['msg'].removeprefix('Value error, ')}."
