"""The whole way of one submission, from its file to its report, on one screen.

Cheap before dear: read, slice and build; then shapes, parameters and layers; training last, and
only when what it needs has passed.
"""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader import __version__
from grader.assignment.load import LoadedAssignment
from grader.assignment.schema import Exercise
from grader.checks.base import CheckSpec, run_check
from grader.checks.table import CHECK_TYPES
from grader.checks.training import Training
from grader.errors import InternalError, SubmissionError, UsageError
from grader.evidence.collect import Collector
from grader.evidence.work import Work
from grader.feedback.fold import fold_advice, fold_findings
from grader.feedback.remarks import find_remarks
from grader.feedback.repair import find_repairs
from grader.records import (
    CheckResult,
    Environment,
    ExerciseReport,
    Problem,
    Report,
    Seconds,
    Submission,
)
from grader.sandbox.client import Sandbox
from grader.score import add_exercises, add_scores, our_fault, report_status, skip, wait_for
from grader.submission.read import read_bytes, read_submission_bytes
from grader.training.cache import ResultCache
from grader.words import join_words


@dataclass(frozen=True, slots=True)
class Tools:
    """What grading needs beside the submission and the assignment."""

    sandbox: Sandbox
    cache: ResultCache
    train: bool = True
    say: Callable[[str], None] = lambda _: None
    """Is told what is being done, for a progress line."""


def grade_one(path: Path, assignment: LoadedAssignment, tools: Tools) -> Report:
    """Grade one file.

    Raises UsageError for a path that cannot be opened. Everything else is in the report.
    """
    tools.say("reading")
    return grade_submission(str(path), read_or_refuse(path), assignment, tools)


def read_or_refuse(path: Path) -> bytes | Problem:
    """A file's bytes; for one too large to be a notebook, the problem. Raises UsageError."""
    try:
        return read_bytes(path)
    except SubmissionError as error:
        return error.problem


def grade_submission(
    path: str,
    data: bytes | Problem | Submission,
    assignment: LoadedAssignment,
    tools: Tools,
    student: str | None = None,
) -> Report:
    """Grade the bytes of one submission, or what was read. Whatever is wrong is in the report.

    Args:
        path: for the report; its end says whether it is a notebook or a script.
    """
    clock = Clock()
    submission, unreadable = _read(path, data)
    clock.note("read")
    exercises = tuple(
        _grade_exercise(exercise, submission or unreadable, assignment, tools, clock)
        for exercise in assignment.content.exercises
    )
    score, max_score = add_exercises(exercises)
    versions = tools.sandbox.versions
    return Report(
        assignment=assignment.content.id,
        title=assignment.content.title,
        path=path,
        student=student,
        sha256=_digest(data),
        status=report_status(exercises),
        score=score,
        max_score=max_score,
        exercises=exercises,
        seconds=clock.seconds(),
        environment=Environment(
            __version__,
            platform.python_version(),
            versions.tensorflow,
            versions.keras,
            tools.sandbox.name,
        ),
    )


def _read(path: str, data: bytes | Problem | Submission) -> tuple[Submission | None, Problem]:
    try:
        if isinstance(data, Problem):
            raise SubmissionError(data)
        if isinstance(data, Submission):
            return data, Problem("unreadable", "")
        return read_submission_bytes(path, data), Problem("unreadable", "")
    except SubmissionError as error:
        return None, error.problem


def _digest(data: bytes | Problem | Submission) -> str:
    if isinstance(data, Submission):
        return data.sha256
    return hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else ""


