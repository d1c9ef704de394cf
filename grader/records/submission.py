"""A submission, read and cut, but not run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement of a submission, with the place it came from."""

    source: str
    cell: int | None
    line: int
    """Of its first line (decorators included), counted from 1 within the cell or script."""


@dataclass(frozen=True, slots=True)
class BrokenStatement:
    """A stretch of source that Python cannot read."""

    source: str
    cell: int | None
    line: int
    message: str
    """Python's own explanation."""
    error_line: int
    """The line, within the cell or script, that Python points to."""
    names: tuple[str, ...]
    """What it seems to define."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A Python module that the notebook writes with ``%%writefile``."""

    module: str
    """As an import names it: ``blocks``, ``nets.blocks``."""
    source: str
    cell: int
    line: int
    """Of its first line, within the cell."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A notebook, a script or a session's history, read but not run."""

    path: str
    sha256: str
    kind: Literal["notebook", "script", "history"]
    """Of a history, a cell's number is that of its execution, and it may be there many times."""
    statements: tuple[Statement, ...]
    broken: tuple[BrokenStatement, ...]
    assignment_id: str | None
    """The notebook's metadata ``grader.assignment``."""
    files: tuple[WrittenFile, ...] = ()
    notes: tuple[str, ...] = ()
    """What had to be assumed to read it."""
    cells: tuple[tuple[int | None, str], ...] = ()
    """Every code cell (or the script) as it was handed in, with its number."""


@dataclass(frozen=True, slots=True)
class Program:
    """The statements that one name depends on, in the order in which they run."""

    name: str
    """As it is looked up when they have run: ``build_cnn``, ``LeNet.build``."""
    statements: tuple[Statement, ...]
    cell: int | None
    line: int
    """Where the name is last defined."""
    assumptions: tuple[str, ...] = ()
    unbound: tuple[str, ...] = ()
    """Names that they use and that nothing binds."""
    optional: frozenset[int] = frozenset()
    """Places of statements that may change the object, and whose failure does not matter else."""
    keras_1: bool = False
    """Whether words of Keras 1 stand somewhere in the submission."""
    files: tuple[WrittenFile, ...] = ()
