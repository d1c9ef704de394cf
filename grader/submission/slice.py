"""Which statements one name depends on, and nothing else.

Statement by statement, backwards: a name is needed at a position; the last statement before it
that surely binds it is taken, with those that might bind it on the way and those that change its
object in between; and what these use is needed in turn. What a function's body uses is needed
where the function is used, so the builder that is called in the end sees what the end of the
notebook sees. What is left out is not run.
"""

from __future__ import annotations

import ast
import builtins
import warnings
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from grader.errors import SubmissionError
from grader.records import BrokenStatement, Problem, Program, Statement, Submission
from grader.submission.names import Names, names_of
from grader.words import did_you_mean, join_words

SHOWN_NAMES = 8


def slice_name(submission: Submission, names: Sequence[str]) -> Program:
    """The program that gives one name its value.

    Args:
        submission: what was read.
        names: the asked-for name, then the others that are taken, in this order.

    Raises SubmissionError: ``missing``, ``syntax`` or ``unsolved``.
    """
    index = _Index(submission)
    for name in names:
        if not index.binders.get(name):
            continue
        last = index.binders[name][-1]
        statement = submission.statements[last]
        if is_stub(index.trees[last], name):
            raise SubmissionError(_unsolved(name, statement))
        wanted = _Needs(index).collect(name)
        program = tuple(submission.statements[i] for i in sorted(wanted))
        return Program(name, program, statement.cell, statement.line)
    raise SubmissionError(_not_there(submission, index, names))


def defined_names(submission: Submission) -> frozenset[str]:
    """Every name that the submission binds, broken statements included."""
    found = {name for broken in submission.broken for name in broken.names}
    return frozenset(_Index(submission).binders) | found


class _Index:
    """The statements' names, and for each name the positions that bind or change it."""

    def __init__(self, submission: Submission) -> None:
        self.broken = submission.broken
        self.trees: list[ast.stmt] = []
        self.names: list[Names] = []
        self.binders: dict[str, list[int]] = defaultdict(list)
        self.changers: dict[str, list[int]] = defaultdict(list)
        self.star_imports: list[int] = []
        self.futures: list[int] = []
        self.trains: dict[str, bool] = {}
        for position, statement in enumerate(submission.statements):
            tree, names = _analyse(statement)
            self.trees.append(tree)
            self.names.append(names)
            self._enter(position, tree, names)
        self._enter_passes()

    def _enter(self, position: int, tree: ast.stmt, names: Names) -> None:
        for name in names.binds | names.may_bind:
            self.binders[name].append(position)
            if isinstance(tree, ast.FunctionDef):
                self.trains[name] = names.trains
        for name in names.changes - names.binds:
            self.changers[name].append(position)
        if names.star_import:
            self.star_imports.append(position)
        if names.future:
            self.futures.append(position)

    def _enter_passes(self) -> None:
        """``add_block(model)`` changes ``model`` when the notebook defines ``add_block``.

        Unless that function trains or prints: its sake is then something else.
        """
        for position, names in enumerate(self.names):
            for function, handed in names.passes.items():
                if self.trains.get(function) is False:
                    for name in handed:
                        self.changers[name].append(position)
        for positions in self.changers.values():
            positions.sort()


def _analyse(statement: Statement) -> tuple[ast.stmt, Names]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(statement.source).body[0]
        return tree, names_of(tree)
    except (RecursionError, MemoryError):
        # Nested beyond what a person writes: it binds nothing that we could say.
        return ast.Pass(), Names()


