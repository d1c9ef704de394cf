"""What walls this machine has, and a live proof: attacks that are run and must be stopped."""

from __future__ import annotations

import platform
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import InternalError
from grader.sandbox.client import Reply, Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.outer import HOW_TO_INSTALL

LIMITS = Limits(seconds=2, memory_bytes=1 << 30)
UNHURRIED = Limits(seconds=30, memory_bytes=1 << 28)
"""For what another limit must end: not the clock, however busy the machine is."""
TCP_SECONDS = 0.2
LEFT = "cnn-left-behind"
"""What an attack names the process that it leaves; the kernel keeps fifteen characters."""


@dataclass(frozen=True, slots=True)
class Bait:
    """What an attack is after: things of this machine that it must not reach."""

    file: Path
    secret: str
    port: int


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack, as a student's program that puts what it got into ``facts``."""

    name: str
    source: Callable[[Bait], str]
    stopped: Callable[[Reply, Bait], bool]
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    good: bool
    text: str


def examine(sandbox: Sandbox) -> Iterator[Finding]:
    """Look at the walls, then attack them; each finding as soon as it is there."""
    yield from _walls(sandbox)
    with _bait() as (bait, heard):
        for attack in ATTACKS:
            yield _try(sandbox, attack, bait)
        got_out = heard()
    words = "something came out" if got_out else "nothing came out"
    yield Finding("the network, seen from outside", not got_out, words)
    yield _afterwards(sandbox)


def _walls(sandbox: Sandbox) -> Iterator[Finding]:
    found = shutil.which("bwrap")
    version = _says(found, "--version") if found else f"not found; {HOW_TO_INSTALL}"
    yield Finding("bubblewrap", found is not None, version)
    if found and sandbox.weaker_because:
        yield Finding("bubblewrap works", False, sandbox.weaker_because)
    isolated = sandbox.name == "bwrap+namespaces"
    words = "each submission has its own" if isolated else "not nested here"
    yield Finding("namespaces in namespaces", isolated, words)
    versions = sandbox.versions
    yield Finding(
        "inside",
        True,
        f"sandbox {sandbox.name}, TensorFlow {versions.tensorflow}, Keras {versions.keras}, "
        f"Linux {platform.release()}"
        if platform.system() == "Linux"
        else platform.platform(),
    )


