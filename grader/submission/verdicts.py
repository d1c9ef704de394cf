"""Why a name cannot be had from a submission: missing, unsolved, syntax."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence

from grader.records import BrokenStatement, Problem, Program, Statement, Submission
from grader.submission.placeholders import unfilled_text
from grader.words import did_you_mean, join_words

SHOWN_NAMES = 8
SHOWN_SOURCE = 300


def missing(
    names: Sequence[str], known: Collection[str], functions: Sequence[str], submission: Submission
) -> Problem:
    """None of the names is there.

    Args:
        names: the asked-for one, then the others that would have been taken.
        known: what the submission does define.
        functions: those of them that are functions, so that a slip of the name shows.
    """
    others = f" (nor {join_words(list(names[1:]), 'or')})" if len(names) > 1 else ""
    near = did_you_mean(names[0], known)
    if functions:
        rest = len(functions) - SHOWN_NAMES
        more = f" and {rest} more" if rest > 0 else ""
        there = f"Functions that are: {', '.join(functions[:SHOWN_NAMES])}{more}."
    else:
        there = f"The {submission.kind} defines no function."
    for file in submission.files:
        if re.search(rf"^(?:def|class) {re.escape(names[0])}\b", file.source, re.MULTILINE):
            there = (
                f"Cell {file.cell} writes it into a file: add "
                f"from {file.module} import {names[0]} in a cell below."
            )
    return Problem("missing", f"{names[0]} is not defined{others}.{near} {there}")


def unsolved(name: str, statement: Statement) -> Problem:
    return Problem(
        "unsolved",
        f"{name} is still the stub that was handed out. Fill it in, save, and check again.",
        statement.cell,
        statement.line,
    )


def syntax(name: str, broken: BrokenStatement, does: str = "defines") -> Problem:
    """Python cannot read the statement that defines, or changes, a name."""
    lines = broken.source.split("\n")
    at = broken.error_line - broken.line
    line = lines[at].strip()[:SHOWN_SOURCE] if 0 <= at < len(lines) else None
    return unfilled_text(name, broken, line) or Problem(
        "syntax",
        f"Python cannot read the statement that {does} {name}: {broken.message.rstrip('.?!')}.",
        broken.cell,
        broken.error_line,
        line,
    )


def held_elsewhere(asked: str, missing: Problem, program: Program) -> Problem:
    """The asked-for name is not there, but a model is, under another."""
    cell = f" in cell {program.cell}" if program.cell else f" in line {program.line}"
    message = missing.message.partition(". ")[0].rstrip(".")
    return Problem(
        "missing",
        f"{message}; {program.name}{cell} holds a model: name it {asked}, or ask for "
        f"{program.name} to be accepted.",
        program.cell,
        program.line,
    )


def is_stub(node: ast.stmt, root: str, name: str = "") -> bool:
    """Whether a definition is still the one that was handed out, with nothing filled in.

    Args:
        node: binds ``root``.
        name: as it was asked for, where it is a method of ``root``: ``LeNet.build``.
    """
    _, _, method = name.partition(".")
    if method and isinstance(node, ast.ClassDef):
        return any(is_stub(part, method) for part in node.body)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return node.value is not None and _is_nothing(node.value)
    if not isinstance(node, ast.FunctionDef) or node.name != root:
        return False
    emptied = {
        target.id
        for statement in node.body
        if isinstance(statement, ast.Assign) and _is_nothing(statement.value)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return all(
        _does_nothing(statement)
        or (
            isinstance(statement, ast.Return)
            and isinstance(statement.value, ast.Name)
            and statement.value.id in emptied
        )
        for statement in node.body
    )


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return):
        return node.value is None or _is_nothing(node.value)
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(node, ast.Pass | ast.Import | ast.ImportFrom)


def _is_nothing(value: ast.expr) -> bool:
    """``None``, ``...`` and ``NotImplemented``."""
    if isinstance(value, ast.Name):
        return value.id == "NotImplemented"
    return isinstance(value, ast.Constant) and value.value in (None, ...)
