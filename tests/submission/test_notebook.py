"""The code cells of notebooks of all ages, and of what only looks like one."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.records import Problem
from grader.submission.notebook import MAX_CELLS, Notebook, read_notebook
from tests.submission.cells import examples

AGAIN = "Open it in Jupyter, save it, and hand it in again."


def read(notebook: Any) -> Notebook:
    return read_notebook(json.dumps(notebook))


def message(text: str) -> str:
    with pytest.raises(SubmissionError) as caught:
        read_notebook(text)
    problem = caught.value.problem
    assert problem == Problem("unreadable", problem.message)
    return problem.message


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], **more}


def today(*cells: Any, **more: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


# --- today's form -------------------------------------------------------------------------


def test_only_code_cells_are_read() -> None:
    text = {"cell_type": "markdown", "source": "x = 1", "metadata": {}}
    raw = {"cell_type": "raw", "source": "x = 2", "metadata": {}}
    assert read(today(text, code("x = 3"), raw, code("x = 4"))).cells == ("x = 3", "x = 4")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x = 1\ny = 2", "x = 1\ny = 2"),
        (["x = 1\n", "y = 2"], "x = 1\ny = 2"),
        (["x = 1\n", None, 3, ["z"], "y = 2"], "x = 1\ny = 2"),
        ([], ""),
        (None, ""),
        (5, ""),
        ({"text": "x = 1"}, ""),
        ("x = '\ud800'", "x = '\N{REPLACEMENT CHARACTER}'"),
        ("x = '\U0001f600'", "x = '\U0001f600'"),
        ("\0", "\0"),
    ],
    ids=[
        "text",
        "lines",
        "lines among other things",
        "no lines",
        "null",
        "a number",
        "an object",
        "half a character",
        "a character that JSON writes as two halves",
        "a null byte",
    ],
)
def test_a_source_of_any_kind_is_text(source: Any, text: str) -> None:
    assert read(today(code(source))).cells == (text,)


def test_a_code_cell_without_source_still_counts() -> None:
    empty = {"cell_type": "code"}
    assert read(today(empty, code("x = 1"))).cells == ("", "x = 1")


def test_cells_that_are_no_objects_are_passed_over() -> None:
    odd: list[Any] = [None, 3, "x = 1", [code("x = 2")], {}, {"cell_type": ["code"]}]
    assert read(today(*odd, code("x = 3"))).cells == ("x = 3",)


@pytest.mark.parametrize("version", [None, "4", 4.0, 5, 99, -1, [4], {}, True, float("nan")])
def test_the_version_need_not_be_right(version: Any) -> None:
    assert read(today(code("x = 1"), nbformat=version)).cells == ("x = 1",)


def test_the_version_need_not_be_there() -> None:
    assert read({"cells": [code("x = 1")]}).cells == ("x = 1",)


def test_stray_text_around_the_json_is_passed_over() -> None:
    text = json.dumps(today(code("x = 1")))
    assert read_notebook(f"\n \t{text}\n<<<<<<< HEAD }}").cells == ("x = 1",)


def test_raw_line_ends_and_tabs_in_json_texts_are_taken() -> None:
    assert read_notebook('{"cells": [{"cell_type": "code", "source": "a\n\tb"}]}').cells == (
        "a\n\tb",
    )


@pytest.mark.parametrize("digits", ["9" * 5000, "-" + "9" * 5000, "1e999", "NaN", "-Infinity"])
def test_numbers_of_any_size_are_passed_over(digits: str) -> None:
    text = f'{{"n": {digits}, "cells": [{{"cell_type": "code", "source": "x", "n": {digits}}}]}}'
    assert read_notebook(text).cells == ("x",)


def test_the_largest_number_of_cells_is_read() -> None:
    assert len(read(today(*[code("")] * MAX_CELLS)).cells) == MAX_CELLS


@pytest.mark.parametrize(
    ("metadata", "assignment"),
    [
        ({"grader": {"assignment": "03-cnn-structure"}}, "03-cnn-structure"),
        ({"grader": {"assignment": "x" * 200}}, "x" * 200),
        ({"grader": {"assignment": "x" * 201}}, None),
        ({"grader": {"assignment": ""}}, None),
        ({"grader": {"assignment": 3}}, None),
        ({"grader": {"assignment": ["a"]}}, None),
        ({"grader": {}}, None),
        ({"grader": "03"}, None),
        ({"grader": None}, None),
        ({}, None),
        ([], None),
        (None, None),
        ("grader", None),
    ],
)
def test_the_assignment_of_the_metadata(metadata: Any, assignment: str | None) -> None:
    assert read(today(code("x"), metadata=metadata)).assignment_id == assignment


# --- before 2015 --------------------------------------------------------------------------


def third(*cells: Any, **more: Any) -> dict[str, Any]:
    sheet = {"cells": list(cells), "metadata": {}}
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "", "grader": {"assignment": "a"}},
        "worksheets": [sheet],
        **more,
    }


def old_code(source: Any, **more: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "input": source, "language": "python", "outputs": []}
    return {**cell, "collapsed": False, "metadata": {}, "prompt_number": 1, **more}


HEADING = {"cell_type": "heading", "level": 1, "source": ["One\n", "two"], "metadata": {}}


def test_the_third_format() -> None:
    output = {"output_type": "pyout", "prompt_number": 1, "text": ["1"], "metadata": {}}
    notebook = third(HEADING, old_code("x = 1"), old_code(["y = 2\n", "z"], outputs=[output]))
    assert read(notebook) == Notebook(("x = 1", "y = 2\nz"), "a")


def test_lines_that_were_saved_without_their_ends_get_them_back() -> None:
    assert read(third(old_code(["x = 1", "y = 2"]))).cells == ("x = 1\ny = 2",)


def test_several_worksheets_follow_one_another() -> None:
    notebook = third(old_code("x = 1"))
    notebook["worksheets"] *= 2
    assert read(notebook).cells == ("x = 1", "x = 1")


def test_the_second_format() -> None:
    cells = [
        {"cell_type": "markdown", "source": "# One"},
        {"cell_type": "code", "input": ["x = 1", "y = 2"], "language": "python", "outputs": []},
    ]
    notebook = {"nbformat": 2, "metadata": {"name": "n"}, "worksheets": [{"cells": cells}]}
    assert read(notebook).cells == ("x = 1\ny = 2",)


@pytest.mark.parametrize("version", [{"nbformat": 1}, {}], ids=["named", "not named"])
def test_the_first_format(version: dict[str, int]) -> None:
    cells = [
        {"cell_type": "text", "text": "One"},
        {"cell_type": "code", "code": "x = 1", "prompt_number": 1},
    ]
    assert read({"cells": cells, **version}).cells == ("x = 1",)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize(
    "notebook",
    [
        {"worksheets": [{"cells": [old_code("x = 1")]}]},
        {"worksheets": [None, {}, {"cells": 3}, {"cells": [None, old_code("x = 1")]}]},
        {"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]},
        {"worksheets": [{"cells": [code("x = 1")]}], "metadata": []},
        {"worksheets": [{"cells": [old_code("x = 1", outputs=[{}])]}], "metadata": {}},
        {"worksheets": [{"cells": [old_code("x = 1", outputs=3)]}], "metadata": {}},
        {"cells": [code("x = 1")], "metadata": {}},
        {"cells": [{"cell_type": "markdown", "source": "a"}, code("x = 1")]},
        {"cells": [code("x = 1")], "worksheets": []},
        {"worksheets": [{"cells": [old_code("x = 1")]}], "metadata": {}, "nbformat_minor": None},
    ],
    ids=[
        "without metadata",
        "worksheets of any kind",
        "cells without outputs",
        "today's cells in worksheets",
        "outputs of no type",
        "outputs that are none",
        "today's cells",
        "with a kind of cell that was not there yet",
        "both",
        "a minor version that is none",
    ],
)
def test_what_does_not_keep_to_its_old_format_is_read_all_the_same(
    version: int, notebook: dict[str, Any]
) -> None:
    assert read({"nbformat": version, "nbformat_minor": 0, **notebook}).cells == ("x = 1",)


def test_the_third_format_with_nested_outputs_beyond_reason() -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    assert read(third(old_code("x = 1", metadata={"a": deep}))).cells == ("x = 1",)


def test_reading_an_old_notebook_says_nothing(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        read(third(HEADING, old_code("x = 1"), old_code("y", metadata=None)))
        read(third(old_code("x = 1", outputs=[{"output_type": "pyerr"}])))
    assert capfd.readouterr() == ("", "")
    assert caplog.messages == []


def test_todays_notebooks_are_read_without_nbformat() -> None:
    program = (
        "import sys\nfrom grader.submission.notebook import read_notebook\n"
        "read_notebook('{\"nbformat\": 4, \"cells\": []}')\nprint('nbformat' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


KEYS = st.sampled_from(
    "cells worksheets cell_type source input code text outputs output_type metadata nbformat "
    "nbformat_minor level language prompt_number collapsed png grader assignment name".split()
)
LEAVES = st.one_of(
    st.sampled_from([None, True, 0, 1, 2, 3, 4, 5.5, "", "x = 1", "\ud800"]),
    st.sampled_from("code markdown heading text html pyout stream pyerr display_data".split()),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=25,
)
CELLS = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "heading", "text", "raw", "html", None])},
    optional=dict.fromkeys(
        "source input code outputs metadata level language prompt_number".split(), TREES
    ),
)
NOTEBOOKS = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.sampled_from([1, 2, 3, 3, 4, None]),
        "nbformat_minor": st.sampled_from([0, 5, None]),
        "metadata": st.one_of(TREES, st.just({})),
        "cells": st.one_of(TREES, st.lists(CELLS, max_size=3)),
        "worksheets": st.lists(st.one_of(TREES, st.just({"cells": []}), CELLS), max_size=2)
        | st.lists(st.fixed_dictionaries({"cells": st.lists(CELLS, max_size=3)}), max_size=2),
    },
)


@examples(200)
@given(st.one_of(TREES, NOTEBOOKS))
def test_any_json_is_a_notebook_or_unreadable(tree: Any) -> None:
    try:
        notebook = read(tree)
    except SubmissionError as error:
        assert error.problem.kind == "unreadable"
    else:
        for cell in notebook.cells:
            cell.encode()


# --- no notebook --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty. Save the notebook and hand it in again."),
        (" \n\t", "The file is empty. Save the notebook and hand it in again."),
        (
            "hello",
            "The file is not a notebook: it is not JSON (line 1: Expecting value). " + AGAIN,
        ),
        (
            '\n\n{"cells": [\n{"cell_type": }]}',
            "The file is not a notebook: it is not JSON (line 4: Expecting value). " + AGAIN,
        ),
        (
            '{"cells": [',
            "The file is not a notebook: it is not JSON (line 1: Expecting value). " + AGAIN,
        ),
        (
            '{"cells": ["a',
            "The file is not a notebook: it is not JSON (line 1: Unterminated string starting "
            "at). " + AGAIN,
        ),
        ("[]", "The file is JSON, but not a notebook."),
        ("3", "The file is JSON, but not a notebook."),
        ("null", "The file is JSON, but not a notebook."),
        ('"cells"', "The file is JSON, but not a notebook."),
        ("{}", 'The file is JSON, but not a notebook: it has no "cells".'),
        ('{"cells": {}}', 'The file is JSON, but not a notebook: it has no "cells".'),
        (
            '{"cells": null, "worksheets": 3}',
            'The file is JSON, but not a notebook: it has no "cells".',
        ),
        ("[" * 200_000, "The file is nested too deeply to be a notebook."),
        ('{"a":' * 200_000, "The file is nested too deeply to be a notebook."),
    ],
    ids=lambda value: value[:12],
)
def test_what_is_no_notebook_says_what_it_is(text: str, said: str) -> None:
    assert message(text) == said


def test_one_cell_too_many_is_refused() -> None:
    text = json.dumps(today(*[code("")] * (MAX_CELLS + 1)))
    assert message(text) == "The notebook has more than 20,000 code cells."
