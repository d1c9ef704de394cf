"""Where the grader keeps what can be made again: downloads and training results."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO

from grader.errors import UsageError

NAME = "cnn-grader"


def cache_folder(part: str) -> Path:
    """``$XDG_CACHE_HOME/cnn-grader/PART``, by default below ``~/.cache``; made when missing.

    Where it cannot be made, nothing is kept, and nobody is kept from grading. Raises UsageError
    for an account without a home.
    """
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if root.startswith("~"):
        raise UsageError("This account has no home folder; name a folder with XDG_CACHE_HOME.")
    folder = Path(root) / NAME / part
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file under a name of its own first: whoever reads ``path`` sees all of it or none.

    Raises OSError, and then leaves nothing behind.
    """
    # Not by tempfile, whose files are for their owner only, whatever the umask says.
    part = path.with_name(f"{secrets.token_hex(8)}.part")
    with open(part, "xb") as file:
        try:
            write(file)
            file.flush()
            part.replace(path)
        except BaseException:
            part.unlink()
            raise
