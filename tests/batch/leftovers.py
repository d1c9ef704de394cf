"""Sees to it that of processes that end, or are killed, no other process is left."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from grader.sandbox import kernel

ENDING_SECONDS = 20
"""For those that see at their next look that nobody needs them any more."""


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """Whatever is started in the block, and by that, has to end when the block has.

    Those who lose their parent become children of this process, so that none can hide.
    """
    before = _children()
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
        deadline = time.monotonic() + ENDING_SECONDS
        while left := _children() - before:
            left -= set(filter(_end_unborn, left))
            assert time.monotonic() < deadline, f"still running: {sorted(map(_command, left))}"
            for pid in left:
                _wait_for(pid)
    finally:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 0)


def _wait_for(pid: int) -> None:
    """Until it has ended, or for a moment; others may have come by then."""
    with contextlib.suppress(ChildProcessError, ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            select.select([descriptor], [], [], 0.2)
            os.waitpid(pid, os.WNOHANG)
        finally:
            os.close(descriptor)


def _end_unborn(pid: int) -> bool:
    """End a bubblewrap that was killed while it started, and say whether this is one.

    Its outer process dies with us as it should. Where that comes before it has let go of its
    inner one, that waits for ever for a word that nobody can give: it holds nothing and runs
    nothing, and neither it nor we have a way to end it from then on.
    """
    process = Path(f"/proc/{pid}")
    try:
        waits = b"bwrap" in (process / "cmdline").read_bytes().partition(b"\0")[0]
        # It is still of its outer process's group, and that is gone. (What it waits for is in
        # /proc/PID/stack, which only root may read.)
        group = os.getpgid(pid)
        waits &= group != pid and not Path(f"/proc/{group}").exists()
    except OSError:
        return False
    if waits:
        os.kill(pid, signal.SIGKILL)
    return waits


def _children() -> set[int]:
    return {int(path.name) for path in Path("/proc").glob("[0-9]*") if _parent(path) == os.getpid()}


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "(gone)"
    return f"{pid} {' '.join(words)[:80]}"
