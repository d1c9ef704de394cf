"""The workers of this machine: processes that each keep a sandbox warm.

A worker that ends in the middle of a task, whoever killed it, is replaced, and the task is tried
once more.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait

from grader.batch.work import Done, Setup, Task
from grader.batch.worker import read_done, send_setup, send_task
from grader.sandbox.launch import remove_folder
from grader.sandbox.outer import GRADER

TRIES = 2
LOOK_SECONDS = 1.0
LOST = "The grader's process was ended from outside, {} times; this machine may lack memory."
STUCK = "The grader's process did not answer within {:,.0f} s and was ended."


class Workers:
    """A Runner over ``jobs`` processes, which start at once and warm up meanwhile.

    Args:
        seconds: after which a worker that does not answer is taken for stuck.
    """

    def __init__(self, setup: Setup, jobs: int, seconds: float) -> None:
        self._setup = setup
        self._seconds = seconds
        self._folder = tempfile.mkdtemp(prefix="cnn-grader-class-")
        """Where the workers keep what is temporary; a worker that is killed leaves it behind."""
        self._workers = [_Worker(setup, self._folder) for _ in range(jobs)]

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        again: deque[Task] = deque()
        tries: dict[int, int] = {}
        while True:
            for place, worker in enumerate(self._workers):
                if worker.task is None and (task := _next(again, tasks)):
                    tries[task.number] = tries.get(task.number, 0) + 1
                    if not worker.give(task):
                        self._replace(place).give(task)
            busy = [worker for worker in self._workers if worker.task is not None]
            if not busy:
                return
            ready = wait([worker.connection for worker in busy], LOOK_SECONDS)
            for place, worker in enumerate(self._workers):
                task = worker.task
                if task is None:
                    continue
                if worker.connection in ready:
                    done = worker.take()
                    if done is None:
                        self._replace(place)
                        if tries[task.number] < TRIES:
                            again.append(task)
                            continue
                        done = Done(task.number, None, LOST.format(tries[task.number]))
                elif worker.seconds > self._seconds:
                    self._replace(place)
                    done = Done(task.number, None, STUCK.format(self._seconds))
                else:
                    continue
                del tries[task.number]
                yield done

    def running(self) -> Iterable[tuple[str, float]]:
        # Asked for by the thread that shows the progress, while tasks come and go.
        busy = [(worker.task, worker.seconds) for worker in self._workers]
        return [(task.path, seconds) for task, seconds in busy if task is not None]

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
        remove_folder(self._folder)

    def _replace(self, place: int) -> _Worker:
        self._workers[place].end()
        self._workers[place] = _Worker(self._setup, self._folder)
        return self._workers[place]


def _next(again: deque[Task], tasks: Iterator[Task]) -> Task | None:
    return again.popleft() if again else next(tasks, None)


class _Worker:
    """One process and what it is doing."""

    def __init__(self, setup: Setup, folder: str) -> None:
        ours, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, (str(GRADER.parent), os.environ.get("PYTHONPATH"))))
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.batch.worker", str(theirs.fileno())],
                env=os.environ | {"PYTHONPATH": path, "TMPDIR": folder},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.connection = Connection(ours.detach())
        self.task: Task | None = None
        self._since = 0.0
        with contextlib.suppress(OSError):
            send_setup(self.connection, setup)

    @property
    def seconds(self) -> float:
        """Since it was given its task."""
        return time.monotonic() - self._since

    def give(self, task: Task) -> bool:
        """False when the process has ended."""
        self.task, self._since = task, time.monotonic()
        try:
            send_task(self.connection, task)
        except OSError:
            return False
        return True

    def take(self) -> Done | None:
        """What came of the task; None when the process has ended."""
        try:
            done = read_done(self.connection)
        except (EOFError, OSError):
            return None
        self.task = None
        return done

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.connection.close()
