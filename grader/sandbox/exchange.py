"""One job: send it, read all that comes of it, trust none of it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from grader.errors import InternalError
from grader.sandbox import wire
from grader.sandbox.launch import Zygote
from grader.sandbox.limits import Limits
from grader.sandbox.walls import Room

Ending = Literal["answered", "silent", "garbage", "timeout", "memory", "output", "processes"]

GRACE_SECONDS = 10
ANSWER_BYTES = 64 * 2**20
PRINTED_BYTES = 16 * 2**20
"""Beyond this a job is stopped; what is kept of it is far less."""
PRINTED_KEPT = 4000
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one job."""

    job: str
    ending: Ending
    answer: Any
    """Plain values and arrays when ``ending`` is ``answered``, else None."""
    printed: str
    code: int
    """Exit status, or minus the signal that ended it."""
    seconds: float
    peak_bytes: int

    @property
    def last_words(self) -> str:
        """The last line that was printed, such as an exception's."""
        return next((line for line in reversed(self.printed.splitlines()) if line.strip()), "")


def run_job(zygote: Zygote, job: str, request: Any, limits: Limits, room: Room) -> Reply:
    """Send one job and read until its guard says that nothing of it is left.

    Raises InternalError when the zygote or the guard ends before that.
    """
    order = {
        "job": job,
        "seconds": limits.seconds,
        "memory_bytes": limits.memory_bytes,
        "folder": room.folder,
        "isolated": room.isolated,
        "shared": room.shared,
    }
    try:
        packed = wire.pack(request)
    except (ValueError, TypeError) as error:
        raise InternalError(f"The request for {job} cannot be sent: {error}.") from error
    answer_read, answer_write = os.pipe()
    printed_read, printed_write = os.pipe()
    ours, theirs = socket.socketpair()
    with (
        ours,
        contextlib.closing(_Pipe(answer_read, ANSWER_BYTES)) as answer,
        contextlib.closing(_Pipe(printed_read, PRINTED_BYTES)) as printed,
    ):
        with _as_file(packed) as file, theirs:
            handed = [file, answer_write, printed_write, theirs.fileno()]
            try:
                socket.send_fds(zygote.control, [json.dumps(order).encode() + b"\n"], handed)
            except OSError as error:
                raise InternalError("The sandbox has ended.") from error
            finally:
                os.close(answer_write)
                os.close(printed_write)
        report = _watch(answer, printed, ours, limits.seconds + GRACE_SECONDS)
    if report is None:
        zygote.end()
        raise InternalError("A job outlived its guard, and the sandbox was ended.")
    return _reply(job, answer, printed, _parse_report(report))


class _Pipe:
    """Reads up to a bound and notes when there was more."""

    def __init__(self, descriptor: int, bound: int) -> None:
        self.descriptor = descriptor
        self.bound = bound
        self.data = bytearray()
        os.set_blocking(descriptor, False)

    def read(self) -> bool:
        """Take what is there; False when no more will come, or no more is wanted."""
        try:
            chunk = os.read(self.descriptor, CHUNK)
        except BlockingIOError:
            return True
        self.data += chunk
        return bool(chunk) and not self.flooded

    def drain(self) -> None:
        """Take what was still in the pipe when its writers ended."""
        with contextlib.suppress(BlockingIOError):
            while not self.flooded and (chunk := os.read(self.descriptor, CHUNK)):
                self.data += chunk

    @property
    def flooded(self) -> bool:
        return len(self.data) > self.bound

    def close(self) -> None:
        os.close(self.descriptor)


def _watch(answer: _Pipe, printed: _Pipe, guard: socket.socket, seconds: float) -> bytes | None:
    """Read everything until the guard's report; a flood ends the job early. None: no report."""
    report = bytearray()
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for pipe in (answer, printed):
            selector.register(pipe.descriptor, selectors.EVENT_READ, pipe)
        selector.register(guard, selectors.EVENT_READ, None)
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                if key.data is None:
                    chunk = _hear(guard)
                    if not chunk:
                        answer.drain()
                        printed.drain()
                        return bytes(report)
                    report += chunk
                elif not key.data.read():
                    selector.unregister(key.fd)
                    if key.data.flooded:
                        with contextlib.suppress(BrokenPipeError):
                            guard.sendall(b"k")
    return None


def _hear(guard: socket.socket) -> bytes:
    """Nothing when the guard has ended; one that ends before it reads our word resets."""
    try:
        return guard.recv(CHUNK)
    except ConnectionResetError:
        return b""


def _parse_report(report: bytes) -> dict[str, Any]:
    if not report:
        raise InternalError(
            "The process that watches over a job was killed from outside before the job's end."
        )
    parsed: dict[str, Any] = json.loads(report)
    if parsed["ending"] == "guard":
        raise InternalError(f"The sandbox could not run a job: {parsed['why']}.")
    return parsed


def _reply(job: str, answer: _Pipe, printed: _Pipe, report: dict[str, Any]) -> Reply:
    ending: Ending
    value = None
    if answer.flooded or printed.flooded:
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
        job,
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
        descriptor = os.memfd_create("request", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if hasattr(os, "memfd_create"):
            # Its pages are nobody's in particular: no job may keep more in it, or cut it off.
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
        yield descriptor
    finally:
        os.close(descriptor)
