"""Where in a submission each name is bound, used later, or has its object changed."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator

from grader.records import BrokenStatement, Statement, Submission
from grader.submission.broken import seems_to_change
from grader.submission.calls import (
    GLOBAL_SETTINGS,
    SETTINGS,
    Function,
    Functions,
    bound_by,
    changed_by,
    follow_calls,
)
from grader.submission.names import Names
from grader.submission.scopes import names_of
from grader.submission.touches import links, looking_names, may_change

MAX_DEFINITIONS = 8
"""How many definitions that a function may have at one place are looked into, the last ones."""
MAX_ALIASES = 100
"""Names of one object that are followed; a person gives it two or three."""


_KERAS_1 = re.compile(
    r"(?m)^[^#\n]*\b(?:nb_epoch|nb_filter|border_mode|samples_per_epoch|nb_val_samples)\s*="
)
_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)


class Index:
    """The statements' names, and for each name the positions where something happens to it."""

    def __init__(self, submission: Submission) -> None:
        self.statements = submission.statements
        self._links: dict[int, list[frozenset[str]]] = {}
        self._may_change: dict[int, set[str]] = {}
        self._later: dict[str, set[str]] = {}
        """By a name, what the bodies use that it stands for."""
        self.trees: list[ast.stmt] = []
        self.names: list[Names] = []
        for statement in submission.statements:
            tree, names = _analyse(statement)
            self.trees.append(tree)
            self.names.append(names)
        self.binders: dict[str, list[int]] = defaultdict(list)
        self.events: dict[str, list[int]] = defaultdict(list)
        """Where a name is bound, or its object changed."""
        self.turns: dict[str, list[int]] = defaultdict(list)
        """Where a name is bound for certain, or bound to what is run later."""
        assigned = (names.binds | names.may_bind | names.augments for names in self.names)
        others = (n - names.imports for n, names in zip(assigned, self.names, strict=True))
        self.modules = set().union(*(names.imports for names in self.names)).difference(*others)
        """Imported, and never anything else."""
        functions: dict[str, deque[Function]] = defaultdict(lambda: deque(maxlen=MAX_DEFINITIONS))
        for names in self.names:
            for function in names.functions:
                functions[function.name].append(function)
        follow_calls(functions)
        self.functions = functions
        self.looking = looking_names(self.trees)
        self.aliases: dict[str, set[str]] = {}
        """The names that hold a name's object, as it stands while statements are entered.

        All of them share one set.
        """
        for position, names in enumerate(self.names):
            self._enter(position, names, functions)
        self.star_imports = [i for i, names in enumerate(self.names) if names.star_import]
        self.settings = [i for i in range(len(self.names)) if self._sets_globally(i)]
        self.futures = [i for i, names in enumerate(self.names) if names.future]
        self.keras_1 = any(_KERAS_1.search(source) for _, source in submission.cells)
        self.broken: dict[str, BrokenStatement] = {}
        """The last broken statement that seems to define a name."""
        self.broken_changes: dict[str, list[tuple[int, BrokenStatement]]] = defaultdict(list)
        """By position of the statement that follows it."""
        self._enter_broken(submission)

    def _enter(self, position: int, names: Names, functions: Functions) -> None:
        bound = names.binds | names.may_bind | names.augments
        changed = set() if names.trains else set(names.changes)
        if not self._sets(position):
            changed -= self.modules
        for call in names.calls:
            bound |= bound_by(call, functions)
            changed |= changed_by(call, functions) - self.modules
        changed |= self._also(changed | names.augments)
        self._rename(names.binds, self.trees[position])
        changed |= self._also(changed)
        names.deferred |= self._run_later(self.trees[position])
        for name in names.binds if names.deferred else ():
            self._later[name] = names.deferred
        for name in bound:
            self.binders[name].append(position)
            if name in names.binds or names.deferred:
                self.turns[name].append(position)
        for name in bound | changed:
            self.events[name].append(position)

    def _run_later(self, tree: ast.stmt) -> set[str]:
        """What bodies use that an assignment puts under another name.

        ``build = make``, ``b = Builder()``, ``builders = {"small": make}``, ``partial(make, 8)``.
        """
        if not isinstance(tree, ast.Assign):
            return set()
        value, held = tree.value, [tree.value]
        if isinstance(value, ast.Dict):
            held = list(value.values)
        elif isinstance(value, ast.List | ast.Tuple):
            held = list(value.elts)
        elif isinstance(value, ast.Call):
            # What a function gives is made by now; an object's methods are called later.
            made = getattr(value.func, "id", "") not in self.functions
            held = [value.func, *value.args] if made else []
        names = [node.id for node in held if isinstance(node, ast.Name)]
        return {used for name in names for used in self._later.get(name, ())}

    def _also(self, changed: set[str]) -> set[str]:
        return {other for name in changed for other in self.aliases.get(name, ())}

    def _rename(self, bound: set[str], tree: ast.stmt) -> None:
        """After ``m = model`` what changes one changes the other, until one is bound anew.

        So it is after ``m = model = Sequential()``.
        """
        for name in bound:
            self.aliases.pop(name, set()).discard(name)
        for node in _assignments(tree):
            same = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if isinstance(node.value, ast.Name):
                same.add(node.value.id)
            same |= self._also(same)
            if 1 < len(same) <= MAX_ALIASES:
                self.aliases |= dict.fromkeys(same, same)

    def links(self, position: int) -> list[frozenset[str]]:
        """Names that share objects through a statement; not what is imported or defined."""
        if position not in self._links:
            plain = self.modules | set(self.functions)
            self._links[position] = [
                frozenset(found - plain) for found in links(self.trees[position])
            ]
        return self._links[position]

    def may_change(self, position: int) -> set[str]:
        names, tree = self.names[position], self.trees[position]
        if position not in self._may_change:
            found = may_change(tree, names, self.functions, self.looking)
            self._may_change[position] = found - self.modules
        return self._may_change[position]

    def _sets(self, position: int) -> bool:
        """Whether it is a setting by itself, as ``np.random.seed(1)`` and ``a.b = 1`` are."""
        called = isinstance(self.trees[position], ast.Expr)
        settles = not self.names[position].methods.isdisjoint(SETTINGS)
        return isinstance(self.trees[position], ast.Assign) or (called and settles)

    def _sets_globally(self, position: int) -> bool:
        names = self.names[position]
        called = names.methods | {call.function for call in names.calls}
        return isinstance(self.trees[position], ast.Expr) and not called.isdisjoint(GLOBAL_SETTINGS)

    def _enter_broken(self, submission: Submission) -> None:
        places = [place_of(statement) for statement in submission.statements]
        for broken in submission.broken:
            self.broken |= dict.fromkeys(broken.names, broken)
            position = bisect_left(places, place_of(broken))
            for name in seems_to_change(broken.source) - self.modules:
                self.broken_changes[name].append((position, broken))


def place_of(statement: Statement | BrokenStatement) -> tuple[int, int]:
    return statement.cell or 0, statement.line


def _assignments(tree: ast.stmt) -> Iterator[ast.Assign]:
    """Those that may be made as a statement runs; the bodies of its functions run later."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Assign):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            children = ast.iter_child_nodes(node)
            waiting += [child for child in children if isinstance(child, _BLOCKS)]


def _analyse(statement: Statement) -> tuple[ast.stmt, Names]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(statement.source).body[0]
        return tree, names_of(tree)
    except (RecursionError, MemoryError):
        # Nested beyond what a person writes: it binds nothing that we could say.
        return ast.Pass(), Names()
