"""How far a class is: a bar on a terminal, a line every half minute anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import IO, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from grader.report.escape import visible
from grader.words import printable

LINE_SECONDS = 30.0
SLOW_SECONDS = 10.0
SLOW_SHOWN = 2
REFRESHES = 4
"""A second."""


class Counts(Protocol):
    """How far a run is."""

    @property
    def known(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def passing(self) -> int: ...
    @property
    def review(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def total(self) -> int: ...


Running = Callable[[], Iterable[tuple[str, float]]]


class ClassProgress:
    """A context manager.

    Args:
        stream: stderr, so that what is printed can be piped.
        running: what is being graded, with the seconds that it has taken.
    """

    def __init__(self, stream: IO[str], running: Running = lambda: ()) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[details]}", markup=False),
            _Slow(running),
            console=console,
            transient=True,
            refresh_per_second=REFRESHES,
        )
        self._task = self._bar.add_task("starting", total=None, details="")
        self._said = time.monotonic()
        self._grading = False

    def __enter__(self) -> ClassProgress:
        if self._shown:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._bar.stop()

    def reading(self, done: int, total: int) -> None:
        """So many files were read."""
        self._bar.update(self._task, description="reading", completed=done, total=total)

    def grading(self, counts: Counts) -> None:
        """So many submissions were graded, those counted that were known before."""
        parts = [
            (counts.passing, "passing"),
            (counts.review, "to review"),
            (counts.failed, "not gradable"),
            (counts.known, "known"),
        ]
        details = ", ".join(f"{count} {word}" for count, word in parts if count)
        done = counts.done + counts.known
        if not self._grading:
            # The rate is that of grading, and not of reading what there is to grade.
            self._grading = True
            self._bar.reset(self._task, completed=done)
        self._bar.update(
            self._task, description="grading", completed=done, total=counts.total, details=details
        )
        now = time.monotonic()
        if not self._shown and now - self._said >= LINE_SECONDS:
            self._said = now
            told = f" ({details})" if details else ""
            self._stream.write(f"{done} of {counts.total} graded{told}\n")
            self._stream.flush()


class _Rate(ProgressColumn):
    """Submissions a second, as of the last minute."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


class _Slow(ProgressColumn):
    """The submissions that take long, by name."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self._running = running

    def render(self, _: Task) -> Text:
        slow = sorted(
            ((seconds, path) for path, seconds in self._running() if seconds >= SLOW_SECONDS),
            reverse=True,
        )
        shown = [f"{_end(path)} {seconds:.0f} s" for seconds, path in slow[:SLOW_SHOWN]]
        return Text(("slow: " + ", ".join(shown)) if shown else "")


def _end(path: str) -> str:
    """The file and its folder, one of which names the student."""
    return visible(printable("/".join(path.rsplit("/", 2)[-2:]), 40))
