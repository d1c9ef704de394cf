"""Why a name cannot be had: what a stub is, and what the student reads."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from grader.records import BrokenStatement, Problem, Submission, WrittenFile
from grader.submission.verdicts import is_stub, missing, syntax

NOTEBOOK = Submission("it.ipynb", "", "notebook", (), (), None)


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "...",
        "return",
        "return None",
        "return ...",
        "return NotImplemented",
        "raise NotImplementedError",
        "raise NotImplementedError('write this')",
        "'''What it does.'''",
        "'''What it does.'''\n    # TODO: your code here\n    pass",
        "'''TODO'''\n    raise NotImplementedError()",
        "model = None\n    # TODO\n    return model",
        "x: int = ...",
        "import keras\n    from keras import layers\n    model = ...\n    return model",
    ],
)
def test_a_function_in_which_nothing_was_filled_in_is_a_stub(body: str) -> None:
    (node,) = ast.parse(f"def build(a=1):\n    {body}").body
    assert is_stub(node, "build")


@pytest.mark.parametrize(
    "body",
    [
        "return 1",
        "return x",
        "return a",
        "return [None]",
        "model = None\n    model = Sequential()\n    return model",
        "model = None\n    return other",
        "raise ValueError('no')",
        "raise",
        "print('TODO')",
        "x = 1",
        "if a: pass",
        "return build",
    ],
)
def test_a_function_in_which_something_was_written_is_none(body: str) -> None:
    (node,) = ast.parse(f"def build(a=1):\n    {body}").body
    assert not is_stub(node, "build")


@pytest.mark.parametrize(
    ("source", "stub"),
    [
        ("model = None", True),
        ("model = ...", True),
        ("model: object = None", True),
        ("model = a = ...", True),
        ("model: object", False),
        ("model = 0", False),
        ("model = ''", False),
        ("model = False", False),
        ("model = {}", False),
        ("model += None", False),
        ("import model", False),
        ("class model: pass", False),
        ("def other(): pass", False),
        ("if a: model = None", False),
    ],
)
def test_a_value_that_is_nothing_yet_is_a_stub(source: str, stub: bool) -> None:
    (node,) = ast.parse(source).body
    assert is_stub(node, "model") is stub


@pytest.mark.parametrize(
    ("names", "known", "functions", "message"),
    [
        (["a_name"], [], [], "a_name is not defined. The notebook defines no function."),
        (
            ["a_name", "b"],
            ["zzz"],
            [],
            "a_name is not defined (nor b). The notebook defines no function.",
        ),
        (
            ["build_cnn", "cnn", "model"],
            ["buildCNN", "x"],
            ["buildCNN", "f"],
            'build_cnn is not defined (nor cnn or model). Did you mean "buildCNN"? '
            "Functions that are: buildCNN, f.",
        ),
        (
            ["q"],
            [],
            [f"f{i}" for i in range(8)],
            "q is not defined. Functions that are: f0, f1, f2, f3, f4, f5, f6, f7.",
        ),
        (
            ["q"],
            [],
            [f"f{i}" for i in range(11)],
            "q is not defined. Functions that are: f0, f1, f2, f3, f4, f5, f6, f7 and 3 more.",
        ),
    ],
    ids=["nothing there", "with another name", "a near one", "eight functions", "eleven functions"],
)
def test_missing(names: list[str], known: list[str], functions: list[str], message: str) -> None:
    assert missing(names, known, functions, NOTEBOOK) == Problem("missing", message)


def test_a_name_that_is_only_in_a_written_file_is_told_how_to_be_imported() -> None:
    file = WrittenFile("nets", "import keras\n\ndef build_cnn():\n    pass", 3, 2)
    found = missing(["build_cnn"], [], ["f"], replace(NOTEBOOK, files=(file,)))
    assert found.message == (
        "build_cnn is not defined. Cell 3 writes it into a file: add from nets import build_cnn "
        "in a cell below."
    )


def broken(source: str, line: int, error_line: int) -> BrokenStatement:
    return BrokenStatement(source, 4, line, "invalid syntax", error_line, ())


@pytest.mark.parametrize(
    ("stretch", "source"),
    [
        (broken("def f():\n    x = = 1", 7, 8), "x = = 1"),
        (broken("x = = 1", 7, 7), "x = = 1"),
        (broken("x" * 500, 7, 7), "x" * 300),
        (broken("x", 7, 9), None),
        (broken("x", 7, 5), None),
    ],
    ids=["the second line", "the first line", "a long line", "below the text", "above the text"],
)
def test_syntax_shows_the_line_that_python_points_to(
    stretch: BrokenStatement, source: str | None
) -> None:
    message = "Python cannot read the statement that changes f: invalid syntax."
    found = syntax("f", stretch, "changes")
    assert found == Problem("syntax", message, 4, stretch.error_line, source)
