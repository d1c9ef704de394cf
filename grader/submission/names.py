"""What one statement binds, uses and changes: the scope analysis under the slice.

Names are those of the notebook's one global scope. A name is *used* when the statement itself
runs, and *deferred* when only a call of a function defined there would use it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

NEVER_RUN = frozenset(
    "fit fit_generator train_on_batch evaluate evaluate_generator predict predict_generator "
    "predict_classes predict_on_batch test_on_batch summary save save_weights load_weights "
    "export plot show savefig imshow mount flush_and_unmount print display plot_model "
    "load_data input sleep head describe info".split()
)
"""Calls for whose sake alone no statement is run: training, printing, drawing, fetching."""


@dataclass(slots=True)
class Names:
    """The names of one top-level statement."""

    binds: set[str] = field(default_factory=set)
    """Bound for certain when the statement has run."""
    may_bind: set[str] = field(default_factory=set)
    """Bound on some way through it, such as inside an ``if``."""
    uses: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    """Names whose object the statement changes: ``model.add(...)``, ``x[0] = 1``."""
    passes: dict[str, set[str]] = field(default_factory=dict)
    """Names handed, in a bare call, to a function: by the function's name."""
    star_import: bool = False
    future: bool = False
    main_guard: bool = False
    trains: bool = False
    """Whether it calls something of ``NEVER_RUN``, in itself or in a function it defines."""


def names_of(statement: ast.stmt) -> Names:
    """Analyse one top-level statement."""
    names = Names()
    if _is_main_guard(statement):
        names.main_guard = True
        return names
    _Analysis(names).statement(statement, sure=True)
    names.uses -= {"__name__"}
    return names


def _is_main_guard(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == "__name__"
    )


class _Analysis:
    """One walk over a statement in the global scope."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def statement(self, node: ast.stmt, sure: bool) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._function(node, sure)
        elif isinstance(node, ast.ClassDef):
            self._class(node, sure)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, sure)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            self._assign(node, sure)
        elif isinstance(node, ast.Expr):
            self._expression_statement(node.value)
            self._walrus(node)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                self.target(target, sure=False)
        else:
            self._compound(node, sure)

    def _bind(self, name: str, sure: bool) -> None:
        (self.names.binds if sure else self.names.may_bind).add(name)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, sure: bool) -> None:
        self._bind(node.name, sure)
        arguments = node.args
        for part in [*node.decorator_list, *arguments.defaults, *arguments.kw_defaults]:
            self.expression(part)
        for argument in _arguments(arguments):
            self.expression(argument.annotation)
        self.expression(node.returns)
        self.names.deferred |= free_names(node)
        self.names.trains |= _calls_never_run(node)

    def _class(self, node: ast.ClassDef, sure: bool) -> None:
        self._bind(node.name, sure)
        keywords = [keyword.value for keyword in node.keywords]
        for part in [*node.decorator_list, *node.bases, *keywords]:
            self.expression(part)
        inner = Names()
        body = _Analysis(inner)
        for statement in node.body:
            body.statement(statement, sure=True)
        # A class body runs now. A name that it binds itself may still be read from outside first.
        self.names.uses |= inner.uses
        self.names.deferred |= inner.deferred
        self.names.trains |= inner.trains

    def _import(self, node: ast.Import | ast.ImportFrom, sure: bool) -> None:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            self.names.future = True
        for alias in node.names:
            if alias.name == "*":
                self.names.star_import = True
            else:
                self._bind(alias.asname or alias.name.partition(".")[0], sure)

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, sure: bool) -> None:
        self.expression(node.value)
        if isinstance(node, ast.AnnAssign):
            self.expression(node.annotation)
            if node.value is None:
                return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            self.target(target, sure)
        if isinstance(node, ast.AugAssign):
            root = root_name(node.target)
            if root:
                self.names.uses.add(root)
                self.names.changes.add(root)
                self.names.binds.discard(root)
        self._walrus(node)

    def target(self, node: ast.expr, sure: bool) -> None:
        """A place to store to: a name is bound, an attribute or item changes its owner."""
        if isinstance(node, ast.Name):
            self._bind(node.id, sure)
        elif isinstance(node, ast.Tuple | ast.List):
            for part in node.elts:
                self.target(part, sure)
        elif isinstance(node, ast.Starred):
            self.target(node.value, sure)
        else:
            root = root_name(node)
            if root:
                self.names.changes.add(root)
            self.expression(node)

    def _expression_statement(self, node: ast.expr) -> None:
        self.expression(node)
        call = node.value if isinstance(node, ast.Await) else node
        if not isinstance(call, ast.Call):
            return
        if isinstance(call.func, ast.Attribute):
            root = root_name(call.func)
            if root and call.func.attr not in NEVER_RUN:
                self.names.changes.add(root)
        elif isinstance(call.func, ast.Name) and call.func.id not in NEVER_RUN:
            handed = [*call.args, *(keyword.value for keyword in call.keywords)]
            roots = {name for part in handed if (name := root_name(part))}
            self.names.passes.setdefault(call.func.id, set()).update(roots)

    def _compound(self, node: ast.stmt, sure: bool) -> None:
        """``if``, ``for``, ``while``, ``try``, ``with``, ``match`` and the small ones."""
        always = isinstance(node, ast.With | ast.AsyncWith)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self.statement(child, sure and always)
            elif isinstance(child, ast.expr):
                self._compound_expression(node, child)
            else:
                self._compound_part(child, sure and always)
        if isinstance(node, ast.For | ast.AsyncFor):
            self._changed_through_loop(node)
        if isinstance(node, ast.If) and sure:
            self._both_branches(node)
        if isinstance(node, ast.Global):
            self.names.may_bind |= set(node.names)

    def _compound_expression(self, node: ast.stmt, child: ast.expr) -> None:
        if isinstance(node, ast.For | ast.AsyncFor) and child is node.target:
            self.target(child, sure=False)
        else:
            self.expression(child)
            self._walrus(child)

    def _compound_part(self, child: ast.AST, sure: bool) -> None:
        """With-items, exception handlers and match cases."""
        if isinstance(child, ast.withitem):
            self.expression(child.context_expr)
            if child.optional_vars:
                self.target(child.optional_vars, sure)
            return
        name = getattr(child, "name", None)
        if isinstance(child, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and name:
            self._bind(name, sure=False)
        for inner in ast.iter_child_nodes(child):
            if isinstance(inner, ast.stmt):
                self.statement(inner, sure=False)
            elif isinstance(inner, ast.expr):
                self.expression(inner)
            else:
                self._compound_part(inner, sure=False)

    def _both_branches(self, node: ast.If) -> None:
        """A name that both branches bind is bound for certain."""
        branches = []
        for body in (node.body, node.orelse):
            inner = Names()
            for statement in body:
                _Analysis(inner).statement(statement, sure=True)
            branches.append(inner.binds)
        self.names.binds |= branches[0] & branches[1]

    def _changed_through_loop(self, node: ast.For | ast.AsyncFor) -> None:
        """``for layer in base.layers: layer.trainable = False`` changes ``base``."""
        targets = {part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)}
        if targets & self.names.changes:
            roots = {part.id for part in ast.walk(node.iter) if isinstance(part, ast.Name)}
            self.names.changes |= roots

    def expression(self, node: ast.expr | None) -> None:
        """Names that evaluating an expression uses; what lambdas use is deferred."""
        if node is None:
            return
        now, later = expression_names(node)
        self.names.uses |= now
        self.names.deferred |= later
        self.names.trains |= _calls_never_run(node)

    def _walrus(self, node: ast.AST) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.NamedExpr) and isinstance(part.target, ast.Name):
                self._bind(part.target.id, sure=False)


def root_name(node: ast.AST) -> str | None:
    """``model`` for ``model.layers[-1].trainable``; None where no plain name is at the root."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*named, *(extra for extra in (arguments.vararg, arguments.kwarg) if extra)]


