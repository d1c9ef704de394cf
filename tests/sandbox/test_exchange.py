"""How jobs end, behind the best walls and behind none."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InternalError
from grader.sandbox import exchange
from grader.sandbox.client import Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.walls import OPEN_FILES
from tests.sandbox.asking import LIMITS, SHORT, ask, refused

FEW = Limits(seconds=5, memory_bytes=300 << 20)


def builder(*lines: str) -> str:
    """A cell that defines ``build_cnn`` with these lines as its body."""
    body = "\n".join(f"    {line}" for line in lines)
    return f"import ctypes, mmap, os, stat, time\ndef build_cnn():\n{body}\n"


LOOP = builder("while True: pass")
PRINT_SLOWLY = builder("while True:", "    print('.'); time.sleep(0.01)")
SWALLOW = builder("while True:", "    try: time.sleep(9)", "    except BaseException: pass")
EAT = builder("kept = []", "while True: kept.append(bytearray(10**6))")
EAT_AT_ONCE = builder("return bytearray(10**12)")
EAT_TABLES = builder(
    "kind = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS",
    "zeros = mmap.mmap(-1, 2**40, kind, prot=mmap.PROT_READ)",
    "for at in range(0, 2**40, 2**21): zeros[at]",
)
"""No page of its own, and gigabytes of tables that lead to the one page of zeros."""
EAT_IN_CHILDREN = builder(
    "for _ in range(8):",
    "    if os.fork() == 0: time.sleep(9)",
    "time.sleep(9)",
)
"""Each may write to all that it shares with the warm process, and that is counted at once."""
FORK = builder("for _ in range(70):", "    if os.fork() == 0: time.sleep(9)", "time.sleep(9)")
FLOOD = builder("while True: print('x' * 10000)")
FLOOD_STDERR = builder("while True: os.write(2, b'x' * 10000)")
FLOOD_ANSWER = builder(
    "for number in range(3, 20):",
    "    try: pipe = stat.S_ISFIFO(os.fstat(number).st_mode)",
    "    except OSError: continue",
    "    while pipe: os.write(number, b'x' * 65536)",
)
EXIT = builder("os._exit(0)")
EXIT_3 = builder("os._exit(3)")
CRASH = builder("ctypes.string_at(0)")


@pytest.mark.parametrize(
    ("source", "limits", "ending", "kind", "message"),
    [
        (
            LOOP,
            SHORT,
            "timeout",
            "timeout",
            "build_cnn did not end within 1 s. Look for a loop that never ends, or for work that "
            "does not belong into it: training, downloads.",
        ),
        (
            SWALLOW,
            SHORT,
            "timeout",
            "timeout",
            "build_cnn did not end within 1 s. Look for a loop that never ends, or for work that "
            "does not belong into it: training, downloads.",
        ),
        (
            PRINT_SLOWLY,
            SHORT,
            "timeout",
            "timeout",
            "build_cnn did not end within 1 s. Look for a loop that never ends, or for work that "
            "does not belong into it: training, downloads.",
        ),
        (
            EAT,
            FEW,
            "answered or memory",  # whichever limit it meets first
            "memory",
            "build_cnn needed more memory than the 300 MB that it may use. Look at the largest "
            "layer: a dense layer behind a large Flatten holds most of a network's weights.",
        ),
        (
            EAT_AT_ONCE,
            FEW,
            "answered",
            "memory",
            "build_cnn needed more memory than the 300 MB that it may use. Look at the largest "
            "layer: a dense layer behind a large Flatten holds most of a network's weights.",
        ),
        (
            EAT_TABLES,
            FEW,
            "memory",
            "memory",
            "build_cnn needed more memory than the 300 MB that it may use. Look at the largest "
            "layer: a dense layer behind a large Flatten holds most of a network's weights.",
        ),
        (
            EAT_IN_CHILDREN,
            Limits(5, 1 << 30),
            "memory",
            "memory",
            "build_cnn needed more memory than the 1,024 MB that it may use. Look at the largest "
            "layer: a dense layer behind a large Flatten holds most of a network's weights.",
        ),
        (
            FORK,
            Limits(9, 1 << 40),
            "processes",
            "memory",
            "build_cnn started too many processes and was stopped.",
        ),
        (
            FLOOD,
            LIMITS,
            "output",
            "output",
            "build_cnn printed more than a report can hold and was stopped. Take the printing out "
            "of loops.",
        ),
        (
            FLOOD_STDERR,
            LIMITS,
            "output",
            "output",
            "build_cnn printed more than a report can hold and was stopped. Take the printing out "
            "of loops.",
        ),
        (
            FLOOD_ANSWER,
            LIMITS,
            "output",
            "output",
            "build_cnn printed more than a report can hold and was stopped. Take the printing out "
            "of loops.",
        ),
        (
            EXIT,
            LIMITS,
            "silent",
            "raised",
            "The program ended itself while build_cnn was built (os._exit or the like).",
        ),
        (
            EXIT_3,
            LIMITS,
            "silent",
            "raised",
            "The program ended itself with status 3 while build_cnn was built (os._exit or the "
            "like).",
        ),
        (
            CRASH,
            LIMITS,
            "silent",
            "raised",
            "The program crashed while build_cnn was built: segmentation fault.",
        ),
    ],
    ids=[
        "loop",
        "swallow",
        "print-slowly",
        "eat",
        "eat-at-once",
        "eat-tables",
        "eat-in-children",
        "fork",
        "flood",
        "flood-stderr",
        "flood-answer",
        "exit",
        "exit-3",
        "crash",
    ],
)
def test_a_job_that_goes_wrong_has_its_verdict(
    either: Sandbox, source: str, limits: Limits, ending: str, kind: str, message: str
) -> None:
    reply = ask(either, "build", "build_cnn", source, limits=limits)
    assert reply.ending in ending.split(" or ")
    problem = refused(reply, limits=limits)
    assert (problem.kind, problem.message) == (kind, message)
    assert reply.seconds < limits.seconds + 1


FILL = """
facts = {}
for place in ('/scratch', '/dev/shm'):
    for number in range(7):
        with open(f'{place}/{number}', 'wb') as file:
            for _ in range(32): file.write(bytes(2**20))
