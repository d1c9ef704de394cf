"""YAML with positions: plain values as ``yaml.safe_load`` gives them, and where each stood.

Duplicate keys are refused, and aliases may not unfold into more than ``MAX_NODES`` values.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import yaml

from grader.errors import Complaint

MAX_BYTES = 2**20
MAX_NODES = 50_000
MAX_DEPTH = 50

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """The values of a file, and the position of each value and each key."""

    value: Any = None
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Line and column (from 1) of the value at a path."""
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Line and column of the key that ends a path."""
    complaints: list[Complaint] = field(default_factory=list)


def read_yaml(data: bytes) -> Document:
    """Read one YAML document. Faults are in ``complaints``, never raised."""
    document = Document()
    if len(data) > MAX_BYTES:
        document.complaints.append(Complaint(1, 1, "", "The file is larger than 1 MiB."))
        return document
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        document.complaints.append(Complaint(line, 1, "", "The file is not UTF-8 text."))
        return document
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            _Reader(document).read(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.complaints.append(Complaint(line, column, "", _plain_words(error)))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        message = f"The file holds a character that YAML does not take (#x{error.character:04x})."
        document.complaints.append(Complaint(line, 1, "", message))
    except (_TooMuch, RecursionError):
        message = "The file unfolds into too many values: an alias repeats too much."
        document.complaints.append(Complaint(1, 1, "", message))
    return document


class _TooMuch(Exception):
    """More values than an assignment can need."""


def _plain_words(error: yaml.MarkedYAMLError) -> str:
    if "\\t" in str(error.problem):
        return "YAML takes no tabs for indentation; use spaces."
    problem = str(error.problem or "it cannot be read")
    context = f" {error.context}" if error.context else ""
    return f"This is not YAML:{context} {problem}."


class _Reader:
    """Turns nodes into plain values, in one walk that counts what aliases unfold into."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0
        # Only asked for scalars: never composes, so it needs no text.
        self.scalars = yaml.SafeLoader("")

    def read(self, node: yaml.Node, path: Path) -> None:
        self.document.value = self._value(node, path)

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self.count += 1
        if self.count > MAX_NODES or len(path) > MAX_DEPTH:
            raise _TooMuch
        self.document.values[path] = _position(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        try:
            return self.scalars.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError, OverflowError):
            self._complain(node, path, f"This value cannot be read: {str(node.value)[:80]!r}.")
            return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, path) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, Hashable) or key is None:
                self._complain(key_node, path, "A key must be a plain word.")
                continue
            if key_node.tag == "tag:yaml.org,2002:merge":
                self._complain(key_node, path, 'Merge keys ("<<") are not taken; write it out.')
                continue
            place: Path = (*path, key if isinstance(key, int) and key is not True else str(key))
            if key in found:
                line, _ = self.document.keys[place]
                message = f'The key "{key}" stands twice; the first is in line {line}.'
                self._complain(key_node, place, message)
                continue
            self.document.keys[place] = _position(key_node)
            found[key] = self._value(value_node, place)
        return found

    def _complain(self, node: yaml.Node, path: Path, message: str) -> None:
        line, column = _position(node)
        key = ".".join(map(str, path))
        self.document.complaints.append(Complaint(line, column, key, message))


def _position(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
