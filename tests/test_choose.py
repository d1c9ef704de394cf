"""Which assignment a submission is for: its metadata, its file name, or what it defines."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.choose import FOLDER, assignment_for, named_assignment
from grader.errors import AssignmentError, UsageError
from tests.writing import IMPORTS, RIGHT, write_notebook


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three assignments; all of them take a name that the others take too."""
    path = tmp_path / "assignments"
    path.mkdir()
    add(path, "01-sizes", "function: size", "{type: returns, cases: [{expect: 1}], points: 1}")
    add(path, "02-cnn", "build: build_cnn")
    add(path, "02-cnn-deep", "build: build_deep")
    return path


def add(
    folder: Path,
    stem: str,
    asks: str,
    check: str = "{type: probabilities, points: 1}",
    id: str = "",
) -> None:
    shape = "    input_shape: [8, 8, 1]\n" if asks.startswith("build") else ""
    (folder / f"{stem}.yaml").write_text(
        f"format: 1\nid: {id or stem}\ntitle: T\nexercises:\n  - id: e\n    {asks}\n{shape}"
        f"    also: [answer]\n    checks:\n      - {check}\n"
    )


def script(folder: Path, name: str, text: str = "x = 1\n") -> Path:
    path = folder.parent / name
    path.write_text(text)
    return path


def notebook(folder: Path, name: str, assignment: object, *cells: str) -> Path:
    metadata = {"grader": {"assignment": assignment}}
    return write_notebook(folder.parent / name, *(cells or ("x = 1",)), metadata=metadata)


def chosen(submission: Path, folder: Path) -> str:
    return assignment_for(submission, folder).content.id


def refused(submission: Path, folder: Path) -> str:
    with pytest.raises(UsageError) as caught:
        assignment_for(submission, folder)
    return str(caught.value)


# --- by name ---------------------------------------------------------------------------------


def test_an_assignment_goes_by_the_name_of_its_file(folder: Path) -> None:
    loaded = named_assignment("02-cnn", folder)
    assert (loaded.content.id, loaded.path) == ("02-cnn", folder / "02-cnn.yaml")


def test_an_assignment_goes_by_its_id_too(folder: Path) -> None:
    add(folder, "draft", "build: f", id="09-exam")
    assert named_assignment("09-exam", folder).path == folder / "draft.yaml"
    assert named_assignment("draft", folder).path == folder / "draft.yaml"


def test_a_file_is_taken_wherever_it_is(folder: Path) -> None:
    elsewhere = folder.parent / "mine"
    elsewhere.mkdir()
    add(elsewhere, "own", "build: f")
    assert named_assignment(str(elsewhere / "own.yaml"), folder).content.id == "own"


