"""YAML with positions: plain values as ``yaml.safe_load`` gives them, and where each stood.

Beyond what YAML itself asks: every key is text and stands once, no value is a date or another
object, and aliases may not unfold into more than ``MAX_NODES`` keys and values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

from grader.errors import Complaint
from grader.words import printable, quoted

MAX_BYTES = 2**20
MAX_NODES = 50_000
MAX_DEPTH = 50
MAX_DIGITS = 100
"""Characters in one number; reading a longer one takes time that grows with its square."""

KeyPath = tuple[str | int, ...]
Position = tuple[int, int]
"""Line and column, counted from 1."""

CORE = "tag:yaml.org,2002:"
SCALARS = frozenset(CORE + kind for kind in ("null", "bool", "int", "float", "str"))


@dataclass(slots=True)
class Document:
    """The values of a file, and the position of each value and each key.

    Without positions there is no value: the file is empty, or ``complaints`` say why not.
    """

    value: Any = None
    values: dict[KeyPath, Position] = field(default_factory=dict)
    """Where the value at a path begins."""
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    """Where the key that ends a path begins."""
    complaints: list[Complaint] = field(default_factory=list)


def read_yaml(data: bytes) -> Document:
    """Read one YAML document. Faults are in ``complaints``, never raised."""
    if len(data) > MAX_BYTES:
        return _unread(1, 1, "The file is larger than 1 MiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        return _unread(*_end_of(before), "The file is not UTF-8 text.")
    try:
        return _read(text)
    except yaml.MarkedYAMLError as error:
        return _not_yaml(error)
    except yaml.reader.ReaderError as error:
        message = f"YAML does not take the character U+{error.character:04X}."
        return _unread(*_end_of(text[: error.position]), message)
    except RecursionError:
        return _unread(1, 1, TOO_DEEP)
    except _Endless as error:
        return _unread(error.line, error.column, error.message)


TOO_DEEP = f"The values are nested more than {MAX_DEPTH} levels deep."


class _Endless(Exception):
    """The document cannot be unfolded into plain values."""

    def __init__(self, node: yaml.Node, message: str) -> None:
        self.line, self.column = _position(node)
        self.message = message


def _read(text: str) -> Document:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    document = Document()
    if node is not None:
        document.value = _Reader(document).value(node, ())
    return document


def _unread(line: int, column: int, message: str) -> Document:
    return Document(complaints=[Complaint(line, column, "", message)])


def _end_of(text: str) -> Position:
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1


def _position(node: yaml.Node) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1


REASONS = {
    "mapping values are not allowed": "A colon followed by a space makes a key, and there can be "
    "no key here: put text that holds one in quotes, and check the indentation.",
    "but found another document": 'A second document begins here ("---"); an assignment is one.',
    "'\\t' that cannot start": "YAML takes no tabs for indentation; use spaces.",
    "that cannot start any token": "Text cannot begin with this character unless it is in quotes.",
    "expected ',' or": "A comma or the closing bracket is missing before this.",
    "expected <block end>": "This does not go on with what stands above: check the indentation, "
    "the dashes and the quotes.",
    "but found '<stream end>'": "The file ends before all brackets are closed.",
    "second occurrence": "An anchor (&) of this name stands above already.",
}
"""What PyYAML's problem means, by a part of its text."""

UNFINISHED = {
    "but got '<stream end>'": "What begins here is never closed.",
    "end of stream": "What begins here is never closed.",
    "could not find expected ':'": "This should be a key, but no colon follows it.",
}
"""Problems that PyYAML notices too late: the place to look at is where they begin."""


def _not_yaml(error: yaml.MarkedYAMLError) -> Document:
    problem, mark = str(error.problem), error.problem_mark
    reason = _reason(problem, UNFINISHED)
    if reason and error.context_mark:
        mark = error.context_mark
    reason = reason or _reason(problem, REASONS) or f"This is not YAML: {printable(problem)}."
    return _unread(*((mark.line + 1, mark.column + 1) if mark else (1, 1)), reason)


def _reason(problem: str, reasons: Mapping[str, str]) -> str | None:
    return next((reason for part, reason in reasons.items() if part in problem), None)


_Pair = tuple[yaml.Node, yaml.Node]