class _Needs:
    """Collects the positions that a name needs; each (name, position) is looked at once."""

    def __init__(self, index: _Index) -> None:
        self.index = index
        self.taken: set[int] = set(index.futures)
        self.queue: list[tuple[str, int]] = []
        self.seen: set[tuple[str, int]] = set()
        self.walked: set[tuple[str, int]] = set()
        self.changed: dict[tuple[str, int], int] = {}

    def collect(self, name: str) -> set[int]:
        """Positions of all statements that ``name``, read at the very end, depends on."""
        self._want(name, len(self.index.names))
        while self.queue:
            self._resolve(*self.queue.pop())
        return self.taken

    def _want(self, name: str, position: int) -> None:
        if name not in self.index.binders:
            if hasattr(builtins, name):
                return
            position = 0  # unbound everywhere alike
        if (name, position) not in self.seen:
            self.seen.add((name, position))
            self.queue.append((name, position))

    def _resolve(self, name: str, position: int) -> None:
        binders = self.index.binders.get(name)
        if not binders:
            self._unbound(name, position)
            return
        before = bisect_left(binders, position)
        if not before:
            # Cells run out of order: the first binding further down.
            self._take(binders[0], position)
            return
        for binder in reversed(binders[:before]):
            sure = name in self.index.names[binder].binds
            if not sure and (name, binder) in self.walked:
                return  # from here upwards the way was gone before
            self.walked.add((name, binder))
            self._take(binder, position)
            if sure:
                self._take_changers(name, binder, position)
                return
        self._take_changers(name, binders[0], position)

    def _take_changers(self, name: str, binder: int, position: int) -> None:
        """What changes the object between its binding and ``position``, each once."""
        changers = self.index.changers.get(name, [])
        start = max(binder + 1, self.changed.get((name, binder), 0))
        for changer in changers[bisect_left(changers, start) : bisect_left(changers, position)]:
            self._take(changer, changer)
        self.changed[name, binder] = max(start, position)

    def _unbound(self, name: str, position: int) -> None:
        """Perhaps from a star import; perhaps from a statement that cannot be read."""
        stars = self.index.star_imports
        for star in stars:
            self._take(star, position)
        if stars:
            return
        for broken in self.index.broken:
            if name in broken.names:
                raise SubmissionError(_syntax(name, broken))

    def _take(self, taken: int, position: int) -> None:
        """Run this statement; what it uses is needed where it stands."""
        names = self.index.names[taken]
        self.taken.add(taken)
        for name in names.uses:
            self._want(name, taken)
        # Bodies run when they are called: from where the name was wanted.
        for name in names.deferred:
            self._want(name, max(position, taken + 1))


def is_stub(node: ast.stmt, name: str) -> bool:
    """Whether a definition is still the one that was handed out, with nothing filled in."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return isinstance(node.value, ast.Constant) and node.value.value in (None, ...)
    if not isinstance(node, ast.FunctionDef) or node.name != name:
        return False
    emptied = {
        target.id
        for statement in node.body
        if isinstance(statement, ast.Assign) and _is_nothing(statement.value, docstring=False)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return all(
        _does_nothing(statement)
        or (
            isinstance(statement, ast.Return)
            and isinstance(statement.value, ast.Name)
            and statement.value.id in emptied
        )
        for statement in node.body
    )


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return):
        return node.value is None or _is_nothing(node.value, docstring=isinstance(node, ast.Expr))
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(node, ast.Pass | ast.Import | ast.ImportFrom)


def _is_nothing(value: ast.expr, docstring: bool) -> bool:
    """``None`` and ``...``; any literal where it stands alone, as a docstring does."""
    return isinstance(value, ast.Constant) and (docstring or value.value in (None, ...))


def _unsolved(name: str, statement: Statement) -> Problem:
    return Problem(
        "unsolved",
        f"{name} is still the stub that was handed out. Fill it in, save, and check again.",
        statement.cell,
        statement.line,
    )


def _syntax(name: str, broken: BrokenStatement) -> Problem:
    lines = broken.source.split("\n")
    at = broken.error_line - broken.line
    return Problem(
        "syntax",
        f"Python cannot read the statement that defines {name}: {broken.message}.",
        broken.cell,
        broken.error_line,
        lines[at].strip()[:300] if 0 <= at < len(lines) else None,
    )


def _not_there(submission: Submission, index: _Index, names: Sequence[str]) -> Problem:
    for name in names:
        for broken in reversed(submission.broken):
            if name in broken.names:
                return _syntax(name, broken)
    asked = names[0]
    others = f" (nor {join_words(list(names[1:]), 'or')})" if len(names) > 1 else ""
    near = did_you_mean(asked, index.binders)
    return Problem(
        "missing",
        f"{asked} is not defined{others}.{near}{_functions(index.trees)}",
    )


def _functions(trees: Iterable[ast.stmt]) -> str:
    """What the student did define, so that a slip of the name shows."""
    found = list(dict.fromkeys(tree.name for tree in trees if isinstance(tree, ast.FunctionDef)))
    if not found:
        return " The notebook defines no function."
    more = f" and {len(found) - SHOWN_NAMES} more" if len(found) > SHOWN_NAMES else ""
    return f" Functions that are: {', '.join(found[:SHOWN_NAMES])}{more}."