def test_a_file_that_is_not_there_says_so(folder: Path) -> None:
    with pytest.raises(AssignmentError) as caught:
        named_assignment("nowhere/own.yml", folder)
    assert str(caught.value) == (
        "nowhere/own.yml:1:1: The file cannot be read: No such file or directory."
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("02-cn", ' Did you mean "02-cnn"?'),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_an_unknown_name_lists_the_known_ones(folder: Path, name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        named_assignment(name, folder)
    assert str(caught.value) == (
        f'There is no assignment "{name}".{hint} Known: 01-sizes, 02-cnn, 02-cnn-deep.'
    )


def test_an_unknown_name_with_control_characters_stays_on_one_line(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        named_assignment("a\nb\x1b[31m", folder)
    assert str(caught.value).startswith(r'There is no assignment "a\nb\x1b[31m".')


def test_a_folder_without_assignments_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        named_assignment("02-cnn", tmp_path)
    assert str(caught.value) == 'There is no assignment "02-cnn". Known: none.'


def test_the_shipped_assignments_are_found() -> None:
    assert named_assignment("03-cnn-structure").path == FOLDER / "03-cnn-structure.yaml"


# --- by metadata -----------------------------------------------------------------------------


def test_metadata_comes_before_file_name_and_names(folder: Path) -> None:
    path = notebook(folder, "02-cnn-deep.ipynb", "01-sizes", "def build_cnn(): pass")
    assert chosen(path, folder) == "01-sizes"


def test_metadata_may_give_the_id(folder: Path) -> None:
    add(folder, "draft", "build: f", id="09-exam")
    assert chosen(notebook(folder, "student.ipynb", "09-exam"), folder) == "09-exam"


@pytest.mark.parametrize("metadata", [5, None, [], {"a": 1}, "", "x" * 1000])
def test_metadata_that_is_no_name_is_passed_over(folder: Path, metadata: object) -> None:
    assert chosen(notebook(folder, "02-cnn.ipynb", metadata), folder) == "02-cnn"


def test_metadata_of_an_unknown_assignment_gives_way_to_what_fits(folder: Path) -> None:
    assert chosen(notebook(folder, "02-cnn.ipynb", "zzz"), folder) == "02-cnn"
    path = notebook(folder, "student.ipynb", "zzz", "def build_deep(): pass")
    assert chosen(path, folder) == "02-cnn-deep"


def test_metadata_of_an_unknown_assignment_is_told_where_nothing_fits(folder: Path) -> None:
    path = notebook(folder, "student.ipynb", "2-cnn")
    assert refused(path, folder) == (
        f"{path} defines nothing that an assignment asks for; name its assignment with "
        "--assignment. Known: 01-sizes, 02-cnn, 02-cnn-deep. Its metadata names "
        '"2-cnn", which is not there. Did you mean "02-cnn"?'
    )


def test_metadata_of_an_unknown_assignment_is_told_where_several_fit(folder: Path) -> None:
    path = notebook(folder, "student.ipynb", "zzz", "def build_deep(): pass\ndef build_cnn(): pass")
    assert refused(path, folder) == (
        f"{path} fits 02-cnn and 02-cnn-deep; say which one with --assignment. "
        'Its metadata names "zzz", which is not there.'
    )


def test_a_script_has_no_metadata(folder: Path) -> None:
    assert chosen(script(folder, "02-cnn.py"), folder) == "02-cnn"


# --- by file name ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("02-cnn.py", "02-cnn"),
        ("02-cnn (2).py", "02-cnn"),
        ("02-cnn-2.py", "02-cnn"),
        ("02-cnn2.py", "02-cnn"),
        ("02-cnn_final.py", "02-cnn"),
        ("02-CNN.py", "02-cnn"),
        ("02-cnn-deep.py", "02-cnn-deep"),
        ("02-cnn-deep-2.py", "02-cnn-deep"),
        ("doeann_LATE_1001_556677_02-cnn-1.py", "02-cnn"),
        ("Ann Doe 01-sizes.py", "01-sizes"),
    ],
)
def test_a_file_name_holds_the_assignments(folder: Path, name: str, id: str) -> None:
    assert chosen(script(folder, name), folder) == id


@pytest.mark.parametrize(
    "name",
    ["102-cnn.py", "02-cnns.py", "02cnn.py", "a02-cnn.py", "02-cnn 01-sizes.txt.py", "cnn.py"],
)
def test_a_part_of_a_word_or_number_is_no_name(folder: Path, name: str) -> None:
    (folder / "02-cnn-deep.yaml").rename(folder / "0.yaml")
    if "01-sizes" in name:
        (folder / "02-cnn.yaml").rename(folder / "02-cnn-x.yaml")
        (folder / "01-sizes.yaml").rename(folder / "01-sizes-x.yaml")
    assert "defines nothing that an assignment asks for" in refused(script(folder, name), folder)


def test_a_name_that_ends_in_a_number_is_not_a_longer_number(folder: Path) -> None:
    add(folder, "hw1", "build: f")
    assert chosen(script(folder, "hw1.py"), folder) == "hw1"
    assert chosen(script(folder, "hw1final.py"), folder) == "hw1"
    assert "defines nothing" in refused(script(folder, "hw10.py"), folder)


def test_two_names_of_one_length_decide_nothing(folder: Path) -> None:
    add(folder, "hw1", "build: f")
    add(folder, "hw2", "build: g")
    assert "defines nothing" in refused(script(folder, "hw1 hw2.py"), folder)
    assert chosen(script(folder, "hw1 and hw2.py", "def g(): pass"), folder) == "hw2"


def test_a_dot_in_a_name_is_a_dot(folder: Path) -> None:
    add(folder, "a.b", "build: f")
    assert chosen(script(folder, "a.b.py"), folder) == "a.b"
    assert "defines nothing" in refused(script(folder, "axb.py"), folder)


# --- by what is defined ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("def build_cnn(): pass", "02-cnn"),
        ("build_deep = lambda: None", "02-cnn-deep"),
        ("import math as size", "01-sizes"),
        ("def build_cnn():\n    return (", "02-cnn"),
        ("answer = 1\ndef build_deep(): pass", "02-cnn-deep"),
    ],
)
def test_the_names_it_defines_tell_the_assignment(folder: Path, text: str, id: str) -> None:
    assert chosen(script(folder, "student.py", text), folder) == id


