"""Exceptions of student code, told with the student's own line."""

from __future__ import annotations

import linecache

import pytest

from grader.records import Problem
from grader.sandbox.client import Sandbox
from grader.sandbox.raised import as_fact, file_name, remember_source
from grader.sandbox.verdict import read_error
from tests.sandbox.asking import ask, refused


def test_a_cell_is_named_by_its_number_and_a_script_has_none() -> None:
    assert (file_name(3), file_name(None)) == ("<cell 3>", "<script>")


def verdict(sandbox: Sandbox, *cells: str, name: str = "build_cnn") -> Problem:
    return refused(ask(sandbox, "build", name, *cells), name)


HELPER = "def divide(number):\n    half = number / 0\n    return half"

PLACES = {
    "in the builder": (
        ("def build_cnn():\n    x = 1\n    return x.y",),
        ("AttributeError: 'int' object has no attribute 'y'", 1, 3, "return x.y"),
    ),
    "in a helper of another cell": (
        ("import math", HELPER, "def build_cnn():\n    return divide(1)"),
        ("ZeroDivisionError: division by zero", 2, 2, "half = number / 0"),
    ),
    "while a cell runs": (
        ("build_cnn = None", "build_cnn = build_cnn()"),
        ("TypeError: 'NoneType' object is not callable", 2, 1, "build_cnn = build_cnn()"),
    ),
    "in a method": (
        ("class Net:\n    def build(self):\n        raise KeyError('x')\nbuild_cnn = Net().build",),
        ("KeyError: 'x'", 1, 3, "raise KeyError('x')"),
    ),
    "in a comprehension": (
        ("def build_cnn():\n    return [\n        1 / n\n        for n in (1, 0)\n    ]",),
        ("ZeroDivisionError: division by zero", 1, 3, "1 / n"),
    ),
    "in a lambda": (
        ("build_cnn = (\n    lambda: undefined\n)",),
        ("NameError: name 'undefined' is not defined", 1, 2, "lambda: undefined"),
    ),
    "in code that the student executes": (
        ("def build_cnn():\n    exec('x = 1\\n1 / 0')",),
        ("ZeroDivisionError: division by zero", 1, 2, "exec('x = 1\\n1 / 0')"),
    ),
    "in a decorated builder": (
        ("import functools", "@functools.cache\ndef build_cnn():\n    assert False, 'no'"),
        ("AssertionError: no", 2, 3, "assert False, 'no'"),
    ),
    "inside Keras, below the student's line": (
        ("import keras", "def build_cnn():\n    return keras.layers.Dense(-5)"),
        (
            "units is a whole number above 0; here it is -5.",
            2,
            2,
            "return keras.layers.Dense(-5)",
        ),
    ),
    "in a call over several lines": (
        (
            "import keras",
            "def build_cnn():\n    return keras.layers.Conv2D(\n        8,\n"
            "        kernal_size=3,\n    )",
        ),
        (
            'Conv2D needs kernel_size; "kernal_size" is not one of its arguments.',
            2,
            2,
            "return keras.layers.Conv2D(",
        ),
    ),
    "behind letters of more than one byte": (
        ("import keras", "def build_cnn():\n    ä, x = 'ö', keras.layers.Conv2D(8, kernal_size=3)"),
        (
            'Conv2D needs kernel_size; "kernal_size" is not one of its arguments.',
            2,
            2,
            "ä, x = 'ö', keras.layers.Conv2D(8, kernal_size=3)",
        ),
    ),
    "as one exception from another": (
        (
            "def build_cnn():\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n"
            "        raise ValueError('second') from e",
        ),
        ("ValueError: second", 1, 5, "raise ValueError('second') from e"),
    ),
    "without a word": (
        ("def build_cnn():\n    raise RuntimeError",),
        ("RuntimeError", 1, 2, "raise RuntimeError"),
    ),
    "without words that can be had": (
        (
            "class Odd(Exception):\n    def __str__(self):\n        raise self",
            "def build_cnn():\n    raise Odd",
        ),
        ("Odd", 2, 2, "raise Odd"),
    ),
    "with a class that lies about its name": (
        (
            "class Meta(type):\n    __name__ = 7\nclass Odd(Exception, metaclass=Meta):\n    pass",
            "def build_cnn():\n    raise Odd('text')",
        ),
        ("Odd: text", 2, 2, "raise Odd('text')"),
    ),
    "as Ctrl-C": (
        ("def build_cnn():\n    raise KeyboardInterrupt",),
        ("KeyboardInterrupt", 1, 2, "raise KeyboardInterrupt"),
    ),
    "by leaving": (
        ("import sys", "def build_cnn():\n    sys.exit('bye')"),
        (
            "build_cnn ends the program (sys.exit, exit or quit). Take that out.",
            2,
            2,
            "sys.exit('bye')",
        ),
    ),
    "without end": (
        ("def build_cnn():\n    return build_cnn()",),
        ("RecursionError: maximum recursion depth exceeded", 1, 2, "return build_cnn()"),
    ),
    "in a long line": (
        (f"def build_cnn():\n    return undefined{'  ' * 200} # comment",),
        (
            "NameError: name 'undefined' is not defined",
            1,
            2,
            f"return undefined{' ' * 200}"[:200],
        ),
    ),
}


