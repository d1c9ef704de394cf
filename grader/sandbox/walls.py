"""The inner walls: namespaces, a scratch folder, and limits around one forked child.

Two processes stand around each job. The *guard* is a fork of the zygote; it enters new
namespaces, forks the *inmate* into them, watches the clock and the memory, and kills whatever is
left when the inmate is done. The inmate closes its own door: it mounts its scratch folder, hides
``/proc``, drops every capability, sets its limits, and only then turns to the work.

Outside Linux, and where the kernel refuses namespaces, the limits still hold and the guard still
kills; the report then names the weaker sandbox.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox.limits import Limits

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_REC, MS_PRIVATE = 32, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 1, 4, 38, 24
LAST_CAPABILITY = 40

WATCH_SECONDS = 0.05
"""How often the guard looks at memory and at the number of processes."""
MAX_PROCESSES = 512
SCRATCH_BYTES = 256 * 2**20
OPEN_FILES = 256

Ending = str
"""``exited``, ``timeout``, ``memory``, ``processes`` or ``killed`` (on the parent's word)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    ending: Ending
    code: int
    """Exit status, or minus the signal that ended it."""
    seconds: float
    peak_bytes: int


class NoNamespaces(OSError):
    """The kernel, or the distribution's policy, refuses nested namespaces."""


def guard(
    work: Callable[[], None], limits: Limits, word: int, isolated: bool, handed: tuple[int, ...]
) -> Outcome:
    """Run ``work`` in an inmate and see it to its end.

    ``word`` is a socket: a byte from the parent, or its end, ends the inmate too. ``isolated``
    asks for namespaces; raises NoNamespaces where they are refused. The descriptors in
    ``handed`` are the inmate's alone once it runs.
    """
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    base = _anonymous_bytes(os.getpid())
    if isolated:
        enter_namespaces()
    _prctl(PR_SET_DUMPABLE, 0)
    sys.stdout.flush()
    started = time.monotonic()
    inmate = os.fork()
    if inmate == 0:
        _be_inmate(work, limits, isolated, (wake_read, wake_write, word))
    for descriptor in handed:
        os.close(descriptor)
    ending, peak = "exited", 0
    while True:
        pid, status, usage = os.wait4(inmate, os.WNOHANG)
        if pid:
            break
        left = limits.seconds - (time.monotonic() - started)
        if left <= 0:
            ending = "timeout"
        ready, _, _ = select.select([wake_read, word], [], [], max(0, min(left, WATCH_SECONDS)))
        if word in ready:
            os.read(word, 1)
            ending = "killed"
        used, processes = _family(inmate, base)
        peak = max(peak, used)
        if used > limits.memory_bytes:
            ending = "memory"
        if processes > MAX_PROCESSES:
            ending = "processes"
        if ending != "exited":
            _kill(inmate)
            pid, status, usage = os.wait4(inmate, 0)
            break
    _kill_group(inmate)
    seconds = time.monotonic() - started
    peak = max(peak, usage.ru_maxrss * 1024 - base if not peak else 0)
    return Outcome(ending, os.waitstatus_to_exitcode(status), seconds, peak)


def _be_inmate(
    work: Callable[[], None], limits: Limits, isolated: bool, close: tuple[int, ...]
) -> None:
    """Close the door, work, and never return into the caller's stack."""
    code = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in close:
            os.close(descriptor)
        os.setsid()
        _prctl(PR_SET_DUMPABLE, 1)  # or /proc/self/uid_map could not be opened
        data_bytes = _data_bytes()
        if isolated:
            close_door()
        die_with_parent()
        set_limits(limits, isolated, data_bytes)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Not sys.exit: exit handlers and the zygote's frames are not the inmate's to run.
        os._exit(code)


def enter_namespaces() -> None:
    """Give this process's children their own users, processes, network and IPC.

    Raises NoNamespaces where that is refused.
    """
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS
    _unshare(flags, uid, gid)


def close_door() -> None:
    """From inside: a mount namespace with a scratch folder and no ``/proc``, and no powers.

    The second user namespace puts the guard's processes out of the inmate's reach even though
    both run as the same user outside. Raises NoNamespaces where that is refused.
    """
    _unshare(CLONE_NEWUSER | CLONE_NEWNS, os.getuid(), os.getgid())
    quiet = MS_NOSUID | MS_NODEV
    _mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    _mount(b"tmpfs", b"/scratch", b"tmpfs", quiet, b"size=%d,mode=0700" % SCRATCH_BYTES)
    _mount(b"tmpfs", b"/proc", b"tmpfs", quiet | MS_NOEXEC, b"size=64k,mode=0755")
    # TensorFlow's runtime asks for its own command line when it starts, and ends without it.
    os.mkdir("/proc/self")
    os.symlink(sys.executable, "/proc/self/exe")
    Path("/proc/self/cmdline").write_bytes(os.fsencode(sys.executable) + b"\0")
    _mount(b"none", b"/proc", None, MS_REMOUNT | MS_RDONLY | quiet | MS_NOEXEC, None)
    os.chdir("/scratch")
    for capability in range(LAST_CAPABILITY + 1):
        _prctl(PR_CAPBSET_DROP, capability)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _drop_capabilities()


def set_limits(limits: Limits, isolated: bool, data_bytes: int) -> None:
    """Bound files, processor time and memory above ``data_bytes``; in namespaces, processes too."""
    cpu_seconds = int(limits.seconds * (os.cpu_count() or 1)) + 2
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: SCRATCH_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    if sys.platform == "linux":
        # Private writable memory, unlike the address space, is what a program really asks for.
        bounds[resource.RLIMIT_DATA] = data_bytes + limits.memory_bytes
    if isolated and _kernel() >= (5, 14):
        # Before 5.14 the count is of the user's processes everywhere, not of this namespace's.
        bounds[resource.RLIMIT_NPROC] = MAX_PROCESSES
    for name, bound in bounds.items():
        _, hard = resource.getrlimit(name)
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        resource.setrlimit(name, (bound, bound))


def namespaces_work() -> bool:
    """Try the inner walls in a throw-away child."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            enter_namespaces()
            grandchild = os.fork()
            if grandchild == 0:
                close_door()
                os._exit(0)
            os._exit(1 if os.waitpid(grandchild, 0)[1] else 0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends (Linux)."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _unshare(flags: int, uid: int, gid: int) -> None:
    if _libc is None or _libc.unshare(flags) != 0:
        raise NoNamespaces(ctypes.get_errno(), "unshare")
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    except OSError as error:
        raise NoNamespaces(error.errno, "uid_map") from error


def _mount(
    source: bytes, target: bytes, kind: bytes | None, flags: int, data: bytes | None
) -> None:
    if _libc is None or _libc.mount(source, target, kind, flags, data) != 0:
        raise NoNamespaces(ctypes.get_errno(), f"mount {target.decode()}")


def _prctl(option: int, value: int) -> None:
    if _libc is not None:
        _libc.prctl(option, value, 0, 0, 0)


def _drop_capabilities() -> None:
    """capset(2) with empty sets."""
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    empty = (ctypes.c_uint32 * 6)()
    if _libc is None or _libc.capset(head, empty) != 0:
        raise NoNamespaces(ctypes.get_errno(), "capset")


def _family(inmate: int, base: int) -> tuple[int, int]:
    """Anonymous memory above the warm process's, and the number, of the inmate's processes."""
    if sys.platform != "linux":
        return 0, 1
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            children.setdefault(_parent_of(int(name)), []).append(int(name))
    family = [inmate]
    for pid in family:
        family.extend(children.get(pid, ()))
    return sum(max(0, _anonymous_bytes(pid) - base) for pid in family), len(family)


def _parent_of(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return 0
    # The process's name, in brackets, may hold anything, spaces and brackets too.
    return int(stat.rpartition(")")[2].split()[1])


def _anonymous_bytes(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * resource.getpagesize()


def _data_bytes() -> int:
    """Private writable memory of this process, as RLIMIT_DATA counts it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    except OSError:
        return 0


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _kill_group(inmate: int) -> None:
    """Without a PID namespace the inmate's children may outlive it; its session ends here."""
    try:
        os.killpg(inmate, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(filter(str.isdigit, minor)) or 0)


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
