"""Programs run as Jupyter runs cells."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from grader.sandbox.standins import Notes
from grader.sandbox.standins.rescue import Rescue
from grader.sandbox.statements import run_statements


def run(*sources: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    statements = [
        {"source": source, "cell": number, "line": 3} for number, source in enumerate(sources, 1)
    ]
    run_statements(statements, namespace, Rescue(None, Notes()))
    return namespace


def test_await_is_allowed_at_the_top_level() -> None:
    answer = "async def answer():\n    return 42"
    assert run(answer, "value = await answer()")["value"] == 42


def test_a_future_import_holds_for_what_follows() -> None:
    defined = "def build() -> Unknown:\n    return 1"
    assert run("from __future__ import annotations", defined)["build"]() == 1
    with pytest.raises(NameError):
        run(defined)


def test_the_graders_own_future_imports_are_not_the_students() -> None:
    with pytest.raises(NameError):
        run("x: Unknown = 1")


def test_a_traceback_names_the_cell_and_its_line() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run("x = 1", "def f():\n    return 1 / 0\n", "f()")
    frames = traceback.extract_tb(caught.value.__traceback__)[-2:]
    assert [(frame.filename, frame.lineno) for frame in frames] == [
        ("<cell 3>", 3),
        ("<cell 2>", 4),
    ]
