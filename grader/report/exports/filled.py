"""What comes of filling in a file of the LMS's: the file, and everyone who was left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.records import Graded
from grader.words import join_words, quoted, show_points


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A student whose grade is not in the file, or a row of the file that stayed as it was."""

    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A file to give back to the LMS."""

    content: bytes
    grades: int
    """How many students' grades it now holds."""
    students: tuple[LeftOut, ...]
    """Of the class, and not filled in."""
    rows: tuple[LeftOut, ...]
    """Of the file, and not of the class; or not ours to fill in."""
    notes: tuple[str, ...]
    """What was done that a person should know, such as that scores were scaled."""


def why_no_grade(graded: Graded, include_review: bool) -> str | None:
    """Why a student's score is not one for the LMS; None where it is."""
    if graded.status == "missing":
        return "Handed in nothing."
    if graded.status == "failed":
        return "Could not be graded."
    if graded.status == "needs_review" and not include_review:
        return "Needs review first."
    if not math.isfinite(graded.score):
        return "Has no score."
    return None


def only_assignment(graded: Sequence[Graded]) -> tuple[str, ...]:
    """The id and the title of the assignment that was graded, as far as reports tell.

    Raises UsageError where there are several: one column holds one.
    """
    titles = {
        str(line.report["assignment"]): str(line.report["title"])
        for line in graded
        if line.report is not None
    }
    if len(titles) > 1:
        names = join_words([quoted(assignment) for assignment in sorted(titles)])
        raise UsageError(f"These are grades of {names}. Fill in one assignment at a time.")
    return next(iter(titles.items()), ())


@dataclass(frozen=True, slots=True)
class Scale:
    """How points of the grader become points of the LMS."""

    out_of: float | None
    """The LMS's maximum; None where the file tells none, or it is to be ignored."""

    def points(self, graded: Graded) -> float:
        if not self.out_of or not graded.max_score:
            return graded.score
        return graded.score * self.out_of / graded.max_score

    def notes(self, graded: Sequence[Graded]) -> list[str]:
        if not self.out_of:
            return []
        others = sorted({line.max_score for line in graded} - {self.out_of, 0.0})
        return [
            f"The LMS counts {show_points(self.out_of)} points, the grader "
            f"{show_points(maximum)}: scores were multiplied by "
            f"{show_points(self.out_of)}/{show_points(maximum)}."
            for maximum in others
        ]
