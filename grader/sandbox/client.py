"""The parent's door to the sandbox: which walls this machine has, and asking behind them."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from typing import Any, Literal

from grader.errors import UsageError
from grader.sandbox import outer
from grader.sandbox.exchange import Reply, run_job
from grader.sandbox.launch import Hello, Zygote, remove_folder
from grader.sandbox.limits import Limits
from grader.sandbox.walls import Room

__all__ = ["Mode", "Reply", "Sandbox"]

Mode = Literal["auto", "bwrap", "none"]


class Sandbox:
    """Runs jobs behind the best walls that this machine has.

    Args:
        mode: ``auto`` takes bubblewrap where it works and a plain child process where not;
            ``bwrap`` insists; ``none`` asks for the plain child process.

    Starting returns at once; TensorFlow is imported meanwhile. Use it as a context manager.
    Raises UsageError when ``bwrap`` is insisted upon and does not work. Jobs may be asked for
    from several threads at once.
    """

    def __init__(self, mode: Mode = "auto") -> None:
        reason = outer.why_no_bubblewrap() if mode != "none" else None
        if mode == "bwrap" and reason:
            raise UsageError(f"--sandbox bwrap: {reason}; {outer.how_to_help()}.")
        self.weaker_because = reason
        """Why a weaker sandbox than bubblewrap is used, where it was not asked for."""
        self._walled = mode != "none" and reason is None
        self._zygote = Zygote(self._walled)
        self._lock = threading.Lock()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self._zygote.close()

    @property
    def name(self) -> str:
        """For the report: ``bwrap+namespaces``, ``bwrap`` or ``none``."""
        if not self._walled:
            return "none"
        return "bwrap+namespaces" if self.versions.namespaces else "bwrap"

    @property
    def versions(self) -> Hello:
        """Of what runs inside; known before it is imported."""
        with self._lock:
            return self._zygote.hello()

    def ask_student(self, job: str, request: Any, limits: Limits) -> Reply:
        """Run student code. Where namespaces cannot be nested, in a zygote that then ends."""
        if self._walled and not self.versions.namespaces:
            with contextlib.closing(Zygote(walled=True)) as once:
                once.wait_until_warm()
                return run_job(once, job, request, limits, Room(outer.SCRATCH, isolated=False))
        zygote = self._warm()
        if self._walled:
            return run_job(zygote, job, request, limits, Room(outer.SCRATCH, isolated=True))
        folder = tempfile.mkdtemp(dir=zygote.folder)
        try:
            room = Room(folder, isolated=False, shared=True)
            return run_job(zygote, job, request, limits, room)
        finally:
            remove_folder(folder)

    def ask_trusted(self, job: str, request: Any, limits: Limits) -> Reply:
        """Run the grader's own code on checked values, in a fork of the pristine process."""
        zygote = self._warm()
        folder = outer.SCRATCH if self._walled else zygote.folder
        room = Room(folder, isolated=False, shared=True)
        return run_job(zygote, job, request, limits, room)

    def _warm(self) -> Zygote:
        """The zygote; a new one when it has ended since it was warm, whoever killed it."""
        with self._lock:
            if self._zygote.warm and self._zygote.process.poll() is not None:
                self._zygote.close()
                self._zygote = Zygote(self._walled)
            self._zygote.wait_until_warm()
            return self._zygote
