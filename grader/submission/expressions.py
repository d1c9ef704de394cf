"""What evaluating an expression uses, binds and calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.submission.calls import Call

_PARTS = (ast.expr, ast.keyword)


@dataclass(slots=True)
class Expression:
    """The names of one expression."""

    uses: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    """Those in the body of a lambda, which may be called at once or much later."""
    binds: set[str] = field(default_factory=set)
    """The targets of ``:=``."""
    calls: list[Call] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)
    """``fit``, where ``model.fit(...)`` is called."""


def read_expression(root: ast.AST) -> Expression:
    """Analyse an expression. Names of its inner scopes are nobody else's."""
    found = Expression()
    waiting: list[tuple[ast.AST, frozenset[str], bool]] = [(root, frozenset(), False)]
    while waiting:
        node, hidden, later = waiting.pop()
        if isinstance(node, ast.Name):
            if node.id not in hidden and not isinstance(node.ctx, ast.Store):
                found.uses.add(node.id)
                if later:
                    found.deferred.add(node.id)
        elif isinstance(node, ast.Lambda):
            defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
            waiting += [(part, hidden, later) for part in defaults]
            names = {argument.arg for argument in arguments_of(node.args)}
            waiting.append((node.body, hidden | names, True))
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            waiting += [(part, scope, later) for part, scope in _comprehension(node, hidden)]
        else:
            if not later:
                _note(node, found)
            waiting += [(child, hidden, later) for child in _children(node)]
    return found


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """As ``ast.iter_child_nodes``, without operators and contexts, which name nothing."""
    for field_name in node._fields:
        value = getattr(node, field_name, None)
        if isinstance(value, list):
            yield from (part for part in value if isinstance(part, _PARTS))
        elif isinstance(value, _PARTS):
            yield value


def _note(node: ast.AST, found: Expression) -> None:
    if isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name):
        found.binds.add(node.target.id)
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            found.methods.add(node.func.attr)
        elif isinstance(node.func, ast.Name):
            arguments = tuple(root_name(part) for part in node.args)
            keywords = tuple((part.arg, root_name(part.value)) for part in node.keywords)
            found.calls.append(Call(node.func.id, arguments, keywords))


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, hidden: frozenset[str]
) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Its parts, each with the names hidden there: the first iterable is read outside."""
    first, *_ = node.generators
    yield first.iter, hidden
    targets = {name for loop in node.generators for name in stored_names(loop.target)}
    inside = hidden | targets
    for loop in node.generators:
        if loop is not first:
            yield loop.iter, inside
        yield loop.target, inside
        for condition in loop.ifs:
            yield condition, inside
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    for part in parts:
        yield part, inside


def stored_names(target: ast.AST) -> set[str]:
    """The plain names that assigning to ``target`` binds."""
    return {
        part.id
        for part in ast.walk(target)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def root_name(node: ast.AST) -> str | None:
    """``model`` for ``model.layers[-1].trainable``; None where no plain name is at the root."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters of a function, the positional ones first."""
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*named, *(extra for extra in (arguments.vararg, arguments.kwarg) if extra)]
