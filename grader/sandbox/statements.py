"""Executes a program statement by statement, the way Jupyter executes its cells."""

from __future__ import annotations
import __future__

import ast
import asyncio
import inspect
from collections.abc import Sequence
from typing import Any

from grader.sandbox.raised import file_name
from grader.sandbox.standins.forgiving import forgive
from grader.sandbox.standins.rescue import Rescue

FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
"""What a statement's ``from __future__ import`` asks of those that follow."""


def run_statements(
    statements: Sequence[dict[str, Any]],
    namespace: dict[str, Any],
    rescue: Rescue,
    forgiving: bool = False,
) -> None:
    """Run each statement where it stood: tracebacks name the student's own cells and lines.

    ``await`` is allowed at the top level, and a ``__future__`` import holds for what follows.
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
        try:
            result = eval(code, namespace)
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(result)
        except Exception as error:
            if not rescue.failed(top, error, namespace):
                raise
        else:
            rescue.after(top, namespace)
