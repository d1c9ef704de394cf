"""The same work on a Dask distributed cluster; needs the extra ``cluster``.

Each worker process keeps a warm sandbox and gets the assignment once; submissions go to it as
bytes, and reports come back. A worker that dies is replaced by another: Dask runs its tasks there.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributed import Client, KilledWorker, Semaphore, WorkerPlugin, as_completed, get_client
from distributed import get_worker as get_dask_worker

from grader.batch.work import Done, Grader, Setup, Task
from grader.errors import GraderError, InternalError, UsageError
from grader.training.cache import ResultCache, digest_of

CONNECT_SECONDS = 20
AHEAD = 2
"""Tasks for each thread of the cluster that are sent there before one comes back."""
PLUGIN = "cnn-grader"
LOST = "Several workers of the cluster were lost with it; they may lack memory."


class Cluster:
    """A Runner over the workers that a Dask scheduler has, and those that join it.

    Args:
        address: of the scheduler, such as ``tcp://host:8786``.

    Raises UsageError when nobody answers there.
    """

    def __init__(self, address: str, setup: Setup) -> None:
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"No Dask scheduler answers at {address}. Start one with dask scheduler."
            ) from error
        self._run = uuid.uuid4().hex
        self._since: dict[str, tuple[Task, float]] = {}
        self._plugin = f"{PLUGIN}-{self._run}"
        self._client.register_plugin(_Workplace(setup), name=self._plugin)

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        ended = as_completed(loop=self._client.loop)
        self._fill(ended, tasks)
        try:
            for future in ended:
                task, _ = self._since.pop(future.key)
                yield self._result(future, task)
                future.release()
                self._fill(ended, tasks)
        except OSError as error:
            raise InternalError(f"The cluster cannot be reached any more: {error}.") from error

    def _fill(self, ended: as_completed, tasks: Iterator[Task]) -> None:
        while len(self._since) < AHEAD * max(1, sum(self._client.nthreads().values())):
            task = next(tasks, None)
            if task is None:
                return
            key = f"grade-{self._run}-{task.number}"
            self._since[key] = task, time.monotonic()
            ended.add(self._client.submit(_grade, self._plugin, task, key=key, pure=False))

    @staticmethod
    def _result(future: Any, task: Task) -> Done:
        try:
            done: Done = future.result()
            return done
        except KilledWorker:
            return Done(task.number, None, LOST)

    def running(self) -> Iterable[tuple[str, float]]:
        now = time.monotonic()
        return [(task.path, now - since) for task, since in list(self._since.values())]

    def close(self) -> None:
        with contextlib.suppress(Exception):
            # Whatever has become of the cluster, it is no longer ours.
            self._client.unregister_worker_plugin(self._plugin)
        self._client.close()


def _grade(plugin: str, task: Task) -> Done:
    """Runs on a worker."""
    workplace: _Workplace = get_dask_worker().plugins[plugin]
    return workplace.grade(task)


class _Workplace(WorkerPlugin):  # type: ignore[misc]
    """What each worker process has: a Grader, used by one task at a time."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def setup(self, worker: object) -> None:
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="cnn-grader-results-")
        self._why: str | None = None
        try:
            setup = replace(self._setup, cache=None)
            self._grader = Grader(setup, SharedResults(Path(self._folder.name)))
        except GraderError as error:
            self._why = f"The worker {getattr(worker, 'name', '')} cannot grade: {error}"

    def grade(self, task: Task) -> Done:
        if self._why is not None:
            return Done(task.number, None, self._why)
        with self._lock:
            return self._grader.grade(task)

    def teardown(self, worker: object) -> None:  # noqa: ARG002
        if self._why is None:
            self._grader.close()
        self._folder.cleanup()


class SharedResults(ResultCache):
    """Results of one worker, those of trainings shared with all others through the scheduler."""

    @contextlib.contextmanager
    def alone(self, key: dict[str, Any]) -> Iterator[None]:
        """No other worker trains the same meanwhile; what one of them made before is here then.

        A worker that dies gives up its turn after the scheduler's ``lease-timeout``.
        """
        client, place = get_client(), [PLUGIN, digest_of(key)]
        with Semaphore(max_leases=1, name="-".join(place)):
            shared = client.get_metadata(place, default=None)
            if shared is not None:
                self.put(key, shared)
            yield
            made = self.get(key)
            if shared is None and made is not None:
                client.set_metadata(place, made)
