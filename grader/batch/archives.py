"""Zips, listed and read in memory; nothing of them is ever unpacked.

A zip says of itself how large it is and what its entries are, and a stranger made it. So the
list is bounded before it is parsed, what an entry claims is judged before it is opened, and what
comes out is counted while it is read.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import weakref
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass
from types import TracebackType

from grader.batch.files import NO_FILE, TOO_LARGE, is_junk, open_file, readable_name
from grader.errors import UsageError
from grader.submission.read import MAX_BYTES

MAX_LIST = 8 * 2**20
"""Bytes of a zip's list of its entries: some 80,000 of them."""
MAX_ENTRIES = 100_000
MAX_RATIO = 200
"""Real notebooks shrink to a third, those with a log of every step to a fiftieth."""
MAX_SMALL = 4 * 2**20
"""Bytes that do no harm, however well they were packed."""
MAX_TOTAL = 64 * 2**30
_CHUNK = 2**20
_ENCRYPTED, _UTF_8 = 0x1, 0x800
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What the reader of zips raises for one that is damaged, or made to look so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that a zip lists."""

    name: str
    """With slashes, and in letters that people read."""
    refused: str | None = None
    """Why it is not opened: a sentence."""


class Archive:
    """An open zip.

    Raises UsageError, with a sentence that does not name the file, for what is no zip, is
    damaged, or is made to fill a machine.
    """

    def __init__(self, raw: io.FileIO | io.BytesIO) -> None:
        self._raw = raw
        weakref.finalize(self, raw.close)
        self._named: defaultdict[str, list[zipfile.ZipInfo]] = defaultdict(list)
        try:
            self._zip = zipfile.ZipFile(_Bounded(raw))
            for info in self._zip.infolist():
                if not info.is_dir():
                    self._named[_name_of(info)].append(info)
            self._refuse_too_much(raw.seek(0, io.SEEK_END))
        except _FAULTS as error:
            raw.close()
            raise UsageError("It is not a zip, or a damaged one.") from error
        except UsageError:
            raw.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def _refuse_too_much(self, size: int) -> None:
        opened = [
            infos[-1].file_size for name, infos in self._named.items() if not _refusal(name, infos)
        ]
        total = sum(opened)
        if len(opened) > MAX_ENTRIES or total > max(MAX_SMALL, min(MAX_TOTAL, MAX_RATIO * size)):
            raise UsageError(
                f"It claims to hold {len(opened):,} files of {total / 2**20:,.0f} MiB in "
                f"{size / 2**20:,.1f} MiB, more than submissions do, and was not opened."
            )

    def entries(self) -> list[Entry]:
        """All files in it but junk, ordered by name."""
        return [
            Entry(name, _refusal(name, infos))
            for name, infos in sorted(self._named.items())
            if not any(is_junk(part) for part in name.split("/") if part not in (".", ".."))
        ]

    def holds(self, name: str) -> bool:
        """Whether there is an entry of that name."""
        return name in self._named

    def read(self, name: str) -> bytes:
        """The bytes of an entry, at most MAX_BYTES of them.

        Raises UsageError, with a sentence that does not name the entry.
        """
        infos = self._named.get(name)
        if infos is None:
            raise UsageError("It is not in the zip any more.")
        refused = _refusal(name, infos)
        if refused:
            raise UsageError(refused)
        chunks, left = [], MAX_BYTES
        try:
            with self._zip.open(infos[-1]) as opened:
                while chunk := opened.read(_CHUNK):
                    chunks.append(chunk)
                    left -= len(chunk)
                    if left < 0:
                        raise UsageError(TOO_LARGE)
        except _FAULTS as error:
            raise UsageError("It is damaged in the zip.") from error
        return b"".join(chunks)


def open_archive(file: str) -> Archive:
    """Open a zip on the disk; raises UsageError, with a sentence that does not name it."""
    try:
        raw = open_file(file)
    except OSError as error:
        raise UsageError(f"It cannot be read: {error.strerror or error}.") from error
    return Archive(raw)


class _Bounded(io.BufferedReader):
    """Refuses to be read in one piece of a size that only a zip's list is read in."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_LIST:
            raise UsageError("It lists more files than submissions hold, and was not opened.")
        return super().read(size)


def _name_of(info: zipfile.ZipInfo) -> str:
    """As people read it: older packers write letters in the bytes of their own system."""
    name = info.orig_filename
    if not info.flag_bits & _UTF_8 and not name.isascii():
        name = readable_name(name.encode("cp437"), name)
    return name if "/" in name else name.replace("\\", "/")


def _refusal(name: str, infos: list[zipfile.ZipInfo]) -> str | None:
    """Why what a zip lists under a name is not opened; None when it is."""
    info = infos[-1]
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        return "Its path leads out of the zip."
    if "\0" in name:
        return "Its name holds a zero byte."
    if len({(twin.CRC, twin.file_size) for twin in infos}) > 1:
        return "The zip holds several different files of this name."
    if kind == stat.S_IFLNK:
        return "It is a link."
    if kind not in (0, stat.S_IFREG):
        return NO_FILE
    if info.flag_bits & _ENCRYPTED:
        return "It is encrypted with a password."
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "It is packed in a way that only some programs can unpack; pack it as a plain zip."
    if info.file_size > MAX_BYTES:
        return TOO_LARGE
    if info.file_size > max(MAX_SMALL, MAX_RATIO * info.compress_size):
        times = info.file_size // max(1, info.compress_size)
        return f"It claims to unpack to {times:,} times its size; if it is sound, unpack the zip."
    return None
