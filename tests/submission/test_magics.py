"""Magics and shell lines become Python of the same number of lines."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission.magics import replace_magics
from tests.submission.cells import examples


@pytest.mark.parametrize(
    ("line", "python"),
    [
        ("%matplotlib inline", "pass"),
        ("%load_ext tensorboard", "pass"),
        ("  %cd /content", "  pass"),
        ("%time model = build()", "model = build()"),
        ("    %time x = 1", "    x = 1"),
        ("%timeit f()", "pass"),
        ("%time", "pass"),
        ("%%time", "pass"),
        ("!ls -l", "pass"),
        ("\t!pip install keras", "\tpass"),
        ("!!ls", "pass"),
        ("files = !ls", "files = get_ipython().getoutput()"),
        ("files: list = !ls", "files: list = !ls"),
        ("a.b[0], c['d'] = !ls {x}", "a.b[0], c['d'] = get_ipython().getoutput()"),
        ("cwd = %pwd", "cwd = get_ipython().getoutput()"),
        ("    x=!ls", "    x= get_ipython().getoutput()"),
        ("x = %time f(1)", "x = f(1)"),
        ("?print", "pass"),
        ("??print", "pass"),
        ("print?", "pass"),
        ("model.fit??", "pass"),
        ("layers[0]?", "pass"),
        ("%time?", "pass"),
        ("*.fit?", "pass"),
        ("pip install keras", "pass"),
        ("pip3 install -q keras", "pass"),
        ("conda install x", "pass"),
        ("apt-get install graphviz", "pass"),
        ("cd dir", "pass"),
        ("cd ..", "pass"),
        ("cd", "pass"),
        ("ls", "pass"),
        ("ls -l /tmp", "pass"),
        ("wget http://x/y", "pass"),
        ("git clone x", "pass"),
    ],
)
def test_a_line_that_is_not_python_gives_way(line: str, python: str) -> None:
    assert replace_magics(f"x = 1\n{line}\ny = 2") == f"x = 1\n{python}\ny = 2"


@pytest.mark.parametrize(
    "line",
    [
        "x % y",
        "x = a %b",
        "x = a % b",
        "x = 'a' %b",
        "a != b",
        "x == !y",
        "pip = 3",
        "pip.install('x')",
        "pip",
        "pipeline run",
        "cd = 1",
        "x = y?",
        "print('what?')",
        "# what?",
        "f(a=!x)",
        "",
    ],
)
def test_other_lines_stay(line: str) -> None:
    assert replace_magics(f"x = 1\n{line}\ny = 2") == f"x = 1\n{line}\ny = 2"


@pytest.mark.parametrize(
    "source",
    [
        'x = """\n!ls\n%time\nprint?\n"""',
        "x = '''a\n\\'''\n!ls\n'''",
        "x = (5\n%y)",
        "x = [a,\n!b]",
        "x = {1: 'a)',\n!b}",
        "x = 5 \\\n%y",
        "x = 'a\\\n!b'",
        'x = "a#b" + (\n!c)',
        "x = 'it\\'s (' + (\n!c)",
    ],
    ids=[
        "triple quotes",
        "an escaped quote",
        "the modulo operator in brackets",
        "a list",
        "a bracket in a string",
        "a continued line",
        "a continued string",
        "a number sign in a string",
        "an escaped quote before a bracket",
    ],
)
def test_strings_brackets_and_continued_lines_are_left_alone(source: str) -> None:
    assert replace_magics(source) == source


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("x = (1) # (\n!ls", "x = (1) # (\npass"),
        ("x = 1 # a \\\n!ls", "x = 1 # a \\\npass"),
        ("x = 'abc\n!ls", "x = 'abc\npass"),
        ("x = '\"'\n!ls", "x = '\"'\npass"),
        ("x = 1)\n!ls", "x = 1)\npass"),
        ('"""a"""\n!ls', '"""a"""\npass'),
        ("''\n!ls", "''\npass"),
        ("x = 5 \\\n + 2\n!ls", "x = 5 \\\n + 2\npass"),
    ],
    ids=[
        "a bracket in a comment",
        "a backslash in a comment",
        "a string that its line ends",
        "a quote in a string",
        "a closing bracket too many",
        "triple quotes on one line",
        "an empty string",
        "a continued line",
    ],
)
def test_what_is_over_lets_the_next_line_be_a_magic(source: str, python: str) -> None:
    assert replace_magics(source) == python


def test_a_continued_shell_line_is_one() -> None:
    source = "!pip install a \\\n    b \\\n    c\nx = 1"
    assert replace_magics(source) == "pass\n\n\nx = 1"


def test_a_continued_statement_below_time_stays_whole() -> None:
    assert replace_magics("%time x = 1 + \\\n    2") == "x = 1 + \\\n    2"


def test_the_body_of_an_if_is_kept_in_place() -> None:
    python = replace_magics("if colab:\n    !pip install x\n    %cd y\nz = 1")
    assert python == "if colab:\n    pass\n    pass\nz = 1"
    ast.parse(python)


@pytest.mark.parametrize("magic", ["time", "capture out", "prun"])
def test_a_cell_magic_over_python_keeps_the_body(magic: str) -> None:
    assert replace_magics(f"\n%%{magic}\nx = 1\n!ls") == "\n\nx = 1\npass"


@pytest.mark.parametrize(
    "magic", ["bash", "html", "writefile model.py", "sh", "javascript", "latex", "!", "R", ""]
)
def test_a_cell_magic_over_something_else_drops_the_body(magic: str) -> None:
    assert replace_magics(f"%%{magic}\nx = 1\n\ny = (") == "\n\n\n"


def test_a_cell_magic_that_is_not_first_is_a_line() -> None:
    assert replace_magics("# timing\n%%time\nx = 1") == "# timing\npass\nx = 1"


def test_the_first_lines_indentation_is_taken_off_as_ipython_does() -> None:
    source = "\n    x = 1\n    if x:\n        y = 2\n  z = 3\n"
    assert replace_magics(source) == "\nx = 1\nif x:\n    y = 2\n  z = 3\n"


PIECES = st.sampled_from(
    '!|%|%%|?|=|x|pip|\\|\'|"|"""|#|(|)|[|]|time|bash|é|if x:| |    |\n|\t|\r|\f|\0'.split("|")
)


@examples(300)
@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_the_number_of_lines_stays(source: str) -> None:
    assert replace_magics(source).count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "line",
    [
        " " * 50_000,
        "a " * 50_000,
        "x" * 100_000 + "[",
        "x = " + "(" * 50_000,
        "?" * 50_000,
        "pip" + " a" * 50_000,
        "x." * 50_000,
        "[" * 50_000 + "?",
        "=" * 50_000,
    ],
    ids=lambda line: line[:4],
)
def test_a_very_long_line_takes_no_time(line: str) -> None:
    started = time.process_time()
    replace_magics(line)
    assert time.process_time() - started < 1
