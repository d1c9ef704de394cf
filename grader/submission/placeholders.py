"""What a handed-out notebook leaves to be filled in, where it still stands in the student's."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter, deque
from collections.abc import Iterator

from grader.records import BrokenStatement, Problem, Program, Statement

MAX_SOURCE = 300
_TASK = r"TODO|FIXME|YOUR[ _]CODE|START CODE HERE|CODE HERE|FILL[ _](?:ME|IN)|INSERT CODE"
_IN_TEXT = re.compile(rf"^\W*(?:{_TASK}|여기에|코드를? ?작성)", re.IGNORECASE)
_COMMENT = re.compile(rf"\b(?:{_TASK})|여기에|코드를? ?작성|채우", re.IGNORECASE)
_COMMENT_ENDS = re.compile(r"\bENDS?\b", re.IGNORECASE)
_BLANK = re.compile(r"^_{2,}\d*_*$")
_EMPTY = re.compile(
    r"(?<![=!<>])=\s*(?:#.*)?$|\?\?\?|_{3,}|<[^<>=]*(?:fill|code|todo)[^<>=]*>", re.I
)
"""Nothing behind an equals sign, ``???``, ``____``: what no Python can read."""
_QUOTED = re.compile(rf"[\"']\s*(?:{_TASK})|\[TODO\b")
_LEAVES = re.compile(r"\s*(?:return\b[ \t]*\w*[ \t]*$|pass\b|\.\.\.|[)\]}])")
_FILLED_BY_LAYERS = re.compile(r"^(?:[A-Z]\w*[a-z]\w*|GRU|LSTM|RNN|add)$")
"""Classes by their names; ``CDLL(None)`` is no layer that waits for its filters."""
_NO_WORK = ("missing", "raised", "not_a_model", "unsolved", "syntax")
"""Verdicts that a placeholder explains; a program that ran too long had something to run."""


def unfilled(program: Program, problem: Problem) -> Problem | None:
    """The verdict ``unsolved``, where a program that failed still holds a placeholder.

    Only a program that failed is asked: ``None`` has its uses in one that works.
    """
    if problem.kind not in _NO_WORK:
        return None
    for statement in program.statements:
        found = next(_placeholders(statement), None)
        if found is not None:
            line, what = found
            return _unsolved(program.name, what, statement.cell, line, _line(statement, line))
    for statement in program.statements if problem.kind in ("not_a_model", "raised") else ():
        task = _empty_task(statement.source)
        if task is not None:
            line = statement.line + task
            text = _line(statement, line)
            return _unsolved(program.name, "the task without an answer", statement.cell, line, text)
    return None


def unfilled_text(name: str, broken: BrokenStatement, line: str | None) -> Problem | None:
    """The same for a statement that Python cannot read because of its placeholder."""
    at = _empty_task(broken.source)
    if at is not None or _QUOTED.search(broken.source):
        line = line if at is None else broken.source.split("\n")[at].strip()[:MAX_SOURCE]
        number = broken.error_line if at is None else broken.line + at
        return _unsolved(name, "the task without an answer", broken.cell, number, line)
    if line is not None and (_sets_a_task(line) or _EMPTY.search(line)):
        return _unsolved(name, "a gap", broken.cell, broken.error_line, line)
    return None


def _empty_task(source: str) -> int | None:
    """The place of a comment that sets a task, with nothing done below it; None if there is none.

    Nothing done: only comments follow, and then the end, a line further out, or a bare return.
    """
    found, done = None, ""
    lines = source.split("\n")
    # From below: what is done comes first, and each line is looked at once.
    for number in range(len(lines) - 1, -1, -1):
        text = lines[number].lstrip()
        if text[:1] != "#":
            done = lines[number] if text else done
        elif _sets_a_task(text):
            outward = len(done) - len(done.lstrip()) < len(lines[number]) - len(text)
            if not done or outward or _LEAVES.match(done):
                found = number
    return found


def _sets_a_task(line: str) -> bool:
    comment = line[line.find("#") :] if "#" in line else ""
    return bool(_COMMENT.search(comment)) and not _COMMENT_ENDS.search(comment)


def _unsolved(
    name: str, what: str, cell: int | None, line: int | None, source: str | None
) -> Problem:
    message = f"{name} is not filled in yet: {what} still stands here. Fill it in and check again."
    return Problem("unsolved", message, cell, line, source)


def _placeholders(statement: Statement) -> Iterator[tuple[int, str]]:
    """Each placeholder's line and how it reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(statement.source)
    stored = Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    for node in _nodes(tree):
        if isinstance(node, ast.Assign) and not _only_here(node, stored):
            continue
        for value in _places(node):
            what = _reads(value, node)
            if what:
                yield statement.line + value.lineno - 1, what


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All but what stands in square brackets behind a name: ``x[..., None]`` adds an axis."""
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        yield node
        if isinstance(node, ast.Subscript):
            waiting.append(node.value)
        else:
            waiting += ast.iter_child_nodes(node)


def _only_here(node: ast.Assign, stored: Counter[str]) -> bool:
    """``x = None`` with no other value for ``x`` anywhere."""
    return all(isinstance(one, ast.Name) and stored[one.id] == 1 for one in node.targets)


def _places(node: ast.AST) -> list[ast.expr]:
    """Expressions of a node that a template may leave open."""
    if isinstance(node, ast.Call):
        return [*node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node, ast.List | ast.Tuple):
        # What holds for one None of a list holds for all of them.
        nones = [item for item in node.elts if _is_none(item)]
        return [item for item in node.elts if item in nones[:1] or not _is_none(item)]
    if isinstance(node, ast.Assign | ast.Expr | ast.Return) and node.value is not None:
        return [node.value]
    return []


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _reads(value: ast.expr, around: ast.AST) -> str | None:
    if isinstance(value, ast.Name):
        return f"the blank {value.id}" if _BLANK.match(value.id) else None
    if not isinstance(value, ast.Constant):
        return None
    if value.value is ...:
        return "…"
    if isinstance(value.value, str):
        return "a note of what to do" if _IN_TEXT.match(value.value) else None
    if value.value is None and _none_is_a_gap(value, around):
        return "None"
    return None


def _none_is_a_gap(value: ast.expr, around: ast.AST) -> bool:
    """``Conv2D(None, …)``, ``[None, Dense(10)]`` and ``x = None``; no settings by keyword."""
    if isinstance(around, ast.Call):
        called = around.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        return _FILLED_BY_LAYERS.match(name) is not None and value in around.args
    if isinstance(around, ast.List):
        # Beside layers; ``[None, 28, 28]`` is a shape.
        alone = all(isinstance(item, ast.Constant) and item.value is None for item in around.elts)
        return alone or any(isinstance(item, ast.Call) for item in around.elts)
    return isinstance(around, ast.Assign | ast.Expr)


def _line(statement: Statement, line: int) -> str | None:
    lines = statement.source.split("\n")
    at = line - statement.line
    return lines[at].strip()[:MAX_SOURCE] if 0 <= at < len(lines) else None