def expression_names(node: ast.AST) -> tuple[set[str], set[str]]:
    """Free names of an expression: those used at once, and those inside lambdas."""
    now: set[str] = set()
    later: set[str] = set()
    if isinstance(node, ast.Lambda):
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default:
                now |= expression_names(default)[0]
        return now, free_names(node)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return _comprehension_names(node)
    if isinstance(node, ast.Name):
        return ({node.id} if isinstance(node.ctx, ast.Load | ast.Del) else set()), later
    for child in ast.iter_child_nodes(node):
        used, deferred = expression_names(child)
        now |= used
        later |= deferred
    return now, later


def _comprehension_names(node: ast.AST) -> tuple[set[str], set[str]]:
    """A comprehension has a scope of its own: its targets are nobody else's names."""
    bound: set[str] = set()
    now: set[str] = set()
    later: set[str] = set()
    for child in ast.iter_child_nodes(node):
        parts = ast.iter_child_nodes(child) if isinstance(child, ast.comprehension) else [child]
        for part in parts:
            used, deferred = expression_names(part)
            now |= used
            later |= deferred
        if isinstance(child, ast.comprehension):
            bound |= {part.id for part in ast.walk(child.target) if isinstance(part, ast.Name)}
    return now - bound, later - bound


def free_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """Names that a function's body takes from outside it."""
    local = {argument.arg for argument in _arguments(function.args)}
    body = function.body if isinstance(function.body, list) else [ast.Expr(function.body)]
    inner = Names()
    analysis = _Analysis(inner)
    for statement in body:
        analysis.statement(statement, sure=True)
    declared = {
        name for part in ast.walk(function) if isinstance(part, ast.Global) for name in part.names
    }
    local |= (inner.binds | inner.may_bind) - declared
    return (inner.uses | inner.deferred | declared) - local


def _calls_never_run(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr in NEVER_RUN
        for part in ast.walk(node)
    )
