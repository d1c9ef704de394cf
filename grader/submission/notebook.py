"""The code cells of a notebook, from the text of its file."""

from __future__ import annotations

import contextlib
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.errors import SubmissionError
from grader.records import Problem
from grader.submission.conflicts import sides

MAX_CELLS = 20_000
OLD_FORMATS = (1, 2, 3)
_STUMBLES = (
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What nbformat raises, beside its own error, at what it takes to be there already."""
PYTHONS = ("python", "ipython", "micropython", "sagemath", "xpython", "conda")
IN_CONFLICT = (
    "The file holds two versions that git could not merge; the first of each place was read."
)
_WEB_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON can name and nothing can print."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """What is read of a notebook; never its outputs, which may be those of other code."""

    cells: tuple[str, ...]
    """The sources of the code cells."""
    assignment_id: str | None
    """The metadata ``grader.assignment``."""
    notes: tuple[str, ...] = ()
    """What had to be assumed to read it."""


def read_notebook(text: str) -> Notebook:
    """Read a notebook of any nbformat, be it invalid, as long as it is JSON and has cells.

    Raises SubmissionError (``unreadable``).
    """
    notes: tuple[str, ...] = ()
    try:
        notebook = _parse_json(text)
    except SubmissionError:
        notebook = _out_of_conflict(text)
        notes = (IN_CONFLICT,)
    _must_be_python(notebook)
    return Notebook(_code_cells(notebook), _assignment_id(notebook), notes)


def _out_of_conflict(text: str) -> dict[str, Any]:
    """A file that git left with both versions in it. Raises what is to be said of any other."""
    for side in sides(text):
        with contextlib.suppress(SubmissionError):
            return _parse_json(side)
    return _parse_json(text)


def _must_be_python(notebook: dict[str, Any]) -> None:
    metadata = notebook.get("metadata")
    for key in ("language_info", "kernelspec"):
        told = metadata.get(key) if isinstance(metadata, dict) else None
        language = (
            told.get("name" if key == "language_info" else "language")
            if isinstance(told, dict)
            else None
        )
        if isinstance(language, str) and language.strip():
            if not language.lower().startswith(PYTHONS):
                raise unreadable(
                    f"The notebook is written in {_printable(language[:40])}; the exercises ask "
                    "for Python."
                )
            return


def _parse_json(text: str) -> dict[str, Any]:
    if not text.strip():
        raise unreadable("The file is empty. Save the notebook and hand it in again.")
    if _WEB_PAGE.match(text):
        raise unreadable(
            "The file is a web page, not a notebook. Download the notebook itself (on GitHub: "
            "Raw, or Download raw file) and hand that in."
        )
    try:
        # Only the first value: some tools leave stray text behind the last bracket.
        decoder = json.JSONDecoder(strict=False, parse_int=_integer)
        notebook, _ = decoder.raw_decode(text, len(text) - len(text.lstrip()))
    except RecursionError:
        raise unreadable("The file is nested too deeply to be a notebook.") from None
    except ValueError as error:
        where = str(error)
        if isinstance(error, json.JSONDecodeError):
            where = f"line {error.lineno}: {error.msg}"
        raise unreadable(
            f"The file is not a notebook: it is not JSON ({where}). "
            "Open it in Jupyter, save it, and hand it in again."
        ) from error
    if not isinstance(notebook, dict):
        raise unreadable("The file is JSON, but not a notebook.")
    return notebook


def _integer(digits: str) -> int | float:
    """Python refuses to read numbers of thousands of digits; nothing here needs them exactly."""
    return int(digits) if len(digits) < 20 else float(digits)


def _code_cells(notebook: dict[str, Any]) -> tuple[str, ...]:
    sources = tuple(
        _source(cell)
        for cell in _cells(_upgraded(notebook))
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and _holds_python(cell)
    )
    if len(sources) > MAX_CELLS:
        raise unreadable(f"The notebook has more than {MAX_CELLS:,} code cells.")
    return sources


def _holds_python(cell: dict[str, Any]) -> bool:
    """Editors with several languages in one notebook note that of a cell in its metadata."""
    metadata = cell.get("metadata")
    editor = metadata.get("vscode") if isinstance(metadata, dict) else None
    language = editor.get("languageId") if isinstance(editor, dict) else None
    return not isinstance(language, str) or language == "python"


def _upgraded(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook of before 2015 as nbformat puts it into today's form.

    As it is where it does not keep to its own format: nbformat would then lose cells.
    """
    version = notebook.get("nbformat")
    if version not in OLD_FORMATS:
        return notebook
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old = nbformat.versions[version].to_notebook_json(notebook)
            third = nbformat.convert(old, 3)
            nbformat.validate(third, version=3)
            upgraded: dict[str, Any] = nbformat.convert(third, 4)
            return upgraded
    except (nbformat.ValidationError, *_STUMBLES):
        return notebook


def _cells(notebook: dict[str, Any]) -> Iterator[Any]:
    """Of today's form, or of the worksheets before it."""
    cells = notebook.get("cells")
    sheets = notebook.get("worksheets")
    if isinstance(cells, list):
        yield from cells
    elif isinstance(sheets, list):
        for sheet in sheets:
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list):
                yield from sheet["cells"]
    else:
        raise unreadable('The file is JSON, but not a notebook: it has no "cells".')


def _source(cell: dict[str, Any]) -> str:
    """nbformat 3 called it "input", and the first of all "code"."""
    source = next((cell[key] for key in ("source", "input", "code") if key in cell), "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return _printable(source) if isinstance(source, str) else ""


def _assignment_id(notebook: dict[str, Any]) -> str | None:
    metadata = notebook.get("metadata")
    ours = metadata.get("grader") if isinstance(metadata, dict) else None
    name = ours.get("assignment") if isinstance(ours, dict) else None
    return _printable(name) if isinstance(name, str) and 0 < len(name) <= 200 else None


def _printable(text: str) -> str:
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def unreadable(message: str) -> SubmissionError:
    return SubmissionError(Problem("unreadable", message))
