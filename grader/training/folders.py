"""Where the grader keeps what can be made again: downloads and training results."""

from __future__ import annotations

import os
from pathlib import Path

NAME = "cnn-grader"


def cache_folder(part: str) -> Path:
    """``$XDG_CACHE_HOME/cnn-grader/PART``, by default below ``~/.cache``; made when missing."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(root) / NAME / part
    folder.mkdir(parents=True, exist_ok=True)
    return folder
