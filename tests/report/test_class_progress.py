"""How far a class is, on a terminal and elsewhere."""

from __future__ import annotations

import io
import os
import pty
import re
import select
from collections.abc import Iterator
from typing import IO

import pytest

from grader.batch.run import Counts
from grader.report import class_progress
from grader.report.class_progress import ClassProgress

COUNTS = Counts(known=2, done=3, passing=1, review=1, failed=1, total=10)
NOTHING_YET = Counts(known=0, done=0, passing=0, review=0, failed=0, total=10)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, IO[str]]]:
    """A terminal of 160 columns: the end that shows, and the end to write to."""
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shows, written = pty.openpty()
    with os.fdopen(written, "w", encoding="utf-8") as stream:
        yield shows, stream
    os.close(shows)


def read(terminal: int) -> str:
    """All that was written; it is there at once."""
    found = b""
    while select.select([terminal], [], [], 0)[0]:
        found += os.read(terminal, 100_000)
    return found.decode()


def shown(terminal: int) -> str:
    """The same without colours and movements."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", read(terminal))


def test_a_terminal_shows_counts_in_words(terminal: tuple[int, IO[str]]) -> None:
    shows, stream = terminal
    with ClassProgress(stream) as progress:
        progress.reading(4, 10)
        progress.grading(COUNTS)
    text = shown(shows)
    assert "grading" in text
    assert "5/10" in text
    assert "1 passing, 1 to review, 1 not gradable, 2 known" in text


def test_what_takes_long_is_named_the_longest_first(terminal: tuple[int, IO[str]]) -> None:
    shows, stream = terminal
    running = [("class/quick.ipynb", 9.9), ("class/bob.ipynb", 12.2), ("ann.ipynb", 61.0)]
    running += [("class/cyd.ipynb", 11.0)]
    with ClassProgress(stream, lambda: running) as progress:
        progress.grading(COUNTS)
    assert "slow: ann.ipynb 61 s, class/bob.ipynb 12 s" in shown(shows)


def test_a_name_cannot_command_the_terminal(terminal: tuple[int, IO[str]]) -> None:
    shows, stream = terminal
    with ClassProgress(stream, lambda: [("\x1b]0;mine\x07[red]x\n.ipynb", 20.0)]) as progress:
        progress.grading(COUNTS)
    written = read(shows)
    assert "\x1b]0;" not in written and "\x07" not in written
    assert "[red]x" in written


def test_the_bar_is_cleared_at_the_end(terminal: tuple[int, IO[str]]) -> None:
    shows, stream = terminal
    with ClassProgress(stream) as progress:
        progress.grading(NOTHING_YET)
    written = read(shows)
    assert written.rstrip("\r\n").endswith("\x1b[2K")
    assert "\x1b[?25h" in written, "the cursor is shown again"


def test_elsewhere_a_line_is_written_each_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(class_progress.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    with ClassProgress(stream) as progress:
        progress.reading(10, 10)
        for second in (0, 29.9, 30, 31, 59.9, 60.1):
            now[0] = 100 + second
            progress.grading(COUNTS)
    line = "5 of 10 graded (1 passing, 1 to review, 1 not gradable, 2 known)\n"
    assert stream.getvalue() == line * 2


def test_a_line_without_anything_to_count_has_no_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(class_progress.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    with ClassProgress(stream) as progress:
        now[0] = 30.0
        progress.grading(NOTHING_YET)
    assert stream.getvalue() == "0 of 10 graded\n"


def test_a_short_run_writes_nothing_elsewhere() -> None:
    stream = io.StringIO()
    with ClassProgress(stream) as progress:
        progress.reading(1, 2)
        progress.grading(COUNTS)
    assert stream.getvalue() == ""
