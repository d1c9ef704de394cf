"""A program whose functions go on where a file, a download or a module is missing.

At the top level a failed statement is seen from outside. Inside a function it ends the call, so
each of the function's statements is put into a ``try`` of its own.
"""

from __future__ import annotations

import ast
import builtins
from typing import Any

from grader.sandbox.standins.data import kind_of
from grader.sandbox.standins.rescue import BUILDING, Rescue, targets

ASK = "__left_out__"
"""Under this name the rewritten statements find the rescue."""


def forgive(tree: ast.Module, rescue: Rescue) -> ast.Module:
    """The same statements, with those of functions each forgiven what is missing."""
    asked: Any = builtins
    setattr(asked, ASK, rescue.inside)
    _Forgiving(rescue).visit(tree)
    return ast.fix_missing_locations(tree)


class _Forgiving(ast.NodeTransformer):
    def __init__(self, rescue: Rescue) -> None:
        self.rescue = rescue

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self._forgiven(part) for part in node.body]
        return node

    def _forgiven(self, node: ast.stmt) -> ast.stmt:
        inner: Any = node
        for field in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, field, None), list):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    self.visit(node)
                else:
                    setattr(inner, field, [self._forgiven(part) for part in getattr(node, field)])
        if not isinstance(node, ast.Assign | ast.Expr | ast.With | ast.For):
            return node
        if any(map(_builds, ast.walk(node))):
            return node
        self.rescue.forgiven.append(node)
        return _tried(node, len(self.rescue.forgiven) - 1)


def _builds(node: ast.AST) -> bool:
    """``model.add(…)`` and ``parts.append(…)``; not ``images.append(…)``."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = node.func.value
    holds_data = isinstance(owner, ast.Name) and kind_of(owner.id) is not None
    return node.func.attr in BUILDING and not holds_data


def _tried(node: ast.stmt, number: int) -> ast.stmt:
    """``try: NODE`` and, should it fail, its names from the rescue, which may raise again."""
    names = targets(node)
    source = f"try: pass\nexcept Exception as {ASK}error:\n"
    source += f"    {ASK}values = {ASK}({names!r}, {number}, {ASK}error)\n"
    source += "".join(f"    {name} = {ASK}values[{name!r}]\n" for name in names)
    (tried,) = ast.parse(source).body
    assert isinstance(tried, ast.Try)
    for part in ast.walk(tried):
        if hasattr(part, "lineno"):
            ast.copy_location(part, node)
    tried.body = [node]
    return tried
