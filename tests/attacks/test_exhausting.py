"""Exhausting: time, memory, processes, files, output, and the patience of whoever reads it.

What an attack is given it may use up. What may not happen is that it takes more, that something
of it is left, or that the next submission waits for it.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from grader.evidence.ask import BUILDS
from tests.attacks.attack import Attack, World
from tests.attacks.without_walls import NOT_STOPPED_WITHOUT_WALLS

SLACK_SECONDS = 5
"""For what the grader does beside waiting: two gradings, and their start, on a busy machine."""

RIGHT = '{"weights": 36, "biases": 4}'
FOR_EVER = "import threading\nlock = threading.Lock()\nlock.acquire()\n"
ANSWER = """
from grader.sandbox import wire
def answer(text):
    wire.pack = lambda _: wire.HEAD.pack(wire.MAGIC, 0, len(text)) + text
"""
"""Puts a text of its own into the place of the answer's JSON."""


def in_c(code: str) -> str:
    return f"import ctypes, mmap, os, signal\nlibc = ctypes.CDLL(None, use_errno=True)\n{code}"


def model(*lines: str) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f"def build_cnn():\n{body}\n"


def eats(more: str, start: str = "") -> Attack:
    """Takes more and more, whoever refuses it."""
    source = (
        f"{start}\nkept = []\n"
        "while True:\n"
        f"    try:\n        kept.append({more})\n"
        "    except (MemoryError, OSError):\n        break\n"
        "while True:\n    kept.append(bytes(9))\n"
    )
    return Attack("counts", source, harmless=False)


# --- processes --------------------------------------------------------------------------------

PROCESSES = {
    "processes that start processes": Attack(
        "counts",
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n",
        harmless=False,
    ),
    "processes that share its memory": Attack(
        "counts",
        in_c(
            "wait = ctypes.cast(libc.pause, ctypes.c_void_p)\n"
            "stacks = []\n"
            "while True:\n"
            "    stacks.append(ctypes.create_string_buffer(1 << 14))\n"
            "    top = (ctypes.addressof(stacks[-1]) + (1 << 14) - 64) & ~15\n"
            "    libc.clone(wait, ctypes.c_void_p(top), 0x100 | 17, None)\n"
        ),
        harmless=False,
    ),
    "programs that are started and not waited for": Attack(
        "counts",
        "import subprocess, sys\nkept = []\n"
        "while True:\n"
        "    try:\n"
        '        kept.append(subprocess.Popen([sys.executable, "-IS", "-c", "while 1: pass"]))\n'
        "    except OSError:\n"
        "        pass\n",
        harmless=False,
    ),
    "threads without number": Attack(
        "counts",
        FOR_EVER + "threading.stack_size(1 << 16)\n"
        "while True:\n"
        "    try:\n"
        "        threading.Thread(target=lock.acquire, daemon=True).start()\n"
        "    except RuntimeError:\n"
        "        pass\n",
        harmless=False,
    ),
    "dead children that nobody buries": Attack(
        "counts",
        "import os\nwhile True:\n    if os.fork() == 0:\n        os._exit(0)\n",
        harmless=False,
    ),
    "children that are gone before anyone counts them": Attack(
        "counts",
        "import os\nwhile True:\n    if os.fork():\n        os._exit(0)\n",
        harmless=False,
    ),
    "a daemon that forked twice and hears no signal": Attack(
        "counts",
        "import os, signal, time\n"
        "for number in range(1, 65):\n"
        "    try:\n        signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        while True:\n            os.sched_yield()\n"
        "    os._exit(0)\n",
    ),
    "a program under another name that outlives it": Attack(
        "counts",
        "import subprocess, sys\n"
        'code = "import time; time.sleep(60)  # @MARK@"\n'
        'subprocess.Popen([sys.executable, "-I", "-S", "-c", code], start_new_session=True)\n',
    ),
    "threads that never end, behind a right answer": Attack(
        "counts",
        FOR_EVER + "def right():\n"
        "    for _ in range(9):\n        threading.Thread(target=lock.acquire).start()\n"
        f"    return {RIGHT}\n\nanswers = right()\n",
        worth=10,
    ),
    "an exit that never ends, behind a right answer": Attack(
        "counts",
        FOR_EVER + "import atexit\n"
        "class Last:\n    __del__ = lambda self: lock.acquire()\n"
        "last = Last()\n"
        f"answers = {RIGHT} | {{'last': last, 'registered': atexit.register(lock.acquire)}}\n",
        worth=10,
    ),
    "a right answer, and a child that keeps the pipes open": Attack(
        "counts",
        FOR_EVER + "import os\n"
        "def right():\n"
        "    if os.fork() == 0:\n        lock.acquire()\n"
        f"    return {RIGHT}\n\nanswers = right()\n",
        worth=10,
    ),
}

