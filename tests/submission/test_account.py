"""Why each statement is run for a name, or is not: in words, and in the order of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.records import Account
from grader.submission.account import account_for
from grader.submission.read import read_submission
from tests.submission.cells import submission
from tests.writing import write_notebook


def reasons(*cells: str, name: str = "model") -> list[tuple[bool, str]]:
    account = account_for(submission(*cells), [name])
    assert account.problem is None
    return [(line.run, line.why) for line in account.lines]


ASKED = "which is asked for"
RUN: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "what is asked for": (("model = 1",), [f"binds model, {ASKED}"]),
    "what it needs where it stands": (
        ("a = 1\nb = a\nmodel = b",),
        ["binds a, for cell 1, line 2", "binds b, for cell 1, line 3", f"binds model, {ASKED}"],
    ),
    "what its body needs": (
        ("n = 3", "def model():\n    return n"),
        ["binds n, which model needs", f"binds model, {ASKED}"],
    ),
    "what changes it": (
        ("model = []", "model.append(1)"),
        ["binds model, for cell 2, line 1", f"changes model, {ASKED}"],
    ),
    "a star import": (
        ("from helpers import *", "model = build()"),
        ["may bring build, which model needs", f"binds model, {ASKED}"],
    ),
    "what holds for all": (
        ("from __future__ import annotations", "model = 1"),
        ["holds for all that follows", f"binds model, {ASKED}"],
    ),
}


@pytest.mark.parametrize("what", RUN)
def test_why_a_statement_is_run(what: str) -> None:
    cells, expected = RUN[what]
    assert reasons(*cells) == [(True, why) for why in expected]


LEFT = {
    "model.fit(1)": "trains or tests a model",
    "history = model.fit(1)": "trains or tests a model",
    "model.summary()": "shows, saves or fetches something",
    "'''A text.'''": "is only a text",
    "other = 1": "binds other; nothing of that is needed",
    "a = b = 1": "binds a and b; nothing of that is needed",
    "a = b = c = d = 1": "binds a, b, c and d; nothing of that is needed",
    "a = b = c = d = e = f = 1": "binds a, b, c, d and 2 more; nothing of that is needed",
    "if 1:\n    other = 1": "binds other; nothing of that is needed",
    "import os": "binds os; nothing of that is needed",
    "other.append(1)": "changes other; that is not needed",
    "1 + 1": "binds and changes nothing",
}


@pytest.mark.parametrize("source", LEFT)
def test_why_a_statement_is_left(source: str) -> None:
    first = (True, f"binds model, {ASKED}")
    assert reasons("model = 1", source) == [first, (False, LEFT[source])]


def test_an_older_meaning_of_a_name_is_left() -> None:
    older, newer = reasons("model = 1", "model = 2")
    assert older == (False, "binds model; nothing of that is needed")
    assert newer == (True, f"binds model, {ASKED}")


def test_each_statement_has_its_place_and_its_first_line() -> None:
    account = account_for(
        submission("\n# why\nmodel = [\n    1,\n]\n\n", "a = 1; b = 2"), ["model"]
    )
    places = [(line.cell, line.first, line.last, line.source) for line in account.lines]
    assert places == [(1, 3, 5, "model = ["), (2, 1, 1, "a = 1"), (2, 1, 1, "b = 2")]


def test_a_script_has_lines_and_no_cells() -> None:
    account = account_for(submission("a = 1\nmodel = a", kind="script"), ["model"])
    assert [(line.cell, line.why) for line in account.lines] == [
        (None, "binds a, for line 2"),
        (None, f"binds model, {ASKED}"),
    ]


def test_what_python_cannot_read_stands_among_the_others() -> None:
    account = account_for(submission("a = 1\nb = = 2\nmodel = a"), ["model"])
    assert [line.source for line in account.lines] == ["a = 1", "b = = 2", "model = a"]
    assert account.lines[1].why.startswith("Python cannot read it: ")
    assert account.problem is None


def test_the_first_name_that_is_there_is_the_one() -> None:
    assert account_for(submission("b = 1"), ["a", "b", "c"]).name == "b"
    assert (
        account_for(submission("class Net:\n    def build(): pass"), ["build"]).name == "Net.build"
    )


def test_a_name_that_is_not_there_runs_nothing_and_says_so() -> None:
    account = account_for(submission("a = 1"), ["model"])
    assert (account.name, account.problem) == (
        "model",
        "model is not defined. The notebook defines no function.",
    )
    assert [(line.run, line.why) for line in account.lines] == [
        (False, "binds a; nothing of that is needed")
    ]


def test_nothing_at_all_is_an_account_too() -> None:
    account = account_for(submission(), ["model"])
    assert isinstance(account, Account) and account.lines == ()


def test_a_command_is_shown_as_it_was_written(tmp_path: Path) -> None:
    path = write_notebook(
        tmp_path / "it.ipynb",
        "!pip install keras\nfiles = !ls\nmodel = files",
        "%matplotlib inline\npass",
        "%%bash\nls",
    )
    account = account_for(read_submission(path), ["model"])
    command = "a command of the notebook, not Python"
    assert [(line.cell, line.first, line.source, line.why) for line in account.lines] == [
        (1, 1, "!pip install keras", command),
        (1, 2, account.lines[1].source, "binds files, for cell 1, line 3"),
        (1, 3, "model = files", f"binds model, {ASKED}"),
        (2, 1, "%matplotlib inline", command),
        (2, 2, "pass", "binds and changes nothing"),
    ]


def test_a_name_of_any_length_is_told() -> None:
    name = "a" * 10_000
    assert reasons(f"{name} = 1", name=name) == [(True, f"binds {name}, {ASKED}")]
