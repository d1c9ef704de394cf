"""Statements that may change an object by another way than its name.

``model = Sequential([base, …])`` and then ``base.trainable = False``; ``model.layers[0]`` under a
name of its own; a list of layers that grows; a helper from a module that is not read. What may
change the asked-for object is run too, and where it cannot be run, the report says so: a model
must not become another one in silence.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from grader.submission.calls import NEVER_RUN, TRAINING, Functions, may_be_changed_by
from grader.submission.expressions import root_name, stored_names
from grader.submission.names import Names

MUTATORS = frozenset(
    "add pop append extend insert remove clear update setdefault reverse sort build "
    "set_weights set_config assign __setattr__ __setitem__".split()
)
"""Methods that change what they are called on, wherever in a statement they stand."""
VALUES = frozenset("shape ndim size dtype".split())
"""Attributes that hold numbers alone: whoever has them has no part of the object."""
COUNTS = frozenset("len range int float str max min sum abs round type isinstance print".split())
LOOKING = (
    NEVER_RUN
    | COUNTS
    | frozenset(
        "enumerate zip sorted list tuple dict set repr id hasattr getattr callable dir vars format "
        "count_params get_weights get_config get_layer to_json title xlabel ylabel legend subplot "
        "subplots figure imread collect".split()
    )
)
"""Calls that only look at what they are handed."""
ONLY_LOOK = frozenset(
    "matplotlib seaborn plotly numpy pandas sklearn scipy os time random warnings logging gc "
    "visualkeras pydot graphviz IPython psutil json pickle shutil".split()
)
"""Packages that change no model."""
_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def links(tree: ast.stmt) -> Iterator[set[str]]:
    """Sets of names that share parts of their objects once the statement has run."""
    for node in _now(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if not _is_training(node.value):
                yield _owners(targets) | _parts(node.value)
        elif isinstance(node, ast.For | ast.AsyncFor):
            yield stored_names(node.target) | _parts(node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield stored_names(node.optional_vars) | _parts(node.context_expr)
        elif isinstance(node, ast.Call) and _mutates(node.func):
            handed = [*node.args, *(keyword.value for keyword in node.keywords)]
            yield {root_name(node.func) or ""} | {name for part in handed for name in _parts(part)}


def may_change(
    tree: ast.stmt, names: Names, functions: Functions, looking: frozenset[str]
) -> set[str]:
    """Names whose object the statement may change in any way that can be seen.

    Args:
        looking: names of imported things that only look.
    """
    if isinstance(tree, _OWN_SCOPE):
        return set()
    changed = set(names.changes)
    for call in names.calls:
        changed |= may_be_changed_by(call, functions)
    for node in _now(tree):
        if isinstance(node, ast.Attribute) and node.attr in MUTATORS:
            changed.add(root_name(node) or "")
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setattr":
            changed |= {root_name(part) or "" for part in node.args[:1]}
        elif isinstance(node, ast.Expr):
            changed |= _handed(node.value, functions, looking)
    for node in _now(tree):
        loops = [node] if isinstance(node, ast.For | ast.AsyncFor) else []
        for loop in (*loops, *getattr(node, "generators", ())):
            if stored_names(loop.target) & changed:
                changed |= _parts(loop.iter)
    return changed - {""}


def changes_surely(tree: ast.stmt, names: Names) -> set[str]:
    """Names that a method which changes things is called on, or an attribute of which is set."""
    found = set(names.changes)
    for node in _now(tree):
        if isinstance(node, ast.Call) and _mutates(node.func):
            found.add(root_name(node.func) or "")
    return found


def looking_names(trees: Iterable[ast.stmt]) -> frozenset[str]:
    """What is imported from packages that change no model."""
    found: set[str] = set()
    for tree in trees:
        if isinstance(tree, ast.Import | ast.ImportFrom):
            module = getattr(tree, "module", None)
            for alias in tree.names:
                top = (module or alias.name).partition(".")[0]
                if top in ONLY_LOOK:
                    found.add(alias.asname or alias.name.partition(".")[0])
    return frozenset(found)


def _handed(value: ast.expr, functions: Functions, looking: frozenset[str]) -> set[str]:
    """What a statement hands to functions that nobody has read, and the functions themselves."""
    changed: set[str] = set()
    for node in ast.walk(value):
        if not isinstance(node, ast.Call):
            continue
        root = root_name(node.func)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else root
        if name in LOOKING or root in looking or (root == name and root in functions):
            continue
        if root == name and root is not None:
            changed.add(root)  # ``add = model.add`` and then ``add(layer)``
        handed = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            handed.append(node.func.value)  # ``Adder(model).conv(8)``
        changed |= {name for part in handed for name in _parts(part)}
    return changed


def _mutates(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in MUTATORS


def _is_training(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in TRAINING


def _owners(targets: Iterable[ast.expr]) -> set[str]:
    """The names stored to, and those whose attribute or item is."""
    found: set[str] = set()
    for target in targets:
        found |= stored_names(target)
        found.add(root_name(target) or "")
    return found - {""}


def _parts(value: ast.expr) -> set[str]:
    """Names in an expression whose objects, and not only numbers of theirs, come into its value."""
    found: set[str] = set()
    waiting: list[Any] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in VALUES:
            continue
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", None)
            if name in COUNTS:
                continue
            waiting += [*node.args, *(keyword.value for keyword in node.keywords)]
            if name is None:
                waiting.append(node.func)
        else:
            waiting += ast.iter_child_nodes(node)
    return found


def _now(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that run with it, not those of functions defined in it."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if node is tree or not isinstance(node, _OWN_SCOPE):
            waiting += ast.iter_child_nodes(node)
