"""A report as a comment."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.as_json import report_as_json
from grader.report.exports.feedback import feedback_html, feedback_text
from tests.report.exports.classes import ALL_CHECKS, BROKEN, HOSTILE, graded, hostile
from tests.report.reports import EXERCISE, FAILED, REPORT, with_exercise


def test_a_comment_says_scores_and_what_did_not_pass() -> None:
    line = graded(score=75.0, penalty=5.0, report=report_as_json(ALL_CHECKS))
    assert feedback_text(line).splitlines() == [
        "Graded automatically: 75 / 100",
        "Late: 5 points taken off.",
        "Convolve, pool, classify: 80 / 100",
        '- layers 20/40: Layer 1, Conv2D (conv2d), has padding="same". It gives 28×28×24; '
        "expected 26×26×24.",
        "- secret 0/10: A hidden check.",
        "- later 0/40: Waits for layers.",
    ]


def test_a_comment_of_a_broken_exercise_says_why_once() -> None:
    skipped = replace(FAILED, status="skipped", message="Not looked at: see above.", score=0.0)
    report = with_exercise(error=BROKEN, checks=(skipped,), score=0.0)
    line = graded(score=0.0, status="needs_review", report=report_as_json(report))
    assert feedback_text(line).splitlines() == [
        "Graded automatically: 0 / 100",
        "A person will look at this once more.",
        "Convolve, pool, classify: 0 / 100",
        "- NameError: name 'x' is not defined",
    ]


def test_markup_is_text_and_all_of_it_is_ascii() -> None:
    line = hostile("<b>3×3</b> & 김")
    comment = feedback_html(line)
    assert "&lt;b&gt;3&#215;3&lt;/b&gt; &amp; &#44608;" in comment
    assert html.unescape(comment).replace("<br>", "\n") == feedback_text(line)


def test_a_long_report_is_cut() -> None:
    checks = tuple(replace(FAILED, id=f"c{n}", message="x" * 5000) for n in range(50))
    report = replace(REPORT, exercises=(replace(EXERCISE, checks=checks),))
    text = feedback_text(graded(report=report_as_json(report)))
    assert len(text) < 10_000
    assert text.endswith("\n- … and 30 more in the report")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_one_line_of_printable_characters(text: str) -> None:
    lines = feedback_text(hostile(text)).split("\n")
    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)


@given(st.text(st.sampled_from("<>&;=+-@ ×'\"a"), max_size=30))
def test_no_piece_of_a_comment_begins_a_formula(text: str) -> None:
    comment = feedback_html(hostile(text))
    assert not re.search(r";\s*[=+\-@]", comment)
    assert html.unescape(comment).replace("<br>", "\n") == feedback_text(hostile(text))


def test_a_line_without_a_report_has_only_its_score() -> None:
    assert feedback_text(graded(report=None)) == "Graded automatically: 80 / 100"
