"""Writes zips for tests, honest and other."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of files, given as name → bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as writing:
        for name, data in files.items():
            writing.writestr(name, data)
    return packed.getvalue()


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    """Write a zip, and return its path."""
    path.write_bytes(zipped(files))
    return path


def with_bytes_named(files: dict[bytes, bytes]) -> bytes:
    """A zip whose names are these bytes, without a word on what letters they are."""
    named = {f"{at:03}".ljust(len(name), "x"): name for at, name in enumerate(files)}
    packed = zipped(dict(zip(named, files.values(), strict=True)))
    for stand_in, name in named.items():
        packed = packed.replace(stand_in.encode(), name)
    return packed