import threading
threading.Event().wait(9)  # time.sleep is not waited for
"""
SOCKETS = """
import socket, threading
facts, kept = {}, [socket.socketpair() for _ in range(120)]
threading.Event().wait(9)
"""


@pytest.mark.parametrize("source", [FILL, SOCKETS], ids=["files", "sockets"])
def test_what_is_kept_outside_of_a_jobs_processes_counts_as_its_memory(
    sandbox: Sandbox, source: str
) -> None:
    """Sockets count with all that they might hold: nothing tells how much it is."""
    reply = ask(sandbox, "read", "facts", source, limits=Limits(5, 90 << 20))
    assert reply.ending == "memory"
    assert reply.seconds < 4


FACTS = "facts = {'sum': 1 + 2, 'list': [1.5, 'text', None, True]}\nprint('said so')"


def test_an_answer_comes_with_what_was_printed_and_used(either: Sandbox) -> None:
    reply = ask(either, "read", "facts", FACTS)
    assert (reply.job, reply.ending, reply.code) == ("read", "answered", 0)
    assert reply.answer["value"] == {"sum": 3, "list": [1.5, "text", None, True]}
    assert (reply.printed, reply.last_words) == ("said so\n", "said so")
    assert 0 < reply.seconds < LIMITS.seconds
    assert 0 <= reply.peak_bytes < LIMITS.memory_bytes


def test_of_what_was_printed_the_end_is_kept(either: Sandbox) -> None:
    source = "facts = {}\nfor number in range(100_000): print(number)\nprint('end', end='')"
    reply = ask(either, "read", "facts", source)
    assert reply.printed.endswith("99998\n99999\nend")
    assert len(reply.printed) <= exchange.PRINTED_KEPT


def test_bytes_that_are_no_text_are_printed_all_the_same(either: Sandbox) -> None:
    source = "import os\nfacts = {}\nos.write(1, b'\\xff\\n')\nprint('\\ud800')"
    assert ask(either, "read", "facts", source).printed == "\ufffd\n\\ud800\n"


FORGE = """
import os
def forge(answer):
    for number in range(3, 20):
        try:
            if os.fstat(number).st_mode & 0o170000 == 0o10000:
                os.write(number, answer)
        except OSError:
            continue
