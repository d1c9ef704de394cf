"""The calls that a job may not make, tried by a job, and the filter itself, run by hand."""

from __future__ import annotations

import errno
import struct

import pytest

from grader.sandbox import kernel, syscalls
from grader.sandbox.client import Sandbox
from grader.sandbox.syscalls import ABSENT, ALLOW, ARCHITECTURES, DENIED, DENY, X32, program
from tests.sandbox.asking import read

CALLS = f"""
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
column = {{"x86_64": 0, "aarch64": 1}}[os.uname().machine]

def outcome(number, *arguments):
    ctypes.set_errno(0)
    libc.syscall(number, *arguments)
    return errno.errorcode.get(ctypes.get_errno(), "done")

denied = {DENIED!r}
facts = {{name: outcome(numbers[column], 0, 0, 0, 0, 0, 0) for name, numbers in denied.items()}}
facts["clone3"] = outcome({syscalls.CLONE3[0]}, 0, 0)
for name, flag in {{"user": {kernel.CLONE_NEWUSER}, "mount": {kernel.CLONE_NEWNS}}}.items():
    facts[f"clone {{name}}"] = outcome({syscalls.CLONE!r}[column], flag | 17, 0, 0, 0, 0)
"""


def test_each_denied_call_is_not_permitted(either: Sandbox) -> None:
    """Without walls too: a filter needs no rights."""
    facts = read(either, CALLS)
    assert facts.pop("clone3") == "ENOSYS"
    assert facts == dict.fromkeys([*DENIED, "clone user", "clone mount"], "EPERM")


USEFUL = """
import multiprocessing.dummy, os, socket, subprocess, sys, tempfile, threading
import numpy as np, tensorflow as tf
def fork():
    pid = os.fork()
    if pid == 0:
        os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
thread = threading.Thread(target=print)
thread.start()
thread.join()
facts = {
    "fork": fork(),
    "run": subprocess.run([sys.executable, "-I", "-S", "-c", "print(2)"],
                          capture_output=True, text=True).stdout,
    "pool": multiprocessing.dummy.Pool(2).map(abs, [-1]),
    "pair": [one.close() for one in socket.socketpair()],
    "file": tempfile.TemporaryFile().write(b"abc"),
    "tensor": float(tf.reduce_sum(tf.constant(np.ones((3, 3))))),
}
"""


def test_threads_processes_files_and_tensors_work_as_ever(either: Sandbox) -> None:
    assert read(either, USEFUL) == {
        "fork": 7,
        "run": "2\n",
        "pool": [1],
        "pair": [None, None],
        "file": 3,
        "tensor": 9.0,
    }


# --- the filter, run by hand ------------------------------------------------------------------


def run_filter(code: bytes, machine: int, number: int, *arguments: int) -> int:
    """An independent reading of classic BPF: what the filter returns for one call."""
    data = struct.pack("=IIQ6Q", number, machine, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    steps = list(struct.iter_unpack("=HBBI", code))
    place, value = 0, 0
    while True:
        operation, if_true, if_false, operand = steps[place]
        place += 1
        if operation == 0x06:
            return int(operand)
        if operation == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
            continue
        compared = {
            0x15: value == operand,
            0x35: value >= operand,
            0x45: bool(value & operand),
        }
        place += if_true if compared[operation] else if_false


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_filter_denies_the_table_and_allows_the_rest(machine: str) -> None:
    column, mark = ARCHITECTURES[machine]
    code = program(machine)
    denied = {numbers[column] for numbers in DENIED.values()}
    special = {
        syscalls.CLONE[column],
        syscalls.CLONE3[column],
        syscalls.SOCKET[column],
        syscalls.MMAP[column],
    }
    assert not denied & special
    for number in set(range(600)) - special:
        assert run_filter(code, mark, number) == (DENY if number in denied else ALLOW), number
    assert run_filter(code, mark, syscalls.CLONE3[column]) == ABSENT
    assert run_filter(code, mark, 0, 2**64 - 1) == ALLOW


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("flags", "outcome"),
    [
        (0, ALLOW),
        (17, ALLOW),
        (0x3D0F00, ALLOW),  # what a thread is made with
        (0x10000000, DENY),
        (0x10000011, DENY),
        (0x00020000, DENY),
        (0x02000000, DENY),
        (0x04000000, DENY),
        (0x08000000, DENY),
        (0x20000000, DENY),
        (0x40000000, DENY),
    ],
)
def test_a_clone_is_allowed_unless_it_makes_a_namespace(
    machine: str, flags: int, outcome: int
) -> None:
    column, mark = ARCHITECTURES[machine]
    assert run_filter(program(machine), mark, syscalls.CLONE[column], flags) == outcome


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("flags", "outcome"),
    [
        (0x02, ALLOW),  # private, of a file
        (0x22, ALLOW),  # private, of no file
        (0x20022, ALLOW),  # a thread's stack
        (0x01, ALLOW),  # shared, of a file
        (0x03, ALLOW),
        (0x21, DENY),
        (0x23, DENY),
        (0x40021, DENY),
    ],
)
def test_memory_is_mapped_unless_it_is_shared_and_no_files(
    machine: str, flags: int, outcome: int
) -> None:
    column, mark = ARCHITECTURES[machine]
    code = program(machine)
    assert run_filter(code, mark, syscalls.MMAP[column], 0, 4096, 3, flags) == outcome


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_of_sockets_only_the_usual_families_are_made(machine: str) -> None:
    column, mark = ARCHITECTURES[machine]
    code = program(machine)
    allowed = {
        family
        for family in range(64)
        if run_filter(code, mark, syscalls.SOCKET[column], family) == ALLOW
    }
    assert allowed == {1, 2, 10, 16}


@pytest.mark.parametrize(
    ("machine", "mark"), [("x86_64", 0x40000003), ("x86_64", 0xC00000B7), ("aarch64", 0x40000028)]
)
def test_calls_in_another_table_are_all_denied(machine: str, mark: int) -> None:
    """A 64-bit kernel also takes the numbers of a 32-bit one, which mean other calls."""
    assert run_filter(program(machine), mark, 1) == DENY


def test_the_second_table_of_x86_64_is_denied() -> None:
    mark = ARCHITECTURES["x86_64"][1]
    assert run_filter(program("x86_64"), mark, X32 + 101) == DENY
    assert run_filter(program("x86_64"), mark, X32) == DENY


def test_a_processor_whose_numbers_are_not_known_has_no_filter() -> None:
    assert program("riscv64") == b""


def test_what_is_denied_is_told_as_an_error() -> None:
    assert DENY & 0xFFFF == errno.EPERM
    assert ABSENT & 0xFFFF == errno.ENOSYS
