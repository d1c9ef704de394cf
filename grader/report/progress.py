"""One line that says what is being done, for anything that takes longer than a second."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

FIRST_SECONDS = 1.0
STEP_SECONDS = 0.2


class Progress:
    """A transient line on stderr, shown only on a terminal; a context manager."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
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
        delay = FIRST_SECONDS
        while not self._done.wait(delay):
            delay = STEP_SECONDS
            seconds = time.monotonic() - self._started
            sys.stderr.write(f"\r\x1b[K{self._stage} … {seconds:.0f} s")
            sys.stderr.flush()
            wrote = True
        if wrote:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
