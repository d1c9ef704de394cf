"""The programs that may give an asked-for name its value, the likeliest first."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from grader.errors import SubmissionError
from grader.records import Program, Submission
from grader.submission.index import Index, place_of
from grader.submission.needs import Needs
from grader.submission.verdicts import is_stub, missing, syntax, unsolved

MAX_CUTS = 5
"""Definitions of one name that may be tried, the last ones."""
MAX_SUSPECTS = 3
_NAMED_BY_KERAS = re.compile(
    r"[\"'](?:conv2d|dense|max_pooling2d|flatten|dropout|batch_normalization|sequential|functional|"
    r"model|activation)_\d+[\"']"
)
MODELS = frozenset(("Sequential", "Model", "Functional"))
READ_BACK = frozenset(("load_model", "from_saved_model"))


@dataclass(frozen=True, slots=True)
class Cut:
    """One meaning of an asked-for name: that which it has before a position."""

    name: str
    """``build_cnn``, or ``LeNet.build`` for a method."""
    position: int

    @property
    def root(self) -> str:
        return self.name.partition(".")[0]


def slice_name(submission: Submission, names: Sequence[str]) -> Program:
    """The program that gives one name its value, as it stands at the end.

    Args:
        submission: what was read.
        names: the asked-for name, then the others that are taken, in this order.

    Raises SubmissionError: ``missing``, ``syntax`` or ``unsolved``.
    """
    return slice_cut(submission, cuts(submission, names)[0])


def cuts(submission: Submission, names: Sequence[str]) -> list[Cut]:
    """The meanings of the first name that is there, the last one first; at most MAX_CUTS.

    A notebook may bind ``model`` three times, and the exercise's be any of them. In a history an
    earlier one is what the student has written anew since: only the last one counts.

    Raises SubmissionError: ``missing`` or ``syntax``.
    """
    index, most = index_of(submission), 1 if submission.kind == "history" else MAX_CUTS
    for name in names:
        root = name.partition(".")[0]
        if root in index.binders:
            return _cuts(index, name, most)
        if root in index.broken:
            raise SubmissionError(syntax(name, index.broken[root]))
        owner = _class_with(index, name)
        if owner is not None:
            return _cuts(index, f"{owner}.{name}", most)
    functions = [tree.name for tree in index.trees if isinstance(tree, ast.FunctionDef)]
    raise SubmissionError(missing(names, index.binders, list(dict.fromkeys(functions)), submission))


def _cuts(index: Index, name: str, most: int) -> list[Cut]:
    """Where the name is read at the end, and before each time that it is bound anew."""
    root = name.partition(".")[0]
    sure = [at for at in index.binders[root] if root in index.names[at].binds]
    ends = [len(index.names), *(at for at in reversed(sure) if at > index.binders[root][0])]
    # A model read back from a file is what an earlier definition made, and the file is not here.
    ends.sort(key=lambda end: _reads_back(index, root, end))
    return [Cut(name, end) for end in ends[:most]]


def _reads_back(index: Index, name: str, end: int) -> bool:
    binders = index.binders[name]
    last = binders[bisect_left(binders, end) - 1]
    methods = {call.function for call in index.names[last].calls} | index.names[last].methods
    return not methods.isdisjoint(READ_BACK)


def slice_cut(submission: Submission, cut: Cut) -> Program:
    """The program for one meaning of a name.

    Raises SubmissionError: ``syntax`` or ``unsolved``.
    """
    index, root = index_of(submission), cut.root
    binders = index.binders[root]
    last = binders[bisect_left(binders, cut.position) - 1]
    statement = submission.statements[last]
    if is_stub(index.trees[last], root, cut.name):
        raise SubmissionError(unsolved(cut.name, statement))
    needs = Needs(index)
    order = needs.collect(root, cut.position)
    return Program(
        name=cut.name,
        statements=tuple(submission.statements[i] for i in order),
        cell=statement.cell,
        line=statement.line,
        assumptions=(*submission.notes, *_notes(index, cut, last, submission, order)),
        unbound=tuple(needs.unbound),
        files=submission.files,
        optional=frozenset(place for place, at in enumerate(order) if at in needs.optional),
        keras_1=index.keras_1,
    )


def without_optional(program: Program) -> Program:
    """The same program without what only may change the object."""
    kept = tuple(
        statement
        for place, statement in enumerate(program.statements)
        if place not in program.optional
    )
    return replace(program, statements=kept, optional=frozenset())


def _notes(
    index: Index, cut: Cut, last: int, submission: Submission, order: Sequence[int]
) -> Iterator[str]:
    """What was passed over, and what may be another than in the whole notebook."""
    broken = index.broken.get(cut.root)
    taken = submission.statements[last]
    if broken is not None and place_of(broken) > place_of(taken):
        where = f"cell {broken.cell}, line {broken.line}" if broken.cell else f"line {broken.line}"
        yield (
            f"{cut.root} is defined again in {where}, which Python cannot read "
            f"({broken.message.rstrip('.')}); the definition before it was taken."
        )
    if _NAMED_BY_KERAS.search("".join(index.statements[at].source for at in order)):
        yield (
            "Layers are named anew here: a name that Keras gives, such as dense_1, may be that of "
            "another layer than in the whole notebook."
        )
    below = [at for at in index.binders[cut.root] if at > last]
    if below and all(_reads_back(index, cut.root, at + 1) for at in below):
        yield (
            f"{cut.root} is read back from a file further down, which is not here; its "
            "definition above was taken, without what is changed below."
        )
    for unread in submission.broken:
        if re.match(rf"\s*{re.escape(cut.root)}\.compile\b", unread.source):
            where = f"cell {unread.cell}" if unread.cell else "the script"
            yield (
                f"{cut.root}.compile in {where}, line {unread.line}, cannot be read "
                f"({unread.message.rstrip('.')}), so it was left out."
            )


def calls_of(submission: Submission, name: str) -> list[Cut]:
    """What the notebook itself makes by calling a function: ``model = build(base, 10)``."""
    index = index_of(submission)
    since = index.binders.get(name, [0])[-1] if submission.kind == "history" else 0
    found = []
    for position, (tree, names) in enumerate(zip(index.trees, index.names, strict=True)):
        called = any(call.function == name for call in names.calls)
        if (
            called
            and position >= since
            and isinstance(tree, ast.Assign)
            and isinstance(tree.targets[0], ast.Name)
        ):
            found.append(Cut(tree.targets[0].id, position + 1))
    return found[: -MAX_CUTS - 1 : -1]


def defined_names(submission: Submission) -> frozenset[str]:
    """Every name that the submission binds, broken statements included."""
    index = index_of(submission)
    return frozenset(index.binders) | frozenset(index.broken)


def may_hold_models(submission: Submission) -> list[Cut]:
    """Names that look as if a Keras model could be had from them, the last bound first."""
    index = index_of(submission)
    found: dict[str, int] = {}
    for position, (tree, names) in enumerate(zip(index.trees, index.names, strict=True)):
        if _mentions_model(tree) or any(call.function in found for call in names.calls):
            for name in sorted(names.binds - names.imports):
                found.pop(name, None)
                found[name] = position
    newest = sorted(found, key=lambda name: found[name], reverse=True)
    return [Cut(name, len(index.names)) for name in newest[:MAX_SUSPECTS]]


def _mentions_model(tree: ast.stmt) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in MODELS:
                return True
    return False


def _class_with(index: Index, method: str) -> str | None:
    """The last class that defines a method of that name."""
    for tree in reversed(index.trees):
        if isinstance(tree, ast.ClassDef) and any(
            isinstance(part, ast.FunctionDef) and part.name == method for part in tree.body
        ):
            return tree.name
    return None


@lru_cache(maxsize=2)
def index_of(submission: Submission) -> Index:
    """Made once for all exercises of a submission."""
    return Index(submission)
