"""Which statements one name depends on, and nothing else.

Statement by statement, backwards: a name is needed at a position; the last statement before it
that binds the name, or changes its object, is taken; and unless that one binds it for certain,
the name is needed there in turn. So is all that a taken statement uses. What a function's body
uses is needed where the function is used, so the builder that is called in the end sees what the
end of the notebook sees. What is left out is not run.
"""

from __future__ import annotations

import ast
import builtins
import warnings
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from functools import lru_cache

from grader.errors import SubmissionError
from grader.records import BrokenStatement, Problem, Program, Statement, Submission
from grader.submission.broken import seems_to_change
from grader.submission.calls import Function, Functions, bound_by, changed_by, follow_calls
from grader.submission.names import Names, names_of
from grader.submission.verdicts import is_stub, missing, syntax, unsolved

MAX_DEFINITIONS = 8
"""How many definitions that a function may have at one place are looked into, the last ones."""


def slice_name(submission: Submission, names: Sequence[str]) -> Program:
    """The program that gives one name its value.

    Args:
        submission: what was read.
        names: the asked-for name, then the others that are taken, in this order.

    Raises SubmissionError: ``missing``, ``syntax`` or ``unsolved``.
    """
    index = _index(submission)
    for name in names:
        if name in index.binders:
            last = index.binders[name][-1]
            statement = submission.statements[last]
            if is_stub(index.trees[last], name):
                raise SubmissionError(unsolved(name, statement))
            program = tuple(submission.statements[i] for i in _Needs(index).collect(name))
            return Program(name, program, statement.cell, statement.line)
        if name in index.broken:
            raise SubmissionError(syntax(name, index.broken[name]))
    functions = [tree.name for tree in index.trees if isinstance(tree, ast.FunctionDef)]
    raise SubmissionError(
        missing(names, index.binders, list(dict.fromkeys(functions)), submission.kind)
    )


def defined_names(submission: Submission) -> frozenset[str]:
    """Every name that the submission binds, broken statements included."""
    index = _index(submission)
    return frozenset(index.binders) | frozenset(index.broken)


@lru_cache(maxsize=2)
def _index(submission: Submission) -> _Index:
    """Made once for all exercises of a submission."""
    return _Index(submission)


class _Index:
    """The statements' names, and for each name the positions where something happens to it."""

    def __init__(self, submission: Submission) -> None:
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
        functions: dict[str, deque[Function]] = defaultdict(lambda: deque(maxlen=MAX_DEFINITIONS))
        for names in self.names:
            for function in names.functions:
                functions[function.name].append(function)
        follow_calls(functions)
        for position, names in enumerate(self.names):
            self._enter(position, names, functions)
        self.modules = set().union(
            *(
                names.binds
                for tree, names in zip(self.trees, self.names, strict=True)
                if isinstance(tree, ast.Import | ast.ImportFrom)
            )
        )
        self.star_imports = [i for i, names in enumerate(self.names) if names.star_import]
        self.futures = [i for i, names in enumerate(self.names) if names.future]
        self.broken: dict[str, BrokenStatement] = {}
        """The last broken statement that seems to define a name."""
        self.broken_changes: dict[str, list[tuple[int, BrokenStatement]]] = defaultdict(list)
        """By position of the statement that follows it."""
        self._enter_broken(submission)

    def _enter(self, position: int, names: Names, functions: Functions) -> None:
        bound = names.binds | names.may_bind | names.augments
        changed = set() if names.trains else set(names.changes)
        for call in names.calls:
            bound |= bound_by(call, functions)
            changed |= changed_by(call, functions)
        for name in bound:
            self.binders[name].append(position)
            if name in names.binds or names.deferred:
                self.turns[name].append(position)
        for name in bound | changed:
            self.events[name].append(position)

    def _enter_broken(self, submission: Submission) -> None:
        places = [_place(statement) for statement in submission.statements]
        for broken in submission.broken:
            self.broken |= dict.fromkeys(broken.names, broken)
            position = bisect_left(places, _place(broken))
            for name in seems_to_change(broken.source) - self.modules:
                self.broken_changes[name].append((position, broken))


