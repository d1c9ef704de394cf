"""A class: what was handed in, by whom, and the grade book's line for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Student:
    """Who handed in, as far as names of files, folders and a roster tell."""

    key: str
    """Tells the students of one class apart: the LMS's id where there is one, else the name."""
    name: str
    id: str | None = None
    """The LMS's own number of the student, or of the participant."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One file to be graded, with its bytes still where they are."""

    student: Student
    path: str
    """For people: the path of the file; of a file in a zip, ``class.zip/ann_1_2_hw1.ipynb``."""
    file: str
    """Where the bytes are: the file itself, or the zip that holds it."""
    entry: str | None = None
    """Its name in the zip."""
    late: bool = False
    days_late: float | None = None
    """None: not late, or late by nobody knows how much."""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file or a student that is not graded, and why."""

    path: str
    why: str
    student: Student | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """All that was found in the paths that were given."""

    handed: tuple[Handed, ...]
    """The file that counts of each student, by the student's key."""
    passed_over: tuple[PassedOver, ...] = ()
    """Earlier attempts, a student's other files, what is no submission, refused entries."""
    notes: tuple[PassedOver, ...] = ()
    """Of files that are graded, what a person should look at all the same."""
    missing: tuple[Student, ...] = ()
    """On the roster, and handed in nothing."""
    unknown: tuple[Student, ...] = ()
    """Handed in, and not on the roster."""


@dataclass(frozen=True, slots=True)
class Graded:
    """One line of the grade book."""

    student: Student
    path: str
    """Empty where nothing was handed in."""
    status: Literal["graded", "needs_review", "missing", "failed"]
    """``failed``: the grader could not grade it at all; ``report`` is then None."""
    score: float
    """With the penalty for lateness taken off."""
    max_score: float
    penalty: float = 0.0
    """Points taken off because it was late."""
    late: bool = False
    days_late: float | None = None
    attempt: int = 1
    note: str = ""
    """What a person should know of this line, such as why grading failed."""
    report: Mapping[str, Any] | None = None
    """As JSON, schema 1 (``report.as_json``)."""
