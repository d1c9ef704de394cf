"""One run at a time: a file beside the ledger that one process holds, with its number in it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

from grader.errors import UsageError
from grader.words import printable

STEP_SECONDS = 0.05
HELD = (errno.EACCES, errno.EAGAIN)


class Lock:
    """Held until ``release``, or until the process ends, however it ends.

    A record lock (POSIX) and not ``flock``: forked workers that outlive a killed run do not hold
    it. It says nothing to a second ``take`` in the same process.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, what: Path, wait_seconds: float, say: Callable[[str], None]) -> Lock:
        """Hold the lock, after waiting for whoever holds it.

        Args:
            path: the lock file; made when missing, and left there.
            what: is locked; named in messages.
            wait_seconds: how long to wait for another process.
            say: is told once that, and for whom, it waits.

        Raises UsageError when another process still holds it, or when there cannot be a lock.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise _no_lock(path, error) from error
        try:
            deadline, told = time.monotonic() + wait_seconds, False
            while not _locked(descriptor, path):
                holder = f"Another run{_holder(descriptor)} is using {what}"
                if time.monotonic() >= deadline:
                    raise UsageError(
                        f"{holder}. Start this one when that has ended, or give it another "
                        "folder with --out."
                    )
                if not told:
                    say(f"{holder}; waiting for it")
                    told = True
                time.sleep(STEP_SECONDS)
            _sign(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Let others have it; a second call does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _locked(descriptor: int, path: Path) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            return False
        raise _no_lock(path, error) from error
    return True


def _no_lock(path: Path, error: OSError) -> UsageError:
    reason = error.strerror or error
    return UsageError(f"{path} cannot be locked: {reason}. Give another folder with --out.")


def _sign(descriptor: int) -> None:
    # On a full disk the lock holds all the same; only its owner's number is not told.
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {platform.node()}\n".encode(), 0)


def _holder(descriptor: int) -> str:
    """`` (process 123)``, with the machine where that is another one; nothing if unknown."""
    process, _, node = os.pread(descriptor, 300, 0).decode(errors="replace").strip().partition(" ")
    if not process.isdecimal():
        return ""
    where = f" on {printable(node)}" if node and node != platform.node() else ""
    return f" (process {printable(process)}{where})"