facts = {'mine': 1}
"""


@pytest.mark.parametrize(
    "forged",
    ["b'x'", "b'CNNG1' + bytes(12)", "bytes(10**6)"],
    ids=["noise", "head", "zeros"],
)
def test_an_answer_behind_another_is_garbage(either: Sandbox, forged: str) -> None:
    reply = ask(either, "read", "facts", FORGE, f"forge({forged})")
    assert (reply.ending, reply.answer) == ("garbage", None)
    problem = refused(reply, "facts")
    assert problem.kind == "unreadable"
    assert problem.message == "What came back for facts cannot be read."


TWO_ANSWERS = """
from grader.sandbox import wire
def twice():
    packed = wire.pack({'value': {'forged': 1}})
    forge(packed)
    forge(packed)
    import os
    os._exit(0)
"""


def test_two_answers_are_garbage(either: Sandbox) -> None:
    assert ask(either, "read", "facts", FORGE, TWO_ANSWERS, "twice()").ending == "garbage"


ONE_BYTE_AT_A_TIME = """
import os, time
from grader.sandbox import wire
def dribble():
    for byte in wire.pack({'value': {'slow': 1}}):
        forge(bytes([byte]))
        time.sleep(0.001)
    os._exit(0)
"""


def test_a_slow_answer_is_read_whole(either: Sandbox) -> None:
    reply = ask(either, "read", "facts", FORGE, ONE_BYTE_AT_A_TIME, "dribble()")
    assert reply.answer == {"value": {"slow": 1}}


CLOSE_ALL = "import os\nos.closerange(0, 64)\nfacts = {}"


def test_a_job_that_closes_its_pipes_is_silent(either: Sandbox) -> None:
    reply = ask(either, "read", "facts", CLOSE_ALL)
    assert reply.ending == "silent"
    assert refused(reply, "facts").kind == "raised"


DAEMON = """
import os, resource, time
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print('still here', flush=True)
        os.write(write, b'%d %d' % resource.getrlimit(resource.RLIMIT_NOFILE))
        time.sleep(60)
    os._exit(0)
os.wait()
facts = {'open_files': [int(number) for number in os.read(read, 20).split()]}
"""
BOUNDS = [str(OPEN_FILES)] * 2


def test_a_daemon_that_forked_twice_is_dead_when_the_answer_is_there(either: Sandbox) -> None:
    """Inmates, and what they start, are known by their limit on open files."""
    reply = ask(either, "read", "facts", DAEMON)
    assert reply.answer["value"] == {"open_files": [OPEN_FILES] * 2}
    assert reply.printed.startswith("still here\n")
    assert [pid for pid in family(either) if limited(pid)] == []


SPIN = """
import os, time
def ticks():
    with open(f"/proc/{os.getppid()}/stat") as file:
        return sum(map(int, file.read().rpartition(")")[2].split()[11:13]))
for _ in range(3):
    if os.fork() == 0:
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)
    os.wait()
before = ticks()
time.sleep(0.4)
facts = {'spent': ticks() - before}
"""


def test_orphans_that_end_do_not_keep_the_guard_busy(plain: Sandbox) -> None:
    reply = ask(plain, "read", "facts", SPIN)
    assert reply.answer["value"]["spent"] <= 5


def limited(pid: int) -> bool:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
        return any(line.split()[:5] == ["Max", "open", "files", *BOUNDS] for line in lines)
    return False


def family(sandbox: Sandbox) -> set[int]:
    """All processes of a sandbox: below its zygote, or with its folder in their environment."""
    parents, marked = {}, set()
    mark = sandbox._zygote.folder.encode()
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
            parents[pid] = int(stat.rpartition(")")[2].split()[1])
            if mark in Path(f"/proc/{pid}/environ").read_bytes():
                marked.add(pid)
    found, todo = set(marked), [sandbox._zygote.process.pid]
    while todo:
        found.add(todo[0])
        todo = todo[1:] + [pid for pid, parent in parents.items() if parent == todo[0]]
    return found


def test_descriptors_do_not_leak(either: Sandbox) -> None:
    ask(either, "read", "facts", FACTS)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        ask(either, "read", "facts", FACTS)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_request_that_is_not_plain_is_our_fault_and_leaks_nothing(plain: Sandbox) -> None:
    ask(plain, "read", "facts", FACTS)
    before = len(os.listdir("/proc/self/fd"))
    request: dict[str, Any] = {"statements": [object()]}
    with pytest.raises(InternalError, match="The request for read cannot be sent"):
        plain.ask_student("read", request, LIMITS)
    assert len(os.listdir("/proc/self/fd")) == before
