"""Reads a notebook or script into statements. Nothing of it is run."""

from __future__ import annotations

import ast
import codecs
import contextlib
import hashlib
import io
import string
import tokenize
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from grader.errors import UsageError
from grader.records import BrokenStatement, Statement, Submission
from grader.submission.conflicts import sides
from grader.submission.magics import replace_magics
from grader.submission.notebook import read_notebook, unreadable
from grader.submission.statements import split_cell
from grader.submission.written import written_files
from grader.words import show_count

MAX_BYTES = 128 * 2**20
MAX_CODE = 2**20
"""Characters of code in all cells; more is no program that a person wrote."""
MAX_STATEMENTS = 20_000
"""More than the longest course of a person's; each costs time in everything that looks at them."""
SUFFIXES = (".ipynb", ".py")
_ASCII = string.ascii_letters + string.digits + string.punctuation.replace("\\", "") + "\\"


def read_submission(path: Path) -> Submission:
    """Read ``path`` (.ipynb in any nbformat, or .py).

    Raises UsageError for a path that cannot be opened, SubmissionError (``unreadable``) for a
    file that holds neither a notebook nor a script.
    """
    return read_submission_bytes(str(path), read_bytes(path))


def read_submission_bytes(path: str, data: bytes) -> Submission:
    """The same for a file that has been read; only the end of ``path`` matters."""
    if len(data) > MAX_BYTES:
        raise unreadable(f"The file is larger than {MAX_BYTES >> 20} MiB.")
    if path.lower().endswith(".ipynb") and not _is_script(text := _decode(data)):
        notebook = read_notebook(text)
        cells: list[tuple[str, int | None]] = [(s, i) for i, s in enumerate(notebook.cells, 1)]
        read = read_cells(path, "notebook", cells, notebook.assignment_id, notebook.notes)
    else:
        read = read_cells(path, "script", [(_decode_script(data), None)])
    return replace(read, sha256=hashlib.sha256(data).hexdigest())


def read_cells(
    path: str,
    kind: Literal["notebook", "script", "history"],
    cells: Sequence[tuple[str, int | None]],
    assignment: str | None = None,
    notes: Iterable[str] = (),
) -> Submission:
    """The statements of sources that are known, each with the number of its cell.

    The digest is that of the sources. Raises SubmissionError where they are too long.
    """
    notes = list(notes)
    if sum(len(source) for source, _ in cells) > MAX_CODE:
        raise unreadable(f"The file holds more than {MAX_CODE >> 20} MiB of code.")
    statements: list[Statement] = []
    broken: list[BrokenStatement] = []
    for source, cell in cells:
        merged = next(sides(source), None)
        if merged is not None:
            notes.append(f"{place(cell)} holds a merge conflict of git; its first side was read.")
        read, unread = split_cell(source if merged is None else merged, cell)
        statements += read
        broken += unread
        if len(statements) + len(broken) > MAX_STATEMENTS:
            count = show_count(MAX_STATEMENTS)
            raise unreadable(f"The file holds more than {count} statements.")
    return Submission(
        path,
        hashlib.sha256("\0".join(source for source, _ in cells).encode()).hexdigest(),
        kind,
        tuple(statements),
        tuple(broken),
        assignment,
        written_files(cells),
        tuple(notes),
        tuple((cell, source) for source, cell in cells),
    )


def place(cell: int | None) -> str:
    return "The script" if cell is None else f"Cell {cell}"


def read_bytes(path: Path) -> bytes:
    """The bytes of a notebook or script.

    Raises UsageError for a path that cannot be opened, SubmissionError for a file too large.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder, not a notebook.")
        if path.suffix.lower() not in SUFFIXES:
            raise UsageError(f"{path} is neither a notebook (.ipynb) nor a script (.py).")
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is not a file.")
        if path.stat().st_size > MAX_BYTES:
            raise unreadable(f"The file is larger than {MAX_BYTES >> 20} MiB.")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error


def _decode(data: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    return data.decode("utf-8", errors="replace")


def _decode_script(data: bytes) -> str:
    """By the encoding that the script declares, if it is one to write Python in."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if _ASCII.encode().decode(encoding) == _ASCII:
            return data.decode(encoding, errors="replace")
    except (SyntaxError, LookupError, UnicodeError):
        pass
    return _decode(data)


def _is_script(text: str) -> bool:
    """Whether a file named .ipynb holds Python that does more than write down a value."""
    if len(text) > MAX_CODE or text.lstrip()[:1] in ("{", "["):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for source in (text, replace_magics(text)):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                tree = ast.parse(source)
                return not all(isinstance(node, ast.Expr | ast.Pass) for node in tree.body)
    return False