# --- time -------------------------------------------------------------------------------------

TIME = {
    "a loop that swallows everything": Attack(
        "counts",
        "import signal\n"
        "for number in (1, 2, 14, 15, 24):\n"
        "    signal.signal(number, lambda *_: None)\n"
        "while True:\n"
        "    try:\n        while True: pass\n"
        "    except BaseException: pass\n",
    ),
    "one call that never comes back": Attack(
        "counts", "import itertools\nsum(itertools.repeat(0))\n"
    ),
    "a regular expression of doom": Attack(
        "counts", 'import re\nre.match("(a+)+$", "a" * 40 + "!")\n'
    ),
    "itself and its family, stopped": Attack(
        "counts",
        "import os, signal\n"
        "if os.fork() == 0:\n    while True: pass\n"
        "os.killpg(0, signal.SIGSTOP)\nos.kill(os.getpid(), signal.SIGSTOP)\n"
        "while True: pass\n",
    ),
    "every processor at once": Attack(
        "counts",
        "import os\nfor _ in range(3):\n    os.fork()\nwhile True: pass\n",
        harmless=False,
    ),
    "an answer, a byte a second": Attack(
        "counts",
        in_c(
            "for number in range(3, 64):\n"
            "    try:\n        os.write(number, b'C')\n"
            "    except OSError:\n        pass\n"
            "while True:\n    libc.usleep(900000)\n"
        ),
    ),
}

# --- memory -----------------------------------------------------------------------------------

