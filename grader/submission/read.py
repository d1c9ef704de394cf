"""Reads a notebook or script into statements. Nothing of it is run."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from grader.errors import SubmissionError, UsageError
from grader.records import BrokenStatement, Problem, Statement, Submission
from grader.submission.statements import split_cell

MAX_BYTES = 128 * 2**20
MAX_CELLS = 20_000
SUFFIXES = (".ipynb", ".py")


def read_submission(path: Path) -> Submission:
    """Read ``path`` (.ipynb in nbformat 3 or 4, or .py).

    Raises UsageError for a path that cannot be opened, SubmissionError (``unreadable``) for a
    file that holds neither a notebook nor a script.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder, not a notebook.")
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path} is neither a notebook (.ipynb) nor a script (.py).")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _unreadable(f"The file is larger than {MAX_BYTES >> 20} MiB.")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    digest = hashlib.sha256(data).hexdigest()
    kind: Literal["notebook", "script"] = (
        "notebook" if path.suffix.lower() == ".ipynb" else "script"
    )
    text = _decode(data)
    assignment = None
    if kind == "notebook":
        notebook = _parse_json(text)
        cells: Iterator[tuple[str, int | None]] = _code_cells(notebook)
        assignment = _assignment_id(notebook)
    else:
        cells = iter([(text, None)])
    statements: list[Statement] = []
    broken: list[BrokenStatement] = []
    for source, cell in cells:
        read, unread = split_cell(source, cell)
        statements += read
        broken += unread
    return Submission(
        str(path), digest, kind, tuple(statements), tuple(broken), assignment_id=assignment
    )


def _decode(data: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    return data.decode("utf-8", errors="replace")


def _parse_json(text: str) -> dict[str, Any]:
    if not text.strip():
        raise _unreadable("The file is empty. Save the notebook and hand it in again.")
    try:
        # Only the first value: some tools leave stray text behind the last bracket.
        notebook, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except RecursionError:
        raise _unreadable("The file is nested too deeply to be a notebook.") from None
    except ValueError as error:
        located = isinstance(error, json.JSONDecodeError)
        where = f"line {error.lineno}: {error.msg}" if located else str(error)
        raise _unreadable(
            f"The file is not a notebook: it is not JSON ({where}). "
            "Open it in Jupyter, save it, and hand it in again."
        ) from error
    if not isinstance(notebook, dict):
        raise _unreadable("The file is JSON, but not a notebook.")
    return notebook


def _code_cells(notebook: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Source and number of each code cell, counted from 1 among the code cells."""
    number = 0
    for cell in _cells(notebook):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            number += 1
            if number > MAX_CELLS:
                raise _unreadable(f"The notebook has more than {MAX_CELLS:,} code cells.")
            # nbformat 3 called the source "input".
            yield _as_text(cell.get("source", cell.get("input", ""))), number


def _cells(notebook: dict[str, Any]) -> list[Any]:
    cells = notebook.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = notebook.get("worksheets")
    if isinstance(sheets, list):
        return [
            cell
            for sheet in sheets
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    raise _unreadable('The file is JSON, but not a notebook: it has no "cells".')


def _as_text(source: Any) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _assignment_id(notebook: dict[str, Any]) -> str | None:
    """The metadata ``grader.assignment``."""
    metadata = notebook.get("metadata")
    ours = metadata.get("grader") if isinstance(metadata, dict) else None
    name = ours.get("assignment") if isinstance(ours, dict) else None
    return name if isinstance(name, str) and 0 < len(name) <= 200 else None


def _unreadable(message: str) -> SubmissionError:
    return SubmissionError(Problem("unreadable", message))
