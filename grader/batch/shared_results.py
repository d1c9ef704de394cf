"""Training results that all workers of a Dask cluster share, by way of its scheduler."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from distributed import Semaphore, get_client

from grader.training.cache import ResultCache, digest_of

PLACE = "cnn-grader"
"""Under which the scheduler keeps them, as long as it runs."""


class SharedResults(ResultCache):
    """The results of one worker; used in tasks of Dask's only.

    Args:
        folder: of this worker alone.
        space: results are shared with whoever names the same.
    """

    def __init__(self, folder: Path, space: str) -> None:
        super().__init__(folder)
        self._space = space

    @contextlib.contextmanager
    def alone(self, key: dict[str, Any]) -> Iterator[None]:
        """No other worker trains the same meanwhile; what one of them made before is here then.

        A worker that dies keeps its turn for the scheduler's ``lease-timeout``, 30 s by default.
        Where the scheduler does not answer, nobody waits: the same is made twice, and is the same.
        """
        place = [PLACE, self._space, digest_of(key)]
        with contextlib.ExitStack() as stack:
            shared = None
            with contextlib.suppress(OSError):
                shared = _read(place) or _read_in_turn(place, stack)
            if shared is not None:
                self.put(key, shared)
            yield
            made = self.get(key) if shared is None else None
            if made is not None:
                with contextlib.suppress(OSError):
                    get_client().set_metadata(place, made)


def _read(place: list[str]) -> Any | None:
    return get_client().get_metadata(place, default=None)


def _read_in_turn(place: list[str], stack: contextlib.ExitStack) -> Any | None:
    turn = Semaphore(max_leases=1, name="/".join(place))
    # Dask would go on refreshing its leases for ever.
    stack.callback(turn.loop.add_callback, turn.refresh_callback.stop)
    stack.enter_context(turn)
    return _read(place)
