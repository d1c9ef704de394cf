"""What is printed for people: 80 columns, colour on a terminal, no blanks at the ends of lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console

WIDTH = 80


@contextmanager
def printing(stream: IO[str]) -> Iterator[Console]:
    """A console whose lines reach ``stream`` when all of them are there.

    Tables fill their lines with spaces, which are in the way of whoever reads a file. Colour is
    used when ``stream`` is a terminal and NO_COLOR is not set.
    """
    console = Console(file=stream, width=WIDTH, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        yield console
    stream.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
