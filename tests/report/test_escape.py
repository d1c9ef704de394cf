"""Text from strangers on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.escape import visible


@pytest.mark.parametrize(
    "text, safe",
    [
        ("plain, 3×3 kernel, 한국어", "plain, 3×3 kernel, 한국어"),
        ("a\nb\r\nc\td", "a b  c d"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("lone \ud800", "lone \\ud800"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\ue0041"),
        ("", ""),
    ],
)
def test_controls_are_shown_not_obeyed(text: str, safe: str) -> None:
    assert visible(text) == safe


def test_what_is_too_long_is_cut() -> None:
    assert visible("x" * 5000, 10) == "x" * 10 + "…"
    assert len(visible("\x1b" * 5000)) <= 4 * 2000 + 1


@given(st.text())
def test_nothing_but_visible_characters_comes_out(text: str) -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not {unicodedata.category(character) for character in visible(text)} & hidden
