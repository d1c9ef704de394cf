"""How precisely limits fire: what a program had, in seconds and in bytes, when it was stopped.

Each program says of itself how far it has come; the last that is heard of it counts. What it was
given from the start, the warm process, is not its own and not counted.
"""

from __future__ import annotations

import statistics

from grader.sandbox.client import Sandbox
from grader.sandbox.exchange import Reply
from grader.sandbox.limits import Limits
from tests.benchmarks.measure import Row
from tests.sandbox.asking import ask

ROUNDS = 5
SECONDS = 3
MEGABYTES = 1000

LOOPS = {
    "a loop in Python": "while True: pass",
    "a call into C": "import itertools\nsum(itertools.repeat(0))",
    "TensorFlow": (
        "import tensorflow as tf\nx = tf.random.normal((500, 500))\nwhile True: x = x @ x / 500"
    ),
    "four processes": "import os\nos.fork()\nos.fork()\nwhile True: pass",
    "a process that has stopped itself": (
        "import os, signal\nif os.fork() == 0:\n    while True: pass\n"
        "os.killpg(0, signal.SIGSTOP)\nwhile True: pass"
    ),
}
"""Programs that do not end."""

TAKE = """
import mmap, os
import numpy as np
kept, taken = [], 0
def say(megabytes):
    global taken
    taken += megabytes
    print(taken, flush=True)
"""
TAKERS = {
    "NumPy": "while True:\n    kept.append(np.ones(8 << 17))\n    say(8)",
    "TensorFlow": (
        "import tensorflow as tf\nwhile True:\n    kept.append(tf.ones((8, 1 << 18)))\n    say(8)"
    ),
    "Python's lists": "while True:\n    kept.append([None] * (8 << 17))\n    say(8)",
    "mmap": (
        "while True:\n    kept.append(mmap.mmap(-1, 8 << 20, 0x22))\n"
        "    kept[-1].write(bytes(8 << 20))\n    say(8)"
    ),
    "page tables (mmap of zeros that are only read)": (
        "while True:\n    kept.append(mmap.mmap(-1, 4 << 30, 0x22, prot=1))\n"
        "    for at in range(0, 4 << 30, 2 << 20): kept[-1][at]\n    say(8)"
    ),
    "tmpfs, filled first, and NumPy": (
        "for number in range(30):\n    with open(str(number), 'wb') as file:\n"
        "        file.write(bytes(8 << 20))\n    say(8)\n"
        "while True:\n    kept.append(np.ones(8 << 17))\n    say(8)"
    ),
}
"""Programs that take more and more, 8 MB at a time, and say how much they have."""

FAMILIES = {
    "forked children": (
        "read, write = os.pipe()\n"
        "while True:\n"
        "    if os.fork() == 0:\n"
        "        x = bytearray(16 << 20)\n"
        "        os.write(write, b'.')\n"
        "        while True: pass\n"
        "    os.read(read, 1)"
    ),
    "programs that it starts": (
        "import subprocess, sys\n"
        "code = 'x = bytearray(128 << 20); print(flush=True); input()'\n"
        "command = [sys.executable, '-IS', '-c', code]\n"
        "while True:\n"
        "    kept.append(subprocess.Popen(command, stdin=-1, stdout=-1))\n"
        "    kept[-1].stdout.readline()"
    ),
}
"""Processes that take some memory each, as the guard counts it: each with all that it shares with
the one that it was forked from, since it may write to it. One more child of the warm process is a
step of some 230 MB."""
FAMILY_MEGABYTES = 4096
"""What assignments give where they say nothing."""


def measure() -> list[Row]:
    """Each program several times, in turn."""
    with Sandbox() as sandbox:
        late: dict[str, list[float]] = {name: [] for name in LOOPS}
        taken: dict[str, list[float]] = {name: [] for name in TAKERS}
        counted: dict[str, list[float]] = {name: [] for name in FAMILIES}
        for _ in range(ROUNDS):
            for name, source in LOOPS.items():
                reply = _run(sandbox, source, SECONDS, MEGABYTES)
                assert reply.ending == "timeout", (name, reply)
                late[name].append(reply.seconds - SECONDS)
            for name, source in TAKERS.items():
                reply = _run(sandbox, TAKE + source, 60, MEGABYTES)
                assert _ran_out(reply), (name, reply)
                taken[name].append(float(reply.printed.split()[-1]))
            for name, source in FAMILIES.items():
                reply = _run(sandbox, TAKE + source, 60, FAMILY_MEGABYTES)
                assert _ran_out(reply), (name, reply)
                counted[name].append(reply.peak_bytes / 2**20)
    return [
        *(_late(name, seconds) for name, seconds in late.items()),
        *(_taken(name, had, MEGABYTES) for name, had in taken.items()),
        *(_taken(name, had, FAMILY_MEGABYTES) for name, had in counted.items()),
    ]


def _run(sandbox: Sandbox, source: str, seconds: float, megabytes: int) -> Reply:
    limits = Limits(seconds, megabytes << 20)
    return ask(sandbox, "read", "facts", f"{source}\nfacts = {{}}", limits=limits)


def _ran_out(reply: Reply) -> bool:
    """Whoever came first: the guard, or the kernel that gave it no more."""
    refused = ("'memory': True", "Cannot allocate memory")
    return reply.ending == "memory" or any(words in str(reply.answer) for words in refused)


def _late(name: str, seconds: list[float]) -> Row:
    middle, most = statistics.median(seconds), max(seconds)
    return Row(
        f"{SECONDS} s for {name}: ended late by",
        f"{middle:.2f} s (at most {most:.2f} s)",
        f"{100 * middle / SECONDS:.0f} % of the limit",
        "≤ 10 % or 1 s",
    )


def _taken(name: str, had: list[float], limit: int) -> Row:
    middle, least, most = statistics.median(had), min(had), max(had)
    return Row(
        f"{limit:,} MB for {name}: had",
        f"{middle:,.0f} MB ({least:,.0f} to {most:,.0f})",
        f"{100 * (middle / limit - 1):+.0f} % of the limit",
        "± 10 %",
    )
