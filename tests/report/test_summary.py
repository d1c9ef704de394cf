"""The end of a batch, for the instructor: exact where it is read, harmless whatever it holds."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rich.cells import cell_len

from grader.records import CheckResult, Graded, PassedOver, Problem, Student
from grader.report.summary import print_summary
from tests.batch.grade_books import ANN, BOB, BROKEN, RIGHT, WRONG, line
from tests.report.reports import FAILED, MODEL, PASSED

HIDDEN = replace(FAILED, id="secret", visibility="hidden", message="A hidden check.")


def shown(lines: Iterable[Graded], **more: Any) -> str:
    stream = io.StringIO()
    print_summary(lines, stream, **more)
    return stream.getvalue()


def student(number: int) -> Student:
    return Student(str(number), f"Student {number}")


def skipped(check: CheckResult) -> CheckResult:
    return replace(check, status="skipped", score=0.0)


CLASS = [
    line(ANN, RIGHT, PASSED, HIDDEN),
    replace(line(BOB, FAILED, PASSED, HIDDEN), late=True, days_late=1.0, score=90.0, penalty=10.0),
    line(student(3), WRONG, skipped(PASSED), HIDDEN),
    replace(line(student(4), RIGHT, PASSED, HIDDEN), late=True),
    line(student(5), RIGHT, BROKEN, HIDDEN),
    Graded(student(6), "", "missing", 0.0, 0.0),
    Graded(student(7), "7.ipynb", "failed", 0.0, 0.0, note="The worker was killed."),
]


def test_what_exercises_had_nothing_to_look_at_is_counted() -> None:
    lines = [
        line(ANN, FAILED, error=Problem("timeout", "Why.")),
        line(BOB, FAILED, error=Problem("unsolved", "Why.")),
        line(student(3), FAILED, error=Problem("unsolved", "Why.")),
        line(student(4), RIGHT),
    ]
    said = "No model or answer in an exercise: 3 (not solved yet 2, out of time 1).\n"
    assert said in shown(lines)
    assert "No model" not in shown(lines[3:])


EXPECTED = """\
7 students: 4 graded, 1 to review, 1 that could not be graded and 1 missing.
Missing: 1 (Student 6).
Late: 2, and 1 lost points by it.
Late, nobody knows by how much: 1 (Student 4).
Not on the roster: 1 (Student 8).
Passed over: 2 (old.ipynb, notes.txt).

Scores of 5 submissions, in percent of what each could earn
  mean 65, median 75, quartiles 64.29 and 85.71, lowest 14.29, highest 85.71
   0 –  10 0
  10 –  20 1 █████████████████████████
  20 –  30 0
  30 –  40 0
  40 –  50 0
  50 –  60 0
  60 –  70 1 █████████████████████████
  70 –  80 1 █████████████████████████
  80 –  90 2 ██████████████████████████████████████████████████
  90 – 100 0

Hardest checks
  check                   not passed  failed  partial  skipped
  cnn/secret (hidden)  5 of 5, 100 %       0        5        0
  cnn/layers            2 of 5, 40 %       1        1        0
  cnn/learns            1 of 4, 25 %       0        0        1

A person has to look at
  Student 5  cnn/learns: The data file is gone.
  Student 7  The worker was killed.
"""


def test_a_class_reads_as_a_page_of_plain_text() -> None:
    text = shown(
        CLASS,
        passed_over=[PassedOver("old.ipynb", "An earlier attempt."), PassedOver("notes.txt", "")],
        unknown=[student(8)],
    )
    assert text == EXPECTED


def test_lines_are_gone_through_once() -> None:
    assert shown(iter(CLASS)) == shown(CLASS)


def test_a_class_of_nobody() -> None:
    assert shown([]) == "0 students.\n"


def test_a_class_without_a_fault() -> None:
    text = shown([line(ANN, RIGHT, PASSED)])
    assert text.startswith("1 student: 1 graded.\n\nScores of 1 submission, of 100 points\n")
    assert "Hardest" not in text and "look at" not in text


def test_who_handed_in_nothing_is_not_in_the_distribution() -> None:
    text = shown([Graded(student(n), "", "missing", 0.0, 0.0) for n in range(7)])
    assert text == (
        "7 students: 7 missing.\n"
        "Missing: 7 (Student 0, Student 1, Student 2, Student 3, Student 4 and 2 more).\n"
    )


def test_the_hardest_checks_come_first_and_long_lists_end() -> None:
    checks = [replace(WRONG, id=f"c{n}") for n in range(12)]
    easy = [replace(RIGHT, id=f"c{n}") for n in range(11)]
    text = shown([line(ANN, *checks), line(BOB, *easy, checks[11])])
    rows = [row.split()[0] for row in text.splitlines() if row.startswith("  cnn/")]
    assert rows == ["cnn/c11", *(f"cnn/c{n}" for n in range(9))]
    assert "  … and 2 more\n" in text


def test_a_check_that_nobody_could_decide_is_not_a_hard_one() -> None:
    assert "Hardest" not in shown([line(ANN, BROKEN)])


def test_a_claim_needs_a_person() -> None:
    claimed = line(ANN, model=replace(MODEL, rebuilt=False))
    assert (
        "Ann Ames cnn: its model has classes of the student's own: what is said of it is their "
        "program's word"
    ) in " ".join(shown([replace(claimed, status="needs_review")]).split())


def test_a_line_without_a_reason_has_one() -> None:
    unsaid = [replace(line(ANN), status="needs_review"), Graded(BOB, "b", "failed", 0.0, 0.0)]
    assert shown(unsaid).endswith(
        "Ann Ames  its report says so\n  Bob       it could not be graded\n"
    )


def test_of_many_for_review_the_first_are_shown() -> None:
    text = shown([line(student(n), BROKEN) for n in range(30)])
    assert text.count("The data file is gone.") == 20
    assert text.endswith("  … and 10 more\n")


EVIL = "\x1b]0;owned\x07\x1b[2J[bold red]x[/] :smile: \u202e\u200b\nline\ttab"


def test_no_text_of_a_strangers_reaches_the_terminal_as_a_command() -> None:
    evil = Student(EVIL, EVIL)
    lines = [
        line(evil, replace(BROKEN, id=EVIL, message=EVIL), replace(WRONG, id=EVIL + "2")),
        Graded(evil, "", "missing", 0.0, 0.0),
        Graded(evil, EVIL, "failed", 0.0, 0.0, note=EVIL, late=True),
    ]
    text = shown(lines, passed_over=[PassedOver(EVIL, EVIL)], unknown=[evil])
    assert not {"\x1b", "\x07", "\u202e", "\u200b", "\t"} & set(text)
    assert text.count("[bold red]x[/]") >= 4


def test_no_line_is_wider_than_eighty_columns() -> None:
    long = Student("x", "김철수" * 100)
    lines = [
        line(long, replace(BROKEN, id="i" * 90, message="word " * 200), replace(WRONG, id="w" * 90))
        for _ in range(1200)
    ]
    text = shown(lines, passed_over=[PassedOver("p" * 300, "")] * 9, unknown=[long] * 9)
    assert max(map(cell_len, text.splitlines())) <= 80
