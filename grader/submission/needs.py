"""Backwards from a name to the statements that it depends on.

Statement by statement: a name is needed at a position; the last statement before it that binds
the name, or changes its object, is taken; and unless that one binds it for certain, the name is
needed there in turn. So is all that a taken statement uses. What a function's body uses is needed
where the function is used, so the builder that is called in the end sees what the end of the
notebook sees. What is left out is not run.
"""

from __future__ import annotations

import builtins
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter

from grader.errors import SubmissionError
from grader.records import Problem
from grader.submission.index import MAX_DEFINITIONS, Index
from grader.submission.touches import changes_surely
from grader.submission.verdicts import syntax


class Needs:
    """Collects the positions that a name needs; each (name, position) is looked at once."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.taken: dict[int, tuple[str, int]] = dict.fromkeys(index.futures, ("", 0))
        """Positions, each with the name for whose sake it was taken first, and where that is."""
        self.unbound: dict[str, None] = {}
        """Names that nothing binds, in the order in which they were met."""
        self.before: dict[int, set[int]] = defaultdict(set)
        """What must have run before the statement at a position."""
        self.queue: list[tuple[str, int]] = []
        self.seen: set[tuple[str, int]] = set()
        self.unreadable: list[Problem] = []
        self.tried: set[int] = set()
        """Statements that may change the object by another way than its name."""
        self.optional: set[int] = set()
        """Those, and what is needed for them alone: the program goes on where they fail."""

    def collect(self, name: str, position: int) -> list[int]:
        """Positions of all statements that ``name``, read at a position, depends on.

        Raises SubmissionError (``syntax``) when one of them is broken.
        """
        self._want(name, position)
        for setting in self.index.settings:
            if setting < position:
                self._take(setting, "", setting)
        self._empty_queue()
        if self.unreadable:
            first = min(self.unreadable, key=lambda p: (p.cell or 0, p.line or 0, p.message))
            raise SubmissionError(first)
        self._take_touches(name, position)
        return list(self._in_order())

    def _empty_queue(self) -> None:
        while self.queue:
            self._resolve(*self.queue.pop())

    def _take_touches(self, name: str, position: int) -> None:
        """Take what may change the object of ``name`` by another name, or in another way.

        It is tried: what goes wrong in it, or is needed for it alone, does not end the program.
        """
        sure = set(self.taken)
        unbound, unreadable = dict(self.unbound), len(self.unreadable)
        group = self._group(name, position)
        for at in range(min(position, len(self.index.names))):
            if at in self.taken:
                continue
            changed = {
                one
                for one in self.index.may_change(at) & group
                if not self._bound_anew(one, at, position)
            }
            if changed:
                self._take(at, next(iter(sorted(changed))), position)
                self.tried.add(at)
                own = changes_surely(self.index.trees[at], self.index.names[at])
                if name in own and not self.index.names[at].trains:
                    sure.add(at)
                self._empty_queue()
        self.optional = set(self.taken) - sure
        self.unbound = unbound
        del self.unreadable[unreadable:]

    def _group(self, name: str, position: int) -> set[str]:
        """The names whose objects may be parts of that of ``name``, or have it as a part."""
        sets: dict[str, list[frozenset[str]]] = defaultdict(list)
        for at in range(min(position, len(self.index.names))):
            for linked in self.index.links(at):
                for one in linked:
                    sets[one].append(linked)
        group, waiting = {name}, [name]
        while waiting:
            for linked in sets.pop(waiting.pop(), ()):
                waiting += linked - group
                group |= linked
        return group

    def _bound_anew(self, name: str, at: int, position: int) -> bool:
        """Whether a name stands for another object by the time the asked-for one is read."""
        binders = self.index.binders.get(name, [])
        later = binders[bisect_right(binders, at) : bisect_left(binders, position)]
        return any(
            name in self.index.names[one].binds and name not in self.index.names[one].uses
            for one in later
        )

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
        if events[0] >= position and hasattr(builtins, name):
            return  # rebound further down, and here what Python has
        until = position if events[0] < position else self._later(name, position)
        if until is None:
            self._unbound(name)
            return
        event = events[bisect_left(events, until) - 1]
        self._look_for_broken(name, event, until)
        self.before[position].add(event)
        self._take(event, name, position)
        if name not in self.index.names[event].binds and event != self.index.binders[name][0]:
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
        # Another cell was run as a whole.
        cell = self._cell(binders[at])
        if cell != self._cell(position):
            while at + 1 < len(binders) and self._cell(binders[at + 1]) == cell:
                at += 1
        return binders[at + 1] if at + 1 < len(binders) else len(self.index.names)

    def _cell(self, position: int) -> int | None:
        at_end = position >= len(self.index.statements)
        return None if at_end else self.index.statements[position].cell

    def _deferred(self, name: str, position: int) -> Iterator[str]:
        """What the bodies use of all that ``name`` may stand for at a position."""
        turns = self.index.turns[name]
        end = bisect_left(turns, position)
        for turn in reversed(turns[max(0, end - MAX_DEFINITIONS) : end]):
            names = self.index.names[turn]
            yield from sorted(names.deferred)
            if name in names.binds:
                return

    def _take(self, position: int, name: str, asking: int) -> None:
        """Run this statement; what it uses is needed where it stands."""
        if position not in self.taken:
            self.taken[position] = name, asking
            names = self.index.names[position]
            for used in sorted(names.uses):
                # What it may have bound itself is not looked for further down.
                if used not in names.may_use or self._is_above(used, position):
                    self._want(used, position)

    def _is_above(self, name: str, position: int) -> bool:
        return name in self.index.binders and self.index.events[name][0] < position

    def _unbound(self, name: str) -> None:
        """Perhaps from a star import; perhaps from a statement that cannot be read."""
        if name not in self.index.binders:
            self.unbound[name] = None
        for star in self.index.star_imports:
            self._take(star, name, len(self.index.names))
        if not self.index.star_imports and name in self.index.broken:
            self.unreadable.append(syntax(name, self.index.broken[name]))

    def _look_for_broken(self, name: str, after: int, until: int) -> None:
        """A line that would have changed the object: without it, it is another object."""
        broken = self.index.broken_changes.get(name, [])
        for at in range(bisect_right(broken, after, key=itemgetter(0)), len(broken)):
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
