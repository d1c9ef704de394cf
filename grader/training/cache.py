"""Results that are pure functions of their inputs, kept on disk by the digest of those inputs.

Each entry is one JSON file, written whole to a temporary name and then renamed, so that two
processes may write the same entry at the same time. What cannot be read is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from grader.training.folders import write_whole

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

    def _path(self, key: dict[str, Any]) -> Path:
        assert self.folder is not None
        digest = digest_of(key)
        return self.folder / digest[:2] / f"{digest}.json"


def digest_of(key: dict[str, Any]) -> str:
    """SHA-256 of plain values, whatever the order of their keys."""
    text = json.dumps(_plain(key), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(key: dict[str, Any]) -> Any:
    return json.loads(json.dumps({"format": FORMAT, **key}))