def _grade_exercise(
    exercise: Exercise,
    submission: Submission | Problem,
    assignment: LoadedAssignment,
    tools: Tools,
    clock: Clock,
) -> ExerciseReport:
    """Collect the evidence, check it, add up. Whatever goes wrong is in the report."""
    collector = Collector(exercise, assignment, tools.sandbox, tools.cache)
    work, problem, failure = Work(), None, None
    try:
        if isinstance(submission, Problem):
            raise SubmissionError(submission)
        tools.say(f"building {exercise.names[0]}")
        collector.collect(submission, work)
    except SubmissionError as error:
        problem = error.problem
        work.assume(error.assumptions)
    except (InternalError, UsageError) as error:
        failure = str(error)
    clock.note("build")
    if problem is not None:
        results = tuple(skip(spec, _NOT_GRADED[problem.kind]) for spec in exercise.checks)
    elif failure is not None:
        results = tuple(our_fault(spec, failure) for spec in exercise.checks)
    else:
        results = _check_all(exercise, work, collector, assignment, tools, clock)
    hints = assignment.content.hints
    repairs = find_repairs(exercise, results, work.evidence, hints)
    results = fold_advice(exercise.checks, results, work.evidence, repairs)
    results = fold_findings(exercise.checks, results, work.evidence, hints)
    clock.note("checks")
    score, max_score = add_scores(results)
    training = next(iter(work.evidence.training.values()), None)
    return ExerciseReport(
        id=exercise.id,
        title=exercise.title or exercise.id,
        score=score,
        max_score=max_score,
        found=work.found,
        cell=work.cell,
        assumptions=work.assumptions,
        error=problem,
        model=work.evidence.model,
        training=training,
        checks=results,
        repairs=repairs,
        remarks=find_remarks(assignment.content, exercise.checks, results, work.evidence),
    )


_NOT_GRADED = dict.fromkeys(
    ("missing", "syntax", "raised", "timeout", "memory", "output", "not_a_model"),
    "Not looked at: there is no model or value to look at, see above.",
) | {
    "unsolved": "Not looked at yet: this is still to be written.",
    "custom_layer": "Not looked at: the model cannot be rebuilt, see above.",
    "forbidden": "Not looked at: the model holds something that is not taken, see above.",
    "unreadable": "Not looked at: it cannot be read, see above.",
}
"""What a check says that could not be made, by the kind of the exercise's problem."""


def _check_all(
    exercise: Exercise,
    work: Work,
    collector: Collector,
    assignment: LoadedAssignment,
    tools: Tools,
    clock: Clock,
) -> tuple[CheckResult, ...]:
    """Run the checks, those that train last, each after what it needs."""
    results: dict[str, CheckResult] = {}
    waiting = sorted(exercise.checks, key=lambda spec: isinstance(spec, Training))
    while waiting:
        spec = next(s for s in waiting if all(need in results for need in s.needs))
        waiting.remove(spec)
        unmet = [need for need in spec.needs if results[need].status != "passed"]
        undecided = [need for need in unmet if results[need].status == "error"]
        if undecided:
            why = f"Waits for {join_words(undecided)}, which could not be decided."
            results[spec.id] = our_fault(spec, why)
        elif unmet:
            results[spec.id] = wait_for(spec, unmet)
        elif isinstance(spec, Training) and not tools.train:
            results[spec.id] = skip(spec, "Not trained: the structure alone was asked for.")
        else:
            level = spec.hint or assignment.content.hints
            results[spec.id] = _check_one(spec, level, work, collector, tools, clock)
    return tuple(results[spec.id] for spec in exercise.checks)


def _check_one(
    spec: CheckSpec, level: str, work: Work, collector: Collector, tools: Tools, clock: Clock
) -> CheckResult:
    try:
        training = isinstance(spec, Training)
        tools.say("training" if training else "checking")
        collector.prepare(spec, work)
        clock.note("train" if training else "checks")
        result = run_check(CHECK_TYPES[spec.type], spec, work.evidence, level)  # type: ignore[arg-type]
    except SubmissionError as error:
        result = skip(spec, error.problem.message)
    except (InternalError, UsageError) as error:
        result = our_fault(spec, str(error))
    clock.note("checks")
    return result


class Clock:
    """Adds up how long each stage took."""

    def __init__(self) -> None:
        self.started = self.last = time.perf_counter()
        self.spent = dict.fromkeys(("read", "build", "checks", "train"), 0.0)

    def note(self, stage: str) -> None:
        """The time since the last note belongs to ``stage``."""
        now = time.perf_counter()
        self.spent[stage] += now - self.last
        self.last = now

    def seconds(self) -> Seconds:
        return Seconds(**self.spent, total=time.perf_counter() - self.started)
