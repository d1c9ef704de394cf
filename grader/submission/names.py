"""The names that statements bind, use and change, and how they add up.

Names are those of the notebook's one global scope. A name is *used* when the statement itself
runs, and *deferred* when only a call of a function defined there would use it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.submission.calls import TRAINING, Call, Function


@dataclass(slots=True)
class Names:
    """The names of one statement, or of several that run one after the other."""

    binds: set[str] = field(default_factory=set)
    """Bound for certain when the statement has run."""
    may_bind: set[str] = field(default_factory=set)
    """Bound on some way through it, such as inside an ``if``."""
    augments: set[str] = field(default_factory=set)
    """Bound by ``x += ...``, which may be the object that it was, changed."""
    uses: set[str] = field(default_factory=set)
    """Read from outside: not those that it has bound before it reads them."""
    may_use: set[str] = field(default_factory=set)
    """Those of the used ones that it may have bound before, such as inside an ``if``."""
    deferred: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    """Names whose object is changed: ``model.add(...)``, ``x[0] = 1``."""
    deletes: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    """Named in a ``global`` declaration."""
    calls: list[Call] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)
    """What is called as an attribute: ``add``, where ``model.add(...)`` runs."""
    functions: list[Function] = field(default_factory=list)
    """Those defined here."""
    aliases: list[tuple[str, str]] = field(default_factory=list)
    """``m`` and ``model``, after ``m = model``."""
    imports: set[str] = field(default_factory=set)
    """Those of the bound names that an import binds."""
    star_import: bool = False
    future: bool = False

    @property
    def trains(self) -> bool:
        return not self.methods.isdisjoint(TRAINING)

    def then(self, other: Names) -> Names:
        """Add what runs next; what it reads may have been bound here."""
        sure = other.uses - other.may_use - self.binds - self.may_bind
        sure |= self.uses - self.may_use
        self.uses |= other.uses - self.binds
        self.may_use = self.uses - sure
        self.binds |= other.binds
        self.may_bind |= other.may_bind
        self.augments |= other.augments
        self.deferred |= other.deferred
        self.changes |= other.changes
        self.deletes |= other.deletes
        self.globals |= other.globals
        self.methods |= other.methods
        self.imports |= other.imports
        self.aliases += other.aliases
        self.calls += other.calls
        self.functions += other.functions
        self.star_import |= other.star_import
        self.future |= other.future
        return self

    def unsure(self) -> Names:
        """The same where it may not run at all."""
        self.may_bind |= self.binds
        self.binds = set()
        return self
