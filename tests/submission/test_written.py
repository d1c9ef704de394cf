"""Modules that a notebook writes for its other cells."""

from __future__ import annotations

import pytest

from grader.records import WrittenFile
from grader.submission.written import written_files

NAMES = {
    "%%writefile blocks.py": "blocks",
    "%%file blocks.py": "blocks",
    "%%writefile -a blocks.py": "blocks",
    "%%writefile --append blocks.py": "blocks",
    "%%writefile 'blocks.py'": "blocks",
    '%%writefile "nets/blocks.py"': "nets.blocks",
    "%%writefile   nets/deep/blocks.py  ": "nets.deep.blocks",
    "%%writefile ./blocks.py": "blocks",
    "%%writefile ../blocks.py": "blocks",
    "%%writefile /content/nets/blocks.py": "blocks",
    "%%writefile nets/__init__.py": "nets",
    "%%writefile 모델.py": "모델",
}


@pytest.mark.parametrize("magic", NAMES)
def test_a_file_is_imported_by_its_path(magic: str) -> None:
    expected = (WrittenFile(NAMES[magic], "value = 1\n", 4, 2),)
    assert written_files([(f"{magic}\nvalue = 1\n", 4)]) == expected


NONE = [
    "%%writefile notes.txt\na",
    "%%writefile blocks.py",
    "%%writefile\nblocks.py\n",
    "%%writefile my-blocks.py\na",
    "%%writefile my blocks.py\na",
    "%%writefile .py\na",
    "%%writefile ./__init__.py\na",
    "%%writefile nets/2-blocks.py\na = 1",
    "%writefile blocks.py\na",
    "%%writefilex blocks.py\na",
    "a = 1\n%%writefile blocks.py\nb",
    "",
]


@pytest.mark.parametrize("source", NONE)
def test_what_no_import_can_name_is_no_module(source: str) -> None:
    assert written_files([(source, 1)]) == ()


def test_a_script_writes_nothing() -> None:
    assert written_files([("%%writefile blocks.py\na = 1", None)]) == ()


def test_the_last_version_counts_and_more_is_added_below() -> None:
    cells = [
        ("%%writefile a.py\nold = 1", 1),
        ("%%writefile b.py\nb = 1", 2),
        ("\n\n%%writefile a.py\nnew = 1", 3),
        ("%%writefile -a a.py\nmore = 2", 4),
        ("%%writefile -a c.py\nc = 1", 5),
    ]
    assert written_files(cells) == (
        WrittenFile("a", "new = 1\nmore = 2", 3, 4),
        WrittenFile("b", "b = 1", 2, 2),
        WrittenFile("c", "c = 1", 5, 2),
    )


def test_a_name_of_any_length_is_read() -> None:
    (file,) = written_files([(f"%%writefile {'a/' * 5_000}{'b' * 10_000}.py\nx = 1", 1)])
    assert file.module == "a." * 5_000 + "b" * 10_000
    assert written_files([("%%writefile " + ".py" * 50_000 + "!\n", 1)]) == ()
    assert written_files([("%%writefile" + " " * 200_000 + "x", 1)]) == ()
