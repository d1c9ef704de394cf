"""What is said of two reports of one student."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.records import CheckResult, ExerciseReport, LayerNote, Problem, Report
from grader.report.changes import change_lines, compare_reports, signed
from tests.report.reports import EXERCISE, FAILED, MODEL, PASSED, POOL, REPORT, TRAINING

OK = (LayerNote(0, "ok", "ok"), LayerNote(1, "ok", "ok"))
RIGHT = replace(FAILED, status="passed", score=40.0, layers=OK)
RAISED = Problem("raised", "No such layer.", 4, 3)


def report(*checks: CheckResult, **changes: object) -> Report:
    exercise = replace(EXERCISE, checks=checks, score=sum(check.score for check in checks))
    exercise = replace(exercise, **changes)  # type: ignore[arg-type]
    return replace(REPORT, exercises=(exercise,), score=exercise.score)


def failed(error: Problem = RAISED) -> Report:
    skipped = tuple(replace(check, status="skipped", score=0.0) for check in (FAILED, PASSED))
    return report(*skipped, error=error, model=None, training=None)


LINES = {
    "a check that passes": (
        report(replace(PASSED, status="failed", score=0.0)),
        report(PASSED),
        ["+60  learns: right now."],
    ),
    "a layer that is right, and with it all": (
        report(FAILED),
        report(RIGHT),
        ["+20  layers: right now, with Conv2D 24, 3×3, same, relu."],
    ),
    "a layer that is right": (
        report(replace(FAILED, score=0.0, layers=(LayerNote(0, "wrong", ""), OK[1]))),
        report(replace(FAILED, layers=(OK[0], LayerNote(1, "wrong", "")))),
        ["+20  layers: Conv2D 24, 3×3, same, relu is right now, 20 of 40."],
    ),
    "a layer that is no longer right": (
        report(RIGHT),
        report(FAILED),
        ["−20  layers: Conv2D 24, 3×3, same, relu is no longer right, 20 of 40."],
    ),
    "points without layers": (
        report(PASSED),
        report(replace(PASSED, status="partial", score=12.5)),
        ["−47.5  learns: was right, now 12.5 of 60."],
    ),
    "more points": (
        report(replace(PASSED, status="partial", score=10.0)),
        report(replace(PASSED, status="partial", score=12.5)),
        ["+2.5  learns: now 12.5 of 60."],
    ),
    "a check that waits": (
        report(PASSED),
        report(replace(PASSED, status="skipped", score=0.0, message="Waits for layers.")),
        ["−60  learns: Waits for layers."],
    ),
    "a check that could not be decided": (
        report(PASSED),
        report(replace(PASSED, status="error", score=0.0)),
        ["−60  learns: could not be decided this time."],
    ),
    "a check that is new": (report(), report(PASSED), ["+60  learns: new, 60 of 60."]),
    "an error, told once": (
        report(FAILED, PASSED),
        failed(),
        ["−80  cnn: error while running, cell 4, line 3."],
    ),
    "an error that is gone": (
        failed(),
        report(FAILED, PASSED),
        ["+80  cnn: can be graded now, 80 of 100."],
    ),
    "another error": (
        failed(),
        failed(Problem("missing", "No build_cnn.")),
        ["±0  cnn: not found."],
    ),
    "the same error": (failed(), failed(), ["No change."]),
    "the same error at another place": (
        failed(),
        failed(replace(RAISED, line=5)),
        ["No change in points."],
    ),
    "nothing but the time that it took": (
        report(PASSED),
        report(PASSED, training=replace(TRAINING, seconds=9.0, cached=True)),
        ["No change."],
    ),
    "a message": (
        report(FAILED),
        report(replace(FAILED, message="Another layer.")),
        ["No change in points."],
    ),
}


@pytest.mark.parametrize("case", LINES)
def test_a_change_is_a_line(case: str) -> None:
    old, new, lines = LINES[case]
    assert change_lines(old, new) == lines


def test_equal_layers_are_counted() -> None:
    model = replace(MODEL, layers=(POOL, POOL))
    wrong = (LayerNote(0, "wrong", ""), LayerNote(1, "wrong", ""))
    old = report(replace(RIGHT), model=model)
    new = report(replace(FAILED, layers=wrong), model=model)
    assert change_lines(old, new) == [
        "−20  layers: 2 × MaxPooling2D 2×2 are no longer right, 20 of 40."
    ]


def test_of_many_layers_some_are_named() -> None:
    layers = tuple(replace(POOL, config={"pool_size": [n, n]}) for n in range(2, 8))
    notes = tuple(LayerNote(place, "ok", "") for place in range(6))
    old = report(replace(FAILED, score=0.0, layers=()), model=replace(MODEL, layers=layers))
    new = report(replace(FAILED, layers=notes), model=replace(MODEL, layers=layers))
    (line,) = change_lines(old, new)
    assert line == (
        "+20  layers: MaxPooling2D 2×2, MaxPooling2D 3×3, MaxPooling2D 4×4 and 3 more are right "
        "now, 20 of 40."
    )


def test_of_several_exercises_each_check_says_whose_it_is() -> None:
    def both(check: CheckResult) -> Report:
        size: ExerciseReport = replace(EXERCISE, id="size", checks=(check,))
        return replace(REPORT, exercises=(EXERCISE, size))

    worse = replace(PASSED, status="failed", score=0.0)
    assert change_lines(both(PASSED), both(worse)) == ["−60  size/learns: was right, now 0 of 60."]


def test_what_a_student_wrote_cannot_be_obeyed_by_a_terminal() -> None:
    config = {"activation": "\x1b[2J"}
    model = replace(MODEL, layers=(replace(POOL, config=config), POOL))
    (line,) = change_lines(report(FAILED, model=model), report(RIGHT, model=model))
    assert "\x1b" not in line and "\\x1b[2J" in line


def test_reasons_are_records_of_what_was_and_what_is() -> None:
    (reason,) = compare_reports(report(FAILED), report(RIGHT))
    assert (reason.exercise, reason.check, reason.by) == ("cnn", "layers", 20)
    assert reason.old is not None and reason.old.status == "partial"


@pytest.mark.parametrize(
    "points, text", [(5, "+5"), (-2.5, "−2.5"), (0, "±0"), (1e-9, "±0"), (-1 / 3, "−0.33")]
)
def test_points_have_a_sign(points: float, text: str) -> None:
    assert signed(points) == text
