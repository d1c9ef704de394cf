"""Delimited text, cell by cell and byte by byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.report.exports.csv_cells import CsvText, read_csv, read_whole_csv

TEXTS = st.text(st.sampled_from("ab1 \",;\t\r\n\x00é한'="), max_size=60)
ENCODINGS = st.sampled_from(
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ]
)


@pytest.fixture(autouse=True, scope="module")
def long_cells() -> Iterator[None]:
    """Python's own reader, the oracle, refuses long cells until it is told not to."""
    before = csv.field_size_limit(10_000_000)
    yield
    csv.field_size_limit(before)


def values(table: CsvText) -> list[list[str]]:
    return [[cell.value for cell in row] for row in table.rows]


def oracle(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@given(st.binary(max_size=200))
def test_any_bytes_come_back_as_they_were(content: bytes) -> None:
    try:
        table = read_csv(content)
    except UsageError:
        assert content[:2] in (b"\xff\xfe", b"\xfe\xff") and len(content) % 2
        return
    assert table.to_bytes() == content
    assert table.edited({}) == content


@given(TEXTS, ENCODINGS)
def test_values_are_those_of_pythons_csv_module(text: str, form: tuple[bytes, str]) -> None:
    bom, encoding = form
    # Without a BOM, a text that is mostly NUL is taken for UTF-16.
    assume(bom or "\x00" not in text)
    table = read_csv(bom + text.encode(encoding))
    assert (table.text, table.bom) == (text, bom)
    assert values(table) == oracle(text, table.delimiter)


@given(TEXTS, ENCODINGS, TEXTS, st.data())
def test_an_edit_changes_only_the_bytes_of_its_cell(
    text: str, form: tuple[bytes, str], value: str, data: st.DataObject
) -> None:
    bom, encoding = form
    assume(bom or "\x00" not in text + value)
    table = read_csv(bom + text.encode(encoding))
    places = [(row, at) for row, cells in enumerate(table.rows) for at in range(len(cells))]
    assume(places)
    row, at = data.draw(st.sampled_from(places))
    cell = table.rows[row][at]
    after = table.edited({(row, at): value})
    head = bom + text[: cell.start].encode(encoding)
    tail = text[cell.end :].encode(encoding)
    assert after.startswith(head) and after[len(head) :].endswith(tail)
    expected = values(table)
    expected[row][at] = value
    edited = after[len(bom) :].decode(encoding)
    assert oracle(edited, table.delimiter) == expected


CELLS = st.text(st.sampled_from('ab1 ";é'), max_size=5)


@given(
    st.lists(st.lists(CELLS, max_size=4), min_size=1, max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(0, 4),
    st.integers(0, 3),
)
def test_a_row_that_is_too_short_gets_what_is_missing(
    rows: list[list[str]], line_end: str, row: int, more: int
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator=line_end)
    writer.writerows([["x", "y", "z", "w"], *rows])
    text = file.getvalue()
    table = read_csv(text.encode())
    row = min(row, len(rows)) if table.delimiter == "," else 0
    at = len(table.rows[row]) + more
    after = table.edited({(row, at): "new"}).decode()
    expected = values(table)
    expected[row] += [""] * more + ["new"]
    assert oracle(after, table.delimiter) == expected
    end = table.ends[row]
    assert after.startswith(text[:end]) and after.endswith(text[end:])


@pytest.mark.parametrize(
    "before, value, after",
    [
        (b"a,b\r\nc,d", "x", b"a,b\r\nc,x"),
        (b'a,b\nc,"d"\n', "x", b'a,b\nc,"x"\n'),
        (b"a;b\rc;d\r", "x;y", b'a;b\rc;"x;y"\r'),
        (b"a\tb\nc\td", 'say "x"', b'a\tb\nc\t"say ""x"""'),
        (b'a,b\nc,"d"', "d", b'a,b\nc,"d"'),
        (b"\xef\xbb\xbfa,b\nc", "x", b"\xef\xbb\xbfa,b\nc,x"),
        (b"a,b\n\nc", "x", b"a,b\n,x\nc"),
        (b"a,b\nc", "", b"a,b\nc"),
        ("é,b\nc,d".encode("cp1252"), "ü", "é,b\nc,ü".encode("cp1252")),
        (b"\x81,b\nc,d", "x", b"\x81,b\nc,x"),
        ("이름,b\n김,d".encode("cp949"), "x", "이름,b\n김,x".encode("cp949")),
        ("a,b\nc,d".encode("utf-16"), "한", "a,b\nc,한".encode("utf-16")),
        ("a,b\nc,d".encode("utf-16-be"), "한", "a,b\nc,한".encode("utf-16-be")),
    ],
)
def test_an_edit_is_written_as_its_neighbours_are(before: bytes, value: str, after: bytes) -> None:
    assert read_csv(before).edited({(1, 1): value}) == after


@pytest.mark.parametrize(
    "text, delimiter",
    [
        ("a,b,c\n1,2,3", ","),
        ("a;b;c\n1;2;3", ";"),
        ("a\tb\tc", "\t"),
        ("Student,ID,Section,Conv; pool; stride; padding; size\nAnn,1,A,5\nBob,2,A,6", ","),
        ('a;"b, c, d, e, f";g\n"1,5";2;3', ";"),
        ("alone\nlines", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_the_one_that_cuts_rows_alike(text: str, delimiter: str) -> None:
    assert read_csv(text.encode()).delimiter == delimiter


def test_utf_16_that_is_cut_off_is_said() -> None:
    with pytest.raises(UsageError) as caught:
        read_csv(b"\xff\xfea\x00,")
    assert str(caught.value) == (
        "The file is cut off in the middle of a character. Download it again."
    )


@pytest.mark.parametrize("text", ['a,"b\nc,d\n', '"', 'a,"b""', 'a\n"'])
def test_a_file_that_ends_inside_quotes_is_not_filled_in(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_whole_csv(text.encode())
    assert str(caught.value) == (
        "The file ends inside a quoted cell: it is cut off. Download it again."
    )


@pytest.mark.parametrize("text", ['a,"b"', '"a"b,c', 'a"b,c', '"a\n""b"\n', ""])
def test_a_file_whose_quotes_are_closed_is_whole(text: str) -> None:
    assert read_whole_csv(text.encode()).text == text


def test_a_value_that_the_encoding_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError):
        read_csv("é,b".encode("cp1252")).edited({(0, 1): "한"})
    with pytest.raises(ValueError):
        read_csv(b"a,b").edited({(0, 1): "\ud800"})


def test_a_hundred_thousand_quotes_are_read_in_one_pass() -> None:
    text = '"' + '""' * 100_000 + "\n" + '"' * 100_001
    assert values(read_csv(text.encode())) == oracle(text, ",")
