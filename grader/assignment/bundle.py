"""An assignment with all that stands beside it, as bytes: for workers that cannot see the file.

A worker unpacks it once, into a folder of its own; what an author changes meanwhile changes
nothing in a class that is being graded.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.errors import UsageError
from grader.words import quoted

ASSIGNMENTS, SOLUTIONS = "assignments", "solutions"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one assignment."""

    name: str
    """The assignment file's path among ``files``."""
    files: Mapping[str, bytes]
    """By path: ``assignments/03-cnn-structure.yaml``."""

    @property
    def sha256(self) -> str:
        """Of everything that a grade depends on, the solution's values and data files too."""
        digest = hashlib.sha256()
        for name, data in sorted(self.files.items()):
            digest.update(f"{name}\0{len(data)}\0".encode())
            digest.update(data)
        return digest.hexdigest()


def pack_bundle(loaded: LoadedAssignment) -> Bundle:
    """Raises UsageError for a file that cannot be read, or that is too far from the assignment."""
    name = f"{ASSIGNMENTS}/{loaded.path.name}"
    files = {name: _read(loaded.path)}
    for own, path in _beside(loaded):
        if path.is_file():
            files[own] = _read(path)
    return Bundle(name, files)


def unpack_bundle(bundle: Bundle, folder: Path) -> LoadedAssignment:
    """Write the files below an empty folder, and load the assignment from there."""
    for name, data in bundle.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return load_assignment(folder / bundle.name)


def _beside(loaded: LoadedAssignment) -> Iterator[tuple[str, Path]]:
    """Each file's path in the bundle, and where it is."""
    for exercise in loaded.content.exercises:
        for check in exercise.checks:
            name = getattr(check, "file", None)
            if name is not None:
                yield _path_of(name), loaded.path.parent / name
    yield f"{ASSIGNMENTS}/{loaded.values.name}", loaded.values
    for path in (loaded.solution, loaded.hidden):
        yield f"{SOLUTIONS}/{path.name}", path


def _path_of(name: str) -> str:
    """Where a file that a check names is in the bundle: as far from the assignment as it was."""
    path = os.path.normpath(f"{ASSIGNMENTS}/{name}")
    if os.path.isabs(name) or path.split(os.sep)[0] == os.pardir:
        raise UsageError(
            f"The file {quoted(name)} is outside of the assignment's folder. Put it beside the "
            "assignment, to grade a class."
        )
    return path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
