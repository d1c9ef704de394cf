"""The system calls that a job may not make, as a filter for the kernel (seccomp).

No model needs them, built or trained: they reach into other processes, make namespaces and
mounts, keep memory that no limit counts, or are doors through which sandboxes were left before.
Each is answered with "not permitted", so that a library which only tries goes on.

Numbers: the kernel's ``arch/x86/entry/syscalls/syscall_64.tbl`` and
``include/uapi/asm-generic/unistd.h``. Filters: seccomp(2). Other processors get no filter.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys

from grader.sandbox import kernel

DENIED = {
    # name: (x86_64, aarch64)
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "vmsplice": (278, 75),
    "inotify_init": (253, 26),  # the older one is not there on aarch64
    "inotify_init1": (294, 26),
    "syslog": (103, 116),
}
CLONE, CLONE3, SOCKET, SECCOMP = (56, 220), (435, 435), (41, 198), (317, 277)
MMAP = (9, 222)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""By the machine's name: the column above, and the kernel's mark for it."""

NAMESPACES = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWCGROUP
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
)
FAMILIES = (socket.AF_UNIX, socket.AF_INET, getattr(socket, "AF_INET6", 10), 16)
"""Of sockets that may be made (16: netlink, for names of interfaces). No other family knows of
network namespaces for sure."""

MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
"""Together: memory that stays taken while nobody has a page of it, so that no limit sees it."""

X32 = 0x40000000
"""Numbers from here on are a second table of the same calls on x86_64."""

# Classic BPF: load a word at an offset, compare, return.
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, FOURTH_ARGUMENT = 0, 4, 16, 40
ALLOW = 0x7FFF0000
DENY = 0x00050000 | errno.EPERM
ABSENT = 0x00050000 | errno.ENOSYS


def deny_calls() -> None:
    """Put the filter around this process and all that it will start. There is no way back.

    Raises Refused where the kernel has no filters.
    """
    if _PROGRAM:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.install_filter(SECCOMP[_COLUMN], _PROGRAM)


def program(machine: str) -> bytes:
    """The filter for a processor; empty where its numbers are not known."""
    if machine not in ARCHITECTURES:
        return b""
    column, mark = ARCHITECTURES[machine]
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, mark),
        (RETURN, 0, 0, DENY),
        (LOAD, 0, 0, NUMBER),
        (JUMP_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, DENY),
    ]
    for numbers in DENIED.values():
        steps += [(JUMP_EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, DENY)]
    # Its flags are in memory, where no filter can look; the C library falls back to clone.
    steps += [(JUMP_EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, ABSENT)]
    steps += [
        (JUMP_EQUAL, 0, 4, CLONE[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_ANY_BIT, 0, 1, NAMESPACES),
        (RETURN, 0, 0, DENY),
        (RETURN, 0, 0, ALLOW),
    ]
    steps += [
        (JUMP_EQUAL, 0, 5, MMAP[column]),
        (LOAD, 0, 0, FOURTH_ARGUMENT),
        (JUMP_ANY_BIT, 0, 2, MAP_ANONYMOUS),
        (JUMP_ANY_BIT, 0, 1, MAP_SHARED),
        (RETURN, 0, 0, DENY),
        (RETURN, 0, 0, ALLOW),
    ]
    count = len(FAMILIES)
    steps += [(JUMP_EQUAL, 0, count + 2, SOCKET[column]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    steps += [(JUMP_EQUAL, count - i, 0, family) for i, family in enumerate(FAMILIES)]
    steps += [(RETURN, 0, 0, DENY), (RETURN, 0, 0, ALLOW)]
    return assemble(steps)


def assemble(steps: list[tuple[int, int, int, int]]) -> bytes:
    """Instructions (code, jump if true, jump if false, operand) as the kernel reads them."""
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


_MACHINE = os.uname().machine if sys.platform == "linux" else ""
_COLUMN = ARCHITECTURES.get(_MACHINE, (0, 0))[0]
_PROGRAM = program(_MACHINE)
