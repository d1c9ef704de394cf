"""What a job's processes use together, and that all of them are found."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from grader.sandbox import family

MEGABYTE = 1 << 20
IN_A_CHILD = """
import os, sys
from grader.sandbox import family
family.adopt_orphans()
{body}
"""


def in_a_child(body: str) -> str:
    """Run lines in a process that has no other children."""
    ran = subprocess.run(
        [sys.executable, "-c", IN_A_CHILD.format(body=body)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(params=["private", "shared"])
def touched(request: pytest.FixtureRequest) -> Iterator[mmap.mmap]:
    """Memory that is asked for, and not yet used."""
    flags = mmap.MAP_PRIVATE if request.param == "private" else mmap.MAP_SHARED
    with mmap.mmap(-1, 64 * MEGABYTE, flags | mmap.MAP_ANONYMOUS) as memory:
        yield memory


def test_memory_counts_when_it_is_used_shared_or_not(touched: mmap.mmap) -> None:
    before = family.memory_bytes(os.getpid())
    for page in range(0, len(touched), mmap.PAGESIZE):
        touched[page] = 1
    gained = family.memory_bytes(os.getpid()) - before
    assert abs(gained - len(touched)) < 2 * MEGABYTE


def test_tables_that_lead_to_no_page_of_its_own_count() -> None:
    before = family.memory_bytes(os.getpid())
    kind = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, 1 << 33, kind, prot=mmap.PROT_READ) as zeros:
        for at in range(0, len(zeros), 2 * MEGABYTE):
            zeros[at]
        gained = family.memory_bytes(os.getpid()) - before
    assert gained >= 4096 * mmap.PAGESIZE


def test_a_process_that_has_ended_uses_nothing() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert family.memory_bytes(child.pid) == 0


def test_children_and_theirs_are_counted_however_they_were_started() -> None:
    """The inmate, its child, the child of a thread, one that ended, and the orphan of that one."""
    body = """
import threading, time
read, write = os.pipe()
def hold():
    os.write(write, b"x")
    time.sleep(30)
inmate = os.fork()
if inmate == 0:
    if os.fork() == 0:
        hold()
    def from_a_thread():
        if os.fork() == 0:
            hold()
        time.sleep(30)
    threading.Thread(target=from_a_thread).start()
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            hold()
        os._exit(0)
    hold()
started = b""
while len(started) < 4:
    started += os.read(read, 4)
found = family.measure(inmate, 0)
above = family.measure(inmate, 10**9)
ended = family.end(inmate)
try:
    os.wait()
except ChildProcessError:
    left = family.measure(inmate, 0)
print([found.processes, found.threads], found[0] > above[0] > 0, ended[0], list(left))
"""
    assert in_a_child(body) == "[5, 6] True 9 [0, 0, 0]\n"


def test_an_inmate_that_ended_by_itself_is_noted_with_its_status() -> None:
    body = """
import select
inmate = os.fork()
if inmate == 0:
    os._exit(3)
ended = None
while ended is None:
    ended = family.reap(inmate)
print(os.waitstatus_to_exitcode(ended[0]), ended[1].ru_maxrss > 0, family.end(inmate))
"""
    assert in_a_child(body) == "3 True None\n"


def test_what_is_born_while_others_are_killed_is_killed_too() -> None:
    """Each process forks the next one and ends: a family that no list holds still."""
    body = """
inmate = os.fork()
if inmate == 0:
    while True:
        if os.fork():
            os._exit(0)
family.end(inmate)
print(list(family.measure(inmate, 0)))
"""
    assert in_a_child(body) == "[0, 0, 0]\n"
