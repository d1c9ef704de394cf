"""The same work on a Dask distributed cluster; needs the extra ``cluster``.

Each worker process gets the assignment once and keeps a warm sandbox; submissions go to it as
bytes, and reports come back. Which worker grades what is decided here, as for the workers of one
machine: one that cannot grade is left out, and what a lost one had is tried elsewhere.
"""

from __future__ import annotations

import contextlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from time import monotonic

from distributed import Future

from grader.batch.dask_client import connect
from grader.batch.places import LOOK_SECONDS, Place, Places
from grader.batch.work import Done, Setup, Task
from grader.batch.workplace import grade_at
from grader.errors import InternalError

CLOSE_SECONDS = 10
RESULT_SECONDS = 60
"""For a result to come over that is there."""
TRIES = 3
"""On a cluster, workers are taken away now and then."""
AHEAD = 2
"""Tasks that a quick worker is given, the one that it grades among them; another is given one."""
LOST = "The worker of the cluster that graded it ended, {} times; it may lack memory."
GONE = (
    "The Dask scheduler at {} does not answer any more. What was graded is kept; the same command "
    "goes on from there."
)


class Cluster:
    """A Runner over the workers that a Dask scheduler has, and those that join it.

    Args:
        address: of the scheduler, such as ``tcp://host:8786``.
        say: is told which workers are left out, and why.

    Raises UsageError when no scheduler answers there, or no worker of it can grade.
    """

    def __init__(
        self, address: str, setup: Setup, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self._address = address
        self._client = connect(address)
        self._places = Places(self._client, setup, say)
        self._waiting: deque[Task] = deque()
        self._given: dict[str, tuple[Place, Future]] = {}
        self._tries: Counter[int] = Counter()
        self._unfinished = 0
        """Tasks that were taken, and whose results were not given."""
        self._ended: SimpleQueue[Future | Done] = SimpleQueue()
        try:
            self._look()
        except BaseException:
            self.close()
            raise

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        while self._take(tasks) or self._unfinished:
            self._look()
            self._hand_out(tasks)
            try:
                ended = self._ended.get(timeout=LOOK_SECONDS)
            except Empty:
                continue
            done = ended if isinstance(ended, Done) else self._result(ended)
            if done is not None:
                self._unfinished -= 1
                del self._tries[done.number]
                yield done

    def running(self) -> Iterable[tuple[str, float]]:
        # Asked for by the thread that shows the progress, while tasks come and go.
        busy = [(list(place.tasks.values()), place.since) for place in self._places]
        return [(tasks[0].path, monotonic() - since) for tasks, since in busy if tasks]

    def close(self) -> None:
        """Workers end what they are grading, and then their sandboxes."""
        with contextlib.suppress(Exception):
            # Whatever has become of the cluster, it is no longer ours.
            self._client.close(timeout=CLOSE_SECONDS)

    def _take(self, tasks: Iterator[Task]) -> bool:
        """Whether a task is waiting for somebody to grade it."""
        if not self._waiting and (task := next(tasks, None)):
            self._waiting.append(task)
            self._unfinished += 1
        return bool(self._waiting)

    def _hand_out(self, tasks: Iterator[Task]) -> None:
        for ahead in range(AHEAD):
            for place in self._places:
                free = place.ready and len(place.tasks) == ahead and (place.quick or not ahead)
                if free and self._take(tasks):
                    self._give(place, self._waiting.popleft())

    def _give(self, place: Place, task: Task) -> None:
        self._tries[task.number] += 1
        key = f"{place.name}-{task.number}-{self._tries[task.number]}"
        place.add(key, task)
        future = self._client.submit(
            grade_at, place.name, task, key=key, workers=[place.address], pure=False
        )
        self._given[key] = place, future
        future.add_done_callback(self._ended.put)

    def _result(self, future: Future) -> Done | None:
        """None for one that is tried again, or that nobody waits for any more."""
        if future.key not in self._given:
            return None
        if future.cancelled():
            raise InternalError(GONE.format(self._address))
        place, _ = self._given.pop(future.key)
        task = place.remove(future.key)
        try:
            done: Done = future.result(timeout=RESULT_SECONDS)
            return done
        except Exception:
            # Its worker has gone meanwhile, whatever that looks like from here.
            return self._try_again(task)
        finally:
            future.release()

    def _try_again(self, task: Task) -> Done | None:
        if self._tries[task.number] >= TRIES:
            return Done(task.number, None, LOST.format(TRIES))
        self._waiting.appendleft(task)
        return None

    def _look(self) -> None:
        try:
            lost = self._places.look()
        except OSError as error:
            raise InternalError(GONE.format(self._address)) from error
        for place in lost:
            self._call_back(place)

    def _call_back(self, place: Place) -> None:
        """What it was grading counts as tried; what only waited there does not."""
        for position, (key, task) in reversed(list(enumerate(place.tasks.items()))):
            _, future = self._given.pop(key)
            future.release()
            self._tries[task.number] -= position > 0
            if (done := self._try_again(task)) is not None:
                self._ended.put(done)
