"""Reading a file, whatever it holds, without running any of it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from grader.errors import SubmissionError, UsageError
from grader.records import Problem, Statement
from grader.submission.read import MAX_BYTES, MAX_CODE, MAX_STATEMENTS, read_submission
from tests.writing import write_notebook


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def notebook(*sources: str) -> str:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}, ensure_ascii=False)


def sources(path: Path) -> list[str]:
    return [statement.source for statement in read_submission(path).statements]


def usage(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_submission(path)
    return str(caught.value)


def unreadable(path: Path) -> str:
    with pytest.raises(SubmissionError) as caught:
        read_submission(path)
    problem = caught.value.problem
    assert problem == Problem("unreadable", problem.message)
    return problem.message


def test_a_notebook_keeps_cell_and_line_of_every_statement(tmp_path: Path) -> None:
    path = write_notebook(
        tmp_path / "a.ipynb",
        "import keras\n\nx = 1",
        "%time\n",
        "y = = 2\nz = 3",
        metadata={"grader": {"assignment": "03-cnn-structure"}},
    )
    read = read_submission(path)
    assert read.statements == (
        Statement("import keras", 1, 1),
        Statement("x = 1", 1, 3),
        Statement("pass", 2, 1),
        Statement("z = 3", 3, 2),
    )
    assert [(b.cell, b.line, b.names) for b in read.broken] == [(3, 1, ("y",))]
    assert read.path == str(path)
    assert read.kind == "notebook"
    assert read.assignment_id == "03-cnn-structure"
    assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_script_has_lines_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\nx = 'é'\n")
    read = read_submission(path)
    assert read.statements == (Statement("x = 'é'", None, 4),)
    assert (read.kind, read.assignment_id, read.broken) == ("script", None, ())


def test_nothing_of_it_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = write(tmp_path / "a.py", f"open({str(mark)!r}, 'w').write('x')\nraise SystemExit")
    assert len(read_submission(path).statements) == 2
    assert not mark.exists()


@pytest.mark.parametrize("name", ["a.ipynb", "a.IPYNB", "a.b.Ipynb", "ä ö.ipynb"])
def test_a_notebooks_suffix_in_any_case(tmp_path: Path, name: str) -> None:
    assert sources(write(tmp_path / name, notebook("x = 1"))) == ["x = 1"]


@pytest.mark.parametrize("name", ["a.py", "a.PY"])
def test_a_scripts_suffix_in_any_case(tmp_path: Path, name: str) -> None:
    assert sources(write(tmp_path / name, "x = 1")) == ["x = 1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["a.ipynb", "a.py"])
def test_the_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    text = notebook("x = 'é'") if name == "a.ipynb" else "x = 'é'"
    mark = "\ufeff" if encoding.endswith("e") else ""
    assert sources(write(tmp_path / name, (mark + text).encode(encoding))) == ["x = 'é'"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1251", "shift_jis"])
def test_a_script_may_declare_its_encoding(tmp_path: Path, encoding: str) -> None:
    letter = b"\xe9".decode(encoding) if encoding != "shift_jis" else "あ"
    text = f"# coding: {encoding}\nx = '{letter}'"
    assert sources(write(tmp_path / "a.py", text.encode(encoding))) == [f"x = '{letter}'"]


@pytest.mark.parametrize(
    "line",
    [b"# coding: " + name for name in (b"nothing", b"rot13", b"zlib", b"punycode", b"utf-7")]
    + [b"# coding: unicode_escape", b"# coding: undefined", b"# coding: idna", b"", b"# \xff"],
)
def test_an_encoding_that_python_does_not_know_is_passed_over(tmp_path: Path, line: bytes) -> None:
    assert sources(write(tmp_path / "a.py", line + b"\nx = 1\n"))[-1] == "x = 1"


def test_bytes_that_are_no_text_cost_their_statement_at_most(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", b"x = 1\ny = '\xff\xfe'\n\xff = 2\nz = 3")
    read = read_submission(path)
    assert [s.line for s in read.statements] == [1, 2, 4]
    assert [b.line for b in read.broken] == [3]


def test_windows_line_ends_count_once(tmp_path: Path) -> None:
    assert [
        s.line for s in read_submission(write(tmp_path / "a.py", "x = 1\r\n\r\ny = 2")).statements
    ] == [
        1,
        3,
    ]


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n"])
def test_an_empty_script_has_no_statements(tmp_path: Path, text: str) -> None:
    read = read_submission(write(tmp_path / "a.py", text))
    assert (read.statements, read.broken) == ((), ())


def test_a_script_that_is_named_a_notebook_is_read_as_one(tmp_path: Path) -> None:
    read = read_submission(write(tmp_path / "a.ipynb", "import keras\nx = 1"))
    assert (read.kind, [s.cell for s in read.statements]) == ("script", [None, None])


@pytest.mark.parametrize("text", ["hello", "3", "'a'", "this is text", "# only a comment", "x = ="])
def test_other_text_that_is_named_a_notebook_is_unreadable(tmp_path: Path, text: str) -> None:
    assert unreadable(write(tmp_path / "a.ipynb", text)).startswith("The file is ")


def test_an_empty_notebook_file_says_what_to_do(tmp_path: Path) -> None:
    said = "The file is empty. Save the notebook and hand it in again."
    assert unreadable(write(tmp_path / "a.ipynb", b"")) == said


def test_more_code_than_a_person_writes_is_refused(tmp_path: Path) -> None:
    half = "#" * (MAX_CODE // 2)
    assert sources(write(tmp_path / "a.ipynb", notebook(half, half))) == []
    said = "The file holds more than 1 MiB of code."
    assert unreadable(write(tmp_path / "b.ipynb", notebook(half, half, "#"))) == said
    assert unreadable(write(tmp_path / "a.py", half * 2 + "#")) == said


def test_a_file_too_large_to_be_a_notebook_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert unreadable(path) == "The file is larger than 128 MiB."


# --- paths --------------------------------------------------------------------------------


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.mkdir()
    assert usage(path) == f"{path} is a folder, not a notebook."


@pytest.mark.parametrize("name", ["a.txt", "a", "ipynb", ".ipynb", "a.ipynb.bak"])
def test_other_suffixes_are_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, notebook("x = 1"))
    assert usage(path) == f"{path} is neither a notebook (.ipynb) nor a script (.py)."


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    assert usage(path) == f"{path} cannot be read: No such file or directory."


def test_a_path_through_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", "{}") / "b.ipynb"
    assert usage(path) == f"{path} cannot be read: Not a directory."


def test_a_name_longer_than_a_file_can_have(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 300 + ".ipynb")
    assert usage(path) == f"{path} cannot be read: File name too long."


def test_a_link_in_a_circle(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.symlink_to(path)
    assert usage(path) == f"{path} cannot be read: Too many levels of symbolic links."


def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    os.mkfifo(path)
    assert usage(path) == f"{path} is not a file."


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", notebook("x = 1"))
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # permissions do not bind the superuser
    try:
        assert usage(path) == f"{path} cannot be read: Permission denied."
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("line", ["x\n", "x = = 1\n"])
def test_more_statements_than_a_person_writes_are_refused(tmp_path: Path, line: str) -> None:
    half = line * (MAX_STATEMENTS // 2)
    read_submission(write(tmp_path / "a.ipynb", notebook(half, half)))
    said = "The file holds more than 20,000 statements."
    assert unreadable(write(tmp_path / "b.ipynb", notebook(half, half, line))) == said