def _says(command: str, argument: str) -> str:
    try:
        done = subprocess.run([command, argument], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not answer ({error})"
    return done.stdout.strip() or "is there"


def _try(sandbox: Sandbox, attack: Attack, bait: Bait) -> Finding:
    """Run one attack as a submission, and look whether it got what it was after."""
    try:
        reply = _ask(sandbox, attack.source(bait), attack.limits)
    except InternalError as error:
        return Finding(attack.name, False, str(error))
    stopped = attack.stopped(reply, bait)
    words = "stopped" if stopped else f"NOT stopped ({reply.ending})"
    return Finding(attack.name, stopped, words)


def _ask(sandbox: Sandbox, source: str, limits: Limits = LIMITS) -> Reply:
    """Run a program as a submission's, and ask for its ``facts``."""
    request: dict[str, Any] = {
        "statements": [{"source": source, "cell": 1, "line": 1}],
        "name": "facts",
        "unbound": [],
        "files": {},
        "input_shape": [],
        "classes": None,
        "translate_old_keras": True,
        "keras_1": False,
    }
    return sandbox.ask_student("read", request, limits)


def _afterwards(sandbox: Sandbox) -> Finding:
    """The next honest job, right behind the attacks."""
    reply = _ask(sandbox, "facts = {'two': 1 + 1}")
    fine = reply.ending == "answered" and reply.answer.get("value") == {"two": 2}
    return Finding("an honest submission afterwards", fine, "graded" if fine else "not graded")


@contextmanager
def _bait() -> Iterator[tuple[Bait, Callable[[], bool]]]:
    """A file with a secret, an open port, and whether anybody came to it."""
    with (
        tempfile.TemporaryDirectory(prefix="cnn-grader-bait-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        server.settimeout(TCP_SECONDS)
        secret = secrets.token_hex(16)
        file = Path(folder) / "secret.txt"
        file.write_text(secret)

        def heard() -> bool:
            try:
                server.accept()[0].close()
            except TimeoutError:
                return False
            return True

        yield Bait(file, secret, server.getsockname()[1]), heard


def _untold(reply: Reply, bait: Bait) -> bool:
    """Neither the answer nor what was printed holds the secret."""
    return bait.secret not in f"{reply.answer}{reply.printed}"


def _says_no(reply: Reply, _: Bait) -> bool:
    """The program was told that it may not."""
    answer: Any = reply.answer if isinstance(reply.answer, dict) else {}
    return reply.ending == "answered" and answer.get("value") == {"refused": True}


def _ends(*endings: str) -> Callable[[Reply, Bait], bool]:
    return lambda reply, _: reply.ending in endings


def _refused(code: str, error: str = "OSError") -> Callable[[Bait], str]:
    """A program that says whether an attempt was refused."""
    body = "\n".join(f"    {line}" for line in code.splitlines())

    def source(bait: Bait) -> str:
        text = body.replace("PORT", str(bait.port)).replace("FILE", repr(str(bait.file)))
        return (
            f"import os, socket\nfacts = {{'refused': False}}\ntry:\n{text}\n"
            f"except {error}:\n    facts = {{'refused': True}}"
        )

    return source


def _program(code: str) -> Callable[[Bait], str]:
    return lambda bait: code.replace("FILE", repr(str(bait.file)))


ATTACKS = (
    Attack(
        "reads a file of this machine",
        _program("facts = {'got': open(FILE).read()}"),
        _untold,
    ),
    Attack(
        "overwrites a file of this machine",
        _program("import os\nos.write(os.open(FILE, os.O_WRONLY), b'gone')\nfacts = {}"),
        lambda _, bait: bait.file.read_text() == bait.secret,
    ),
    Attack(
        "reads the environment",
        _refused(
            "own = {'HOME', 'USER', 'SSH_AUTH_SOCK', 'AWS_SECRET_ACCESS_KEY'} & set(os.environ)\n"
            "if all(os.environ[key].startswith('/scratch') for key in own): raise OSError"
        ),
        _says_no,
    ),
    Attack(
        "opens a connection",
        _refused("socket.create_connection(('127.0.0.1', PORT), 1)"),
        _says_no,
    ),
    Attack(
        "looks for other processes",
        _refused("if not [n for n in os.listdir('/proc') if n.isdigit()]: raise OSError"),
        _says_no,
    ),
    Attack(
        "makes namespaces of its own",
        _refused(
            "import ctypes\nlibrary = ctypes.CDLL(None)\n"
            "if library.unshare(0x10000000) != 0: raise OSError"
        ),
        _says_no,
    ),
    Attack(
        "follows another process (ptrace)",
        _refused(
            "import ctypes\nlibrary = ctypes.CDLL(None)\n"
            "if library.ptrace(16, os.getppid(), 0, 0) != 0: raise OSError"
        ),
        _says_no,
    ),
    Attack("never ends", _program("while True: pass"), _ends("timeout")),
    Attack(
        "takes all memory",
        _program("kept = []\nwhile True: kept.append(bytearray(1 << 24))"),
        lambda reply, _: reply.ending == "memory" or "MemoryError" in str(reply.answer),
        UNHURRIED,
    ),
    Attack(
        "prints without end",
        _program("while True: print('x' * 10000)"),
        _ends("output"),
        UNHURRIED,
    ),
    Attack(
        "starts processes without end",
        _program(
            "import os, time\nwhile True:\n    try:\n        if os.fork() == 0:\n"
            "            while True: pass\n    except OSError: pass"
        ),
        _ends("processes", "timeout", "memory"),
    ),
    Attack(
        "leaves a process behind",
        _program(
            "import ctypes, os\nready, done = os.pipe()\nif os.fork() == 0:\n    os.setsid()\n"
            "    if os.fork() == 0:\n"
            f"        ctypes.CDLL(None).prctl(15, b'{LEFT}', 0, 0, 0)\n"
            "        os.write(done, b'.')\n        while True: pass\n    os._exit(0)\n"
            "os.read(ready, 1)\nfacts = {'left': True}"
        ),
        lambda _, __: not _left_behind(),
    ),
)
"""What every submission may try. Those that would exhaust the machine run within limits too."""


def _left_behind() -> bool:
    """Whether a process that an attack named is still alive, anywhere on this machine (Linux)."""
    for file in Path("/proc").glob("[0-9]*/comm"):
        try:
            if file.read_text().strip() == LEFT:
                return True
        except OSError:
            continue
    return False
