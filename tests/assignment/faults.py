"""Writes assignment files for tests, and tells what the loader says of them."""

from __future__ import annotations

from pathlib import Path

from grader.assignment.load import load_assignment
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
