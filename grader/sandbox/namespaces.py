"""The inner walls of one job: namespaces of its own, around a scratch folder and nothing else.

Two steps, because they are taken by two processes: the guard makes the namespaces that its child
is born into, and the child closes the door behind itself.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

from grader.sandbox import kernel, outer, syscalls

SHARED_BYTES = 16 * 2**20
MAX_FILES = 10_000
"""In each folder; every one takes a kilobyte of the kernel's, however empty it is."""
SHARED = "/dev/shm"
"""Where locks between threads and processes are kept."""
USUAL_SOCKET_BYTES = 212_992
"""What may wait in a socket, where the kernel does not say."""
QUIET = kernel.MS_NOSUID | kernel.MS_NODEV
SILENT = QUIET | kernel.MS_NOEXEC


def enter(scratch: str) -> None:
    """Give this process's children their own users, processes, network and IPC.

    And files: an empty ``scratch``, which this process sees too, to know what is kept there.
    Raises Refused where that is not allowed.
    """
    flags = kernel.CLONE_NEWUSER | kernel.CLONE_NEWPID | kernel.CLONE_NEWIPC | kernel.CLONE_NEWNS
    _unshare(flags | kernel.CLONE_NEWNET | kernel.CLONE_NEWUTS)
    kernel.mount(b"none", b"/", None, kernel.MS_REC | kernel.MS_PRIVATE, None)
    for folder, flags, size in (
        (scratch, QUIET, outer.SCRATCH_BYTES),
        (SHARED, SILENT, SHARED_BYTES),
    ):
        bounds = b"size=%d,nr_inodes=%d,mode=0700" % (size, MAX_FILES)
        kernel.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, bounds)


def close_door() -> None:
    """From inside: a mount namespace without ``/proc``, and no powers.

    The second user namespace puts the guard's processes out of the inmate's reach even though
    both run as the same user outside. Raises Refused where that is not allowed.
    """
    _unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
    # Mapped, it is memory that belongs to no process and that no limit counts.
    kernel.mount(b"/dev/null", b"/dev/zero", None, kernel.MS_BIND, None)
    kernel.mount(b"tmpfs", b"/proc", b"tmpfs", SILENT, b"size=64k,mode=0755")
    # TensorFlow's runtime asks for its own command line when it starts, and ends without it.
    os.mkdir("/proc/self")
    os.symlink(sys.executable, "/proc/self/exe")
    Path("/proc/self/cmdline").write_bytes(os.fsencode(sys.executable) + b"\0")
    kernel.mount(b"none", b"/proc", None, kernel.MS_REMOUNT | kernel.MS_RDONLY | SILENT, None)
    kernel.drop_capabilities()


def kept_bytes(scratch: str) -> int:
    """Memory of a job's that no process shows: its files, and what may wait in its sockets."""
    files = sum(
        (size.f_blocks - size.f_bfree) * size.f_frsize
        for size in (os.statvfs(scratch), os.statvfs(SHARED))
    )
    return files + _sockets() * _socket_bytes()


def _sockets() -> int:
    """Of this network namespace, whoever holds them: the head of ``sockets: used 12``."""
    with open("/proc/self/net/sockstat", "rb") as file:
        return int(file.readline().split()[2])


@cache
def _socket_bytes() -> int:
    """The most that one may be told to hold for its reader (the kernel doubles what is asked)."""
    try:
        return 2 * int(Path("/proc/sys/net/core/wmem_max").read_text())
    except OSError:
        return 2 * USUAL_SOCKET_BYTES


def work(scratch: str) -> bool:
    """Try both steps, and the filter of system calls, in a throw-away child."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            enter(scratch)
            kept_bytes(scratch)
            grandchild = os.fork()
            if grandchild == 0:
                close_door()
                syscalls.deny_calls()
                os._exit(0)
            os._exit(1 if os.waitpid(grandchild, 0)[1] else 0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _unshare(flags: int) -> None:
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(flags)
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    except OSError as error:
        raise kernel.Refused(error.errno, f"uid_map: {error.strerror}") from error
