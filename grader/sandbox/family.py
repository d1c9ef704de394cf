"""The processes that a job started: what they use together, and how all of them are ended.

The guard is their reaper: whoever loses a parent becomes the guard's own child, so that nobody
leaves the family by forking twice. Elsewhere than on Linux only the inmate itself is seen.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from typing import NamedTuple

from grader.sandbox import kernel

Usage = resource.struct_rusage

COUNTED = (b"RssAnon:", b"RssShmem:", b"VmSwap:", b"VmPTE:")
"""Pages that no file backs, here or on disk, and the tables that lead to them: a program can
have gigabytes of tables to a single page of zeros."""


class Used(NamedTuple):
    """What a family uses together."""

    memory_bytes: int
    processes: int
    threads: int
    """Of all its processes; the kernel's own limit does not hold for root."""


def adopt_orphans() -> None:
    """From now on, orphans below this process become its children."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def measure(inmate: int, base_bytes: int) -> Used:
    """Memory, and number, of all processes below this one.

    Counted are the pages that no file backs, shared ones too. The inmate's are counted above
    ``base_bytes``, what it had when it was forked from the warm process. Others it may have
    forked; each may write to every page that it shares, so each is counted whole.
    """
    used = processes = threads = 0
    for pid in _below(os.getpid()):
        own = memory_bytes(pid)
        used += max(0, own - base_bytes) if pid == inmate else own
        processes += 1
        threads += len(_threads(pid))
    return Used(used, processes, threads)


def memory_bytes(pid: int) -> int:
    """Pages that no file backs, private ones and shared ones (``mmap``, ``tmpfs``); page tables."""
    found = 0
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            for line in file:
                if line.startswith(COUNTED):
                    found += int(line.split()[1]) << 10
    except OSError:
        return 0
    return found


def reap(inmate: int) -> tuple[int, Usage] | None:
    """Take note of all that have ended; of the inmate its wait status and usage."""
    found = None
    while True:
        try:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == inmate:
            found = status, usage


def end(inmate: int) -> tuple[int, Usage] | None:
    """Kill every process below this one, and what is born meanwhile; return when none is left.

    Gives the inmate's wait status and usage if it had not been noted before.
    """
    found = None
    _kill_group(inmate)
    while True:
        for pid in _below(os.getpid()):
            _kill(pid)
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return found
        if pid == inmate:
            found = status, usage


def _below(pid: int) -> Iterator[int]:
    """Children, their children, and so on, oldest generation first."""
    generation = [pid]
    while generation:
        generation = [child for parent in generation for child in _children(parent)]
        yield from generation


def _children(pid: int) -> Iterator[int]:
    """Of every thread of a process, as far as the process still exists."""
    for thread in _threads(pid):
        try:
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                yield from map(int, file.read().split())
        except OSError:
            continue


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
