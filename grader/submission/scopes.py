"""Which names one statement binds, uses and changes: Python's scopes, read off the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from grader.submission.calls import NEVER_RUN, Function
from grader.submission.expressions import arguments_of, read_expression, root_name, stored_names
from grader.submission.names import Names


def names_of(statement: ast.stmt) -> Names:
    """Analyse one top-level statement."""
    return _statement(statement)


def _statement(node: ast.stmt) -> Names:
    return _READERS.get(type(node), _simple)(node)


def _block(statements: Iterable[ast.stmt]) -> Names:
    names = Names()
    for statement in statements:
        names.then(_statement(statement))
    return names


def _expressions(nodes: Iterable[ast.AST | None]) -> Names:
    names = Names()
    for node in nodes:
        if node is not None:
            found = read_expression(node)
            one = Names(may_bind=found.binds, deferred=found.deferred, methods=found.methods)
            one.uses, one.may_use = found.uses, found.uses & found.binds
            one.calls = found.calls
            names.then(one)
    return names


def _simple(node: ast.stmt) -> Names:
    """``return``, ``assert``, ``raise``, ``pass`` and the like."""
    return _expressions(ast.iter_child_nodes(node))


def _expression_statement(node: ast.Expr) -> Names:
    names = _expressions([node.value])
    call = node.value.value if isinstance(node.value, ast.Await) else node.value
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        root = root_name(call.func)
        if root and call.func.attr not in NEVER_RUN:
            names.changes.add(root)
    return names


def _target(node: ast.expr) -> Names:
    """A place to store to: a name is bound, an attribute or item changes its owner."""
    if isinstance(node, ast.Name):
        return Names(binds={node.id})
    if isinstance(node, ast.Starred):
        return _target(node.value)
    if isinstance(node, ast.Tuple | ast.List):
        names = Names()
        for part in node.elts:
            names.then(_target(part))
        return names
    names = _expressions([node])
    root = root_name(node)
    if root:
        names.changes.add(root)
    return names


def _assign(node: ast.Assign) -> Names:
    names = _expressions([node.value])
    for target in node.targets:
        names.then(_target(target))
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Name):
            names.aliases.append((target.id, node.value.id))
    return names


def _annotated(node: ast.AnnAssign) -> Names:
    names = _expressions([node.value, node.annotation])
    return names if node.value is None else names.then(_target(node.target))


def _augmented(node: ast.AugAssign) -> Names:
    """``x += 1`` reads what it binds, so that what bound it before is needed too."""
    names = _expressions([node.value])
    if not isinstance(node.target, ast.Name):
        return names.then(_target(node.target))
    names.uses.add(node.target.id)
    names.augments.add(node.target.id)
    return names


def _delete(node: ast.Delete) -> Names:
    names = Names()
    for target in node.targets:
        found = _target(target)
        found.deletes, found.binds = found.binds, set()
        names.then(found)
    return names


def _import(node: ast.Import | ast.ImportFrom) -> Names:
    bound = {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    names = Names(binds=bound - {"*"}, imports=bound - {"*"}, star_import="*" in bound)
    names.future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return names


def _global(node: ast.Global) -> Names:
    return Names(globals=set(node.names))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Names:
    """Decorators, defaults and annotations run now; the body when it is called."""
    arguments = arguments_of(node.args)
    now = [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, node.returns]
    names = _expressions([*now, *(argument.annotation for argument in arguments)])
    body = _block(node.body)
    body.changes |= {other for name, other in body.aliases if name in body.changes}
    parameters = {argument.arg for argument in arguments}
    assigned = body.binds | body.may_bind | body.deletes
    local = (parameters | assigned | body.augments) - body.globals
    names.deferred |= (body.uses | body.deferred) - local
    names.binds.add(node.name)
    function = Function(
        name=node.name,
        parameters=tuple(argument.arg for argument in arguments),
        kept=parameters - assigned,
        local=local,
        binds=(assigned | body.augments) & body.globals,
        changes=body.changes - local,
        changes_parameters=(body.changes | body.augments) & parameters - assigned,
        calls=[call for call in body.calls if call.function not in local],
        trains=body.trains,
    )
    names.functions.append(function)
    return names


def _class(node: ast.ClassDef) -> Names:
    """The body runs now, in a scope that its methods do not see."""
    names = _expressions([*node.decorator_list, *node.bases])
    names.then(_expressions(keyword.value for keyword in node.keywords))
    body = _block(node.body)
    names.then(Names(uses=body.uses, may_use=body.may_use, deferred=body.deferred))
    names.changes |= (body.changes | body.augments) - body.binds - body.may_bind
    names.calls += body.calls
    names.methods |= body.methods
    names.binds.add(node.name)
    return names


def _if(node: ast.If) -> Names:
    body, orelse = _block(node.body), _block(node.orelse)
    both = body.binds & orelse.binds
    names = _expressions([node.test]).then(body.unsure()).then(orelse.unsure())
    names.binds |= both
    return names


def _for(node: ast.For | ast.AsyncFor) -> Names:
    turn = _target(node.target).then(_block(node.body))
    if not stored_names(node.target).isdisjoint(turn.changes):
        # ``for layer in base.layers: layer.trainable = False`` changes ``base``.
        turn.changes |= read_expression(node.iter).uses
    names = _expressions([node.iter]).then(turn.unsure())
    return names.then(_block(node.orelse).unsure())


def _while(node: ast.While) -> Names:
    names = _expressions([node.test]).then(_block(node.body).unsure())
    return names.then(_block(node.orelse).unsure())


def _with(node: ast.With | ast.AsyncWith) -> Names:
    names = Names()
    for item in node.items:
        names.then(_expressions([item.context_expr]))
        if item.optional_vars:
            names.then(_target(item.optional_vars))
    return names.then(_block(node.body))


def _try(node: ast.Try) -> Names:
    tried = _block(node.body).then(_block(node.orelse))
    sure = set(tried.binds)
    names = tried.unsure()
    for handler in node.handlers:
        caught = _expressions([handler.type])
        name = {handler.name} if handler.name else set()
        caught.then(Names(binds=name)).then(_block(handler.body))
        # Python takes the exception's name away again.
        caught.binds -= name
        caught.may_bind -= name
        caught.deletes |= name
        sure &= caught.binds
        names.then(caught.unsure())
    names.binds |= sure
    return names.then(_block(node.finalbody))


def _match(node: ast.Match) -> Names:
    names = _expressions([node.subject])
    for case in node.cases:
        taken = _pattern(case.pattern).then(_expressions([case.guard])).then(_block(case.body))
        names.then(taken.unsure())
    return names


def _pattern(pattern: ast.pattern) -> Names:
    names = Names()
    for part in ast.walk(pattern):
        bound = part.rest if isinstance(part, ast.MatchMapping) else getattr(part, "name", None)
        if isinstance(bound, str):
            names.binds.add(bound)
        if isinstance(part, ast.pattern):
            children = ast.iter_child_nodes(part)
            names.uses |= _expressions(c for c in children if isinstance(c, ast.expr)).uses
    return names


_READERS: dict[type[ast.stmt], Callable[[Any], Names]] = {
    ast.Expr: _expression_statement,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Global: _global,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
}
