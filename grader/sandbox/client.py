"""The parent's side: start the zygote, send it jobs, read their answers, trust none of them."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from grader.errors import InternalError, UsageError
from grader.sandbox import outer, wire
from grader.sandbox.limits import Limits

Mode = Literal["auto", "bwrap", "none"]
Ending = Literal["answered", "silent", "garbage", "timeout", "memory", "output", "processes"]

START_SECONDS = 120
GRACE_SECONDS = 10
ANSWER_BYTES = 64 * 2**20
PRINTED_BYTES = 16 * 2**20
"""Beyond this a job is stopped; what is kept of it is far less."""
PRINTED_KEPT = 4000
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one job."""

    ending: Ending
    answer: Any
    """Plain values and arrays when ``ending`` is ``answered``, else None."""
    printed: str
    code: int
    seconds: float
    peak_bytes: int

    @property
    def last_words(self) -> str:
        """The last line that was printed, such as an exception's."""
        return next((line for line in reversed(self.printed.splitlines()) if line.strip()), "")


@dataclass(frozen=True, slots=True)
class Hello:
    """What a zygote can do, and the versions that it will import."""

    namespaces: bool
    """Whether each job can have namespaces of its own."""
    tensorflow: str
    keras: str


class Zygote:
    """One warm process and the socket that leads to it."""

    def __init__(self, walled: bool) -> None:
        ours, theirs = socket.socketpair()
        self.control = ours
        self.scratch = Path(tempfile.mkdtemp(prefix="cnn-grader-"))
        self._words = ours.makefile("rb")
        self._hello: Hello | None = None
        self._warm = False
        command, environment = outer.zygote_command(theirs.fileno(), walled, self.scratch)
        self._errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command,
            env=environment,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            cwd=self.scratch,
            start_new_session=True,
        )
        theirs.close()

    def hello(self) -> Hello:
        """What the zygote says of itself before it imports TensorFlow."""
        if self._hello is None:
            said = self._hear()
            self._hello = Hello(said["namespaces"], said["tensorflow"], said["keras"])
        return self._hello

    def wait_until_warm(self) -> None:
        """Wait for TensorFlow to be imported. Raises InternalError when it is not."""
        self.hello()
        if not self._warm:
            self._hear()
            self._warm = True

    def _hear(self) -> dict[str, Any]:
        self.control.settimeout(START_SECONDS)
        try:
            line = self._words.readline()
        except OSError as error:
            raise InternalError(f"The sandbox did not start: {error}.") from error
        if not line:
            raise InternalError(f"The sandbox did not start. {self._last_words()}")
        self.control.settimeout(None)
        said: dict[str, Any] = json.loads(line)
        return said

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read()[-2000:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """End it at once, warm or not: it holds nothing that is worth a good-bye."""
        self._words.close()
        self.control.close()
        self.process.kill()
        self.process.wait()
        self._errors.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


class Sandbox:
    """Runs jobs behind the best walls that this machine has.

    Args:
        mode: ``auto`` takes bubblewrap where it works and a plain child process where not;
            ``bwrap`` insists; ``none`` asks for the plain child process.

    Starting returns at once; TensorFlow is imported meanwhile. Use it as a context manager.
    Raises UsageError when ``bwrap`` is insisted upon and does not work.
    """

    def __init__(self, mode: Mode = "auto") -> None:
        reason = outer.why_no_bubblewrap() if mode != "none" else None
        if mode == "bwrap" and reason:
            raise UsageError(f"--sandbox bwrap: {reason}; {outer.HOW_TO_INSTALL}.")
        self.weaker_because = reason
        """Why a weaker sandbox than bubblewrap is used, where it was not asked for."""
        self._walled = mode != "none" and reason is None
        self._zygote = Zygote(self._walled)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self._zygote.close()

    @property
    def name(self) -> str:
        """For the report: ``bwrap+namespaces``, ``bwrap`` or ``none``."""
        if not self._walled:
            return "none"
        return "bwrap+namespaces" if self._zygote.hello().namespaces else "bwrap"

    @property
    def versions(self) -> Hello:
        """Of what runs inside; known before it is imported."""
        return self._zygote.hello()

    def ask_student(self, job: str, request: Any, limits: Limits) -> Reply:
        """Run student code. Where namespaces cannot be nested, in a zygote that then ends."""
        self._zygote.wait_until_warm()
        if not self._walled:
            return run_job(self._zygote, job, request, limits, isolated=False)
        if self._zygote.hello().namespaces:
            return run_job(self._zygote, job, request, limits, isolated=True)
        with contextlib.closing(Zygote(walled=True)) as once:
            once.wait_until_warm()
            return run_job(once, job, request, limits, isolated=False)

    def ask_trusted(self, job: str, request: Any, limits: Limits) -> Reply:
        """Run the grader's own code on checked values, in a fork of the pristine process."""
        self._zygote.wait_until_warm()
        return run_job(self._zygote, job, request, limits, isolated=False)


def run_job(zygote: Zygote, job: str, request: Any, limits: Limits, isolated: bool) -> Reply:
    """Send one job and read until its guard says that nothing of it is left."""
    order = {
        "job": job,
        "seconds": limits.seconds,
        "memory_bytes": limits.memory_bytes,
        "isolated": isolated,
    }
    answer_read, answer_write = os.pipe()
    printed_read, printed_write = os.pipe()
    ours, theirs = socket.socketpair()
    with (
        ours,
        contextlib.closing(_Pipe(answer_read, ANSWER_BYTES)) as answer,
        contextlib.closing(_Pipe(printed_read, PRINTED_BYTES)) as printed,
    ):
        with _as_file(wire.pack(request)) as file, theirs:
            handed = [file, answer_write, printed_write, theirs.fileno()]
            try:
                socket.send_fds(zygote.control, [json.dumps(order).encode() + b"\n"], handed)
            except OSError as error:
                raise InternalError("The sandbox has ended.") from error
            finally:
                os.close(answer_write)
                os.close(printed_write)
        flooded, report = _watch(answer, printed, ours, limits.seconds + GRACE_SECONDS)
    return _reply(answer, printed, flooded, report)


class _Pipe:
    """Reads up to a bound and notes when there was more."""

    def __init__(self, descriptor: int, bound: int) -> None:
        self.descriptor = descriptor
        self.bound = bound
        self.data = bytearray()
        os.set_blocking(descriptor, False)

    def read(self) -> bool:
        """Take what is there; False at the end."""
        try:
            chunk = os.read(self.descriptor, CHUNK)
        except BlockingIOError:
            return True
        self.data += chunk
        return bool(chunk)

    @property
    def flooded(self) -> bool:
        return len(self.data) > self.bound

    def close(self) -> None:
        os.close(self.descriptor)


def _watch(
    answer: _Pipe, printed: _Pipe, guard: socket.socket, seconds: float
) -> tuple[bool, dict[str, Any]]:
    """Read everything until the guard's report; a flood ends the job early."""
    report, flooded = bytearray(), False
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for pipe in (answer, printed):
            selector.register(pipe.descriptor, selectors.EVENT_READ, pipe)
        selector.register(guard, selectors.EVENT_READ, None)
        while True:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise InternalError("A job outlived its guard.")
            for key, _ in ready:
                if key.data is None:
                    # A guard that ends before it reads our word resets the connection.
                    with contextlib.suppress(ConnectionResetError):
                        chunk = b""
                        chunk = guard.recv(CHUNK)
                    if not chunk:
                        _drain(answer)
                        _drain(printed)
                        return flooded, _parse_report(bytes(report))
                    report += chunk
                    continue
                if not key.data.read():
                    selector.unregister(key.fd)
                if key.data.flooded and not flooded:
                    flooded = True
                    with contextlib.suppress(BrokenPipeError):
                        guard.sendall(b"k")
                    selector.unregister(key.fd)


def _drain(pipe: _Pipe) -> None:
    """What was still in the pipe when the job ended."""
    with contextlib.suppress(BlockingIOError):
        while not pipe.flooded and (chunk := os.read(pipe.descriptor, CHUNK)):
            pipe.data += chunk


def _parse_report(report: bytes) -> dict[str, Any]:
    if not report:
        raise InternalError("A job's guard ended without a word.")
    parsed: dict[str, Any] = json.loads(report)
    if parsed["ending"] == "guard":
        raise InternalError(f"A job's guard failed: {parsed['why']}")
    return parsed


def _reply(answer: _Pipe, printed: _Pipe, flooded: bool, report: dict[str, Any]) -> Reply:
    ending: Ending
    value = None
    if flooded:
        ending = "output"
    elif report["ending"] != "exited":
        ending = report["ending"]
    elif not answer.data:
        ending = "silent"
    else:
        try:
            value = wire.unpack(memoryview(answer.data), ANSWER_BYTES)
            ending = "answered"
        except wire.Garbage:
            ending = "garbage"
    return Reply(
        ending,
        value,
        bytes(printed.data[-PRINTED_KEPT:]).decode(errors="replace"),
        report["code"],
        report["seconds"],
        report["peak_bytes"],
    )


@contextlib.contextmanager
def _as_file(data: bytes) -> Iterator[int]:
    """The request as a file without a name, which the job maps into its memory."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("request")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        yield descriptor
    finally:
        os.close(descriptor)
