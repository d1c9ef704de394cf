"""Assignment files for whoever asks for them again and again: read anew only when they changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from grader.assignment.load import LoadedAssignment, load_assignment

Stamps = tuple[tuple[int, int, int] | None, ...]


class KeptAssignments:
    """Loads like ``load_assignment``, and keeps what it loaded.

    Args:
        load: how a file is read.
    """

    def __init__(self, load: Callable[[Path], LoadedAssignment] = load_assignment) -> None:
        self._load = load
        self._kept: dict[Path, tuple[LoadedAssignment, Stamps]] = {}

    def __call__(self, path: Path) -> LoadedAssignment:
        """Raises like the function that loads. A faulty file is read each time."""
        kept = self._kept.get(path)
        if kept is not None and kept[1] == stamps((path, kept[0].hidden)):
            return kept[0]
        before = stamps([path])
        loaded = self._load(path)
        self._kept[path] = (loaded, before + stamps([loaded.hidden]))
        return loaded


def stamps(paths: Iterable[Path]) -> Stamps:
    """By what a file that was written, or put in another's place, is told from the one before."""
    return tuple(map(_stamp, paths))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
