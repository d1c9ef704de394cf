"""The executed cells of a session as a submission. Runs in the helper, not in the kernel."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.errors import SubmissionError
from grader.records import Statement, Submission
from grader.submission.read import read_cells

Cells = Sequence[tuple[int, str]]
OWN = "grader"
"""Whose ``check`` it is."""


def read_history(path: str, cells: Cells, assignment_id: str | None = None) -> Submission:
    """The session's statements, those left out that import the grader or call ``check``.

    Of a history too long to be read, only the last run of each cell is taken, and if that is not
    short enough, the last half of them, and so on. Raises SubmissionError where the last cell
    alone is too long.
    """
    cells = [(number, _printable(source)) for number, source in cells if source.strip()]
    notes: tuple[str, ...] = ()
    while True:
        try:
            sources = [(source, number) for number, source in cells]
            read = read_cells(path, "history", sources, assignment_id, notes)
            return replace(read, statements=_without_checks(read.statements))
        except SubmissionError:
            if len(cells) < 2:
                raise
        last = {source: number for number, source in cells}
        shorter = sorted((number, source) for source, number in last.items())
        cells = shorter if len(shorter) < len(cells) else shorter[len(shorter) // 2 :]
        notes = (
            f"This session is very long; of its cells the last {len(cells)} were read. Restart "
            "the kernel and run all cells, and all of it is read.",
        )


def _printable(source: str) -> str:
    """Half a character, which Python can hold, cannot be sent anywhere."""
    return source.encode("utf-8", "replace").decode()


def _without_checks(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """All but those that import the grader or call its ``check``, by whatever name."""
    statements = tuple(statements)
    trees = [_parse(statement.source) for statement in statements]
    imports = [tree for tree in trees if _imports_us(tree)]
    names = {
        alias.asname or alias.name
        for tree in imports
        if isinstance(tree, ast.Import | ast.ImportFrom)
        for alias in tree.names
    }
    return tuple(
        statement
        for statement, tree in zip(statements, trees, strict=True)
        if not (_imports_us(tree) or _calls(tree, names))
    )


def _parse(source: str) -> ast.stmt | None:
    """None for what is surely neither: it is not looked into, or nested beyond reading."""
    if OWN not in source and "(" not in source:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source).body[0]
    except (RecursionError, MemoryError):
        return None


def _imports_us(tree: ast.stmt | None) -> bool:
    if isinstance(tree, ast.ImportFrom):
        return tree.module == OWN and not tree.level
    return isinstance(tree, ast.Import) and all(alias.name == OWN for alias in tree.names)


def _calls(tree: ast.stmt | None, names: set[str]) -> bool:
    """``check(…)``, ``grader.check(…)``, ``print(check(…))`` or ``shown = check(…)``."""
    value = tree.value if isinstance(tree, ast.Expr | ast.Assign) else None
    while isinstance(value, ast.Call):
        function = value.func
        owner = function.value if isinstance(function, ast.Attribute) else function
        if isinstance(owner, ast.Name) and owner.id in names:
            return True
        printed = isinstance(function, ast.Name) and function.id in ("print", "display")
        value = value.args[0] if printed and value.args else None
    return False
