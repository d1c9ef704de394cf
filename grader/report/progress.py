"""One line that says what is being done, for anything that takes longer than a second."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import IO

FIRST_SECONDS = 1.0
STEP_SECONDS = 0.2


class Progress:
    """A transient line, shown only on a terminal; a context manager.

    Args:
        stream: where the line is written; stderr, so that a report can be piped.
        first_seconds: what is done sooner shows nothing.
    """

    def __init__(self, stream: IO[str], first_seconds: float = FIRST_SECONDS) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._first_seconds = first_seconds
        self._stage = "starting"
        self._started = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def say(self, stage: str) -> None:
        self._stage = stage

    def __enter__(self) -> Progress:
        if self._shown:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        if self._shown:
            self._thread.join()

    def _run(self) -> None:
        wrote = False
        delay = self._first_seconds
        while not self._done.wait(delay):
            delay = STEP_SECONDS
            seconds = time.monotonic() - self._started
            self._stream.write(f"\r\x1b[K{self._stage} … {seconds:.0f} s")
            self._stream.flush()
            wrote = True
        if wrote:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
