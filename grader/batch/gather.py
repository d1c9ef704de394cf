"""Every file in one of the paths that were given, zips in it opened."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from grader.batch.archives import Archive, open_archive
from grader.batch.files import Found, for_people, list_folder, read_file, shown
from grader.errors import UsageError
from grader.submission.read import SUFFIXES

ZIP = ".zip"
_IN = "!/"
"""Between the name of a zip in a zip and the name of an entry of it."""
_EMPTY = "The zip is empty."
_TOO_DEEP = "It is a zip in a zip in a zip, and was not opened."


def gather(path: Path) -> list[Found]:
    """All files at ``path``: a folder, a zip, a notebook or a script.

    Zips in a folder are opened, and zips in a zip, such as a student's in that of an LMS.

    Raises UsageError for a path that is none of these, or that cannot be read.
    """
    if os.path.isdir(path):
        return [inner for found in list_folder(path) for inner in _with_zip_opened(found)]
    if not os.path.exists(path):
        raise UsageError(f"There is no file or folder {shown(str(path))}.")
    suffix = path.suffix.lower()
    file = os.path.realpath(path) if os.path.islink(path) else str(path)
    if suffix in SUFFIXES:
        return [Found((path.name,), for_people(str(path)), file)]
    if suffix != ZIP:
        raise UsageError(
            f"{shown(str(path))} is neither a folder nor a zip, a notebook (.ipynb) or a script "
            "(.py)."
        )
    try:
        with open_archive(file) as archive:
            return list(_in_zip(archive, (), for_people(str(path)), file))
    except UsageError as error:
        raise UsageError(f"{shown(str(path))}: {error}") from error


def read_found(file: str, entry: str | None) -> bytes:
    """The bytes of a file, or of an entry of a zip, bounded.

    Raises UsageError, with a sentence that does not name the file.
    """
    if entry is None:
        return read_file(file)
    archive = _kept_open(file)
    if not archive.holds(entry):
        for mark in re.finditer(re.escape(_IN), entry):
            outer, inner = entry[: mark.start()], entry[mark.end() :]
            if archive.holds(outer):
                with Archive(io.BytesIO(archive.read(outer))) as nested:
                    return nested.read(inner)
    return archive.read(entry)


def _kept_open(file: str) -> Archive:
    """The list of a class's zip is read once, not once for each student."""
    try:
        state = os.stat(file)
    except OSError as error:
        raise UsageError(f"It cannot be read: {error.strerror or error}.") from error
    return _opened(file, state.st_ino, state.st_size, state.st_mtime_ns, os.getpid())


@lru_cache(maxsize=4)
def _opened(file: str, *_state: int) -> Archive:
    """The state tells a changed file from itself; a fork must not share the file's position."""
    return open_archive(file)


def _with_zip_opened(found: Found) -> Iterator[Found]:
    if found.suffix != ZIP or found.refused:
        yield found
        return
    try:
        with open_archive(found.file) as archive:
            inside = list(_in_zip(archive, found.parts, found.path, found.file))
    except UsageError as error:
        yield replace(found, refused=str(error))
    else:
        yield from inside or [replace(found, refused=_EMPTY)]


def _in_zip(
    archive: Archive, above: tuple[str, ...], path: str, file: str, outer: str | None = None
) -> Iterator[Found]:
    """The entries of a zip; of those, zips are opened when the zip is not itself in one."""
    for entry in archive.entries():
        own = tuple(part for part in entry.name.split("/") if part not in ("", "."))
        parts = (*above, *(own or ("(no name)",)))
        name = entry.name if outer is None else outer + _IN + entry.name
        found = Found(parts, f"{path}/{entry.name}", file, name, entry.refused)
        if found.suffix != ZIP or found.refused:
            yield found
        elif outer is not None:
            yield replace(found, refused=_TOO_DEEP)
        else:
            try:
                with Archive(io.BytesIO(archive.read(entry.name))) as nested:
                    inside = list(_in_zip(nested, parts, found.path, file, entry.name))
            except UsageError as error:
                yield replace(found, refused=str(error))
            else:
                yield from inside or [replace(found, refused=_EMPTY)]
