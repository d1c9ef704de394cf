"""Which of a student's several files counts, and that it is never guessed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from grader.batch import choosing
from grader.batch.choosing import Wanted, choose_file
from grader.batch.files import Found
from grader.batch.layouts import Owned, owned_files

WANTED = Wanted(frozenset(("build_cnn", "sizes")), frozenset(("model",)))


def notebook(*cells: str) -> str:
    code = [
        {
            "cell_type": "code",
            "source": cell,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for cell in cells
    ]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def chosen(
    folder: Path, files: dict[str, str], wanted: Wanted = WANTED
) -> tuple[str | None, dict[str, str]]:
    """The name of the file that counts, and why the others do not, in whatever order they come."""
    for name, text in files.items():
        (folder / name).write_text(text)
    names = sorted(files)
    founds = [Found((name,), name, str(folder / name)) for name in names]
    owned = owned_files(folder, founds)
    counts, others = choose_file(owned, wanted)
    random.Random(1).shuffle(owned)
    assert choose_file(sorted(owned, key=_path), wanted)[0] == counts
    return counts and counts.found.path, {file.found.path: why for file, why in others}


def _path(file: Owned) -> str:
    return file.found.path


BUILDS = notebook("def build_cnn():\n    return keras.Sequential([])")
STUB = notebook("def build_cnn():\n    # your code here\n    raise NotImplementedError")


def test_the_only_file_counts_and_is_not_read() -> None:
    gone = Owned(Found(("hw.ipynb",), "hw.ipynb", "/nowhere/hw.ipynb"), None)
    assert choose_file([gone], WANTED) == (gone, [])


def test_a_notebook_goes_before_the_scripts_beside_it(tmp_path: Path) -> None:
    files = {"helpers.py": "build_cnn = 1", "hw.ipynb": notebook("x = 1"), "hw.py": "sizes = 2"}
    why = "A script beside a notebook; the notebook counts."
    assert chosen(tmp_path, files) == ("hw.ipynb", {"helpers.py": why, "hw.py": why})


def test_of_scripts_the_one_that_defines_what_is_asked_for_counts(tmp_path: Path) -> None:
    assert chosen(tmp_path, {"helpers.py": "x = 1", "hw.py": "sizes = 2"}) == (
        "hw.py",
        {"helpers.py": "It does not define sizes; hw.py does."},
    )


def test_the_last_attempt_counts_whatever_it_holds(tmp_path: Path) -> None:
    files = {"doe_1_5_hw.ipynb": BUILDS, "doe_1_7_hw-1.ipynb": BUILDS, "doe_1_9_hw-10.ipynb": "{"}
    why = "An earlier attempt; doe_1_9_hw-10.ipynb counts."
    assert chosen(tmp_path, files) == (
        "doe_1_9_hw-10.ipynb",
        {"doe_1_5_hw.ipynb": why, "doe_1_7_hw-1.ipynb": why},
    )


def test_numbers_without_a_first_attempt_may_be_two_exercises(tmp_path: Path) -> None:
    """``hw-1`` and ``hw-2`` in one submission: what they define tells, not the number."""
    files = {"doe_1_5_hw-1.ipynb": BUILDS, "doe_1_6_hw-2.ipynb": notebook("other = 1")}
    assert chosen(tmp_path, files)[0] == "doe_1_5_hw-1.ipynb"
    files["doe_1_6_hw-2.ipynb"] = BUILDS + "\n"
    assert chosen(tmp_path, files) == (
        "doe_1_6_hw-2.ipynb",
        {"doe_1_5_hw-1.ipynb": "An earlier attempt; doe_1_6_hw-2.ipynb counts."},
    )


def test_the_same_file_twice_is_one(tmp_path: Path) -> None:
    assert chosen(tmp_path, {"a.ipynb": BUILDS, "b.ipynb": BUILDS}, Wanted()) == (
        "a.ipynb",
        {"b.ipynb": "The same as a.ipynb, byte for byte."},
    )


def test_the_notebook_that_defines_more_of_what_is_asked_for_counts(tmp_path: Path) -> None:
    both = notebook("def build_cnn():\n    return 1", "def sizes(n):\n    return n")
    files = {"all.ipynb": both, "part.ipynb": BUILDS, "try.ipynb": notebook("model = 1")}
    assert chosen(tmp_path, files) == (
        "all.ipynb",
        {
            "part.ipynb": "It does not define sizes; all.ipynb does.",
            "try.ipynb": "It does not define build_cnn or sizes; all.ipynb does.",
        },
    )


def test_other_names_that_are_taken_count_where_no_asked_for_one_is_there(tmp_path: Path) -> None:
    files = {"a.ipynb": notebook("model = 1"), "b.ipynb": notebook("x = 1")}
    assert chosen(tmp_path, files)[0] == "a.ipynb"
    files["b.ipynb"] = BUILDS
    assert chosen(tmp_path, files)[0] == "b.ipynb"


def test_a_method_defines_its_name(tmp_path: Path) -> None:
    method = notebook("class Net:\n    def build_cnn(self):\n        return 1")
    assert chosen(tmp_path, {"a.ipynb": method, "b.ipynb": notebook("x")})[0] == "a.ipynb"


def test_a_notebook_left_as_it_was_handed_out_defines_nothing(tmp_path: Path) -> None:
    assert chosen(tmp_path, {"hw.ipynb": STUB, "hw-solved.ipynb": BUILDS}) == (
        "hw-solved.ipynb",
        {"hw.ipynb": "It does not define build_cnn; hw-solved.ipynb does."},
    )


def test_a_broken_definition_is_one(tmp_path: Path) -> None:
    broken = notebook("def build_cnn():\n    return keras.Sequential([")
    assert chosen(tmp_path, {"a.ipynb": broken, "b.ipynb": notebook("x")})[0] == "a.ipynb"


AFTER = "None was graded; leave the one that counts, and run it again."


@pytest.mark.parametrize(
    ("texts", "wanted", "because"),
    [
        ((BUILDS, BUILDS + " "), WANTED, "each defines build_cnn"),
        (
            (BUILDS, notebook("sizes = 1")),
            WANTED,
            "each defines something asked for that another does not",
        ),
        ((notebook("x"), notebook("y")), WANTED, "none defines build_cnn or sizes"),
        ((STUB, "{"), WANTED, "none defines build_cnn or sizes"),
        ((BUILDS, notebook("y")), Wanted(), "nothing tells which one counts"),
    ],
)
def test_what_is_not_sure_is_not_guessed(
    tmp_path: Path, texts: tuple[str, str], wanted: Wanted, because: str
) -> None:
    said = f"One of 2 files of this student, a.ipynb and b.ipynb: {because}. {AFTER}"
    files = dict(zip(("a.ipynb", "b.ipynb"), texts, strict=True))
    assert chosen(tmp_path, files, wanted) == (None, {"a.ipynb": said, "b.ipynb": said})


def test_of_many_files_three_are_named(tmp_path: Path) -> None:
    files = {f"{at}.ipynb": notebook(f"x = {at}") for at in range(5)}
    counts, why = chosen(tmp_path, files, Wanted())
    assert counts is None
    assert why["4.ipynb"] == (
        "One of 5 files of this student, 0.ipynb, 1.ipynb, 2.ipynb and 2 more: nothing tells "
        f"which one counts. {AFTER}"
    )


def test_a_whole_disk_of_notebooks_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "MAX_READ", 2)
    monkeypatch.setattr(choosing, "read_found", None)
    counts, why = chosen(tmp_path, dict.fromkeys(("a.ipynb", "b.ipynb", "c.ipynb"), BUILDS))
    assert counts is None and len(why) == 3
    assert "a.ipynb, b.ipynb and c.ipynb: too many to look into." in why["c.ipynb"]


def test_a_file_that_vanished_leaves_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(BUILDS)
    files = [
        Owned(Found((name,), name, str(tmp_path / name)), None) for name in ("a.ipynb", "b.ipynb")
    ]
    assert choose_file(files, WANTED) == (
        files[0],
        [(files[1], "It cannot be read: No such file or directory.")],
    )


def test_where_no_file_can_be_read_one_is_left_to_say_so(tmp_path: Path) -> None:
    files = [
        Owned(Found((name,), name, str(tmp_path / name)), None) for name in ("a.ipynb", "b.ipynb")
    ]
    counts, why = choose_file(files, WANTED)
    assert counts == files[0] and [file for file, _ in why] == files[1:]