@pytest.mark.parametrize("where", PLACES)
def test_an_error_is_told_with_cell_line_and_source(sandbox: Sandbox, where: str) -> None:
    cells, (message, cell, line, source) = PLACES[where]
    assert verdict(sandbox, *cells) == Problem("raised", message, cell, line, source)


def test_a_stub_is_not_written_yet(sandbox: Sandbox) -> None:
    found = verdict(sandbox, "def build_cnn():\n    raise NotImplementedError('todo')")
    assert found == Problem(
        "unsolved",
        "build_cnn is not written yet: it raises NotImplementedError.",
        1,
        2,
        "raise NotImplementedError('todo')",
    )


def test_lines_are_counted_within_the_cell_and_a_script_has_no_cell(sandbox: Sandbox) -> None:
    statement = {"source": "model = 1 / 0", "cell": None, "line": 40}
    reply = ask(sandbox, "build", "model", statements=[statement])
    assert refused(reply, "model") == Problem(
        "raised", "ZeroDivisionError: division by zero", None, 40, "model = 1 / 0"
    )


def test_a_student_sees_the_own_source_with_inspect(sandbox: Sandbox) -> None:
    source = "import inspect\ndef f(x):\n    return x + 1\nfacts = {'f': inspect.getsource(f)}"
    reply = ask(sandbox, "read", "facts", source)
    assert reply.answer["value"] == {"f": "def f(x):\n    return x + 1\n"}


def test_an_error_outside_the_students_cells_has_no_line() -> None:
    try:
        raise ValueError("ours")
    except ValueError as error:
        fact = as_fact(error)
    assert read_error(fact, "f") == Problem("raised", "ValueError: ours")
    assert set(fact) == {"kind", "type", "text", "memory", "stub", "exit", "so_far"}
    assert fact["so_far"] is None


def test_memory_that_the_kernel_refuses_is_memory(sandbox: Sandbox) -> None:
    lying = "class Lying(OSError):\n    errno = property(lambda self: 1 / 0)\n"
    source = lying + "import errno\nfacts = {}\nraise Lying({}, 'no')"
    for number, kind in (("errno.ENOMEM", "memory"), ("errno.EIO", "raised")):
        reply = ask(sandbox, "read", "facts", source.replace("Lying({}", f"Lying({number}"))
        assert refused(reply, "facts").kind == kind


def test_the_statements_of_one_cell_share_its_lines() -> None:
    remember_source(
        [
            {"source": "a = 1\nb = 2", "cell": 77, "line": 3},
            {"source": "c = 3", "cell": 77, "line": 1},
        ]
    )
    assert [linecache.getline("<cell 77>", line) for line in range(1, 6)] == [
        "c = 3\n",
        "\n",
        "a = 1\n",
        "b = 2\n",
        "",
    ]
