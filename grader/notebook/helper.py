"""The process beside the kernel that grades: started at the first check, kept, ended with it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.errors import InternalError

PACKAGES = Path(__file__).resolve().parent.parent.parent
"""The folder from which the grader itself is imported."""
END_SECONDS = 5


class Helper:
    """One warm helper, which is asked one thing after the other."""

    def __init__(self) -> None:
        path = [str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
        environment.pop("FORCE_COLOR", None)  # Jupyter sets it for what is printed in cells
        self.owner = os.getpid()
        """A fork of the kernel must not listen to the kernel's answers."""
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            # -P: a file random.py beside the notebook is not meant.
            [sys.executable, "-P", "-m", "grader.notebook.host"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            # Jupyter interrupts the kernel's whole group.
            start_new_session=True,
        )

    @property
    def usable(self) -> bool:
        return self.owner == os.getpid() and self._process.poll() is None

    def ask(self, request: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
        """Its answer; ``say`` is told what is being done. Raises InternalError where it ends."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            answer: dict[str, Any] = json.loads(line)
            if "stage" not in answer:
                return answer
            say(answer["stage"])
        raise InternalError(f"The grader ended while it was checking. {self._last_words()}".strip())

    def _last_words(self) -> str:
        self._process.wait()
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        lines = self._errors.read().decode(errors="replace").splitlines()
        return next((line for line in reversed(lines) if line.strip()), "")

    def close(self) -> None:
        """End it. It also ends by itself when this process does, however that ends."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        if self.owner == os.getpid():
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()
        self._errors.close()


_helper: Helper | None = None
_lock = threading.Lock()


def ask_helper(request: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    """Ask the helper, started if there is none. One that was interrupted is ended."""
    global _helper
    with _lock:
        if _helper is None or not _helper.usable:
            close_helper()
            _helper = Helper()
        try:
            return _helper.ask(request, say)
        except BaseException:
            # It would answer a question that nobody asks any more.
            close_helper()
            raise


@atexit.register
def close_helper() -> None:
    """End the helper, if there is one."""
    global _helper
    if _helper is not None:
        _helper.close()
        _helper = None