SHARED = """
zeros = FILE
kept = []
while True:
    kept.append(mmap.mmap(zeros, 1 << 28))
    for at in range(0, 1 << 28, 4096):
        kept[-1][at] = 1
    kept[-1].madvise(mmap.MADV_DONTNEED)
"""
MEMORY = {
    "bytes": eats("bytearray(1 << 24)"),
    "arrays": eats("np.ones(1 << 22)", "import numpy as np"),
    "tensors": eats("tf.ones((1 << 11, 1 << 11))", "import tensorflow as tf"),
    "small things": eats("[[]] * 9999"),
    "mappings": eats(
        "taken()",
        "import mmap\ndef taken():\n    space = mmap.mmap(-1, 1 << 24, 0x22)\n"
        "    space.write(bytes(1 << 24))\n    return space",
    ),
    "one text that doubles": Attack(
        "counts", 'text = "x" * 1024\nwhile True:\n    text += text\n', harmless=False
    ),
    "one number": Attack("counts", "return_value = 7 ** 7 ** 9\n", harmless=False),
    "memory that is shared, and let go of while it stays taken": Attack(
        "counts", in_c(SHARED.replace("FILE", "-1")), harmless=False
    ),
    "zeros from a device, shared and let go of": Attack(
        "counts", in_c(SHARED.replace("FILE", "os.open('/dev/zero', os.O_RDWR)")), harmless=False
    ),
    "tables that lead to nothing": Attack(
        "counts",
        "import mmap\n"
        "while True:\n"
        "    zeros = mmap.mmap(-1, 1 << 42, 0x22, prot=mmap.PROT_READ)\n"
        "    for at in range(0, 1 << 42, 1 << 21):\n        zeros[at]\n",
        harmless=False,
    ),
    "pages that wait in pipes": Attack(
        "counts",
        in_c(
            "kept = []\n"
            "while True:\n"
            "    try:\n        kept.append(os.pipe())\n"
            "    except OSError:\n        break\n"
            "    page = mmap.mmap(-1, 1 << 16, 0x22)\n"
            "    page.write(bytes(1 << 16))\n"
            "    place = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
            "    block = (ctypes.c_void_p * 2)(place, 1 << 16)\n"
            "    if libc.vmsplice(kept[-1][1], block, 1, 1) < 0:\n        raise OSError\n"
            "while True: pass\n"
        ),
        harmless=False,
    ),
    "words that wait in sockets": Attack(
        "counts",
        "import os, socket\n"
        "for _ in range(4):\n    os.fork()\n"
        "kept = []\n"
        "while True:\n"
        "    try:\n        kept += socket.socketpair()\n"
        "    except OSError:\n        continue\n"
        "    for end in kept[-2:]:\n"
        "        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 23)\n"
        "        end.setblocking(False)\n"
        "        try:\n            while True: end.send(bytes(1 << 16))\n"
        "        except OSError:\n            pass\n",
        harmless=False,
    ),
    "a little in each of many programs": Attack(
        "counts",
        "import subprocess, sys\n"
        "code = 'x = bytearray(1 << 26)\\nwhile 1: pass'\n"
        'kept = [subprocess.Popen([sys.executable, "-I", "-S", "-c", code]) for _ in range(50)]\n'
        "while True: pass\n",
        harmless=False,
    ),
    "a call inside a call inside a call": Attack(
        "counts",
        "import sys, threading\n"
        "sys.setrecursionlimit(1 << 30)\n"
        "deeper = lambda: deeper()\n"
        "deeper()\n",
    ),
}

# --- files and output -------------------------------------------------------------------------

FILES = {
    "a full disk": Attack(
        "counts",
        "for place in ('.', '/tmp', '/dev/shm', '/scratch'):\n"
        "    try:\n"
        "        for number in range(999):\n"
        "            with open(f'{place}/@MARK@{number}', 'wb') as file:\n"
        "                for _ in range(200): file.write(bytes(1 << 20))\n"
        "    except OSError:\n        pass\n",
        harmless=False,
    ),
    "a million files": Attack(
        "counts",
        "import os\n"
        "for number in range(10**6):\n"
        "    os.close(os.open(f'@MARK@{number}', os.O_CREAT))\n",
        harmless=False,
    ),
    "folders inside folders": Attack(
        "counts",
        "import os\nfor _ in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\n",
    ),
    "a file as large as a number can be": Attack(
        "counts",
        "import os\n"
        "file = os.open('large', os.O_CREAT | os.O_RDWR)\n"
        "os.truncate(file, 2**62)\nos.posix_fallocate(file, 0, 2**62)\n",
    ),
    "every descriptor": Attack("counts", "import os\nwhile True:\n    os.dup(1)\n"),
}
OUTPUT = {
    "output": Attack("counts", "while True:\n    print('x' * 99999)\n"),
    "output without the end of a line, as errors": Attack(
        "counts", "import os\nwhile True:\n    os.write(2, b'x' * 99999)\n"
    ),
    "output on every descriptor": Attack(
        "counts",
        "import os\n"
        "while True:\n"
        "    for number in range(64):\n"
        "        try:\n            os.write(number, b'x' * 65536)\n"
        "        except OSError:\n            pass\n",
    ),
    "output from many processes": Attack(
        "counts",
        "import os\nfor _ in range(2):\n    os.fork()\n"
        "while True:\n    os.write(1, b'x' * 65536)\n",
        harmless=False,
    ),
    "output behind a right answer": Attack(
        "counts",
        f"def right():\n    print('x' * 10**6)\n    return {RIGHT}\n\nanswers = right()\n",
        worth=10,
    ),
    "gigabytes as a value": Attack("counts", "answers = {'weights': 'x' * 10**9}\n"),
    "a list that holds itself": Attack(
        "counts", "ring = {}\nring['weights'] = ring\nanswers = ring\n"
    ),
    "millions of values": Attack("counts", "answers = {'weights': [[]] * 10**7}\n"),
    "a sequence without end": Attack(
        "counts",
        "class Endless(list):\n"
        "    def __iter__(self):\n        while True: yield 3\n"
        "    __len__ = lambda self: 1\n\n"
        "answers = {'weights': Endless(), 'biases': Endless([4])}\n",
    ),
    "an array of terabytes that takes no memory": Attack(
        "counts",
        "import numpy as np\nanswers = {'weights': np.broadcast_to(36.0, (10**6, 10**6))}\n",
    ),
    "an answer a hundred thousand brackets deep": Attack(
        "counts", ANSWER + "answer(b'[' * 100000 + b']' * 100000)\n"
    ),
    "an answer of millions of empty lists": Attack(
        "counts", ANSWER + "answer(b'[' + b'[],' * 2500000 + b'[]]')\n"
    ),
    "an answer that is one number of a million digits": Attack(
        "counts", ANSWER + "answer(b'9' * 10**6)\n"
    ),
}

