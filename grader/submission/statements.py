"""A cell's source as top-level statements, each readable by itself.

A cell that Python reads is split where Python splits it. Else parso, which recovers from errors,
finds the statements, and each is tried alone: a broken line costs only its own statement.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator

from grader.records import BrokenStatement, Statement
from grader.submission.broken import seems_to_define
from grader.submission.magics import replace_magics

MAX_MESSAGE = 300

_REST = re.compile(r"[ \t]*;?[ \t]*(?:#.*)?")
"""What may stand behind the last statement of a line."""
_CLOSERS = frozenset(["else", "elif", "except", "finally", ")", "]", "}"])
"""What continues a statement although it stands in the first column."""


def split_cell(
    source: str, cell: int | None
) -> tuple[tuple[Statement, ...], tuple[BrokenStatement, ...]]:
    """The statements of one cell (or script), and the stretches that Python cannot read."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    statements: list[Statement] = []
    broken: list[BrokenStatement] = []
    with warnings.catch_warnings():
        # What Python warns of (an invalid escape, say) is the student's affair.
        warnings.simplefilter("ignore")
        for tree, text, line in _stretches(source):
            if isinstance(tree, SyntaxError):
                broken.append(_broken(text, cell, line, tree.lineno, tree))
                continue
            for node, part, start in _without_guards(_parts(tree, text)):
                first = line + start - 1
                error = _compile(node)
                if error is None:
                    statements.append(Statement(part, cell, first))
                else:
                    at = error.lineno and error.lineno - start + 1
                    broken.append(_broken(part, cell, first, at, error))
    return tuple(statements), tuple(broken)


def _stretches(source: str) -> Iterator[tuple[ast.Module | SyntaxError, str, int]]:
    """The source as it is, or without magics, or in pieces; each with its first line."""
    tree = _parse(source)
    if isinstance(tree, SyntaxError):
        source = replace_magics(source)
        tree = _parse(source)
    if isinstance(tree, ast.Module):
        yield tree, source, 1
        return
    for text, line in _chunks(source):
        yield _parse(text), text, line


def _parse(source: str) -> ast.Module | SyntaxError:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return _as_syntax_error(error)


def _compile(node: ast.stmt) -> SyntaxError | None:
    """Try what only compiling finds, such as a ``return`` outside a function.

    Each statement by itself, as Jupyter does it, and with its ``await`` outside functions.
    """
    module = ast.Module([node], [])
    try:
        compile(module, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return _as_syntax_error(error)
    return None


def _as_syntax_error(error: BaseException) -> SyntaxError:
    """Null bytes, and source nested so deeply that the parser gives up."""
    said = str(error) if isinstance(error, ValueError) else "the source is nested too deeply"
    return SyntaxError(said, ("", 1, 1, ""))


def _parts(tree: ast.Module, source: str) -> Iterator[tuple[ast.stmt, str, int]]:
    """Each statement with its text and first line.

    The text is whole lines, unless two statements share one (``a = 1; b = 2``).
    """
    lines = source.split("\n")
    encoded = [line.encode() for line in lines]
    shared = Counter(line for node in tree.body for line in {node.lineno, _last_line(node)})
    above = 0
    for node in tree.body:
        start, end = _first_line(node, lines, above), _last_line(node)
        above = end
        before = encoded[node.lineno - 1][: node.col_offset]
        rest = encoded[end - 1][node.end_col_offset :].decode()
        # Below ``a = 1; \`` a statement has a line to itself and yet does not begin it.
        first = before[-1:] in (b"", b"\f")
        if first and shared[node.lineno] == 1 == shared[end] and _REST.fullmatch(rest):
            yield node, "\n".join(lines[start - 1 : end]), start
        else:
            # Python counts columns in bytes.
            part = encoded[start - 1 : end]
            part[-1] = part[-1][: node.end_col_offset]
            part[0] = part[0][node.col_offset if start == node.lineno else 0 :]
            yield node, b"\n".join(part).decode(), start


def _without_guards(
    parts: Iterator[tuple[ast.stmt, str, int]],
) -> Iterator[tuple[ast.stmt, str, int]]:
    """What stands behind ``if __name__ == "__main__":`` is at the top level of a notebook."""
    for node, text, start in parts:
        if not _is_main_guard(node):
            yield node, text, start
            continue
        assert isinstance(node, ast.If)
        (guard,) = ast.parse(text).body
        assert isinstance(guard, ast.If)
        for inner, part, line in [*_parts(ast.Module(guard.body, []), text)]:
            dedented = _dedented(inner, part, line)
            if isinstance(_parse(dedented), ast.Module):
                yield ast.increment_lineno(inner, start - 1), dedented, start + line - 1


def _dedented(node: ast.stmt, text: str, first: int) -> str:
    """A statement's text without its indentation; strings keep what they hold."""
    margin = re.compile(rf"[ \t]{{0,{node.col_offset}}}")
    in_strings = {
        line
        for part in ast.walk(node)
        if isinstance(part, ast.Constant | ast.JoinedStr)
        for line in range(part.lineno + 1, (part.end_lineno or part.lineno) + 1)
    }
    return "\n".join(
        line if number in in_strings else margin.sub("", line, count=1)
        for number, line in enumerate(text.split("\n"), first)
    )


def _is_main_guard(node: ast.stmt) -> bool:
    """``if __name__ == "__main__":``"""
    test = node.test if isinstance(node, ast.If) else None
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = (test.left, *test.comparators)
    named = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return named and any(isinstance(s, ast.Constant) and s.value == "__main__" for s in sides)


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _first_line(node: ast.stmt, lines: list[str], above: int) -> int:
    """That of the first decorator, where there is one, below the statement above."""
    if getattr(node, "decorator_list", []):
        for line in range(above + 1, node.lineno):
            if lines[line - 1].lstrip().startswith("@"):
                return line
    return node.lineno


def _chunks(source: str) -> list[tuple[str, int]]:
    """Stretches of whole lines that begin where a top-level statement begins, with their line.

    Any line that starts in the first column, outside strings and brackets, may begin a
    statement. parso says where strings and brackets really end in a text with errors.
    """
    try:
        found = _statement_lines(source)
    except (RecursionError, ValueError):
        found = set()
    starts = sorted({1, *found})
    lines = source.split("\n")
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    stretches = zip(starts, ends, strict=True)
    chunks = [("\n".join(lines[start - 1 : end]), start) for start, end in stretches]
    return [(text, line) for text, line in chunks if text.strip()]


def _statement_lines(source: str) -> set[int]:
    import parso

    starts: set[int] = set()
    decorated = complete = False
    lines = source.split("\n")
    *nodes, _end = parso.load_grammar().parse(source, error_recovery=True).children
    for node in nodes:
        leaf = node.get_first_leaf()
        line, column = leaf.start_pos
        first_column = not lines[line - 1][:column].strip("\f")
        # Below a whole statement whatever comes is on its own, indented though it be.
        if complete or (first_column and leaf.value not in _CLOSERS and not decorated):
            starts.add(line)
        decorated = leaf.value == "@" and node.type != "decorated"
        complete = first_column and node.type == "simple_stmt"
    return starts


def _broken(
    text: str, cell: int | None, line: int, at: int | None, error: SyntaxError
) -> BrokenStatement:
    """``text`` begins at ``line``; Python points to its line ``at``, counted from 1."""
    at = max(1, min(at or 1, text.count("\n") + 1))
    message = re.sub(r"\s*\(<unknown>, line \d+\)", "", error.msg or str(error))
    return BrokenStatement(
        text, cell, line, message[:MAX_MESSAGE], line + at - 1, seems_to_define(text)
    )
