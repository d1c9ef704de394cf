"""What holds of every notebook: reading, slicing, and slicing after harmless changes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from grader.records import Program, Submission
from grader.submission.conflicts import sides
from grader.submission.index import Index
from grader.submission.read import read_submission
from grader.submission.slice import defined_names, slice_name
from tests.fuzz.mutate import mutate
from tests.fuzz.programs import NAMES, cells, programs, renamed
from tests.fuzz.running import run, shown
from tests.fuzz.target import look_at
from tests.fuzz.words import KEYS, LINES, VALUES
from tests.submission.cells import examples, submission
from tests.submission.test_statements import SOURCES

UNRELATED = st.sampled_from(
    [
        "unrelated = 1\nanother_one = unrelated + 1",
        "def unrelated(x):\n    x.add(1)\n    return x",
        "class Unrelated:\n    size = 3",
        "import unrelated as another_one",
        "for unrelated in range(3):\n    print(unrelated)",
        "unrelated = = 1",
        "def unrelated(:\n    pass",
        "# nothing but a comment",
        "%matplotlib inline",
        "!pip install keras",
        "%%bash\nmodel = 1",
        "%%time\nunrelated = 2",
        "?print",
    ]
)
BETWEEN = st.sampled_from(["\n", "\n\n", "\n# a comment\n", "\n\n\n#\n  # indented\n", "\n%time\n"])


def texts(program: Program) -> list[str]:
    return [statement.source for statement in program.statements]


def all_slices(read: Submission) -> dict[str, list[str]]:
    return {
        name: texts(slice_name(read, [name])) for name in sorted(defined_names(read) & {*NAMES})
    }


# --- nothing but our own errors ------------------------------------------------------------


@examples(60)
@given(st.binary() | st.text().map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    look_at(data)


def _json(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)


CELL_VALUES = st.sampled_from([*VALUES, *LINES[:30]])
ANY_JSON = st.recursive(CELL_VALUES, _json, max_leaves=12)


@examples(100)
@given(st.dictionaries(st.sampled_from(KEYS[:5]), ANY_JSON), st.lists(ANY_JSON, max_size=3))
def test_any_json_is_read_or_refused(notebook: dict[str, Any], sources: list[Any]) -> None:
    look_at(json.dumps(notebook).encode())
    code = [{"cell_type": "code", "source": source} for source in sources]
    look_at(json.dumps({**notebook, "cells": code}).encode())


@examples(60)
@given(cells(), st.integers(0, 2**32))
def test_a_notebook_that_was_damaged_is_read_or_refused(sources: list[str], seed: int) -> None:
    code = [{"cell_type": "code", "source": source} for source in sources]
    look_at(mutate(json.dumps({"nbformat": 4, "cells": code}).encode(), seed))


# --- reading -------------------------------------------------------------------------------


def covered(read: Submission) -> set[int]:
    return {
        part.line + below
        for part in (*read.statements, *read.broken)
        for below in range(part.source.count("\n") + 1)
    }


@examples(100)
@given(st.lists(st.sampled_from(LINES) | cells().map("\n".join), min_size=1, max_size=8))
def test_every_line_is_a_statements_or_broken_or_says_nothing(parts: list[str]) -> None:
    source = "\n".join(parts)
    if "__main__" in source or source.startswith("%%"):
        return  # what is left out of these is tested where it is read
    lines = source.split("\n")
    for number in set(range(1, len(lines) + 1)) - covered(submission(source)):
        line = lines[number - 1].strip()
        assert not line or line.startswith("#"), line


@examples(60)
@given(programs())
def test_a_main_guard_makes_no_difference(statements: list[str]) -> None:
    body = "\n".join("    " + line for text in statements for line in text.split("\n"))
    read = submission(f'if __name__ == "__main__":\n{body}')
    bare = submission("\n".join(statements))
    assert [s.source for s in read.statements] == [s.source for s in bare.statements]
    assert all_slices(read) == all_slices(bare)


def test_behind_a_main_guard_decorators_strings_and_lines_are_kept() -> None:
    source = (
        "x = 1\nif __name__ == '__main__':\n    @one(\n        1)\n    # why\n    @two\n"
        "    def f():\n        return 1\n    text = '''\n    kept'''  # so\n    return 4"
    )
    read = submission(source)
    assert [(s.line, s.source) for s in read.statements] == [
        (1, "x = 1"),
        (3, "@one(\n    1)\n# why\n@two\ndef f():\n    return 1"),
        (9, "text = '''\n    kept'''"),
    ]
    assert [(b.line, b.error_line, b.source) for b in read.broken] == [(11, 11, "return 4")]


def test_two_statements_on_continued_lines_are_read_apart() -> None:
    read = submission("a = 1; \\\n    model = (a,\n  2)  # one")
    assert [(s.line, s.source) for s in read.statements] == [
        (1, "a = 1"),
        (2, "model = (a,\n  2)"),
    ]


LONG = {
    "a main guard": "if __name__ == '__main__':\n" + "    model = [1,\n    2]\n" * 1500,
    "one object under many names": "model = 1\n"
    + "".join(f"a{at} = model\n" for at in range(1000))
    + "model.add(1)\n" * 1000,
}


@pytest.mark.parametrize("source", LONG.values(), ids=LONG.keys())
def test_a_long_notebook_is_read_and_sliced_in_time(source: str) -> None:
    started = time.process_time()
    slice_name(submission(source), ["model"])
    assert time.process_time() - started < 2


def write(path: Path, content: dict[str, Any] | str) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebooks")


@examples(60)
@given(sources=st.lists(SOURCES | cells().map("\n".join), max_size=4))
def test_every_form_of_a_notebook_holds_the_same_statements(
    folder: Path, sources: list[str]
) -> None:
    today = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    in_lists = [{**_code(source), "source": source.splitlines(True)} for source in sources]
    old = [{"cell_type": "code", "input": source, "language": "python"} for source in sources]
    forms: list[dict[str, Any]] = [
        {**today, "cells": in_lists},
        nbformat.convert(today, 3),
        {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": old}]},
        {"nbformat": 2, "metadata": {}, "worksheets": [{"cells": old}]},
        {"cells": old},
    ]
    first = read_submission(write(folder / "a.ipynb", {**today}))
    for form in forms:
        other = read_submission(write(folder / "b.ipynb", form))
        assert (other.statements, other.broken) == (first.statements, first.broken)


@examples(60)
@given(source=cells().map("\n".join))
def test_a_script_is_read_as_a_notebook_of_one_cell(folder: Path, source: str) -> None:
    one = read_submission(write(folder / "a.py", source))
    other = read_submission(write(folder / "b.ipynb", {"cells": [_code(source)]}))
    assert [(s.source, s.line) for s in one.statements] == [
        (s.source, s.line) for s in other.statements
    ]
    assert all_slices(one) == all_slices(other)


def _code(source: str) -> dict[str, str]:
    return {"cell_type": "code", "source": source}


@st.composite
def conflicts(draw: DrawFn) -> tuple[str, tuple[list[str], list[str]]]:
    """A text with conflicts, and the lines of each of its two sides."""
    some = st.lists(st.sampled_from([*LINES[:20], ""]), max_size=3)
    text: list[str] = []
    ours: list[str] = []
    theirs: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        both, one, other = draw(some), draw(some), draw(some)
        base = ["||||||| base", *draw(some)] if draw(st.booleans()) else []
        text += [*both, "<<<<<<< HEAD", *one, *base, "=======", *other, ">>>>>>> theirs"]
        ours += [*both, *one]
        theirs += [*both, *other]
    last = draw(some)
    return "\n".join([*text, *last]), ([*ours, *last], [*theirs, *last])


@examples(100)
@given(conflicts())
def test_in_a_conflict_each_side_keeps_its_lines_where_they_are(
    conflict: tuple[str, tuple[list[str], list[str]]],
) -> None:
    text, wanted = conflict
    for side, lines in zip(sides(text), wanted, strict=True):
        assert [line for line in side.split("\n") if line] == [line for line in lines if line]
        for kept, original in zip(side.split("\n"), text.split("\n"), strict=False):
            assert kept in ("", original)


# --- slicing -------------------------------------------------------------------------------


IN_A_BLOCK = "import keras\nm = keras.Sequential()\nwith keras.Given(1) as a:\n    n = m\n"
READ_INSIDE = "c = 1\nif c > 2:\n    c = c\n    if c > 2:\n        print(b := c)\n        a = b\n"


@examples(120)
@given(cells())
@example([IN_A_BLOCK + "m.add(keras.layers.Dense(a))"])
@example([IN_A_BLOCK + "if a > 1:\n    m = n\nelse:\n    pass\nn.trainable = 2"])
@example([READ_INSIDE + "a = c\na = a\nb = c = (a + 3)"])
def test_a_slice_gives_its_name_the_value_that_the_notebook_gives_it(sources: list[str]) -> None:
    whole = run(sources)
    if whole is None:
        return  # it ends in an error, and so has no values
    read = submission(*sources)
    assert read.broken == ()
    assert {name for name in whole if name in NAMES} <= defined_names(read)
    for name in sorted(whole.keys() & {*NAMES}):
        program = slice_name(read, [name])
        # Showing a function calls it, which may set a global: each has a fresh run.
        alone, whole = run(texts(program)), run(sources)
        assert alone is not None and whole is not None
        assert shown(alone, name) == shown(whole, name), "\n".join(texts(program))


@examples(60)
@given(programs())
def test_a_slice_binds_each_name_before_it_is_read(statements: list[str]) -> None:
    read = submission("\n".join(statements))
    if run(statements) is None:
        return
    for name in sorted(defined_names(read) & {*NAMES}):
        program = slice_name(read, [name])
        assert program.unbound == ()
        assert {*program.statements} <= {*read.statements}
        index, bound = Index(submission("\n".join(texts(program)))), set[str]()
        for names in index.names:
            assert names.uses - names.may_use <= bound | {"len", "sum", "range", "KeyError"} | {
                "print",
                "staticmethod",
                "int",
            }
            bound |= names.binds | names.may_bind


@examples(60)
@given(cells())
def test_a_slice_of_a_slice_is_itself(sources: list[str]) -> None:
    for name, program in all_slices(submission(*sources)).items():
        assert texts(slice_name(submission(*program), [name])) == program


@examples(60)
@given(cells(), UNRELATED, st.integers(0, 20))
def test_an_unrelated_cell_changes_no_slice(sources: list[str], other: str, at: int) -> None:
    more = [*sources[:at], other, *sources[at:]]
    assert all_slices(submission(*more)) == all_slices(submission(*sources))


@examples(60)
@given(programs(), st.data())
def test_blank_lines_and_comments_change_no_slice(statements: list[str], data: Any) -> None:
    filled = "".join(statement + data.draw(BETWEEN) for statement in statements)
    assert all_slices(submission(filled)) == all_slices(submission("\n".join(statements)))


@examples(60)
@given(cells())
def test_other_names_change_nothing_but_the_names(sources: list[str]) -> None:
    new = {name: f"z{99 - at}" for at, name in enumerate(NAMES)}
    other = submission(*(renamed(source, new.__getitem__) for source in sources))
    for name, program in all_slices(submission(*sources)).items():
        wanted = [renamed(text, new.__getitem__) for text in program]
        assert texts(slice_name(other, [new[name]])) == wanted


@st.composite
def shuffled(draw: DrawFn) -> tuple[list[str], list[str], str]:
    """Statements that each bind one new name; the same out of order; the last name."""
    statements: list[str] = []
    values: list[str] = []
    for at in range(draw(st.integers(1, 8))):
        parts = draw(st.lists(st.sampled_from([*values, "1", "2"]), min_size=1, max_size=3))
        value = " + ".join(parts)
        if draw(st.booleans()):
            statements.append(f"v{at} = {value}")
            values.append(f"v{at}")
        else:
            statements.append(f"def v{at}():\n    return {value}")
            values.append(f"v{at}()")
    statements.append(f"last = {' + '.join(values)}")
    return statements, draw(st.permutations(statements)), "last"


@examples(100)
@given(shuffled())
def test_cells_in_any_order_run_in_one_that_works(
    drawn: tuple[list[str], list[str], str],
) -> None:
    in_order, out_of_order, name = drawn
    wanted = run(in_order)
    found = run(texts(slice_name(submission(*out_of_order), [name])))
    assert wanted is not None and found is not None
    assert found[name] == wanted[name]


IN_A_PROCESS = """
from grader.records import Submission
from grader.submission.slice import may_hold_models, slice_name
from grader.submission.statements import split_cell
read, _ = split_cell('''
p, q, r, s, t = Sequential(), Model(), u(v), w[x], 3
def f(): return aa + bb + cc + dd
model = [p, q, r, s, t, f(), ee, ff, gg]
''', 1)
read = Submission("x", "", "notebook", read, (), None)
print(slice_name(read, ["model"]), may_hold_models(read))
"""


def test_a_slice_is_the_same_in_every_process() -> None:
    """Python's sets of texts have another order in each."""
    found = {
        subprocess.run(
            [sys.executable, "-c", IN_A_PROCESS],
            env={"PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(found) == 1
