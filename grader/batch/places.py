"""Which workers of a Dask cluster take part in a run: those that are there and can grade."""

from __future__ import annotations

import math
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

from distributed import Client, Future

from grader.batch.work import Setup, Task
from grader.batch.workplace import Workplace, installed, why_unfit
from grader.errors import GraderError, UsageError

LOOK_SECONDS = 1.0
LOOKS = 60
"""How often to look for a worker where there is none."""
MOMENT_SECONDS = 0.5
REASONS_SHOWN = 3

NO_PACKAGE = "it has no cnn-grader, or an older one; install cnn-grader {} there, as here"
NO_PACKAGE_AT_SCHEDULER = "the scheduler has no cnn-grader; install the same there as here"
NO_WORKER = (
    f"The cluster has had no worker for {LOOKS * LOOK_SECONDS:.0f} s. Start some with dask "
    "worker, and run the same command again: what was graded is kept."
)


class Place:
    """One worker that takes part, and what it was given."""

    def __init__(self, address: str, name: str, workplace: Future) -> None:
        self.address = address
        self.name = name
        self.workplace = workplace
        self.ready = False
        self.quick = False
        """Whether it took less for its last task than a moment."""
        self.tasks: dict[str, Task] = {}
        """By the key of their futures, in the order in which it works on them."""
        self.since = 0.0
        """When it began with the first of them, in ``time.monotonic``."""

    def add(self, key: str, task: Task) -> None:
        if not self.tasks:
            self.since = time.monotonic()
        self.tasks[key] = task

    def remove(self, key: str) -> Task:
        if key == next(iter(self.tasks)):
            self.quick = time.monotonic() - self.since < MOMENT_SECONDS
            self.since = time.monotonic()
        return self.tasks.pop(key)


class Places:
    """All of them.

    Args:
        say: is told which workers are left out, and why.
    """

    def __init__(self, client: Client, setup: Setup, say: Callable[[str], None]) -> None:
        self._client, self._setup, self._say = client, setup, say
        self._places: dict[str, Place] = {}
        self._left_out: dict[str, str] = {}
        self._looked = -math.inf
        self._looks_in_vain = 0
        self._had_some = False

    def __iter__(self) -> Iterator[Place]:
        return iter(list(self._places.values()))

    def look(self) -> list[Place]:
        """See who has come, once a second at most; returns those that were lost.

        Raises OSError when the scheduler does not answer, UsageError when nobody can grade.
        """
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return []
        if self._client.status != "running":
            raise ConnectionError
        present = set(self._client.nthreads())
        lost = [place for place in self if self._is_lost(place, present)]
        for place in lost:
            del self._places[place.address]
        self._left_out = {who: why for who, why in self._left_out.items() if who in present}
        self._open(sorted(present - self._places.keys() - self._left_out.keys()))
        self._complain()
        self._looked = time.monotonic()
        return lost

    def _is_lost(self, place: Place, present: set[str]) -> bool:
        if place.address not in present:
            return True
        failed: bool = place.workplace.status == "error"
        if failed and not place.ready:
            del self._places[place.address]
            self._leave_out(place.address, _why_not_opened(place.workplace))
            return False
        # A new worker may have come up at the same address.
        place.ready = place.workplace.status == "finished"
        self._had_some |= place.ready
        return failed

    def _open(self, addresses: list[str]) -> None:
        if not addresses:
            return
        here = installed()
        said = self._client.run(
            why_unfit, here, self._setup.sandbox, workers=addresses, on_error="return"
        )
        for address in addresses:
            # An error: what was to be run there cannot be found there.
            why = said[address]
            if why:
                known = isinstance(why, str)
                self._leave_out(address, why if known else NO_PACKAGE.format(here["cnn-grader"]))
                continue
            name = f"workplace-{uuid.uuid4().hex}"
            workplace = self._client.submit(
                Workplace, name, self._setup, key=name, actor=True, workers=[address], pure=False
            )
            self._places[address] = Place(address, name, workplace)

    def _leave_out(self, address: str, why: str) -> None:
        self._left_out[address] = why
        self._say(f"The worker {address} is left out: {why}.")

    def _complain(self) -> None:
        if self._places:
            self._looks_in_vain = 0
            return
        self._looks_in_vain += 1
        if self._left_out and not self._had_some:
            counts = Counter(self._left_out.values()).most_common(REASONS_SHOWN)
            told = "".join(f"\n  {count} ×: {why}." for why, count in counts)
            raise UsageError(f"No worker of the cluster can grade:{told}")
        if self._looks_in_vain > LOOKS:
            raise UsageError(NO_WORKER)


def _why_not_opened(workplace: Future) -> str:
    error = workplace.exception()
    if isinstance(error, GraderError):
        return str(error).rstrip(".")
    if "deserialization of the task graph" in str(error):
        return NO_PACKAGE_AT_SCHEDULER
    return f"{type(error).__name__}: {error}"
