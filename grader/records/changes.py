"""What changes between two grade books of one class."""

from __future__ import annotations

from dataclasses import dataclass

from grader.records.batch import Student


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line of a grade book comes to."""

    status: str
    score: float
    max_score: float
    penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a check ended, or an exercise; of an exercise only the error counts."""

    status: str
    """Of a check its status, of an exercise the kind of its error, or ``graded``."""
    score: float
    max_score: float
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One check, or one exercise's error, that is not what it was."""

    exercise: str
    check: str | None
    """None: the exercise's error."""
    old: Standing | None
    """None: the check was not there."""
    new: Standing | None
    """None: the check is gone."""

    @property
    def by(self) -> float:
        """Points gained; an error has none of its own, its checks have them."""
        if self.check is None:
            return 0.0
        return (self.new.score if self.new else 0.0) - (self.old.score if self.old else 0.0)


@dataclass(frozen=True, slots=True)
class Change:
    """One student whose line is not what it was."""

    student: Student
    old: Mark | None
    """None: was not in the old grade book."""
    new: Mark | None
    """None: is no longer in the new one."""
    handed_in_again: bool = False
    """Whether the two reports are of different files."""
    reasons: tuple[Reason, ...] = ()

    @property
    def by(self) -> float | None:
        """Points gained; None where there is nothing to compare."""
        return None if self.old is None or self.new is None else self.new.score - self.old.score
