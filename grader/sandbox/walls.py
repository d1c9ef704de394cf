"""The guard and the inmate: two processes around each job.

The *guard* is a fork of the zygote; it enters new namespaces, forks the *inmate* into them,
watches the clock and the memory, and kills whatever is left when the inmate is done. The inmate
closes its own door: it hides what it need not see, drops its powers, sets its limits, and only
then turns to the work.

Where the kernel refuses namespaces, and outside Linux, the limits still hold and the guard still
kills; the report then names the weaker sandbox.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from grader.sandbox import family, kernel, namespaces, outer, syscalls
from grader.sandbox.limits import Limits

WATCH_SECONDS = 0.05
"""How often the guard looks at memory and at the number of processes."""
MAX_PROCESSES = 64
MAX_TASKS = 512
"""Processes and threads, as the kernel counts them together."""
OPEN_FILES = 256
CLOSED = b"+"
"""What the inmate tells the guard when its walls stand."""

Ending = Literal["exited", "timeout", "memory", "processes", "killed"]
"""``killed``: on the parent's word."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where an inmate works."""

    folder: str
    isolated: bool
    """Whether it gets namespaces of its own, with an empty ``folder``."""
    shared: bool = False
    """Whether others keep files in ``folder``, or sockets in its network, at the same time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    ending: Ending
    code: int
    """Exit status, or minus the signal that ended it."""
    seconds: float
    peak_bytes: int


def guard(
    work: Callable[[], None], limits: Limits, room: Room, word: int, handed: tuple[int, ...]
) -> Outcome:
    """Run ``work`` in an inmate and see it, and all that it started, to the end.

    ``word`` is a socket: a byte from the parent, or its end, ends the inmate too. The
    descriptors in ``handed`` are the inmate's alone once it runs. Raises Refused where the walls
    cannot be put up.
    """
    wake_read, wake_write = os.pipe()
    door_read, door_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    family.adopt_orphans()
    base = family.memory_bytes(os.getpid())
    if room.isolated:
        namespaces.enter(room.folder)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    started = time.monotonic()
    inmate = os.fork()
    if inmate == 0:
        _be_inmate(work, limits, room, door_write, (wake_read, wake_write, door_read, word))
    for descriptor in (*handed, door_write):
        os.close(descriptor)
    ending, ended, peak = _watch(inmate, limits, room, base, wake_read, word)
    ended = family.end(inmate) or ended
    seconds = time.monotonic() - started
    said = os.read(door_read, 1000)
    if said != CLOSED and ending == "exited":
        raise kernel.Refused(f"the walls were not put up: {said.decode(errors='replace')}")
    assert ended is not None, "all children have ended, and the inmate was one"
    status, usage = ended
    # A job that ends between two looks has no other figure than its largest resident size.
    peak = peak or max(0, usage.ru_maxrss * 1024 - base)
    return Outcome(ending, os.waitstatus_to_exitcode(status), seconds, peak)


def _watch(
    inmate: int, limits: Limits, room: Room, base: int, wake: int, word: int
) -> tuple[Ending, tuple[int, family.Usage] | None, int]:
    """Look on until the inmate has ended, or must; with the peak of its family's memory."""
    peak = 0
    deadline = time.monotonic() + limits.seconds
    while True:
        ended = family.reap(inmate)
        if ended:
            return "exited", ended, peak
        left = deadline - time.monotonic()
        if left <= 0:
            return "timeout", None, peak
        ready, _, _ = select.select([wake, word], [], [], min(left, WATCH_SECONDS))
        if word in ready:
            return "killed", None, peak
        if wake in ready:
            os.read(wake, 4096)
        used, processes, threads = family.measure(inmate, base)
        if not room.shared:
            used += namespaces.kept_bytes(room.folder)
        peak = max(peak, used)
        if processes > MAX_PROCESSES or threads > MAX_TASKS:
            return "processes", None, peak
        if used > limits.memory_bytes:
            return "memory", None, peak


def _be_inmate(
    work: Callable[[], None], limits: Limits, room: Room, door: int, close: tuple[int, ...]
) -> NoReturn:
    """Close the door, work, and never return into the caller's stack."""
    code = 70
    try:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in close:
                os.close(descriptor)
            _put_up_walls(limits, room)
        except BaseException as error:
            os.write(door, repr(error)[:900].encode(errors="replace"))
            raise
        os.write(door, CLOSED)
        os.close(door)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Not sys.exit: exit handlers and the zygote's frames are not the inmate's to run.
        os._exit(code)


def _put_up_walls(limits: Limits, room: Room) -> None:
    os.setsid()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # or /proc/self/uid_map could not be opened
    data_bytes = _data_bytes()
    _be_killed_first()
    if room.isolated:
        namespaces.close_door()
    os.chdir(room.folder)
    os.environ.update(dict.fromkeys(outer.OWN_FOLDER, room.folder))
    tempfile.tempdir = None
    die_with_parent()
    set_limits(limits, room.isolated, data_bytes)
    try:
        syscalls.deny_calls()
    except kernel.Refused:
        # Without namespaces the filter is more than was promised, and may be missing.
        if room.isolated:
            raise


def _be_killed_first() -> None:
    """Where this machine runs out of memory, its kernel is to choose a job, and nobody else."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def set_limits(limits: Limits, isolated: bool, data_bytes: int) -> None:
    """Bound files, processor time and memory above ``data_bytes``; in namespaces, processes too."""
    cpu_seconds = int(limits.seconds * (os.cpu_count() or 1)) + 2
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: outer.SCRATCH_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    if sys.platform == "linux":
        # Private writable memory, unlike the address space, is what a program really asks for.
        # The guard has the first word: TensorFlow crashes, or waits, where memory is refused.
        bounds[resource.RLIMIT_DATA] = data_bytes + limits.memory_bytes * 11 // 10
    if isolated and _kernel_version() >= (5, 14):
        # Before 5.14 the count is of the user's processes everywhere, not of this namespace's.
        bounds[resource.RLIMIT_NPROC] = MAX_TASKS
    for name, bound in bounds.items():
        _, hard = resource.getrlimit(name)
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        resource.setrlimit(name, (bound, bound))


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends (Linux)."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def _data_bytes() -> int:
    """Private writable memory of this process, as RLIMIT_DATA counts it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    except OSError:
        return 0


def _kernel_version() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(filter(str.isdigit, minor)) or 0)
