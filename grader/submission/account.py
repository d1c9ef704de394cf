"""Why each statement of a submission is run for a name, or is not."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.errors import SubmissionError
from grader.records import Account, AccountLine, BrokenStatement, Statement, Submission
from grader.submission.calls import NEVER_RUN
from grader.submission.index import Index, place_of
from grader.submission.needs import Needs
from grader.submission.slice import Cut, cuts, index_of
from grader.words import join_words

MAX_NAMES = 4


def account_for(submission: Submission, names: Sequence[str]) -> Account:
    """What is run for the first of ``names`` that is there, as it stands at the end."""
    index = index_of(submission)
    needs, problem, cut = Needs(index), None, Cut(names[0], len(index.names))
    try:
        cut = cuts(submission, names)[0]
        needs.collect(cut.root, cut.position)
    except SubmissionError as error:
        problem = error.problem.message
    read = [
        _line(statement, statement.source, *_reason(index, needs, cut, position))
        for position, statement in enumerate(submission.statements)
    ]
    unread = [
        _line(broken, broken.source, False, f"Python cannot read it: {broken.message}")
        for broken in submission.broken
    ]
    shown = _with_commands(submission, read)
    lines = sorted((*shown, *unread), key=lambda line: (line.cell or 0, line.first))
    return Account(cut.name, problem, tuple(lines))


def _line(statement: Statement | BrokenStatement, source: str, run: bool, why: str) -> AccountLine:
    text = source.rstrip("\n").split("\n")
    first = next((line for line in text if line.strip()), "")
    last = statement.line + len(text) - 1
    return AccountLine(statement.cell, statement.line, last, first.strip(), run, why)


def _with_commands(submission: Submission, lines: list[AccountLine]) -> Iterator[AccountLine]:
    """Where a command of the notebook stood, the command itself and not what was put there."""
    sources = {cell: source.split("\n") for cell, source in submission.cells}
    for line in lines:
        cell = sources.get(line.cell, [])
        written = cell[line.first - 1].strip() if line.first <= len(cell) else line.source
        if line.source == "pass" and written and written != "pass":
            why = "a command of the notebook, not Python"
            yield AccountLine(line.cell, line.first, line.last, written, False, why)
        else:
            yield line


def _reason(index: Index, needs: Needs, cut: Cut, position: int) -> tuple[bool, str]:
    if position not in needs.taken:
        return False, _why_left(index, position)
    name, asking = needs.taken[position]
    if not name:
        return True, "holds for all that follows"
    if position in needs.tried:
        return True, f"may change {name}, so it is tried"
    does = "binds" if position in index.binders.get(name, ()) else "changes"
    if position in index.star_imports and name not in index.binders:
        does = "may bring"
    if asking >= len(index.names) or asking == cut.position:
        whose = "which is asked for" if name == cut.root else f"which {cut.name} needs"
    else:
        whose = f"for {_where(needs, asking)}"
    return True, f"{does} {name}, {whose}"


def _where(needs: Needs, position: int) -> str:
    cell, line = place_of(needs.index.statements[position])
    return f"cell {cell}, line {line}" if cell else f"line {line}"


def _why_left(index: Index, position: int) -> str:
    names, tree = index.names[position], index.trees[position]
    if names.trains:
        return "trains or tests a model"
    if isinstance(tree, ast.Expr) and not names.methods.isdisjoint(NEVER_RUN):
        return "shows, saves or fetches something"
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return "is only a text"
    bound = sorted(names.binds | names.may_bind | names.augments)
    if bound:
        more = len(bound) - MAX_NAMES
        shown = join_words(bound if more <= 0 else [*bound[:MAX_NAMES], f"{more} more"])
        return f"binds {shown}; nothing of that is needed"
    changed = sorted(names.changes)
    if changed:
        return f"changes {join_words(changed[:MAX_NAMES])}; that is not needed"
    return "binds and changes nothing"
