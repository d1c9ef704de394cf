"""A class of any size, made by hand, for its page."""

from __future__ import annotations

from dataclasses import replace

from grader.records import Graded, LayerDescription, ModelDescription, PassedOver, Student
from tests.batch.grade_books import ANN, BOB, BROKEN, RIGHT, WRONG, line
from tests.report.reports import CONV, FAILED, MODEL, PASSED, POOL


def student(number: int) -> Student:
    return Student(str(number), f"Student {number}")


def wider(filters: int) -> ModelDescription:
    layer: LayerDescription = replace(CONV, config={**CONV.config, "filters": filters})
    return replace(MODEL, layers=(layer, POOL))


SMALL = [
    line(ANN, RIGHT, PASSED),
    replace(line(BOB, FAILED, PASSED), late=True, days_late=1.0, score=70.0, penalty=10.0),
    line(student(3), WRONG, replace(PASSED, status="skipped", score=0.0), model=wider(36)),
    replace(line(student(4), RIGHT, PASSED), late=True),
    line(student(5), RIGHT, BROKEN),
    Graded(student(6), "", "missing", 0.0, 0.0),
    Graded(student(7), "7.ipynb", "failed", 0.0, 0.0, note="The worker was killed."),
]
OLD = PassedOver("old.ipynb", "An earlier attempt.")
ZOE = Student("zoe", "Zoe")


def link(place: int, graded: Graded) -> str | None:
    return f"pages/{place:04}.html" if graded.report is not None else None


def large(count: int) -> list[Graded]:
    """Scores that repeat, five networks, and names whose order is not that of the lines."""
    reports = [
        line(ANN, replace(FAILED, score=float(20 + n), status="partial"), PASSED, model=wider(n))
        for n in range(5)
    ]
    return [
        replace(reports[n % 5], student=Student(str(n), f"Student {(7 * n) % count}"))
        for n in range(count)
    ]
