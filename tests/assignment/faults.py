"""Assignment files for tests, and what the loader says of them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import yaml

from grader.assignment.load import load_assignment
from grader.checks.table import CHECK_TYPES
from grader.errors import AssignmentError

HEAD = "format: 1\nid: a\ntitle: T\nexercises:\n  - id: e\n"
BUILD = f"{HEAD}    build: build_cnn\n    input_shape: [28, 28, 1]\n    checks:\n"
FUNCTION = f"{HEAD}    function: size\n    checks:\n"
ANSWERS = f"{HEAD}    answers: counts\n    checks:\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "a.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def complaints(folder: Path, text: str | bytes) -> list[str]:
    """Each complaint as the author reads it, without the path; none where all is well."""
    path = write(folder, text)
    try:
        load_assignment(path)
    except AssignmentError as error:
        lines = str(error).splitlines()
        assert all(line.startswith(f"{path}:") for line in lines)
        return [line.removeprefix(f"{path}:") for line in lines]
    return []


def check_complaints(folder: Path, *checks: str, head: str = BUILD) -> list[str]:
    """The complaints about checks in flow style, whose lines and columns count from the first."""
    text = head + "".join(f"      - {check}\n" for check in checks)
    first, indent = head.count("\n"), len("      - ")
    found = []
    for complaint in complaints(folder, text):
        line, column, message = complaint.split(":", 2)
        found.append(f"{int(line) - first}:{int(column) - indent}:{message}")
    return found


def every_check() -> Any:
    """An assignment of three exercises with the passing example of every check type."""
    exercises: dict[str, Any] = {
        "build": {"id": "b", "build": "f", "input_shape": [8, 8, 1]},
        "function": {"id": "f", "function": "g"},
        "answers": {"id": "a", "answers": "h"},
    }
    for check in CHECK_TYPES.values():
        example = re.search(r"Passes\n    check: (.*)", inspect.getmodule(check.run).__doc__ or "")
        assert example
        kind = "build" if check.asks == "any" else check.asks
        checks = exercises[kind].setdefault("checks", [])
        checks.append({**yaml.safe_load(example[1]), "points": 1})
    return {"format": 1, "id": "x", "title": "T", "exercises": list(exercises.values())}
