"""Who changes between two grade books, by how much, and because of which check."""

from __future__ import annotations

from dataclasses import replace

from grader.batch.diff import compare
from grader.records import Graded, Problem, Student
from grader.records.changes import Change, Mark, Reason, Standing
from tests.batch.grade_books import ANN, BOB, BROKEN, RIGHT, WRONG, line
from tests.report.reports import FAILED, PASSED


def test_the_same_grade_book_changes_nobody() -> None:
    lines = [line(ANN), line(BOB, RIGHT, PASSED)]
    assert compare(lines, lines) == []
    assert compare([], []) == []


def test_a_check_that_ended_otherwise_is_the_reason() -> None:
    assert compare([line(ANN)], [line(ANN, WRONG, PASSED)]) == [
        Change(
            ANN,
            Mark("graded", 80.0, 100.0),
            Mark("graded", 60.0, 100.0),
            reasons=(
                Reason(
                    "cnn", "layers", Standing("partial", 20.0, 40.0), Standing("failed", 0.0, 40.0)
                ),
            ),
        )
    ]


def test_who_loses_most_comes_first() -> None:
    third, fourth = Student("3", "Cid"), Student("4", "Dan")
    old = [line(ANN), line(BOB), line(third, RIGHT, PASSED)]
    new = [line(ANN, RIGHT, PASSED), line(BOB, WRONG, PASSED), line(third, WRONG, PASSED)]
    changes = compare([*old, line(fourth)], [*new])
    assert [(change.student.name, change.by) for change in changes] == [
        ("Cid", -40.0),
        ("Bob", -20.0),
        ("Ann Ames", 20.0),
        ("Dan", None),
    ]


def test_other_words_change_nothing() -> None:
    assert compare([line(ANN)], [line(ANN, replace(FAILED, message="x", hint=None), PASSED)]) == []


def test_checks_that_come_and_go_are_told() -> None:
    renamed = replace(PASSED, id="learns-well", visibility="hidden")
    (change,) = compare([line(ANN)], [line(ANN, FAILED, renamed)])
    assert change.by == 0
    assert change.reasons == (
        Reason("cnn", "learns-well", None, Standing("passed", 60.0, 60.0, hidden=True)),
        Reason("cnn", "learns", Standing("passed", 60.0, 60.0), None),
    )
    assert [reason.by for reason in change.reasons] == [60.0, -60.0]


def test_a_check_that_is_worth_something_else_is_told() -> None:
    worth = replace(FAILED, score=10.0, max_score=20.0)
    (change,) = compare([line(ANN)], [line(ANN, worth, PASSED)])
    assert (change.old, change.new) == (Mark("graded", 80.0, 100.0), Mark("graded", 70.0, 80.0))
    assert change.reasons[0].by == -10


def test_an_exercises_error_comes_before_its_checks() -> None:
    skipped = replace(FAILED, status="skipped", score=0.0)
    problem = Problem("syntax", "Why.", 1, 2)
    (change,) = compare([line(ANN, FAILED)], [line(ANN, skipped, error=problem)])
    assert [(r.check, r.old and r.old.status, r.new and r.new.status) for r in change.reasons] == [
        (None, "graded", "syntax"),
        ("layers", "partial", "skipped"),
    ]
    assert change.reasons[0].by == 0


def test_a_check_that_could_not_be_decided_is_told_though_it_costs_nothing() -> None:
    (change,) = compare([line(ANN, FAILED, PASSED)], [line(ANN, FAILED, BROKEN)])
    assert change.new == Mark("needs_review", 20.0, 40.0)
    assert change.reasons[0].new == Standing("error", 0.0, 60.0)


def test_lateness_alone_is_a_change() -> None:
    late = replace(line(ANN), score=70.0, penalty=10.0, late=True, days_late=1.0)
    (change,) = compare([line(ANN)], [late])
    assert (change.by, change.reasons) == (-10.0, ())


def test_another_file_is_told() -> None:
    (change,) = compare([line(ANN)], [line(ANN, WRONG, PASSED, sha256="cd" * 32)])
    assert change.handed_in_again
    assert compare([line(ANN)], [line(ANN, sha256="cd" * 32)]) == []


def test_who_is_in_one_grade_book_only_comes_last() -> None:
    changes = compare([line(ANN)], [line(BOB)])
    assert [(change.student, change.old is None, change.new is None) for change in changes] == [
        (ANN, False, True),
        (BOB, True, False),
    ]


def test_a_line_without_a_report_has_its_status_for_a_reason() -> None:
    missing = Graded(ANN, "", "missing", 0.0, 0.0)
    (change,) = compare([missing], [line(ANN)])
    assert (change.old, change.reasons, change.handed_in_again) == (
        Mark("missing", 0.0, 0.0),
        (),
        False,
    )
    assert change.by == 80


def test_two_students_with_one_key_are_compared_in_their_order() -> None:
    twin = Student("1", "Another Ann", "1")
    old = [line(ANN), line(twin, RIGHT, PASSED)]
    (change,) = compare(old, [line(ANN), line(twin, WRONG, PASSED)])
    assert (change.student, change.by) == (twin, -40.0)
