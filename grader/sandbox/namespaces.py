"""The inner walls of one job: namespaces of its own, around a scratch folder and nothing else.

Two steps, because they are taken by two processes: the guard makes the namespaces that its child
is born into, and the child closes the door behind itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.sandbox import kernel, syscalls

SCRATCH_BYTES = 256 * 2**20


def enter() -> None:
    """Give this process's children their own users, processes, network and IPC.

    Raises Refused where that is not allowed.
    """
    flags = kernel.CLONE_NEWUSER | kernel.CLONE_NEWPID | kernel.CLONE_NEWIPC
    _unshare(flags | kernel.CLONE_NEWNET | kernel.CLONE_NEWUTS)


def close_door(scratch: str) -> None:
    """From inside: a mount namespace with an empty ``scratch``, no ``/proc``, and no powers.

    The second user namespace puts the guard's processes out of the inmate's reach even though
    both run as the same user outside. Raises Refused where that is not allowed.
    """
    _unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
    quiet = kernel.MS_NOSUID | kernel.MS_NODEV
    silent = quiet | kernel.MS_NOEXEC
    kernel.mount(b"none", b"/", None, kernel.MS_REC | kernel.MS_PRIVATE, None)
    size = b"size=%d,mode=0700" % SCRATCH_BYTES
    kernel.mount(b"tmpfs", os.fsencode(scratch), b"tmpfs", quiet, size)
    # Locks between threads and processes are kept here.
    kernel.mount(b"tmpfs", b"/dev/shm", b"tmpfs", silent, b"size=16m,mode=0700")
    kernel.mount(b"tmpfs", b"/proc", b"tmpfs", silent, b"size=64k,mode=0755")
    # TensorFlow's runtime asks for its own command line when it starts, and ends without it.
    os.mkdir("/proc/self")
    os.symlink(sys.executable, "/proc/self/exe")
    Path("/proc/self/cmdline").write_bytes(os.fsencode(sys.executable) + b"\0")
    kernel.mount(b"none", b"/proc", None, kernel.MS_REMOUNT | kernel.MS_RDONLY | silent, None)
    kernel.drop_capabilities()


def work(scratch: str) -> bool:
    """Try both steps, and the filter of system calls, in a throw-away child."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            enter()
            grandchild = os.fork()
            if grandchild == 0:
                close_door(scratch)
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
