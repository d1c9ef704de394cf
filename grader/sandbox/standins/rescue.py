"""A statement that fails for want of data, files or modules, and how the program goes on."""

from __future__ import annotations

import ast
import importlib
import sys
import types
from collections.abc import Iterable
from typing import Any

from grader.sandbox.standins.absent import Absent, AbsentName, AbsentValue, Lines
from grader.sandbox.standins.data import Declared, kind_of
from grader.sandbox.standins.given import given_outright
from grader.sandbox.standins.notes import Notes
from grader.sandbox.stop import type_name

MAX_SAID = 200
BUILDING = ("add", "append", "extend", "insert", "build")
"""Calls that make the model: one of them left out would make another."""
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BINDING = (ast.Assign, ast.AnnAssign, ast.With, ast.For, ast.If, ast.Try)


class Rescue:
    """Gives names a value where the statement that should have done so could not.

    Only names of data, by their words, and whatever a missing file or module would have held;
    a mistake in a statement that makes layers stays one.
    """

    def __init__(self, declared: Declared | None, notes: Notes) -> None:
        self.declared = declared
        self.notes = notes
        self.forgiven: list[ast.stmt] = []
        """Statements of functions that may be left out."""

    def begin(self, unbound: Iterable[str], namespace: dict[str, Any]) -> None:
        """Names that are used and nowhere bound: arrays, where they are data by their names."""
        for name in unbound:
            if self.declared and kind_of(name) in ("images", "labels", "dataset"):
                namespace[name] = self._data(name)

    def after(self, tree: ast.stmt, namespace: dict[str, Any]) -> None:
        """What a missing module gave for data, such as ``cv2.imread``, becomes an array."""
        if self.declared and isinstance(tree, ast.Assign):
            for name in targets(tree):
                if isinstance(namespace.get(name), Absent | Lines) and kind_of(name):
                    namespace[name] = self._data(name)

    def failed(self, tree: ast.stmt, error: Exception, namespace: dict[str, Any]) -> bool:
        """Whether the program can go on without this statement."""
        if isinstance(tree, ast.ImportFrom) and isinstance(error, ImportError):
            return _import_one_by_one(tree, namespace)
        if self.declared and isinstance(tree, ast.Expr):
            return _looks_at_data(tree.value) and not makes_layers(tree, namespace)
        names = targets(tree) if isinstance(tree, _BINDING) else []
        if not self.declared or not names or makes_layers(tree, namespace):
            return False
        if not is_missing(error) and not all(map(kind_of, names)):
            return False
        if handles_layers(tree, namespace):
            self._left_out(tree.lineno, error)
        namespace.update(self._values(names, error))
        return True

    def used(self) -> set[str]:
        """Names that have been given made-up data so far."""
        return set(self.declared.used) if self.declared else set()

    def forget(self, used: set[str]) -> None:
        """Made-up data for what only may change the model says nothing of its input."""
        if self.declared:
            self.declared.used = used

    def leave_out(self, cell: int | None, line: int, error: BaseException) -> None:
        """Note a statement that might have changed the model, and could not be run."""
        where = f"cell {cell}, line {line}" if cell else f"line {line}"
        self.notes.add(f"What {where} may change was left out: {_said(error)}.")

    def inside(self, names: list[str], number: int, error: Exception) -> dict[str, Any]:
        """The same for a statement of a function that binds ``names``. Raises ``error`` if not.

        ``number`` is its place among ``self.forgiven``; the caller is the function itself.
        """
        if not self.declared or not is_missing(error):
            raise error
        tree, frame = self.forgiven[number], sys._getframe(1)
        if not names or handles_layers(tree, {**frame.f_globals, **frame.f_locals}):
            self._left_out(tree.lineno, error)
        return self._values(names, error)

    def _left_out(self, line: int, error: Exception) -> None:
        self.notes.add(f"Line {line} was left out: {_said(error)}.")

    def _values(self, names: list[str], error: Exception) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in names:
            given = given_outright(name, self.declared) if self.declared else None
            if kind_of(name):
                found[name] = self._data(name)
            elif given is not None:
                self.notes.add(f"{name} could not be had; {given} was taken for it.")
                found[name] = given
            else:
                found[name] = Absent(name, f"it could not be had ({_said(error)})", error)
        return found

    def _data(self, name: str) -> Any:
        assert self.declared is not None
        kind = kind_of(name)
        assert kind is not None
        value = self.declared.make(name, kind)
        if kind == "count":
            self.notes.add(f"{name} could not be counted; {value} was taken for it.")
        else:
            self.notes.add(
                f"{name} is not here; made-up data of the exercise's shape stands for it."
            )
        return value


