"""Which of a submission's definitions is the exercise's model."""

from __future__ import annotations

from grader.assignment.schema import Assignment, Exercise
from grader.checks.response import Response
from grader.checks.training import Training
from grader.errors import SubmissionError
from grader.evidence.ask import Asking
from grader.evidence.model import collect_model
from grader.evidence.work import Work
from grader.records import Problem, Shape, Submission
from grader.submission.placeholders import unfilled
from grader.submission.slice import (
    Cut,
    calls_of,
    cuts,
    may_hold_models,
    slice_cut,
    without_optional,
)
from grader.submission.verdicts import held_elsewhere
from grader.training.datasets import NAMED_CLASSES
from grader.words import show_shape

PASSED_OVER = ("raised", "not_a_model", "unsolved", "syntax")
"""Where the last definition ends like this, an earlier one may still be the exercise's."""


def class_count(exercise: Exercise) -> int | None:
    """How many classes the exercise's images have, where the assignment says so."""
    trainings = (check for check in exercise.checks if isinstance(check, Training))
    named = any(check.dataset for check in trainings)
    return exercise.classes or (NAMED_CLASSES if named else None)


def find_model(
    asking: Asking, exercise: Exercise, assignment: Assignment, submission: Submission, work: Work
) -> None:
    """Fill ``work`` with the last definition that gives a model for the exercise's images.

    Where none does, with the last definition, whatever it gives. Raises SubmissionError with the
    last definition's verdict, or ``missing``.
    """
    shape: Shape = tuple(exercise.input_shape or ())
    search = _Search(asking, exercise, assignment, submission, shape)
    try:
        meanings = cuts(submission, exercise.names)
    except SubmissionError as error:
        raise SubmissionError(search.elsewhere(error.problem)) from error
    last, failure = search.attempt(meanings[0])
    found = last
    if not _is_it(last, failure, shape) and _may_be_another(failure):
        called = calls_of(submission, meanings[0].name)
        for cut in (*called, *meanings[1:]):
            if not asking.may_try_again:
                break
            own = cut in called
            other, failed = search.attempt(cut, cut.name if own else None)
            if _is_it(other, failed, shape):
                other.assumptions += (
                    _called(other, meanings[0]) if own else _note(other, last, failure, shape),
                )
                found, failure = other, None
                break
    work.become(found)
    if failure is not None:
        raise failure


class _Search:
    """Looks at one definition after the other."""

    def __init__(
        self,
        asking: Asking,
        exercise: Exercise,
        assignment: Assignment,
        submission: Submission,
        shape: Shape,
    ) -> None:
        self.asking = asking
        self.exercise = exercise
        self.custom = assignment.allow_custom_layers
        self.submission = submission
        self.shape = shape

    def attempt(self, cut: Cut, asked: str | None = None) -> tuple[Work, SubmissionError | None]:
        """What one definition gives, and why there is no model where there is none.

        ``asked`` is the name that was looked for, where it is not the exercise's.
        """
        work, failure = self._attempt(cut, asked, with_optional=True)
        plainer = work.program is not None and work.program.optional
        if failure is None or not plainer or not self.asking.may_try_again:
            return work, failure
        plain, failed = self._attempt(cut, asked, with_optional=False)
        if failed is not None:
            return work, failure
        plain.assumptions += (
            "What may change the model further down was left out: with it, it could not be had "
            f"({failure.problem.message.rstrip('.')}).",
        )
        return plain, None

    def _attempt(
        self, cut: Cut, asked: str | None, with_optional: bool
    ) -> tuple[Work, SubmissionError | None]:
        work = Work(submission=self.submission)
        weights = any(isinstance(check, Response) for check in self.exercise.checks)
        try:
            program = slice_cut(self.submission, cut)
            if not with_optional:
                program = without_optional(program)
            work.begin(asked or self.exercise.names[0], self.submission, program)
            collect_model(self.asking, work, program, self.shape, self.custom, weights)
        except SubmissionError as error:
            work.assumptions += error.assumptions
            gap = unfilled(work.program, error.problem) if work.program else None
            return work, SubmissionError(gap) if gap else error
        return work, None

    def elsewhere(self, problem: Problem) -> Problem:
        """The same problem; where a model is there under another name, with that name."""
        for cut in may_hold_models(self.submission) if problem.kind == "missing" else ():
            if not self.asking.may_try_again:
                break
            work, failure = self.attempt(cut)
            if failure is None and work.program is not None:
                return held_elsewhere(self.exercise.names[0], problem, work.program)
        return problem


def _is_it(work: Work, failure: SubmissionError | None, shape: Shape) -> bool:
    """Whether nothing speaks against this being the exercise's model."""
    return failure is None and _fits(work, shape) and not work.doubtful


def _may_be_another(failure: SubmissionError | None) -> bool:
    return failure is None or failure.problem.kind in PASSED_OVER


def _fits(work: Work, shape: Shape) -> bool:
    """Whether the model takes the exercise's images."""
    model = work.evidence.model
    shapes = model.input_shapes if model else ()
    return len(shapes) == 1 and (
        len(shapes[0]) == len(shape)
        and all(axis in (None, asked) for axis, asked in zip(shapes[0], shape, strict=True))
    )


def _called(taken: Work, asked: Cut) -> str:
    where = f"cell {taken.cell}" if taken.cell else "the script"
    return f"{asked.name} was called as in {where}, where {taken.found} is made by it."


def _note(taken: Work, last: Work, failure: SubmissionError | None, shape: Shape) -> str:
    """Why an earlier definition was taken."""
    assert taken.program is not None
    name = taken.program.name
    if failure is not None:
        why = f"gives no model ({failure.problem.message})"
    elif last.doubtful:
        why = "takes made-up data that may stand for something else than images"
    else:
        model = last.evidence.model
        takes = model.input_shapes[0] if model and model.input_shapes else ()
        why = f"takes {show_shape(takes)} and not {show_shape(shape)}"
    where = f"cell {taken.cell}" if taken.cell else f"line {taken.program.line}"
    return f"The last definition of {name} {why}; the one before it, in {where}, was taken."
