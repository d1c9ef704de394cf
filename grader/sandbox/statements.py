"""Executes a program statement by statement, the way Jupyter executes its cells."""

from __future__ import annotations
import __future__

import ast
import asyncio
import contextlib
import inspect
import signal
from collections.abc import Iterator, Sequence
from typing import Any

from grader.sandbox.raised import file_name
from grader.sandbox.standins.forgiving import forgive
from grader.sandbox.standins.rescue import Rescue

FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
"""What a statement's ``from __future__ import`` asks of those that follow."""

OPTIONAL_SECONDS = 1.0
"""For a statement that only may change the model: a training loop by hand, for example."""


class TooLong(Exception):
    """A statement that may be left out took too long."""


@contextlib.contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Raise TooLong in this block after so many seconds."""

    def ring(*_: Any) -> None:
        raise TooLong(f"it took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run_statements(
    statements: Sequence[dict[str, Any]],
    namespace: dict[str, Any],
    rescue: Rescue,
    forgiving: bool = False,
) -> None:
    """Run each statement where it stood: tracebacks name the student's own cells and lines.

    ``await`` is allowed at the top level, and a ``__future__`` import holds for what follows.
    A statement that is ``optional`` is left out where it fails, or takes long, and that is noted.
    With ``forgiving`` the statements of functions too are rescued when something is missing.
    """
    flags = 0
    for statement in statements:
        tree = ast.parse(statement["source"])
        ast.increment_lineno(tree, statement["line"] - 1)
        top, *_ = tree.body
        code = compile(
            forgive(tree, rescue) if forgiving else tree,
            file_name(statement["cell"]),
            "exec",
            flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
            dont_inherit=True,
        )
        flags |= code.co_flags & FUTURES
        optional = statement.get("optional") is True
        used = rescue.used()
        try:
            with _bounded(OPTIONAL_SECONDS) if optional else contextlib.nullcontext():
                result = eval(code, namespace)
                if code.co_flags & inspect.CO_COROUTINE:
                    asyncio.run(result)
        except (Exception, SystemExit) as error:
            if isinstance(error, SystemExit) or not rescue.failed(top, error, namespace):
                if not optional:
                    raise
                rescue.leave_out(statement["cell"], statement["line"], error)
        else:
            rescue.after(top, namespace)
        if optional:
            rescue.forget(used)
