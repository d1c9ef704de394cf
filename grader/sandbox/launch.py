"""Starting the zygote, hearing from it when it is warm, and ending it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import weakref
from dataclasses import dataclass
from typing import Any

from grader.errors import InternalError
from grader.sandbox import outer

START_SECONDS = 120


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
        self.control, theirs = socket.socketpair()
        self.folder = tempfile.mkdtemp(prefix="cnn-grader-")
        """Empty, and the zygote's home where there is no wall."""
        self._remove_folder = weakref.finalize(self, remove_folder, self.folder)
        self.warm = False
        self._walled = walled
        self._words = self.control.makefile("rb")
        self._hello: Hello | None = None
        command, environment = outer.zygote_command(theirs.fileno(), walled, self.folder)
        # Only until it is warm: from then on it writes nothing.
        self._errors = tempfile.TemporaryFile()
        with theirs:
            self.process = subprocess.Popen(
                command,
                env=environment,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                cwd=self.folder,
                start_new_session=True,
            )

    def hello(self) -> Hello:
        """What the zygote says of itself before it imports TensorFlow."""
        if self._hello is None:
            said = self._hear()
            self._hello = Hello(said["namespaces"], said["tensorflow"], said["keras"])
        return self._hello

    def wait_until_warm(self) -> None:
        """Wait for TensorFlow to be imported. Raises InternalError when it is not."""
        self.hello()
        if not self.warm:
            self._hear()
            self.warm = True

    def _hear(self) -> dict[str, Any]:
        self.control.settimeout(START_SECONDS)
        try:
            line = self._words.readline()
        except OSError as error:
            raise InternalError(f"The sandbox did not start: {error}.") from error
        if not line:
            raise InternalError(f"The sandbox did not start. {self._last_words()}".strip())
        self.control.settimeout(None)
        said: dict[str, Any] = json.loads(line)
        return said

    def _last_words(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        lines = self._errors.read().decode(errors="replace").splitlines()
        return next((line for line in reversed(lines) if line.strip()), "")

    def end(self) -> None:
        """Kill it and its guards, those too that a job has stopped; inmates die with them."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """End it, warm or not; guards see that nobody listens any more, and end their jobs."""
        if self._walled:
            # As a group: while it starts, bubblewrap's second process does not yet die with it.
            self.end()
        else:
            self.process.kill()
            self.process.wait()
        self._words.close()
        self.control.close()
        self._errors.close()
        self._remove_folder()


def remove_folder(folder: str) -> None:
    """Remove a folder with whatever a job left in it, as far as that is allowed.

    Folders may stand in each other too deep for recursion and for any path; so what is in one is
    moved to the top before it is removed.
    """
    moved = (f"{secrets.token_hex(8)}{number}" for number in itertools.count())
    with contextlib.suppress(OSError):
        while entries := list(os.scandir(folder)):
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                os.chmod(entry.path, 0o700)
                for inner in list(os.scandir(entry.path)):
                    if inner.is_dir(follow_symlinks=False):
                        os.chmod(inner.path, 0o700)  # or it could not be moved
                    os.rename(inner.path, os.path.join(folder, next(moved)))
                os.rmdir(entry.path)
        os.rmdir(folder)