def _place(statement: Statement | BrokenStatement) -> tuple[int, int]:
    return statement.cell or 0, statement.line


def _position(entry: tuple[int, BrokenStatement]) -> int:
    return entry[0]


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
        self.before: dict[int, set[int]] = defaultdict(set)
        """What must have run before the statement at a position."""
        self.queue: list[tuple[str, int]] = []
        self.seen: set[tuple[str, int]] = set()
        self.unreadable: list[Problem] = []

    def collect(self, name: str) -> list[int]:
        """Positions of all statements that ``name``, read at the very end, depends on.

        Raises SubmissionError (``syntax``) when one of them is broken.
        """
        self._want(name, len(self.index.names))
        while self.queue:
            self._resolve(*self.queue.pop())
        if self.unreadable:
            first = min(self.unreadable, key=lambda p: (p.cell or 0, p.line or 0, p.message))
            raise SubmissionError(first)
        return list(self._in_order())

    def _want(self, name: str, position: int) -> None:
        if name not in self.index.binders:
            if hasattr(builtins, name):
                return
            position = 0  # unbound everywhere alike
        if (name, position) not in self.seen:
            self.seen.add((name, position))
            self.queue.append((name, position))

    def _resolve(self, name: str, position: int) -> None:
        if name not in self.index.binders:
            self._unbound(name)
            return
        events = self.index.events[name]
        until = position if events[0] < position else self._later(name, position)
        if until is None:
            self._unbound(name)
            return
        event = events[bisect_left(events, until) - 1]
        self._look_for_broken(name, event, until)
        self.before[position].add(event)
        self._take(event)
        if name not in self.index.names[event].binds:
            self._want(name, event)
        # Bodies run when they are called: here.
        for deferred in self._deferred(name, until):
            self._want(deferred, position)

    def _later(self, name: str, position: int) -> int | None:
        """Cells run out of order: where the first binding further down has done its work."""
        binders = self.index.binders[name]
        at = bisect_left(binders, position + 1)
        if at == len(binders):
            return None
        return binders[at + 1] if at + 1 < len(binders) else len(self.index.names)

    def _deferred(self, name: str, position: int) -> Iterator[str]:
        """What the bodies use of all that ``name`` may stand for at a position."""
        turns = self.index.turns[name]
        end = bisect_left(turns, position)
        for turn in reversed(turns[max(0, end - MAX_DEFINITIONS) : end]):
            names = self.index.names[turn]
            yield from names.deferred
            if name in names.binds:
                return

    def _take(self, position: int) -> None:
        """Run this statement; what it uses is needed where it stands."""
        if position not in self.taken:
            self.taken.add(position)
            for name in self.index.names[position].uses:
                self._want(name, position)

    def _unbound(self, name: str) -> None:
        """Perhaps from a star import; perhaps from a statement that cannot be read."""
        for star in self.index.star_imports:
            self._take(star)
        if not self.index.star_imports and name in self.index.broken:
            self.unreadable.append(syntax(name, self.index.broken[name]))

    def _look_for_broken(self, name: str, after: int, until: int) -> None:
        """A line that would have changed the object: without it, it is another object."""
        broken = self.index.broken_changes.get(name, [])
        for at in range(bisect_right(broken, after, key=_position), len(broken)):
            position, statement = broken[at]
            if position > until:
                return
            self.unreadable.append(syntax(name, statement, "changes"))

    def _in_order(self) -> Iterator[int]:
        """As they stand in the notebook, but each after what it needs from further down."""
        entered: set[int] = set()
        done: set[int] = set()
        for start in sorted(self.taken):
            stack = [start]
            while stack:
                top = stack[-1]
                if top not in entered:
                    entered.add(top)
                    stack += sorted(self.before[top] - entered, reverse=True)
                    continue
                stack.pop()
                if top not in done:
                    done.add(top)
                    yield top