def makes_layers(tree: ast.stmt, namespace: dict[str, Any]) -> bool:
    """Whether a statement makes part of the model: without it, it would be another one.

    It calls a layer or its class, adds to a model, or hands a model on.
    """
    import keras

    def is_part(value: Any) -> bool:
        several = type(value) is list or type(value) is tuple
        return any(
            isinstance(item, keras.Layer | keras.KerasTensor)
            for item in (value if several else [value])
        )

    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = _value_of(call.func, namespace)
        if called is keras.Input or is_part(called):
            return True
        if isinstance(called, type) and issubclass(called, keras.Layer):
            return True
        builds = isinstance(call.func, ast.Attribute) and call.func.attr in BUILDING
        handed = [*call.args, *(keyword.value for keyword in call.keywords)]
        if builds and isinstance(call.func, ast.Attribute):
            handed.append(call.func.value)
        if any(is_part(_value_of(part, namespace)) for part in handed):
            return True
    return False


def handles_layers(tree: ast.stmt, namespace: dict[str, Any]) -> bool:
    """Whether a statement has a layer in hand, or what holds one: it may add others to it."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return any(_holds_layer(namespace.get(name)) for name in names)


def _holds_layer(value: Any) -> bool:
    import keras

    parts = [value]
    if type(value) is list or type(value) is tuple:
        parts += value
    elif type(value) is dict:
        parts += value.values()
    elif type(value).__module__ == "__main__":
        parts += getattr(value, "__dict__", {}).values()
    return any(isinstance(part, keras.Layer | keras.KerasTensor) for part in parts)


def _value_of(node: ast.expr, namespace: dict[str, Any]) -> Any:
    """What a name, or a name in a module, stands for; None for anything else."""
    if isinstance(node, ast.Name):
        return namespace.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value_of(node.value, namespace)
        return vars(owner).get(node.attr) if isinstance(owner, types.ModuleType) else None
    return None


def _import_one_by_one(tree: ast.ImportFrom, namespace: dict[str, Any]) -> bool:
    """One name that is gone must not take along those that are imported beside it."""
    if tree.level or tree.module is None:
        return False
    try:
        module = importlib.import_module(tree.module)
    except ImportError:
        return False
    for alias in tree.names:
        bound = alias.asname or alias.name
        try:
            namespace[bound] = getattr(module, alias.name)
        except ImportError:
            return False
        except AttributeError:
            why = f"{tree.module} has no {alias.name} in the version that grades"
            namespace[bound] = AbsentName(f"{tree.module}.{alias.name}", why)
    return True


def _looks_at_data(value: ast.expr) -> bool:
    """``y_train.value_counts()``: whatever it is for, the model does not see it."""
    while isinstance(value, ast.Call | ast.Attribute | ast.Subscript):
        value = value.func if isinstance(value, ast.Call) else value.value
    return isinstance(value, ast.Name) and kind_of(value.id) is not None


def targets(tree: ast.stmt) -> list[str]:
    """The plain names that a statement stores to, not counting those inside definitions."""
    found: dict[str, None] = {}
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _DEFINITIONS):
            return []
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.comprehension):
            waiting.remove(node.target)  # a name of its own
    return list(found)


def _said(error: BaseException) -> str:
    return str(error)[:MAX_SAID].rstrip(".") or type_name(error)


def is_missing(error: Exception) -> bool:
    """For want of a file, a network or a module, and not by a mistake."""
    from_files = type(error).__module__.startswith("tensorflow.python.framework.errors")
    # ``io.BytesIO(response.content)``: Python refuses what is not here by the name of its class.
    refused = isinstance(error, TypeError) and "Absent" in str(error)
    return isinstance(error, OSError | AbsentValue) or from_files or refused
