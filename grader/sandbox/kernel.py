"""The calls to Linux that Python's library lacks. Elsewhere they are refused, or do nothing."""

from __future__ import annotations

import ctypes
import os
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
LAST_CAPABILITY = 40
MADV_COLLAPSE = 25
SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW = 1, 4


class Refused(OSError):
    """The kernel, or the distribution's policy, refuses what a wall needs."""


def prctl(option: int, value: int) -> None:
    """Set one property of this process; without effect where there is no such thing."""
    if _libc is not None:
        _libc.prctl(option, value, 0, 0, 0)


def unshare(flags: int) -> None:
    _call("unshare", flags)


def mount(source: bytes, target: bytes, kind: bytes | None, flags: int, data: bytes | None) -> None:
    _call("mount", source, target, kind, flags, data)


def drop_capabilities() -> None:
    """Every one, from every set, for good."""
    for capability in range(LAST_CAPABILITY + 1):
        prctl(PR_CAPBSET_DROP, capability)
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)
    empty = (ctypes.c_uint32 * 6)()
    _call("capset", head, empty)


def install_filter(number: int, program: bytes) -> None:
    """Hand the kernel a filter of system calls; ``number`` is that of seccomp(2) here."""
    code = ctypes.create_string_buffer(program, len(program))
    head = _Program(len(program) // 8, ctypes.addressof(code))
    flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW
    _call("syscall", number, SECCOMP_SET_MODE_FILTER, flags, ctypes.byref(head))


def gather_pages(address: int, length: int) -> None:
    """Ask for huge pages in a stretch of memory; without effect where there are none."""
    if _libc is not None:
        _libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(length), MADV_COLLAPSE)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _call(name: str, *arguments: object) -> None:
    if _libc is None or getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise Refused(number, f"{name}: {os.strerror(number)}")


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
