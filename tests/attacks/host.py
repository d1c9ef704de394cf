"""The machine around the sandbox, watched: files, processes, sockets. Linux only."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.sandbox.client import Sandbox
from tests.conftest import ROOT

MARK = "attackers-mark"
"""A word in the name of every file, and in the command line of every process, of an attack."""
ZYGOTE = "grader.sandbox.zygote"
SETTLE_SECONDS = 3
SUBMISSION = "attack.ipynb"
"""The one file that the tests themselves write between two looks."""
SENTINEL = "This file was here before.\n"

Process = tuple[int, str]
"""Its id, and when it was started: an id alone may be given to another."""


class Host:
    """Sentinels, listeners and lists of processes.

    Args:
        home: an empty folder, for what an attacker would look for in a home.
        course: the folder of the assignment, its solution and the submissions.
    """

    def __init__(self, home: Path, course: Path) -> None:
        self.home, self.course = home, course
        self.folders = (home, course)
        for folder in self.folders:
            (folder / "sentinel.txt").write_text(SENTINEL)
        self.tcp, self.udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=2)
        port = self.tcp.getsockname()[1]
        self.udp.bind(("127.0.0.1", port))
        self.unix = socket.socket(socket.AF_UNIX)
        name = f"{MARK}-{os.getpid()}-{port}"
        self.unix.bind(f"\0{name}")
        self.unix.listen()
        for listener in (self.tcp, self.udp, self.unix):
            listener.setblocking(False)
        self.words = {
            "MARK": MARK,
            "PORT": str(port),
            "SOCKET": name,
            "HOME": str(home),
            "COURSE": str(course),
        }
        self._usual = 0
        self._files: dict[Path, bytes] = {}
        self._processes: set[Process] = set()

    def close(self) -> None:
        for listener in (self.tcp, self.udp, self.unix):
            listener.close()

    def settle(self, sandbox: Sandbox) -> None:
        """Note how many processes the sandbox itself is, when it has nothing to do."""
        self._usual = len(_below(_zygote(sandbox)))

    def remember(self) -> None:
        """Note everything as it is before an attack."""
        self._files = dict(self._own_files())
        self._processes = set(_processes())
        self._heard()

    def changes(self, sandbox: Sandbox) -> Iterator[str]:
        """What is not as it was; whatever an attack left is taken away."""
        now = dict(self._own_files())
        for path in sorted(now.keys() - self._files.keys()):
            # The cache may keep what it has learnt, and nothing else.
            if "results" not in path.parts:
                yield f"{path} was made."
                path.unlink()
        for path, content in self._files.items():
            if now.get(path) != content:
                yield f"{path} was {'changed' if path in now else 'removed'}."
                path.write_bytes(content)
        for path in _marked_files():
            yield f"{path} was made."
            path.unlink()
        yield from (f"The host heard something by {way}." for way in self._heard())
        yield from (f"{command} is still there." for command in self._left_over(sandbox))

    def _own_files(self) -> Iterator[tuple[Path, bytes]]:
        for folder in self.folders:
            for path in folder.rglob("*"):
                if path.is_file() and path.name != SUBMISSION:
                    yield path, path.read_bytes()

    def _heard(self) -> list[str]:
        heard = []
        for way, listener in (("TCP", self.tcp), ("a socket", self.unix)):
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                heard.append(way)
        with contextlib.suppress(BlockingIOError):
            self.udp.recv(1)
            heard.append("UDP")
        return heard

    def _left_over(self, sandbox: Sandbox) -> list[str]:
        """Processes of an attack that have not ended when the grader has its answer."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            zygote = _zygote(sandbox)
            ours = _below(zygote)
            new = [process for process in _processes() if process not in self._processes]
            strays = [p for p, _ in new if p != zygote and p not in ours and _is_stray(p)]
            if len(ours) <= self._usual and not strays:
                return []
            if time.monotonic() > deadline:
                return [f"{pid} {_command(pid)[:80]}" for pid in [*strays, *ours[self._usual :]]]
            os.sched_yield()


def _marked_files() -> list[Path]:
    places = {Path.home(), ROOT, Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")}
    places |= {Path("/dev/shm"), Path.cwd(), Path("/")}
    return [path for place in places if place.is_dir() for path in place.glob(f"*{MARK}*")]


def _zygote(sandbox: Sandbox) -> int:
    return sandbox._zygote.process.pid


def _processes() -> Iterator[Process]:
    """Those of this user."""
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                yield int(entry.name), _stat(int(entry.name))[19]


def _stat(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` behind the command's name."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _below(root: int) -> list[int]:
    """The descendants of a process, oldest first."""
    parents = {}
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                state, parent, *_ = _stat(int(entry.name))
                if state != "Z":
                    parents[int(entry.name)] = int(parent)
    found, wanted = [], {root}
    for pid in sorted(parents):
        if parents[pid] in wanted:
            wanted.add(pid)
            found.append(pid)
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def _is_stray(pid: int) -> bool:
    """Whether a process is an attack's, or a fork of a zygote that no zygote looks after."""
    command = _command(pid)
    if MARK in command:
        return True
    if ZYGOTE not in command:
        return False
    while pid > 1 and ZYGOTE in _command(pid):
        try:
            pid = int(_stat(pid)[1])
        except OSError:
            return False
    return pid <= 1
