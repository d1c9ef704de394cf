"""Where the grader keeps what can be made again: downloads and training results."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

NAME = "cnn-grader"


def cache_folder(part: str) -> Path:
    """``$XDG_CACHE_HOME/cnn-grader/PART``, by default below ``~/.cache``; made when missing."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(root) / NAME / part
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file under a name of its own first: whoever reads ``path`` sees all of it or none.

    Raises OSError, and then leaves nothing behind.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            write(file)
            file.flush()
            part.replace(path)
        except BaseException:
            part.unlink()
            raise
