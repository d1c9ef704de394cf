"""What of a submission is run for one name, and what is left out, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One statement, broken stretch or notebook command."""

    cell: int | None
    first: int
    """Its lines, counted from 1 within the cell or script."""
    last: int
    source: str
    """Its first line."""
    run: bool
    why: str


@dataclass(frozen=True, slots=True)
class Account:
    """Every statement of a submission, in the order of the file."""

    name: str
    """As it was found, or as it was asked for where it was not."""
    problem: str | None
    """Why there is no program, where there is none."""
    lines: tuple[AccountLine, ...]