# --- models -----------------------------------------------------------------------------------

MODELS = {
    "a model of 10^12 weights": Attack(
        "cnn",
        model(
            "return keras.Sequential([",
            "    keras.Input((8, 8, 1)), layers.GlobalAveragePooling2D(),",
            "    layers.Dense(10**6, use_bias=False), layers.Dense(10**6, use_bias=False),",
            "    layers.Dense(3)])",
        ),
    ),
    "a model of 100,000 layers": Attack(
        "cnn",
        model(
            "chain = [layers.Activation('relu') for _ in range(100000)]",
            "return keras.Sequential([keras.Input((8, 8, 1)), *chain, layers.Flatten()])",
        ),
    ),
    "models inside models": Attack(
        "cnn",
        model(
            "inner = poor()",
            "for _ in range(500):",
            "    inner = keras.Sequential([inner])",
            "return inner",
        ),
    ),
    "a graph with more ways than atoms": Attack(
        "cnn",
        model(
            "x = inputs = keras.Input((8, 8, 1))",
            "for _ in range(200):",
            "    x = layers.Add()([x, x])",
            "return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))",
        ),
    ),
    "names for regular expressions of doom": Attack(
        "cnn",
        model(
            "names = ['(' * 900, '\\\\' * 900, 'a' * 900 + '!', '_' * 900, '1' * 900]",
            "chain = [layers.Activation('linear', name=name) for name in names]",
            "head = [layers.GlobalAveragePooling2D(), layers.Dense(3)]",
            "return keras.Sequential([keras.Input((8, 8, 1)), *chain, *head])",
        ),
    ),
    "a description of megabytes": Attack(
        "cnn",
        "from grader.sandbox import student\n"
        "honest = student._architecture\n"
        "student._architecture = lambda model: {\n"
        "    **honest(model), 'more': ['x' * 900] * 8000}\n",
    ),
    "a description that is nested too deeply": Attack(
        "cnn",
        "from grader.sandbox import student\n"
        "deep = 'x'\n"
        "for _ in range(25):\n"
        "    deep = {'class_name': 'Sequential', 'config': {'layers': [deep]}}\n"
        "student._architecture = lambda model: deep\n",
    ),
}
SLOW = Attack(
    "cnn",
    model(
        "x = inputs = keras.Input((8, 8, 1))",
        "x = layers.UpSampling2D(40)(x)",
        "for _ in range(9):",
        "    x = layers.Conv2D(8, 3, padding='same')(x)",
        "x = layers.Dense(10, activation='softmax')(layers.GlobalAveragePooling2D()(x))",
        "return keras.Model(inputs, x)",
    ),
    worth=30.833333,  # all but its training, its number of weights and most of its layers
)
"""Trained for as long as it may be, by the trusted process."""