def test_another_name_that_is_taken_tells_it_where_nothing_else_does(folder: Path) -> None:
    add(folder, "03-other", "build: f")
    path = folder / "03-other.yaml"
    path.write_text(path.read_text().replace("[answer]", "[other]"))
    assert chosen(script(folder, "student.py", "other = 1"), folder) == "03-other"


def test_several_that_fit_are_the_candidates(folder: Path) -> None:
    path = script(folder, "student.py", "answer = 1")
    assert refused(path, folder) == (
        f"{path} fits 01-sizes, 02-cnn and 02-cnn-deep; say which one with --assignment."
    )


def test_none_that_fits_lists_all(folder: Path) -> None:
    path = script(folder, "student.py")
    assert refused(path, folder) == (
        f"{path} defines nothing that an assignment asks for; name its assignment with "
        "--assignment. Known: 01-sizes, 02-cnn, 02-cnn-deep."
    )


def test_a_right_notebook_is_recognised_among_the_shipped_assignments(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "student.ipynb", IMPORTS, RIGHT)
    assert chosen(path, FOLDER) == "03-cnn-structure"


# --- what cannot be read ---------------------------------------------------------------------


def test_an_unreadable_notebook_is_still_known_by_its_file_name(folder: Path) -> None:
    assert chosen(script(folder, "02-cnn.ipynb", "not JSON"), folder) == "02-cnn"


def test_an_unreadable_notebook_of_another_name_says_what_to_do(folder: Path) -> None:
    path = script(folder, "student.ipynb", "")
    assert refused(path, folder) == (
        f"{path}: The file is empty. Save the notebook and hand it in again. To grade it all the "
        "same, name its assignment with --assignment. Known: 01-sizes, 02-cnn, 02-cnn-deep."
    )


def test_a_file_that_is_not_there_is_the_callers_fault(folder: Path) -> None:
    path = folder / "none.py"
    assert refused(path, folder) == f"{path} cannot be read: No such file or directory."


FAULTY = "format: 1\nid: [a\n"


def test_a_faulty_file_does_no_harm_to_other_assignments(folder: Path) -> None:
    (folder / "00-broken.yaml").write_text(FAULTY)
    assert chosen(script(folder, "student.py", "def build_cnn(): pass"), folder) == "02-cnn"
    assert chosen(notebook(folder, "other.ipynb", "02-cnn"), folder) == "02-cnn"
    assert chosen(script(folder, "02-cnn.py"), folder) == "02-cnn"
    add(folder, "draft", "build: f", id="09-exam")
    assert named_assignment("09-exam", folder).content.id == "09-exam"


def test_a_faulty_file_is_told_where_nothing_fits(folder: Path) -> None:
    (folder / "00-broken.yaml").write_text(FAULTY)
    path = script(folder, "student.py")
    assert refused(path, folder) == (
        f"{path} defines nothing that an assignment asks for; name its assignment with "
        "--assignment. Known: 00-broken, 01-sizes, 02-cnn, 02-cnn-deep. Left out because of "
        "faults: 00-broken.yaml; see python grade.py list."
    )


@pytest.mark.parametrize("by", ["metadata", "file name", "id"])
def test_the_faults_of_the_assignment_that_is_meant_are_told(folder: Path, by: str) -> None:
    path = folder / "00-broken.yaml"
    path.write_text(FAULTY)
    with pytest.raises(AssignmentError) as caught:
        if by == "metadata":
            assignment_for(notebook(folder, "student.ipynb", "00-broken"), folder)
        elif by == "file name":
            assignment_for(script(folder, "00-broken.py"), folder)
        else:
            named_assignment("00-broken", folder)
    assert str(caught.value) == f"{path}:2:5: What begins here is never closed."
