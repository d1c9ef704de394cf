"""A cell as statements that can be read one by one, with where they came from."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission.statements import split_cell
from tests.submission.cells import examples

Good = list[tuple[int, str]]
Bad = list[tuple[int, int, str, tuple[str, ...]]]


def split(source: str) -> tuple[Good, Bad]:
    """Line and text of the statements; line, line of the error, message and names of the rest."""
    statements, broken = split_cell(source, 3)
    assert all(part.cell == 3 for part in (*statements, *broken))
    return (
        [(s.line, s.source) for s in statements],
        [(b.line, b.error_line, b.message, b.names) for b in broken],
    )


def test_each_statement_has_its_text_and_its_first_line() -> None:
    source = "\nx = 1  # one\n\n\ndef f(\n    a,\n):\n    return a\n\ny = '''\nz = 1\n'''"
    assert split(source) == (
        [
            (2, "x = 1  # one"),
            (5, "def f(\n    a,\n):\n    return a"),
            (10, "y = '''\nz = 1\n'''"),
        ],
        [],
    )


def test_a_script_has_no_cell() -> None:
    statements, broken = split_cell("x = 1\ny = = 2", None)
    assert [statement.cell for statement in statements] == [None]
    assert [statement.cell for statement in broken] == [None]


@pytest.mark.parametrize("source", ["", "\n\n", "# only a comment", "   \n\t\n", "\f"])
def test_a_cell_without_statements_is_empty(source: str) -> None:
    assert split(source) == ([], [])


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ("a = 1; b = 2", [(1, "a = 1"), (1, "b = 2")]),
        ("a = 1;", [(1, "a = 1;")]),
        ("a = 1; # one", [(1, "a = 1; # one")]),
        (
            "a = (1,\n2); b = '''\n'''; c = 3",
            [(1, "a = (1,\n2)"), (2, "b = '''\n'''"), (3, "c = 3")],
        ),
        ("é = 'ü'; ö = é; x = 'é'", [(1, "é = 'ü'"), (1, "ö = é"), (1, "x = 'é'")]),
        ("a = 1; \\\nb = 2", [(1, "a = 1"), (2, "b = 2")]),
        ("if a: b = 1; c = 2\nd = 3", [(1, "if a: b = 1; c = 2"), (2, "d = 3")]),
        ("'𝒳'; x = 1", [(1, "'𝒳'"), (1, "x = 1")]),
    ],
    ids=[
        "two",
        "an end",
        "a comment behind",
        "over lines",
        "columns count bytes",
        "a continued line",
        "a body on one line",
        "four-byte characters",
    ],
)
def test_statements_that_share_a_line(source: str, good: Good) -> None:
    assert split(source) == (good, [])


@pytest.mark.parametrize(
    ("source", "start"),
    [
        ("x = 1\n@a\n@b(c)\ndef f(): pass", 2),
        ("x = 1\n\n@a\n\n# why\nclass C: pass", 3),
        ("x = 1\n# @no\n@(\n  a\n)\nasync def f(): pass", 3),
        ("@a\n@b\ndef f(): pass", 1),
    ],
)
def test_decorators_belong_to_their_definition(source: str, start: int) -> None:
    good, bad = split(source)
    assert good[-1] == (start, "\n".join(source.split("\n")[start - 1 :]))
    assert bad == []


@pytest.mark.parametrize(
    "source",
    [
        "if a:\n    b\nelif c:\n    d\nelse:\n    e",
        "for a in b:\n    c\nelse:\n    d",
        "while a:\n    b\nelse:\n    c",
        "try:\n    a\nexcept B:\n    c\nexcept D:\n    e\nelse:\n    f\nfinally:\n    g",
    ],
)
@pytest.mark.parametrize("with_error", [False, True])
def test_branches_belong_to_their_statement(source: str, with_error: bool) -> None:
    good, _ = split(source + ("\nx = = 1" if with_error else ""))
    assert good == [(1, source)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_as_one(newline: str) -> None:
    assert split(newline.join(["x = 1", "", "y = 2"])) == ([(1, "x = 1"), (3, "y = 2")], [])


@pytest.mark.parametrize("sign", ["\f", "\v", "\x1c", "\x85", "\u2028"])
@pytest.mark.parametrize("error", ["", "\nz = = 3"])
def test_what_python_does_not_take_for_a_line_end_is_none(sign: str, error: str) -> None:
    good, _ = split(f"x = '{sign}'\ny = 2{error}")
    assert good == [(1, f"x = '{sign}'"), (2, "y = 2")]


def test_a_form_feed_before_a_statement_is_blank() -> None:
    good, bad = split("\fx = 1\n\f\fy = 2")
    assert [line for line, _ in good] == [1, 2]
    assert bad == []


def test_tabs_are_kept() -> None:
    assert split("if a:\n\tb = 1\nc = 2") == ([(1, "if a:\n\tb = 1"), (3, "c = 2")], [])


def test_magics_are_read_as_nothing() -> None:
    assert split("%matplotlib inline\n!ls\nimport keras") == (
        [(1, "pass"), (2, "pass"), (3, "import keras")],
        [],
    )


def test_a_cell_that_is_indented_as_a_whole_is_read() -> None:
    assert split("    x = 1\n    y = 2") == ([(1, "x = 1"), (2, "y = 2")], [])


def test_await_outside_a_function_is_read_as_jupyter_reads_it() -> None:
    good, bad = split("x = await f()\nasync with a as b: pass")
    assert (len(good), bad) == (2, [])


def test_jupyter_compiles_each_statement_by_itself() -> None:
    source = "x = 1\nfrom __future__ import annotations\nglobal x"
    assert split(source)[1] == []


def test_what_python_warns_of_is_no_error() -> None:
    source = "x = '\\d'\nif x is 'a': pass\nassert (x, 'always')\n1()"
    good, bad = split(source)
    assert (len(good), bad) == (4, [])


@pytest.mark.parametrize(
    ("source", "good", "bad"),
    [
        (
            "import keras\nx = foo(1, 2\nfrom keras import layers\ny = 2",
            [1, 3, 4],
            [(2, 2, "'(' was never closed", ("x",))],
        ),
        ("x = foo(1, 2\ny = 2", [2], [(1, 1, "'(' was never closed", ("x",))]),
        ("x = foo(1, 2))\ny = 2", [2], [(1, 1, "unmatched ')'", ("x",))]),
        ("x = [\n    1,\n]\n)\ny = 2", [1, 5], [(4, 4, "unmatched ')'", ())]),
        (
            "a = 1\nb = 'abc\nc = 3",
            [1, 3],
            [(2, 2, "unterminated string literal (detected at line 1)", ("b",))],
        ),
        (
            "a = 1\nb = '''abc\nc = 3\ndef f():\n    return 1",
            [1],
            [
                (
                    2,
                    2,
                    "unterminated triple-quoted string literal (detected at line 4)",
                    ("f", "b", "c"),
                )
            ],
        ),
        (
            "import os\ndef f(:\n    return 1\n\ndef g():\n    return 2",
            [1, 5],
            [(2, 2, "invalid syntax", ("f",))],
        ),
        (
            "def f():\n    x = = 1\n    return x\ng = 2",
            [4],
            [(1, 2, "invalid syntax", ("f",))],
        ),
        ("x = 1\ndef f()\n    return 1\ny = 2", [1, 4], [(2, 2, "expected ':'", ("f",))]),
        ("x = 1\n  y = 2\nz = 3", [1, 3], [(2, 2, "unexpected indent", ())]),
        (
            "def f():\n    a = 1\n  b = 2\nc = 3",
            [4],
            [(1, 3, "unindent does not match any outer indentation level", ("f",))],
        ),
        (
            "def f():\n\ta = 1\n        b = 2\nc = 3",
            [4],
            [(1, 3, "inconsistent use of tabs and spaces in indentation", ("f",))],
        ),
        (
            "def f():\nx = 1",
            [2],
            [(1, 1, "expected an indented block after function definition on line 1", ("f",))],
        ),
        (
            "x = 1\nprint 'a'\ny = 2",
            [1, 3],
            [(2, 2, "Missing parentheses in call to 'print'. Did you mean print(...)?", ())],
        ),
        (
            "a = 1\n<<<<<<< HEAD\nb = 2\n=======\nb = 3\n>>>>>>> other\nc = 4",
            [1, 3, 5, 7],
            [
                (2, 2, "invalid syntax", ()),
                (4, 4, "invalid syntax", ()),
                (6, 6, "invalid syntax", ()),
            ],
        ),
        (
            "@a\n@b\ndef f(:\n    pass\n@c\ndef g(): pass",
            [5],
            [(1, 3, "invalid syntax", ("f",))],
        ),
        ("@a\nx = 1\ny = 2", [3], [(1, 2, "invalid syntax", ("x",))]),
        ("x = = 1\nelsewhere = 2\nexception = 3", [2, 3], [(1, 1, "invalid syntax", ("x",))]),
        (
            "try:\n    x = 1\nexcept E\n    y = 2\nfinally:\n    z\nw = 3",
            [7],
            [(1, 3, "expected ':'", ("x", "y"))],
        ),
        ("x = 1 + \\\n\ny = 2", [3], [(1, 1, "unexpected EOF while parsing", ("x",))]),
        ("x\u00a0= 1\ny = 2", [2], [(1, 1, "invalid non-printable character U+00A0", ("x",))]),
        ("x = ‘a’\ny = 2", [2], [(1, 1, "invalid character '‘' (U+2018)", ("x",))]),
        ("x = = 1\ny = (1,\n2); z = (3,\n4)", [2, 3], [(1, 1, "invalid syntax", ("x",))]),
        ("Some words here\ny = 2", [2], [(1, 1, "invalid syntax", ())]),
        ("x = 1\nreturn x\ny = 2", [1, 3], [(2, 2, "'return' outside function", ())]),
        ("x = 1\nyield x\ny = 2", [1, 3], [(2, 2, "'yield' outside function", ())]),
        ("break\ny = 2", [2], [(1, 1, "'break' outside loop", ())]),
        ("if a:\n    continue\ny = 2", [3], [(1, 2, "'continue' not properly in loop", ())]),
        (
            "nonlocal x\ny = 2",
            [2],
            [(1, 1, "nonlocal declaration not allowed at module level", ())],
        ),
        (
            "y = 1\n\n@d\ndef f(a, a):\n    pass",
            [1],
            [(3, 4, "duplicate argument 'a' in function definition", ("f",))],
        ),
        (
            "def f():\n    x = 1\n    global x\ny = 2",
            [4],
            [(1, 3, "name 'x' is assigned to before global declaration", ("f",))],
        ),
        (
            "def f():\n    nonlocal x\ny = 2",
            [3],
            [(1, 2, "no binding for nonlocal 'x' found", ("f",))],
        ),
        ("a = 1; return a; b = 2", [1, 1], [(1, 1, "'return' outside function", ())]),
        (
            "*a = 1\nb = 2",
            [2],
            [(1, 1, "starred assignment target must be in a list or tuple", ("a",))],
        ),
        ("def f():\n    await g()\ny = 2", [3], [(1, 2, "'await' outside async function", ("f",))]),
        (
            "from __future__ import nothing\ny = 2",
            [2],
            [(1, 1, "future feature nothing is not defined", ("nothing",))],
        ),
        (
            "x = 1\ny = '\0'\nz = 2",
            [1, 3],
            [(2, 2, "source code string cannot contain null bytes", ("y",))],
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_broken_line_costs_only_its_own_statement(source: str, good: list[int], bad: Bad) -> None:
    found_good, found_bad = split(source)
    assert [line for line, _ in found_good] == good
    assert found_bad == bad


def test_the_broken_statements_own_text_is_kept() -> None:
    _, broken = split_cell("x = 1\nmodel = Sequential([\n    Dense(1)\nz = 2", 1)
    assert [b.source for b in broken] == ["model = Sequential([\n    Dense(1)"]


@pytest.mark.parametrize(
    "source",
    [
        "(" * 150 + ")" * 150,
        "-" * 20_000 + "1",
        "x" + "[0]" * 10_000,
        "x" + ".a" * 10_000,
        "not " * 10_000 + "x",
        "[" * 300,
        "if a: pass\n" + "elif a: pass\n" * 10_000,
    ],
    ids=["brackets", "minus", "items", "attributes", "not", "unclosed", "elif"],
)
def test_source_nested_too_deeply_is_broken_not_fatal(source: str) -> None:
    statements, broken = split_cell(source, 1)
    assert len(statements) + len(broken) == 1


def test_a_source_nested_too_deeply_says_so() -> None:
    assert split("-" * 20_000 + "1") == ([], [(1, 1, "the source is nested too deeply", ())])


def test_a_message_is_no_longer_than_a_person_reads() -> None:
    _, broken = split_cell("def f():\n    global " + "x" * 5000 + "\n    " + "x" * 5000 + "(=", 1)
    assert all(len(b.message) <= 300 for b in broken)


FRAGMENTS = st.sampled_from(
    "x = 1|é = 'ü'|def f(a):|    return a|    pass|@d|class C:|if x:|else:|    y = (1,|2)|)|'''|\"|"
    "z = [|]|; |!ls|%time x|x?|return 1|await x|#|\\|import a as b|=|try:|except E:|for i in x:|"
    "lambda|x = = 1| |match x:|𝒳|\ufeff|\u2028|\0|\t|\f|\r|\n|\n|\n".split("|")
)
SOURCES = st.one_of(st.text(), st.lists(FRAGMENTS, max_size=25).map("".join))


@examples(250)
@given(SOURCES)
def test_whatever_the_source_every_statement_compiles_alone(source: str) -> None:
    statements, broken = split_cell(source, 1)
    lines = source.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for statement in statements:
        tree = ast.parse(statement.source)
        assert len(tree.body) == 1
        compile(tree, "x", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        assert 1 <= statement.line <= lines
    for stretch in broken:
        assert 1 <= stretch.line <= stretch.error_line <= lines


@examples(200)
@given(SOURCES)
def test_python_is_split_where_python_splits_it(source: str) -> None:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    statements, broken = split_cell(source, 1)
    parts = sorted([*statements, *broken], key=lambda part: part.line)
    assert len(parts) == len(tree.body)
    for part, node in zip(parts, tree.body, strict=True):
        assert ast.dump(ast.parse(part.source).body[0]) == ast.dump(node)


@examples(200)
@given(SOURCES)
def test_a_broken_line_above_leaves_what_is_below_as_it_was(source: str) -> None:
    whole, _ = split_cell(source, 1)
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return
    below, (broken, *_) = split_cell(f"x = = 1\n{source}", 1)
    assert [(s.line - 1, s.source) for s in below] == [(s.line, s.source) for s in whole]
    assert (broken.line, broken.source.split("\n")[0]) == (1, "x = = 1")


@pytest.mark.parametrize(
    "source",
    [
        "x = = 1\n" + "\n" * 50_000,
        "a = 1;" * 10_000,
        "x = = 1\n" * 5_000,
        "x = = 1\n" + " " * 50_000,
        "import (\n" * 5_000,
        "x = = 1\n" + "a" * 50_000,
    ],
    ids=["empty lines", "semicolons", "broken lines", "spaces", "imports", "a word"],
)
def test_a_long_source_takes_time_in_proportion(source: str) -> None:
    started = time.process_time()
    split_cell(source, 1)
    assert time.process_time() - started < 5
