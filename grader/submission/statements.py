"""A cell's source as top-level statements, each readable by itself.

A cell that Python reads is split where Python splits it. Else parso, which recovers from errors,
finds the statements, and each is tried alone: a broken line costs only its own statement.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter

from grader.records import BrokenStatement, Statement
from grader.submission.magics import replace_magics

MAX_SOURCE = 2 * 2**20
"""Characters in one cell; more is no program that a person wrote."""

_DEFINES = re.compile(
    r"^[ \t]*(?:async\s+)?(?:def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.M
)
_IMPORTS = re.compile(r"^\s*(?:from\s+\S+\s+)?import\s+(.+)$", re.M)


def split_cell(
    source: str, cell: int | None
) -> tuple[tuple[Statement, ...], tuple[BrokenStatement, ...]]:
    """The statements of one cell (or script), and the stretches that Python cannot read."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    if not source.strip():
        return (), ()
    if len(source) > MAX_SOURCE:
        return (), (BrokenStatement("", cell, 1, "the cell is too long to be read", 1, ()),)
    tree = _parse(source)
    if isinstance(tree, SyntaxError):
        source = replace_magics(source)
        tree = _parse(source)
    if isinstance(tree, ast.Module):
        return tuple(_statements(tree, source, cell, 0)), ()
    return _recover(source, cell)


def _parse(source: str) -> ast.Module | SyntaxError:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        # Null bytes, and source nested so deeply that the parser gives up.
        return SyntaxError(str(error) or "the source is nested too deeply", ("", 1, 1, ""))


def _statements(tree: ast.Module, source: str, cell: int | None, above: int) -> list[Statement]:
    """One ``Statement`` for each node, its text cut from ``source`` by whole lines."""
    lines = source.split("\n")
    spans = [_span(node) for node in tree.body]
    owners = Counter(line for span in spans for line in set(span))
    found: list[Statement] = []
    for node, (start, end) in zip(tree.body, spans, strict=True):
        text = "\n".join(lines[start - 1 : end])
        if owners[start] > 1 or owners[end] > 1:
            # Two statements on one line (``a = 1; b = 2``): take exactly this one's characters.
            text = ast.get_source_segment(source, node) or text
        found.append(Statement(text, cell, above + start))
    return found


def _span(node: ast.stmt) -> tuple[int, int]:
    """First and last line, decorators included."""
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return start, node.end_lineno or node.lineno


def _recover(
    source: str, cell: int | None
) -> tuple[tuple[Statement, ...], tuple[BrokenStatement, ...]]:
    statements: list[Statement] = []
    broken: list[BrokenStatement] = []
    for text, line in _chunks(source):
        if not text.strip():
            continue
        tree = _parse(text)
        if isinstance(tree, ast.Module):
            statements += _statements(tree, text, cell, line - 1)
        else:
            broken.append(_broken(text, cell, line, tree))
    return tuple(statements), tuple(broken)


def _chunks(source: str) -> list[tuple[str, int]]:
    """Stretches of whole lines that begin where a top-level statement begins, with their line.

    Any line that starts in the first column, outside strings and brackets, may begin a
    statement. parso says where strings and brackets really end in a text with errors.
    """
    try:
        starts = _statement_lines(source)
    except (RecursionError, ValueError):
        starts = [1]
    lines = source.split("\n")
    starts = sorted({1, *starts})
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    return [
        ("\n".join(lines[start - 1 : end]), start) for start, end in zip(starts, ends, strict=True)
    ]


def _statement_lines(source: str) -> list[int]:
    import parso

    grammar = parso.load_grammar()
    starts: list[int] = []
    follows = ("else", "elif", "except", "finally", ")", "]", "}")
    above_decorates = False
    for node in grammar.parse(source, error_recovery=True, cache=False).children:
        leaf = node.get_first_leaf()
        line, column = leaf.start_pos
        if column == 0 and leaf.type != "endmarker" and not leaf.value.startswith(follows):
            if not above_decorates:
                starts.append(line)
            above_decorates = leaf.value == "@" and "def" not in node.get_code().split()
    return starts


def _broken(text: str, cell: int | None, line: int, error: SyntaxError) -> BrokenStatement:
    names = [match[1] or match[2] for match in _DEFINES.finditer(text)]
    for match in _IMPORTS.finditer(text):
        names += [_imported(part.split()) for part in match[1].split(",")]
    at = max(1, min(error.lineno or 1, text.count("\n") + 1))
    message = re.sub(r"\s*\(<unknown>, line \d+\)", "", error.msg or str(error))
    unique = tuple(dict.fromkeys(name for name in names if name.isidentifier()))
    return BrokenStatement(text, cell, line, message[:300], line + at - 1, unique[:50])


def _imported(words: list[str]) -> str:
    """The name that ``x`` or ``x as y`` binds."""
    return "" if not words else words[2] if words[1:2] == ["as"] and len(words) > 2 else words[0]