class _Reader:
    """Turns nodes into plain values, in one walk that counts what aliases unfold into."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0
        self.open: list[yaml.Node] = []
        # Only asked for scalars: never composes, so it needs no text.
        self.scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.document.values[path] = _position(node)
        with self._inside(node):
            if isinstance(node, yaml.MappingNode) and node.tag == CORE + "map":
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode) and node.tag == CORE + "seq":
                return [self.value(item, (*path, place)) for place, item in enumerate(node.value)]
            if isinstance(node, yaml.ScalarNode) and node.tag in SCALARS:
                return self._scalar(node, path)
            self._complain(node, path, _wrong_tag(node))
            return None

    @contextmanager
    def _inside(self, node: yaml.Node) -> Iterator[None]:
        if any(node is parent for parent in self.open):
            raise _Endless(node, "An alias stands within what it stands for, without end.")
        if len(self.open) > MAX_DEPTH:
            raise _Endless(node, TOO_DEEP)
        self._count(node)
        self.open.append(node)
        yield
        self.open.pop()

    def _count(self, node: yaml.Node) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            message = f"The file holds more than {MAX_NODES:,} keys and values, aliases unfolded."
            raise _Endless(node, message)

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        text = str(node.value)
        try:
            if len(text) > MAX_DIGITS and node.tag in (CORE + "int", CORE + "float"):
                raise ValueError
            value = self.scalars.construct_object(node)
            text.encode()  # half of a surrogate pair is no text
        except (yaml.YAMLError, ValueError, LookupError):
            kind = NAMES[node.tag.removeprefix(CORE)]
            self._complain(node, path, f"{quoted(text)} cannot be read as {kind}.")
            return None
        return value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, (key_node, value_node) in self._pairs(node, path).items():
            self.document.keys[*path, key] = _position(key_node)
            found[key] = self.value(value_node, (*path, key))
        return found

    def _pairs(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, _Pair]:
        """Key and value nodes by key; what a merge key (<<) brings in gives way to the rest."""
        merged: dict[str, _Pair] = {}
        own: dict[str, _Pair] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            merges = key_node.tag == CORE + "merge"
            key = "<<" if merges else self._key(key_node, path)
            if key is None:
                continue
            if key in lines:
                message = f"The key {quoted(key)} stands twice; the first is in line {lines[key]}."
                self._complain(key_node, (*path, key), message)
                continue
            lines[key], _ = _position(key_node)
            if merges:
                merged = self._brought_in(value_node, path)
            else:
                own[key] = key_node, value_node
        return merged | own

    def _brought_in(self, node: yaml.Node, path: KeyPath) -> dict[str, _Pair]:
        """The pairs of one mapping, or of a list of them, in which the first wins."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, _Pair] = {}
        for source in reversed(sources):
            if not isinstance(source, yaml.MappingNode):
                self._complain(source, path, "A merge key (<<) takes a mapping.")
                continue
            with self._inside(source):
                found |= self._pairs(source, path)
        return found

    def _key(self, node: yaml.Node, path: KeyPath) -> str | None:
        self._count(node)
        if not isinstance(node, yaml.ScalarNode):
            self._complain(node, path, "A key must be a plain word.")
            return None
        if node.tag == CORE + "str":
            text = self._scalar(node, path)
            return text if isinstance(text, str) else None
        self._complain(node, (*path, node.value), _wrong_key(node))
        return None

    def _complain(self, node: yaml.Node, path: KeyPath, message: str) -> None:
        key = ".".join(map(str, path))
        self.document.complaints.append(Complaint(*_position(node), key, message))


NAMES = {
    "null": "nothing",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "timestamp": "a date",
}
"""What YAML's kinds of plain value are called here."""


def _wrong_tag(node: yaml.Node) -> str:
    if node.tag == CORE + "timestamp":
        return f"YAML reads {printable(node.value)} as a date; put it in quotes to make it text."
    tag = node.tag.replace(CORE, "!!")
    return f"The tag {quoted(tag)} is not taken in an assignment."


def _wrong_key(node: yaml.ScalarNode) -> str:
    if not node.value:
        return "A key is missing before the colon."
    kind = NAMES.get(node.tag.removeprefix(CORE))
    if kind is None:
        return _wrong_tag(node)
    return (
        f"YAML reads the key {printable(node.value)} as {kind}; put it in quotes to make it text."
    )
