"""The one function that every input goes through, whoever made it."""

from __future__ import annotations

import ast
import json
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from grader.errors import SubmissionError
from grader.records import Problem, Program, Submission
from grader.submission.placeholders import unfilled
from grader.submission.read import read_submission
from grader.submission.slice import (
    Cut,
    calls_of,
    cuts,
    defined_names,
    may_hold_models,
    slice_cut,
)
from grader.submission.verdicts import held_elsewhere

MAX_NAMES = 12
"""How many of the names that an input defines are asked for."""
ASKED = ("build_cnn", "model", "LeNet.build")
"""Names that are asked for in any case."""
RAISED = Problem("raised", "It raised.")


class Slow(Exception):
    """An input for which the grader takes longer than anybody would wait."""


def look_at(data: bytes, seconds: float | None = None) -> None:
    """Read the bytes as a notebook and, unless they are JSON, as a script, and slice each name.

    Raises AssertionError where a result is not what it should be, Slow above ``seconds`` of
    processor time, and whatever the grader lets out that is not its own.
    """
    started = time.process_time()
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        for suffix in (".ipynb",) if data.lstrip()[:1] == b"{" else (".ipynb", ".py"):
            path = Path(folder, f"submission{suffix}")
            path.write_bytes(data)
            _read_and_slice(path)
    taken = time.process_time() - started
    if seconds is not None and taken > seconds:
        raise Slow(f"{taken:.1f} s for {len(data):,} bytes")


def _memory() -> str | None:
    """Where files cost no disk, if there is such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _read_and_slice(path: Path) -> None:
    try:
        submission = read_submission(path)
    except SubmissionError as error:
        _check_problem(error.problem)
        return
    _check_submission(submission)
    defined = sorted(defined_names(submission))
    for name in (*ASKED, *defined[:: 1 + len(defined) // MAX_NAMES]):
        _slice(submission, name)
    for cut in may_hold_models(submission):
        _take(submission, cut)


def _slice(submission: Submission, name: str) -> None:
    try:
        found = cuts(submission, [name, "another"])
    except SubmissionError as error:
        _check_problem(error.problem)
        return
    assert found
    for cut in (*found, *calls_of(submission, name)):
        _take(submission, cut)


def _take(submission: Submission, cut: Cut) -> None:
    try:
        program = slice_cut(submission, cut)
    except SubmissionError as error:
        _check_problem(error.problem)
        return
    _check_program(program, submission)
    gap = unfilled(program, RAISED)
    if gap is not None:
        _check_problem(gap)
    _check_problem(held_elsewhere("build_cnn", RAISED, program))


def _check_submission(submission: Submission) -> None:
    ends = {
        cell: source.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        for cell, source in submission.cells
    }
    for statement in submission.statements:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(statement.source)
            assert len(tree.body) == 1, statement
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            compile(tree, "x", "exec", flags=flags, dont_inherit=True)
        last = statement.line + statement.source.count("\n")
        assert 1 <= statement.line <= last <= ends[statement.cell], statement
    for broken in submission.broken:
        assert broken.source.strip(), broken
        assert 1 <= broken.line <= broken.error_line <= ends[broken.cell], broken
        assert len(broken.message) <= 300
        assert all(name.isidentifier() for name in broken.names), broken
    _must_be_json([submission.statements and submission.statements[0].source, submission.notes])


def _check_program(program: Program, submission: Submission) -> None:
    known = {id(statement) for statement in submission.statements}
    taken = [id(statement) for statement in program.statements]
    assert taken, program.name
    assert known.issuperset(taken)
    assert len(set(taken)) == len(taken)
    _must_be_json([program.name, program.unbound, program.assumptions])
    _must_be_json([statement.source for statement in program.statements])


def _check_problem(problem: Problem) -> None:
    assert problem.message.strip()
    assert len(problem.message) < 10_000, problem.message
    assert (problem.line or 1) >= 1, problem
    assert "\n" not in (problem.source or ""), problem
    _must_be_json([problem.message, problem.source])


def _must_be_json(value: Any) -> None:
    """It goes to another process, and into a report, as UTF-8."""
    json.dumps(value, ensure_ascii=False).encode()
