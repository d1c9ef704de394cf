"""``--explain-slice`` on a terminal: every statement with its reason, and nothing obeyed."""

from __future__ import annotations

import io

from grader.records import Account, AccountLine
from grader.report.account import print_account
from grader.report.console import WIDTH

LINES = (
    AccountLine(1, 1, 1, "import keras", True, "binds keras, for cell 2, line 1"),
    AccountLine(1, 3, 3, "!pip install x", False, "a command of the notebook, not Python"),
    AccountLine(2, 1, 12, "def build_cnn():", True, "binds build_cnn, which is asked for"),
)


def printed(*lines: AccountLine, problem: str | None = None, name: str = "build_cnn") -> str:
    stream = io.StringIO()
    print_account("Convolve", Account(name, problem, lines), stream)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def test_every_statement_stands_under_its_cell_with_its_lines_and_its_reason() -> None:
    assert printed(*LINES) == (
        "Convolve: 2 of 3 statements are run for build_cnn.\n"
        "cell 1\n"
        "  run      1  import keras\n"
        "              binds keras, for cell 2, line 1\n"
        "  left     3  !pip install x\n"
        "              a command of the notebook, not Python\n"
        "cell 2\n"
        "  run   1–12  def build_cnn():\n"
        "              binds build_cnn, which is asked for\n"
    )


def test_a_script_has_no_cells() -> None:
    line = AccountLine(None, 1, 1, "model = 1", True, "binds model, which is asked for")
    assert printed(line, name="model") == (
        "Convolve: 1 of 1 statements are run for model.\n"
        "  run  1  model = 1\n"
        "          binds model, which is asked for\n"
    )


def test_the_problem_stands_before_the_statements() -> None:
    assert printed(problem="build_cnn is not defined.") == (
        "Convolve: 0 of 0 statements are run for build_cnn.\nbuild_cnn is not defined.\n"
    )


def test_text_of_strangers_is_shown_and_not_obeyed() -> None:
    hostile = "\x1b[31m[bold]red[/bold]\u202e"
    line = AccountLine(1, 1, 1, hostile, False, f"binds {hostile}")
    text = printed(line, problem=hostile, name=hostile)
    assert "\x1b" not in text and "\u202e" not in text
    assert text.count("\\x1b[31m[bold]red[/bold]\\u202e") == 4


def test_long_lines_are_cut_or_folded() -> None:
    line = AccountLine(1, 1, 1, "x" * 10_000, True, "binds " + "y" * 1_000)
    text = printed(line)
    assert max(map(len, text.split("\n"))) <= WIDTH
    assert text.count("x") == 60 and text.count("y") == 1_000
