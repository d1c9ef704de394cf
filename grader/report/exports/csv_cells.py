"""Delimited text, read so that one cell can be changed and every other byte stays as it was.

A CSV library reads values and writes them its own way: quotes come and go, line ends change. An
LMS's file goes back to the LMS, and perhaps through a spreadsheet, so here a cell is a place in
the text. Values are those that Python's ``csv`` module reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from grader.errors import UsageError

DELIMITERS = ",;\t"
_LOOKED_AT = 50
"""Records that tell a delimiter from a character that merely occurs."""
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8", "surrogateescape"),
    (b"\xff\xfe", "utf-16-le", "surrogatepass"),
    (b"\xfe\xff", "utf-16-be", "surrogatepass"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: where it stands in the text, quotes included, and what it says."""

    start: int
    end: int
    value: str
    quoted: bool = False


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CsvText:
    """A file of delimited text; an empty line is a row without cells."""

    bom: bytes
    encoding: str
    errors: str
    text: str
    delimiter: str
    rows: tuple[Row, ...]
    ends: tuple[int, ...]
    """Where each row ends in the text, before its line end."""
    closed: bool = True
    """False where the last cell has a quote that nothing closes."""

    def value(self, row: int, column: int | None) -> str:
        """What a cell says; nothing where the row is too short for it."""
        cells = self.rows[row]
        return "" if column is None or column >= len(cells) else cells[column].value

    def to_bytes(self) -> bytes:
        return self.bom + self.text.encode(self.encoding, self.errors)

    def edited(self, values: Mapping[tuple[int, int], str]) -> bytes:
        """The file with the cells at (row, column) saying ``values``, and nothing else changed.

        A cell that says it already is left as it is written. A quoted cell stays quoted. A row
        that is too short gets the delimiters that are missing.

        Raises ValueError for a value that the file's encoding cannot hold.
        """
        pieces, last = [], 0
        for row, column in sorted(values):
            value = values[row, column]
            start, end, written = self._replacement(row, column, value)
            if start >= 0:
                value.encode(self.encoding)
                pieces += [self.text[last:start], written]
                last = end
        text = "".join([*pieces, self.text[last:]])
        return self.bom + text.encode(self.encoding, self.errors)

    def _replacement(self, row: int, column: int, value: str) -> tuple[int, int, str]:
        """From where to where, and what stands there then; from -1 where nothing changes."""
        cells = self.rows[row]
        if column < len(cells):
            cell = cells[column]
            same = cell.value == value
            # An only cell that said nothing and had no quotes would be an empty line.
            quoted = cell.quoted or (not value and len(cells) == 1)
            return (-1 if same else cell.start), cell.end, self._written(value, quoted)
        if not value:
            return -1, -1, ""
        # A row without cells has room for the first without a delimiter.
        missing = self.delimiter * (column - max(len(cells), 1) + 1)
        return self.ends[row], self.ends[row], missing + self._written(value, False)

    def _written(self, value: str, quoted: bool) -> str:
        if quoted or re.search(rf'["\r\n{self.delimiter}]', value):
            return '"' + value.replace('"', '""') + '"'
        return value


def read_csv(content: bytes) -> CsvText:
    """Read delimited text in UTF-8, UTF-16 or a Windows code page, with or without a BOM.

    The delimiter is the one that cuts most rows into as many cells as the first.

    Raises UsageError for UTF-16 that ends in the middle of a character.
    """
    bom, encoding, errors = _encoding(content)
    body = content[len(bom) :]
    try:
        text = body.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise UsageError(
            "The file is cut off in the middle of a character. Download it again."
        ) from error
    delimiter = max(DELIMITERS, key=lambda candidate: _fits(text, candidate))
    rows, ends, closed = _split(text, delimiter)
    return CsvText(bom, encoding, errors, text, delimiter, rows, ends, closed)


def read_whole_csv(content: bytes) -> CsvText:
    """Read a file that is to be given back.

    Raises UsageError for one that is cut off, as far as it shows.
    """
    table = read_csv(content)
    if not table.closed:
        raise UsageError("The file ends inside a quoted cell: it is cut off. Download it again.")
    return table


def _encoding(content: bytes) -> tuple[bytes, str, str]:
    """BOM, encoding and error handler with which decoding and encoding give the same bytes."""
    for bom, encoding, errors in _BOMS:
        if content.startswith(bom):
            return bom, encoding, errors
    head = content[:2000]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        # Latin letters, digits and commas in UTF-16 are every other byte a zero.
        if zeros.count(0) > len(head) / 4 and len(content) % 2 == 0:
            return b"", encoding, "surrogatepass"
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return b"", encoding, "strict"
    return b"", "latin-1", "strict"


def _fits(text: str, delimiter: str) -> tuple[int, int]:
    """How many rows have as many cells as the first, and how many that are."""
    rows, _, _ = _split(text, delimiter, _LOOKED_AT)
    filled = [len(row) for row in rows if row]
    if not filled or filled[0] == 1:
        return 0, 0
    return sum(count == filled[0] for count in filled), filled[0]


def _split(
    text: str, delimiter: str, limit: int | None = None
) -> tuple[tuple[Row, ...], tuple[int, ...], bool]:
    quoted = re.compile(rf'"([^"]*(?:""[^"]*)*)("?)([^\r\n{delimiter}]*)')
    plain = re.compile(rf"[^\r\n{delimiter}]*")
    rows: list[Row] = []
    ends: list[int] = []
    cells: list[Cell] = []
    at, closed = 0, True
    while at < len(text) and (limit is None or len(rows) < limit):
        match = quoted.match(text, at)
        if match is not None:
            value = match[1].replace('""', '"') + match[3]
            cell = Cell(at, match.end(), value, bool(match[2]) and not match[3])
            closed = bool(match[2])
        else:
            match = plain.match(text, at)
            assert match is not None
            cell = Cell(at, match.end(), match[0])
        at = cell.end
        separator = text[at : at + 1]
        if separator == delimiter or cells or cell.start < cell.end:
            cells.append(cell)
        if separator == delimiter:
            at += 1
            if at < len(text):
                continue
            cells.append(Cell(at, at, ""))  # an empty last cell of a file without a last line end
        rows.append(tuple(cells))
        ends.append(at)
        cells = []
        at += 2 if text[at : at + 2] == "\r\n" else 1
    return tuple(rows), tuple(ends), closed