BUILDERS = Attack(
    "cnn",
    "import time\n"
    + "".join(
        "def build_cnn():\n"
        "    started = time.perf_counter()\n"
        "    while time.perf_counter() < started + 0.3: pass\n"
        f"    raise ValueError({number})\n"
        for number in range(5)
    ),
)
"""Each of them within its time."""

# --- what is read before anything runs ----------------------------------------------------------

READING = {
    "brackets inside brackets": "deep = " + "(" * 9000 + "1" + ")" * 9000,
    "a sum of many terms": "deep = " + "+".join("1" * 9000),
    "a chain of calls": "deep = f" + "()" * 9000,
    "one condition after the other": "if 0: deep = 1\n" + "elif 0: deep = 1\n" * 4000,
    "many statements": "deep = 1\n" * 9000,
    "names that each need the one before": "x0 = 1\n"
    + "".join(f"x{i + 1} = x{i}\n" for i in range(4000))
    + "deep = x4000",
    "functions that all call each other": "".join(
        f"def f{i}(): return [{', '.join(f'f{j}' for j in range(150))}]\n" for i in range(150)
    )
    + "deep = f1",
    "brackets that are never closed": "deep = (\n" * 4000,
    "lines that are all broken": "deep = = 1\n" * 3000,
    "quotes that open and close": "deep = '''\n" * 4001,
    "conflicts inside conflicts": "<<<<<<< mine\n" * 4000 + "deep = 1",
    "magics on every line": "%time deep = 1\n!ls\n" * 4000,
    "lines that go on": "deep = 1 \\\n" * 4000 + "\n",
    "a megabyte of one name": "d" * 900000 + " = 1\ndeep = 1",
    "a power of powers": "deep = 10 ** 10 ** 10 ** 10",
}

MANY = Attack("counts", "n = 0\n" + "n += 1\n" * 125_000 + "answers = {**poor, 'n': n}\n")

ATTACKS = {
    **PROCESSES,
    **TIME,
    **MEMORY,
    **FILES,
    **OUTPUT,
    **MODELS,
    **{
        name: Attack("counts", f"{source}\nanswers = {{**poor, 'deep': deep}}")
        for name, source in READING.items()
    },
}


SLOWLY = {*PROCESSES, *MEMORY} - {"programs that are started and not waited for", "one number"}
"""What needs its seconds to get far."""


def assert_held(attack: Attack, world: World) -> None:
    started = time.monotonic()
    assert world.gains(attack) == []
    limits = world.assignment.content.limits
    allowed = limits.build_seconds + SLACK_SECONDS
    assert time.monotonic() - started < allowed


def hurry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this test's attack a second to build, and two to train."""
    content = world.assignment.content
    limits = content.limits.model_copy(update={"build_seconds": 1, "train_seconds": 2})
    hurried = replace(world.assignment, content=content.model_copy(update={"limits": limits}))
    monkeypatch.setattr(world, "assignment", hurried)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_program_takes_more_than_it_is_given(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name not in SLOWLY:
        hurry(world, monkeypatch)
    assert_held(ATTACKS[name], world)


def test_a_training_without_end_has_an_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(world, monkeypatch)
    assert_held(SLOW, world)


def test_no_notebook_is_too_long_to_be_judged(world: World) -> None:
    """Where a request cannot be sent, nobody can decide, and the points leave the maximum."""
    assert_held(MANY, world)


def test_many_builders_share_the_time_of_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(world, monkeypatch)
    assert world.gains(BUILDERS) == []
    spent = sum(reply.seconds for name, reply in world.sandbox.replies if name == "build_cnn")
    assert spent < BUILDS * world.assignment.content.limits.build_seconds + 0.2


@pytest.mark.parametrize("name", [name for name in ATTACKS if ATTACKS[name].harmless])
def test_without_walls_those_take_more_that_are_said_to(
    name: str, open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(open_world, monkeypatch)
    gained = open_world.gains(ATTACKS[name]) != []
    assert gained == (name in NOT_STOPPED_WITHOUT_WALLS["exhausting"])
