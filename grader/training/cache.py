"""Results that are pure functions of their inputs, kept on disk by the digest of those inputs.

Each entry is one JSON file, written whole to a temporary name and then renamed, so that two
processes may write the same entry at the same time. What cannot be read is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from grader.training.folders import write_whole

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FORMAT = 1
"""Raise it when the way of training changes, so that older results are not taken for new."""


class ResultCache:
    """Args: folder: where the entries are; None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def get(self, key: dict[str, Any]) -> Any | None:
        """The result that was stored under ``key``, or None."""
        if self.folder is None:
            return None
        try:
            entry = json.loads(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        same = isinstance(entry, dict) and entry.get("key") == _plain(key)
        return entry.get("result") if same else None

    def put(self, key: dict[str, Any], result: Any) -> None:
        """Store a result. A full or read-only disk loses the entry, not the grade."""
        if self.folder is None:
            return
        path = self._path(key)
        text = json.dumps({"key": _plain(key), "result": result})
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, lambda file: file.write(text.encode()))

    @contextlib.contextmanager
    def alone(self, key: dict[str, Any]) -> Iterator[None]:
        """Whoever else asks for the same key waits until the block has ended.

        Between processes, by a lock on a file, which ends with the process that holds it. Where
        no lock can be had, nobody waits: then the same is made twice, and is the same.
        """
        if self.folder is None or fcntl is None:
            yield
            return
        path = self._path(key).with_suffix(".lock")
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(_locked(path))
            yield

    def _path(self, key: dict[str, Any]) -> Path:
        assert self.folder is not None
        digest = digest_of(key)
        return self.folder / digest[:2] / f"{digest}.json"


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock on a file that whoever held it before may just have removed."""
    while True:
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_file_at(file, path):
                try:
                    yield
                finally:
                    with contextlib.suppress(OSError):
                        path.unlink()
                return


def _is_file_at(file: IO[str], path: Path) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


def digest_of(key: dict[str, Any]) -> str:
    """SHA-256 of plain values, whatever the order of their keys."""
    text = json.dumps(_plain(key), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(key: dict[str, Any]) -> Any:
    return json.loads(json.dumps({"format": FORMAT, **key}))
