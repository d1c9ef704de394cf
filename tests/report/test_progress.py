"""The line that says what is being done."""

from __future__ import annotations

import io
import os
import pty
import select
from collections.abc import Iterator
from typing import IO

import pytest

from grader.report.progress import Progress


@pytest.fixture
def terminal() -> Iterator[tuple[int, IO[str]]]:
    """A terminal: the end that shows, and the end to write to."""
    shows, written = pty.openpty()
    with os.fdopen(written, "w", encoding="utf-8") as stream:
        yield shows, stream
    os.close(shows)


def test_a_slow_stage_is_named_with_its_seconds_and_the_line_is_cleared_at_the_end(
    terminal: tuple[int, IO[str]],
) -> None:
    shows, stream = terminal
    with Progress(stream, first_seconds=0) as line:
        line.say("training")
        assert select.select([shows], [], [], 10)[0]
        assert os.read(shows, 1000).decode().startswith("\r\x1b[K")
    assert os.read(shows, 1000).decode().endswith("\r\x1b[K")


def test_what_is_done_within_a_second_shows_nothing(terminal: tuple[int, IO[str]]) -> None:
    shows, stream = terminal
    with Progress(stream) as line:
        line.say("reading")
    assert not select.select([shows], [], [], 0)[0]


def test_nothing_is_written_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with Progress(stream, first_seconds=0) as line:
        line.say("reading")
    assert stream.getvalue() == ""
