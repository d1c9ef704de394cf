"""What changed between two reports of one student: for whoever saves, and looks again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader.records import CheckResult, ExerciseReport, Report
from grader.records.changes import Reason, Standing
from grader.report.escape import visible
from grader.report.terminal import KINDS, layer_words
from grader.words import join_words, show_points

MAX_LAYERS = 3
"""Named in one line."""
EPSILON = 1e-6
"""Of points; scores are rounded to six places."""


def compare_reports(old: Report, new: Report) -> tuple[Reason, ...]:
    """Exercises' errors and checks that are not what they were, in the order of the new report.

    Where an exercise's error comes or goes, what its checks gain or lose is that error's.
    """
    before = {exercise.id: exercise for exercise in old.exercises}
    return tuple(
        reason
        for exercise in new.exercises
        for reason in _reasons(before.get(exercise.id), exercise)
    )


def _reasons(old: ExerciseReport | None, new: ExerciseReport) -> Iterator[Reason]:
    was, now = _error(old), _error(new)
    if was != now:
        yield Reason(new.id, None, was, now)
    if was.status != "graded" or now.status != "graded":
        return
    before = {check.id: check for check in old.checks} if old else {}
    for check in new.checks:
        known = before.get(check.id)
        one, other = _standing(known), _standing(check)
        if one != other:
            yield Reason(new.id, check.id, one, other)


def _error(exercise: ExerciseReport | None) -> Standing:
    if exercise is None:
        return Standing("graded", 0, 0)
    kind = exercise.error.kind if exercise.error else "graded"
    return Standing(kind, 0, 0)


def _standing(check: CheckResult | None) -> Standing | None:
    if check is None:
        return None
    hidden = check.visibility == "hidden"
    return Standing(check.status, check.score, check.max_score, hidden)


def change_lines(old: Report, new: Report) -> list[str]:
    """What changed, a line each: ``+10  layers: MaxPooling2D 2×2 is right now.``"""
    before = {exercise.id: exercise for exercise in old.exercises}
    after = {exercise.id: exercise for exercise in new.exercises}
    lines = [
        _line(reason, before.get(reason.exercise), after[reason.exercise], len(after) > 1)
        for reason in compare_reports(old, new)
    ]
    return lines or [_unchanged(old, new)]


def signed(points: float) -> str:
    """``+5``, ``−2.5``, ``±0``."""
    if abs(points) < EPSILON:
        return "±0"
    return f"{'−' if points < 0 else '+'}{show_points(abs(points))}"


def _line(reason: Reason, old: ExerciseReport | None, new: ExerciseReport, several: bool) -> str:
    if reason.check is None:
        by = new.score - (old.score if old else 0.0)
        return f"{signed(by)}  {visible(new.id, 60)}: {_error_words(reason, new)}."
    place = visible(reason.check, 60)
    if several:
        place = f"{visible(reason.exercise, 60)}/{place}"
    return f"{signed(reason.by)}  {place}: {_check_words(reason, old, new)}"


def _error_words(reason: Reason, new: ExerciseReport) -> str:
    assert reason.old is not None and reason.new is not None
    if reason.new.status == "graded":
        return f"can be graded now, {show_points(new.score)} of {show_points(new.max_score)}"
    words = KINDS[reason.new.status]
    if new.error is not None and new.error.cell:
        words += f", cell {new.error.cell}"
    if new.error is not None and new.error.line:
        words += f", line {new.error.line}"
    return words


def _check_words(reason: Reason, old: ExerciseReport | None, new: ExerciseReport) -> str:
    was, now = reason.old, reason.new
    assert now is not None
    right, wrong = _layers(reason.check, old, new)
    if was is None:
        return f"new, {_points(now)}."
    if now.status == "error":
        return "could not be decided this time."
    if now.status == "passed":
        return f"right now, with {join_words(right)}." if right else "right now."
    if now.status == "skipped":
        check = next(check for check in new.checks if check.id == reason.check)
        return visible(check.message, 200)
    if reason.by > EPSILON and right:
        return f"{_they(right)} right now, {_points(now)}."
    if reason.by < -EPSILON and wrong:
        return f"{_they(wrong)} no longer right, {_points(now)}."
    if was.status == "passed":
        return f"was right, now {_points(now)}."
    return f"now {_points(now)}."


def _they(words: list[str]) -> str:
    single = len(words) == 1 and " × " not in words[0]
    return f"{join_words(words)} {'is' if single else 'are'}"


def _points(standing: Standing) -> str:
    return f"{show_points(standing.score)} of {show_points(standing.max_score)}"


def _layers(
    check: str | None, old: ExerciseReport | None, new: ExerciseReport
) -> tuple[list[str], list[str]]:
    """The layers that a check says are right now and were not, and the other way round."""
    before, after = _right(check, old), _right(check, new)
    return _counted(after - before), _counted(before - after)


def _counted(layers: Counter[str]) -> list[str]:
    """``Flatten``, ``2 × MaxPooling2D 2×2``; the first ones, and how many more."""
    words = [f"{count} × {layer}" if count > 1 else layer for layer, count in layers.items()]
    more = len(words) - MAX_LAYERS
    return [*words[:MAX_LAYERS], f"{more} more"] if more > 0 else words


def _right(check: str | None, exercise: ExerciseReport | None) -> Counter[str]:
    if exercise is None or exercise.model is None:
        return Counter()
    layers = exercise.model.layers
    checks: Mapping[str, CheckResult] = {one.id: one for one in exercise.checks}
    notes = checks[check].layers if check and check in checks else ()
    return Counter(
        visible(layer_words(layers[note.index]), 60)
        for note in notes
        if note.verdict in ("ok", "follows") and note.index < len(layers)
    )


def _unchanged(old: Report, new: Report) -> str:
    """Also where something that costs nothing is another: a message, a remark, a layer."""
    # Not the training: how long it took differs each time.
    before, after = (
        [replace(exercise, training=None) for exercise in report.exercises] for report in (old, new)
    )
    return "No change." if before == after else "No change in points."
