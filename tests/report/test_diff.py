"""What ``grade.py diff`` prints."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.cells import cell_len

from grader.batch.diff import compare
from grader.records import Graded, Problem, Student
from grader.report.diff import print_changes
from tests.batch.grade_books import ANN, BOB, BROKEN, RIGHT, WRONG, line
from tests.report.reports import FAILED, PASSED

CID, DAN, EVE, FAY = (Student(name, name) for name in ("Cid", "Dan", "Eve", "Fay"))


def shown(old: list[Graded], new: list[Graded], students: int) -> str:
    stream = io.StringIO()
    print_changes(compare(old, new), students, stream)
    return stream.getvalue()


EXPECTED = """\
6 of 30 students change: 3 lose points, 1 gains points, 1 new, 1 gone.

Because of
  cnn/learns  2 students  −120 points
  cnn          1 student    no points
  cnn/layers   1 student   −20 points

Cid                                                       80 → 20 / 100      −60
  cnn         graded → syntax error
  cnn/learns  passed 60/60 → skipped 0/60

Eve                                                  80 / 100 → 20 / 40      −60
  status      graded → needs review
  cnn/learns  passed 60/60 → error 0/60

Ann Ames                                                  80 → 60 / 100      −20
  file        another one was handed in
  cnn/layers  partial 20/40 → failed 0/40

Bob                                                 missing → 100 / 100     +100

Dan                                           only in the old: 80 / 100

Fay                                           only in the new: 80 / 100
"""


def test_a_class_that_changes_reads_as_a_page_of_plain_text() -> None:
    old = [line(ANN), Graded(BOB, "", "missing", 0.0, 0.0), line(CID), line(DAN), line(EVE)]
    syntax = Problem("syntax", "Why.", 1, 2)
    skipped = replace(PASSED, status="skipped", score=0.0)
    new = [
        line(ANN, WRONG, PASSED, sha256="cd" * 32),
        line(BOB, RIGHT, PASSED),
        line(CID, FAILED, skipped, error=syntax),
        line(EVE, FAILED, BROKEN),
        line(FAY),
    ]
    assert shown(old, new, 30) == EXPECTED


def test_many_who_keep_their_score_are_named_together() -> None:
    students = [ANN, BOB, CID, DAN, EVE]
    passed, failed = replace(WRONG, id="b"), replace(RIGHT, id="b")
    old = [line(who, RIGHT, passed) for who in students]
    new = [line(who, WRONG, failed) for who in students]
    page = shown(old, new, 5)
    assert page.endswith("\n\nThe same score by other checks: Ann Ames, Bob, Cid, Dan, Eve.\n")
    assert page.count("→") == 0
    few = shown(old[:3], new[:3], 3)
    assert "The same score" not in few and few.count("→") == 6


def test_nobody_changes() -> None:
    assert shown([line(ANN)], [line(ANN)], 1) == "None of 1 student changes.\n"
    assert shown([], [], 3) == "None of 3 students change.\n"


def test_lateness_and_checks_that_come_and_go() -> None:
    late = replace(line(ANN), score=70.0, penalty=10.0, late=True, days_late=1.0)
    renamed = replace(PASSED, id="deep", visibility="hidden")
    assert shown([line(ANN), line(BOB)], [late, line(BOB, FAILED, renamed)], 2) == (
        "2 of 2 students change: 1 loses points, 1 keeps the score.\n"
        "\n"
        "Because of\n"
        "  cnn/deep (hidden)  1 student  +60 points\n"
        "  cnn/learns         1 student  −60 points\n"
        "\n"
        "Ann Ames                                                  80 → 70 / 100      −10\n"
        "  lateness  nothing taken off → −10\n"
        "\n"
        "Bob                                                            80 / 100       ±0\n"
        "  cnn/deep (hidden)  new: passed 60/60\n"
        "  cnn/learns         gone: passed 60/60\n"
    )


def test_what_could_not_be_graded_any_more_has_its_status() -> None:
    text = shown([line(ANN)], [Graded(ANN, "a", "failed", 0.0, 0.0, note="Killed.")], 1)
    assert "Ann Ames" in text and "80 / 100 → not graded" in text


EVIL = "\x1b]0;owned\x07\x1b[2J[bold red]x[/] :smile: \u202e\u200b\nline\ttab"


def test_no_text_of_a_strangers_reaches_the_terminal_as_a_command() -> None:
    evil = Student(EVIL, EVIL)
    text = shown([line(evil, replace(FAILED, id=EVIL))], [line(evil, replace(WRONG, id=EVIL))], 1)
    assert not {"\x1b", "\x07", "\u202e", "\u200b", "\t"} & set(text)
    assert "\\x1b]0;owned" in text and "[bold red]x[/] :smile:" in " ".join(text.split())


def test_no_line_is_wider_than_eighty_columns() -> None:
    long = Student("x", "김철수" * 100)
    checks = [replace(check, id="i" * 90) for check in (FAILED, WRONG)]
    text = shown([line(long, checks[0])], [line(long, checks[1])], 1)
    assert max(map(cell_len, text.splitlines())) <= 80
