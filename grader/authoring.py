"""What an author does once for an assignment: store the solution's values, set the thresholds."""

from __future__ import annotations

import csv
import json
import statistics
from collections.abc import Callable
from pathlib import Path

from grader.assignment.load import LoadedAssignment
from grader.assignment.schema import Exercise
from grader.checks.response import Response
from grader.checks.returns import Returns
from grader.checks.training import Training
from grader.errors import SubmissionError, UsageError
from grader.evidence.collect import Collector
from grader.evidence.expected import plain, released
from grader.evidence.work import Work
from grader.pipeline import Tools
from grader.records import Statement, Submission
from grader.sandbox.client import Sandbox
from grader.submission.read import read_submission
from grader.training.cache import ResultCache
from grader.words import show_percent

LINEAR = """\
import keras
{name} = keras.Sequential([
    keras.Input({shape}),
    keras.layers.Flatten(),
    keras.layers.Dense({classes}, activation="softmax"),
])"""
"""The baseline that a calibrated threshold must keep out."""


def release_values(assignment: LoadedAssignment, sandbox: Sandbox) -> int:
    """Write ``assignments/NN-topic.values.json``, and give how many checks have values there.

    Hidden checks are left out: their values are never handed out.

    Raises UsageError where the solution does not give them.
    """
    solution = _solution(assignment)
    stored: dict[str, dict[str, object]] = {}
    for exercise in assignment.content.exercises:
        collector = Collector(exercise, assignment, sandbox, ResultCache(None))
        for spec in exercise.checks:
            if not isinstance(spec, Returns | Response) or spec.visibility == "hidden":
                continue
            if all(case.expect_from is None for case in spec.cases):
                continue
            values = [plain(value) for value in _given(collector, spec, solution)]
            stored.setdefault(exercise.id, {})[spec.id] = released(spec, values)
    if stored:
        text = json.dumps(stored, indent=1, allow_nan=False)
        assignment.values.write_text(f"{text}\n", encoding="utf-8")
    return sum(map(len, stored.values()))


def _solution(assignment: LoadedAssignment) -> Submission:
    if not assignment.solution.exists():
        raise UsageError(f"There is no solution {assignment.solution}.")
    try:
        return read_submission(assignment.solution)
    except SubmissionError as error:
        raise UsageError(f"{assignment.solution}: {error.problem.message}") from error


def _given(collector: Collector, spec: Returns | Response, solution: Submission) -> list[object]:
    try:
        return collector.solution_values(spec, solution)
    except SubmissionError as error:
        raise UsageError(f"The solution, check {spec.id}: {error.problem.message}") from error


def calibrate_training(
    assignment: LoadedAssignment, tools: Tools, seeds: int, say: Callable[[str], object]
) -> Path:
    """Train the solution and a linear model by each recipe, with seeds 1, 2, …

    Writes ``solutions/NN-topic.seeds.csv`` (exercise, check, model, seed, accuracy), and says
    the spread of each. Raises UsageError where there is nothing to train.
    """
    solution = _solution(assignment)
    rows: list[tuple[str, str, str, int, float | None]] = []
    for exercise in assignment.content.exercises:
        for spec in exercise.checks:
            if isinstance(spec, Training):
                for name, submission in (
                    ("solution", solution),
                    ("linear", _linear(exercise, solution, assignment, tools)),
                ):
                    accuracies = _accuracies(exercise, spec, submission, assignment, tools, seeds)
                    rows += [
                        (exercise.id, spec.id, name, seed, accuracy)
                        for seed, accuracy in enumerate(accuracies, 1)
                    ]
                    say(f"{exercise.id} {spec.id} {name}: {_spread(accuracies)}")
    if not rows:
        raise UsageError(f"{assignment.path} trains nothing.")
    path = assignment.solution.with_suffix(".seeds.csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("exercise", "check", "model", "seed", "accuracy"))
        for *names, accuracy in rows:
            writer.writerow((*names, "" if accuracy is None else f"{accuracy:.4f}"))
    return path


def _accuracies(
    exercise: Exercise,
    spec: Training,
    submission: Submission,
    assignment: LoadedAssignment,
    tools: Tools,
    seeds: int,
) -> list[float | None]:
    """One training for each seed: no second try, whatever the first gives."""
    collector = Collector(exercise, assignment, tools.sandbox, tools.cache)
    found = []
    work = Work()
    collector.collect(submission, work)
    for seed in range(1, seeds + 1):
        once = spec.model_copy(update={"seed": seed, "min_accuracy": 0.0, "id": f"seed-{seed}"})
        collector.prepare(once, work)
        found.append(work.evidence.training[once.id].runs[0].accuracy)
    return found


def _linear(
    exercise: Exercise, solution: Submission, assignment: LoadedAssignment, tools: Tools
) -> Submission:
    """One dense layer with as many units as the solution has, under the exercise's name."""
    work = Work()
    Collector(exercise, assignment, tools.sandbox, tools.cache).collect(solution, work)
    assert work.evidence.model is not None
    source = LINEAR.format(
        name=exercise.names[0],
        shape=tuple(exercise.input_shape or ()),
        classes=work.evidence.model.output_shapes[0][-1],
    )
    imports, model = source.split("\n", 1)
    statements = (Statement(imports, None, 1), Statement(model, None, 2))
    return Submission("linear", "", "script", statements, (), None)


def _spread(accuracies: list[float | None]) -> str:
    known = [accuracy for accuracy in accuracies if accuracy is not None]
    if len(known) < len(accuracies):
        return f"{len(accuracies) - len(known)} of {len(accuracies)} did not finish"
    return (
        f"{show_percent(min(known))} to {show_percent(max(known))}, median "
        f"{show_percent(statistics.median(known))}"
    )
