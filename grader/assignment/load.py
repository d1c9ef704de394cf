"""Assignment files: YAML in, ``Assignment`` out, or every fault with its line and column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.assignment.complaints import complaint_at, complaints_of
from grader.assignment.hidden import merge_hidden
from grader.assignment.json_schema import SchemaOfAssignments
from grader.assignment.rules import broken_rules
from grader.assignment.schema import Assignment
from grader.assignment.yaml_nodes import Document, read_yaml
from grader.errors import AssignmentError, Complaint
from grader.words import quoted


@dataclass(frozen=True, slots=True)
class LoadedAssignment:
    """An assignment and the file that it came from."""

    content: Assignment
    path: Path
    sha256: str
    """Of the file, and of its hidden checks where they are there."""

    @property
    def solution(self) -> Path:
        """The author's solution: ``solutions/NN-topic.ipynb`` beside the assignment's folder."""
        return _beside(self.path, ".ipynb")

    @property
    def hidden(self) -> Path:
        """Checks that only instructors have: ``solutions/NN-topic.hidden.yaml``."""
        return _beside(self.path, ".hidden.yaml")

    @property
    def values(self) -> Path:
        """What the solution gives, stored for those who have no solution."""
        return self.path.with_suffix(".values.json")


def load_assignment(path: Path, with_hidden: bool = True) -> LoadedAssignment:
    """Read one assignment file, and its hidden checks where they are, unless they are not wanted.

    Raises AssignmentError with all faults of the first file that has any, in the file's order.
    """
    data = _read(path)
    document = read_yaml(data)
    content = _content(path, document, path.parent)
    hidden = _beside(path, ".hidden.yaml")
    if not (with_hidden and hidden.exists()):
        return LoadedAssignment(content, path, hashlib.sha256(data).hexdigest())
    more = _read(hidden)
    merged, complaints = merge_hidden(document, read_yaml(more))
    if complaints:
        raise AssignmentError(str(hidden), _in_order(complaints))
    both = hashlib.sha256(data + b"\0" + more).hexdigest()
    return LoadedAssignment(_content(hidden, merged, path.parent), path, both)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"The file cannot be read: {error.strerror or error}."
        raise AssignmentError(str(path), (Complaint(1, 1, "", message),)) from error


def _content(path: Path, document: Document, folder: Path) -> Assignment:
    content, complaints = _understand(document)
    if content is not None:
        complaints += _files_that_are_not_there(content, folder, document)
    if complaints or content is None:
        raise AssignmentError(str(path), _in_order(complaints))
    return content


def _files_that_are_not_there(
    content: Assignment, folder: Path, document: Document
) -> Iterator[Complaint]:
    """Data and authors' own checks stand beside the assignment."""
    for at, exercise in enumerate(content.exercises):
        for place, check in enumerate(exercise.checks):
            name = getattr(check, "file", None)
            if name is not None and not (folder / name).is_file():
                message = f"There is no file {quoted(name)} beside the assignment."
                yield complaint_at(document, ("exercises", at, "checks", place, "file"), message)


def _beside(path: Path, suffix: str) -> Path:
    """A file of the same name in the folder of what only instructors have."""
    return path.resolve().parent.parent / "solutions" / f"{path.stem}{suffix}"


def _understand(document: Document) -> tuple[Assignment | None, list[Complaint]]:
    """The assignment in a document, and all that is wrong with it."""
    if not isinstance(document.value, dict):
        line, column = document.values.get((), (1, 1))
        message = FIRST_LINE if document.values else f"The file is empty. {FIRST_LINE}"
        return None, document.complaints or [Complaint(line, column, "", message)]
    complaints = [
        complaint_at(document, fault.at, fault.message, fault.on_key)
        for fault in broken_rules(document.value)
    ]
    content = None
    try:
        # As JSON: a list may stand for a tuple, but "5" is no number, nor is true.
        content = Assignment.model_validate_json(json.dumps(document.value), strict=True)
    except ValidationError as error:
        complaints += complaints_of(error.errors(include_url=False), document)
    # Where a value could not be read, nothing stands; nobody needs to hear that it is nothing.
    unread = {(c.line, c.column, c.key) for c in document.complaints}
    complaints = [c for c in complaints if (c.line, c.column, c.key) not in unread]
    return content, [*document.complaints, *complaints]


FIRST_LINE = "An assignment is a mapping that begins with format: 1."


def _in_order(complaints: list[Complaint]) -> tuple[Complaint, ...]:
    """Each place once, in the order of the file: what aliases repeat was written once."""
    first: dict[tuple[int, int, str], Complaint] = {}
    for complaint in complaints:
        first.setdefault((complaint.line, complaint.column, complaint.message), complaint)
    return tuple(sorted(first.values(), key=lambda c: (c.line, c.column)))


def find_assignments(folder: Path) -> tuple[Path, ...]:
    """The assignment files in a folder, by name."""
    found = [
        path for path in folder.glob("[!.]*") if path.suffix in (".yaml", ".yml") and path.is_file()
    ]
    return tuple(sorted(found, key=lambda path: (path.stem, path.suffix)))


def assignment_json_schema() -> dict[str, Any]:
    """JSON Schema of assignment files, for editors."""
    schema = Assignment.model_json_schema(schema_generator=SchemaOfAssignments)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
