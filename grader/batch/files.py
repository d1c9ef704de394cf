"""Files on this machine's disk, listed and read without trusting them.

Nothing is followed that leads out of the folder, nothing is opened that is no file, and no more
is read than a notebook may hold.
"""

from __future__ import annotations

import io
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import UsageError
from grader.submission.read import MAX_BYTES, SUFFIXES
from grader.words import printable

MAX_FILES = 200_000
MAX_DEPTH = 20
LEDGER = "ledger.sqlite"
"""What makes a folder a grade book's."""
EMPTY_FOLDER = "The folder is empty."
TOO_LARGE = f"It is larger than {MAX_BYTES >> 20} MiB."
NO_FILE = "It is not a plain file."
_JUNK = frozenset(
    ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini", "node_modules", "site-packages", "venv")
)


@dataclass(frozen=True, slots=True)
class Found:
    """One file below a path that was given, on the disk or in a zip."""

    parts: tuple[str, ...]
    """Its folders and its name, below the path that was given; a zip counts as a folder."""
    path: str
    """For people."""
    file: str
    """Where the bytes are: the file itself, or the zip that holds it."""
    entry: str | None = None
    """Its name in the zip."""
    refused: str | None = None
    """Why it is not opened: a sentence."""
    is_folder: bool = False
    """A folder that is listed because there are no files of it."""

    @property
    def suffix(self) -> str:
        return os.path.splitext(self.parts[-1])[1].lower()

    @property
    def gradable(self) -> bool:
        return self.refused is None and self.suffix in SUFFIXES


def is_junk(name: str) -> bool:
    """Whether a file or folder is what systems, editors and package managers leave behind."""
    return name.startswith(".") or name in _JUNK


def readable_name(raw: bytes, fallback: str) -> str:
    """The name that bytes stand for: UTF-8, or the Korean of older Windows, or ``fallback``.

    In EUC-KR the syllables are bytes that other systems' names do not hold, so this is no guess.
    """
    try:
        return unicodedata.normalize("NFC", raw.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    try:
        korean = raw.decode("euc_kr")
    except UnicodeDecodeError:
        return fallback
    is_korean = all(character.isascii() or "가" <= character <= "힣" for character in korean)
    return korean if is_korean else fallback


def for_people(path: str) -> str:
    """A path that can be written to a file or a terminal; a system may hold any bytes as one."""
    try:
        path.encode()
    except UnicodeEncodeError:
        parts = os.fsencode(path).split(b"/")
        return "/".join(readable_name(raw, raw.decode(errors="backslashreplace")) for raw in parts)
    return path


def shown(path: str) -> str:
    """A path as messages show it: on one line, and not without end."""
    return printable(path, 300)


def list_folder(root: Path) -> Iterator[Found]:
    """All files below a folder but junk, ordered by name; and what stands there instead of one.

    A link to a file within the folder is that file; any other link is refused.

    Raises UsageError when the folder itself cannot be listed, or holds far too much.
    """
    try:
        entries = _entries(str(root))
    except OSError as error:
        raise UsageError(f"{shown(str(root))} cannot be read: {_reason(error)}.") from error
    for count, found in enumerate(_walk(entries, (), os.path.realpath(root))):
        if count >= MAX_FILES:
            raise UsageError(
                f"{shown(str(root))} holds more than {MAX_FILES:,} files; name the folder of the "
                "submissions."
            )
        yield found


def read_file(file: str) -> bytes:
    """The bytes of a file, at most MAX_BYTES of them.

    Raises UsageError, with a sentence that does not name the file.
    """
    try:
        with open_file(file) as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"It cannot be read: {_reason(error)}.") from error
    if len(data) > MAX_BYTES:
        raise UsageError(TOO_LARGE)
    return data


def open_file(file: str) -> io.FileIO:
    """Open a file and nothing else: no link in its place, no pipe that nobody writes to.

    Raises UsageError, with a sentence that does not name the file, or OSError.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError(NO_FILE)
        return io.FileIO(descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def _walk(
    entries: list[os.DirEntry[str]], above: tuple[str, ...], real_root: str
) -> Iterator[Found]:
    for entry in entries:
        if is_junk(entry.name):
            continue
        parts = (*above, entry.name)
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk_below(entry.path, parts, real_root)
            else:
                yield _look_at(entry, parts, real_root)
        except OSError as error:
            why = f"It cannot be read: {_reason(error)}."
            yield Found(parts, for_people(entry.path), entry.path, refused=why)


def _walk_below(folder: str, parts: tuple[str, ...], real_root: str) -> Iterator[Found]:
    why = None
    if os.path.exists(os.path.join(folder, LEDGER)):
        return  # a grade book of ours, which may well lie beside what is graded
    try:
        entries = _entries(folder) if len(parts) < MAX_DEPTH else []
        if len(parts) >= MAX_DEPTH:
            why = "Its folders are too deep."
        elif not entries:
            why = EMPTY_FOLDER
    except OSError as error:
        entries, why = [], f"It cannot be read: {_reason(error)}."
    if why:
        yield Found(parts, for_people(folder), folder, refused=why, is_folder=True)
    yield from _walk(entries, parts, real_root)


def _look_at(entry: os.DirEntry[str], parts: tuple[str, ...], real_root: str) -> Found:
    file, why = entry.path, None
    if entry.is_symlink():
        file = os.path.realpath(entry.path)
        if os.path.commonpath((file, real_root)) != real_root:
            why = "It is a link that leads out of the folder."
        elif not os.path.isfile(file):
            why = "It is a link that leads to no file."
    elif not entry.is_file(follow_symlinks=False):
        why = NO_FILE
    found = Found(parts, for_people(entry.path), file, refused=why)
    if found.gradable and os.stat(file).st_size > MAX_BYTES:
        return replace(found, refused=TOO_LARGE)
    return found


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
