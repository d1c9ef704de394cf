"""The way to a Dask scheduler, without what Dask would write on the terminal."""

from __future__ import annotations

import asyncio
import logging
import warnings

import dask
from distributed import Client, rpc
from distributed.security import Security

from grader.errors import UsageError

CONNECT_SECONDS = 10
NOISY = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")


def connect(address: str) -> Client:
    """Raises UsageError when no scheduler answers at the address."""
    _be_quiet()
    try:
        # A Client that cannot connect waits again, and complains, when Python ends.
        asyncio.run(asyncio.wait_for(_ask(address), 2 * CONNECT_SECONDS))
        with warnings.catch_warnings():
            # Of other versions: what matters of them is asked of each worker.
            warnings.simplefilter("ignore")
            return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"No Dask scheduler can be reached at {address}: {_reason(error)}. "
            "Start one with dask scheduler; it prints its address."
        ) from error


async def _ask(address: str) -> None:
    security = Security().get_connection_args("client")
    async with rpc(address, timeout=CONNECT_SECONDS, connection_args=security) as scheduler:
        kind = (await scheduler.identity())["type"]
    if kind != "Scheduler":
        raise ValueError(f"a Dask {kind.lower()} answers there")


def _reason(error: BaseException) -> str:
    """The first of the errors that led to each other: refused, rather than timed out."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = getattr(error, "strerror", None) or str(error) or "nobody answers"
    return text.partition("(")[0].strip().rstrip(".")


def _be_quiet() -> None:
    """What happens to the cluster is told by those who use it, in the terms of this program."""
    for name in NOISY:
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"})
