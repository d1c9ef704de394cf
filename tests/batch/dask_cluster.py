"""A Dask cluster of processes, which all end with a block."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

from tests.conftest import ROOT

START_SECONDS = 60
SOON = {
    "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT": "3s",
    "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_VALIDATION_INTERVAL": "500ms",
}
"""The turn of a worker that was killed ends soon."""


class DaskCluster:
    """A scheduler on a free port, and as many workers as are started.

    Args:
        folder: where they may leave what they like.
        environment: of the scheduler.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder = folder
        self._started: list[DaskProcess] = []
        arguments = "scheduler", "--host=127.0.0.1", "--port=0"
        self.scheduler = self._start("Scheduler at:", "Scheduler at:", *arguments, **environment)
        self.address = self.scheduler.address

    def start_worker(self, *options: str, **environment: str) -> DaskProcess:
        """One worker process; returns when the scheduler knows it."""
        arguments = ["worker", self.address, "--nworkers=1", "--nthreads=1", *options]
        return self._start("Start worker at:", "Registered to:", *arguments, **environment)

    def __enter__(self) -> DaskCluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._started):
            process.kill()

    def _start(
        self, before_address: str, awaited: str, *arguments: str, **environment: str
    ) -> DaskProcess:
        settings = {"PYTHONPATH": str(ROOT), **os.environ, **SOON, **environment}
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
        process = DaskProcess([*command, "--no-dashboard"], self._folder, settings)
        self._started.append(process)
        process.wait_until_said(before_address, awaited)
        return process


class DaskProcess:
    """A process of Dask's in a group of its own, and what it writes."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.address = ""
        self._log: list[str] = []
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        self._reader = threading.Thread(target=self._read)
        self._started = threading.Event()

    def wait_until_said(self, before_address: str, awaited: str) -> None:
        """Read its log up to the word that it has started, and its address in that."""
        self._before_address, self._awaited = before_address, awaited
        self._reader.start()
        assert self._started.wait(START_SECONDS) and self.address, "\n".join(self._log)

    def children(self) -> list[str]:
        """The processes that it has started, by number."""
        lists = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        return [pid for numbers in lists for pid in numbers.read_text().split()]

    def kill(self) -> None:
        """With all that is in its group, such as the worker of a nanny."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._log.append(line.rstrip())
                if self._before_address in line:
                    self.address = line.split()[-1]
                if self._awaited in line:
                    self._started.set()
        self._started.set()
