"""Assignment files: YAML in, ``Assignment`` out, or every fault with its line and column."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from grader.assignment.schema import Assignment, Exercise, Limits
from grader.assignment.yaml_nodes import Document, read_yaml
from grader.checks.patterns import FAULTS
from grader.checks.table import CHECK_TYPES
from grader.errors import AssignmentError, Complaint
from grader.words import did_you_mean, join_words

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class LoadedAssignment:
    """An assignment and the file that it came from."""

    content: Assignment
    path: Path
    sha256: str


def load_assignment(path: Path) -> LoadedAssignment:
    """Read one assignment file.

    Raises AssignmentError with all its faults, in the order of the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"The file cannot be read: {error.strerror or error}."
        raise AssignmentError(str(path), (Complaint(1, 1, "", message),)) from error
    document = read_yaml(data)
    complaints = list(document.complaints)
    content = None
    if not any(complaint.key == "" for complaint in complaints):
        if isinstance(document.value, dict):
            try:
                content = Assignment.model_validate(document.value)
            except ValidationError as error:
                for detail in error.errors(include_url=False):
                    complaints += _complaints(detail, document)
        else:
            message = "An assignment is a mapping that begins with format: 1."
            complaints.append(Complaint(1, 1, "", message))
    if complaints or content is None:
        unique = dict.fromkeys(sorted(complaints, key=lambda c: (c.line, c.column, c.message)))
        raise AssignmentError(str(path), tuple(unique))
    return LoadedAssignment(content, path, hashlib.sha256(data).hexdigest())


def find_assignments(folder: Path) -> tuple[Path, ...]:
    """The assignment files in a folder, by name."""
    return tuple(sorted(p for p in folder.glob("*.y*ml") if p.suffix in (".yaml", ".yml")))


def assignment_json_schema() -> dict[str, Any]:
    """JSON Schema of assignment files, for editors."""
    schema = Assignment.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def _complaints(detail: ErrorDetails, document: Document) -> list[Complaint]:
    """One of pydantic's errors as ours, at the key that is wrong."""
    path = _in_file(detail["loc"], document)
    if detail["type"] == FAULTS:
        return [
            _at(document, (*path, *fault.at), fault.message) for fault in detail["ctx"]["faults"]
        ]
    if detail["type"] == "extra_forbidden":
        return [_at(document, path, _unknown_key(path, document), on_key=True)]
    if detail["type"] == "missing":
        return [_at(document, path[:-1], f'The key "{path[-1]}" is missing here.')]
    if detail["type"].startswith("union_tag"):
        return [_at(document, *_wrong_check_type(path, detail))]
    if detail["type"] == "too_short" and detail["input"]:
        return []  # its items are faulty, and each says so itself
    return [_at(document, path, _reworded(detail))]


def _in_file(location: tuple[int | str, ...], document: Document) -> KeyPath:
    """pydantic's location without the steps that are not in the file (union branches)."""
    path: list[str | int] = []
    for place, step in enumerate(location):
        longer = (*path, step)
        last = place == len(location) - 1
        if longer in document.values or longer in document.keys or (last and _is_key(step)):
            path.append(step)
    return tuple(path)


def _is_key(step: int | str) -> bool:
    """A missing key is in no position table; a union branch has a type's name."""
    return isinstance(step, str) and step.isidentifier() and step.islower() and step not in NOISE


NOISE = frozenset({*CHECK_TYPES, "int", "float", "str", "bool", "list", "dict"})


def _at(document: Document, path: KeyPath, message: str, on_key: bool = False) -> Complaint:
    """A complaint at the deepest part of ``path`` that the file has."""
    known = path
    while known and known not in document.values:
        known = known[:-1]
    position = document.values.get(known, (1, 1))
    if (on_key or known == path) and known in document.keys and on_key:
        position = document.keys[known]
    return Complaint(*position, ".".join(map(str, path)), message)


def _unknown_key(path: KeyPath, document: Document) -> str:
    key = path[-1]
    return f'The key "{key}" is not known here.{did_you_mean(str(key), _keys_at(path, document))}'


def _keys_at(path: KeyPath, document: Document) -> list[str]:
    """The keys that could stand where the unknown one stands."""
    match path:
        case (_,):
            return list(Assignment.model_fields)
        case ("limits", _):
            return list(Limits.model_fields)
        case ("exercises", _, _):
            return list(Exercise.model_fields)
        case ("exercises", _, "checks", _, _):
            check = CHECK_TYPES.get(str(_value_at(document.value, (*path[:-1], "type"))))
            return list(check.spec.model_fields) if check else []
        case ("exercises", _, "checks", _, "cases", _, _):
            return ["args", "kwargs", "expect", "tolerance"]
        case _:
            return ["exact", "min", "max", "total", "trainable", "non_trainable", "parameters",
                    "multiply_adds", "receptive_field", "optimizer", "loss", "metrics"]  # fmt: skip


def _value_at(value: Any, path: KeyPath) -> Any:
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _wrong_check_type(path: KeyPath, detail: ErrorDetails) -> tuple[KeyPath, str]:
    known = join_words(list(CHECK_TYPES), "or")
    if detail["type"] == "union_tag_not_found":
        return path, f'The check has no "type": one of {known}.'
    tag = str(detail["ctx"]["tag"])
    hint = did_you_mean(tag, CHECK_TYPES) or f" Known are {known}."
    return (*path, "type"), f'There is no check type "{tag}".{hint}'


WANTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
"""What was expected, by pydantic's error type."""


def _reworded(detail: ErrorDetails) -> str:
    """pydantic's message in our words."""
    value, context = detail["input"], detail.get("ctx", {})
    kind = detail["type"]
    if kind in WANTED:
        return f"Expected {WANTED[kind]}, got {_show(value)}.{_exponent_hint(kind, value)}"
    if kind == "literal_error":
        expected = str(context["expected"]).replace("'", '"')
        known = [word.strip('"') for word in expected.replace(" or ", ", ").split(", ")]
        return f"Expected {expected}, got {_show(value)}.{did_you_mean(str(value), known)}"
    bounds = {
        "greater_than": "above {gt}",
        "greater_than_equal": "at least {ge}",
        "less_than": "below {lt}",
        "less_than_equal": "at most {le}",
    }
    if kind in bounds:
        return f"Expected a number {bounds[kind].format(**context)}, got {_show(value)}."
    if kind == "too_short":
        return "At least one is needed here."
    if kind == "string_pattern_mismatch":
        return f"{_show(value)} may hold only letters, digits, dot, dash and underscore."
    return f"{detail['msg']}."


def _exponent_hint(kind: str, value: Any) -> str:
    """YAML 1.1 reads 1e-3 as text."""
    if kind.startswith("float") and isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return ""
        mantissa, _, exponent = value.partition("e")
        return f" Write {mantissa}.0e{exponent}." if exponent and "." not in mantissa else ""
    return ""


def _show(value: Any) -> str:
    if isinstance(value, str):
        return f'the text "{value[:80]}"'
    if isinstance(value, bool):
        return str(value).lower()
    names = {list: "a list", dict: "a mapping", type(None): "nothing"}
    return names.get(type(value), str(value)[:80])
