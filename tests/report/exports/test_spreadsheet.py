"""Cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.exports.spreadsheet import decimal_mark, number_cell, read_number, text_cell


@pytest.mark.parametrize(
    "text, cell",
    [
        ("Ann Doe", "Ann Doe"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\tx", "' x"),
        ("\rx", "' x"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ("a; =1", "a; '=1"),
        ("a-b=c@d+e", "a-b=c@d+e"),
        ("\x00=1", "\\x00=1"),
        ("a\nb", "a b"),
        ("\ud800", "\\ud800"),
        ("\u202ex", "\\u202ex"),
        ("김민수", "김민수"),
        ("", ""),
    ],
)
def test_a_formula_is_only_text(text: str, cell: str) -> None:
    assert text_cell(text) == cell


@given(st.text(st.sampled_from("=+-@\t\r\n ;,'\"a1\x00\u200f\u3000"), max_size=20))
def test_no_cell_begins_a_formula_however_the_line_is_cut(text: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerow(["x", text_cell(text), "y"])
    [[_, cell, _]] = csv.reader(io.StringIO(file.getvalue()))
    for piece in re.split(";", cell):
        assert piece.lstrip()[:1] not in {*"=+-@"}
    assert cell.isprintable() or "\u3000" in cell


@pytest.mark.parametrize(
    "number, cell",
    [
        (80.0, "80"),
        (26.666666, "26.67"),
        (0.5, "0.5"),
        (0.0, "0"),
        (-0.001, "0"),
        (100, "100"),
        (1234567.0, "1234567"),
        (float("nan"), ""),
        (float("inf"), ""),
    ],
)
def test_numbers_are_short(number: float, cell: str) -> None:
    assert number_cell(number) == cell


def test_a_decimal_comma_is_written_where_the_file_has_them() -> None:
    assert number_cell(26.666, ",") == "26,67"
    assert decimal_mark(["", "100,00", "-"]) == ","
    assert decimal_mark(["100", "", "85"]) == "."
    assert decimal_mark(["8,5", "8.5"]) == "."
    assert decimal_mark(["Doe, Ann", "1,2,3"]) == "."


@pytest.mark.parametrize(
    "cell, number",
    [(" 8.50 ", 8.5), ("8,5", 8.5), ("100", 100.0), ("", None), ("EX", None), ("1.000,5", None)],
)
def test_numbers_are_read_with_point_or_comma(cell: str, number: float | None) -> None:
    assert read_number(cell) == number
