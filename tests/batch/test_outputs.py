"""What a graded class leaves in its folder."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch.outputs import Exports, report_name, write_left_out, write_outputs
from grader.errors import UsageError
from grader.records import Graded, Intake, PassedOver, Student
from grader.report.exports import EXPORTS, ClassExport, FilledExport
from tests.batch.grade_books import ANN, BOB, line

CLASS = [line(ANN), line(BOB), Graded(Student("3", "Cyd"), "", "missing", 0.0, 0.0)]
CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,{}\n    Points Possible,,,,,10\n"


def written(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in found)


def test_the_grade_book_and_a_report_for_each_are_written(tmp_path: Path) -> None:
    (told,) = write_outputs(tmp_path / "new" / "out", CLASS, Exports())
    assert told.path == tmp_path / "new" / "out" / "grades.csv"
    assert written(tmp_path / "new" / "out") == [
        *("grades.csv", "reports/0001-ann-ames.json", "reports/0002-bob.json")
    ]
    report = json.loads((tmp_path / "new/out/reports/0001-ann-ames.json").read_text())
    assert report == CLASS[0].report


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann Lee", "0001-ann-lee"),
        ("../../etc/passwd", "0001-etc-passwd"),
        ("김민수", "0001"),
        ("José 김 Núñez", "0001-jose-nunez"),
        ("", "0001"),
        ("a\x00b\n\ud800", "0001-a-b"),
        ("CON", "0001-con"),
        ("x" * 500, "0001-" + "x" * 40),
        ("-" * 50 + "y", "0001-y"),
    ],
)
def test_files_are_named_safely_whatever_a_student_is_called(
    name: str, expected: str, tmp_path: Path
) -> None:
    student = line(Student("1", name))
    assert report_name(1, student) == expected
    list(write_outputs(tmp_path, [student], Exports()))
    assert os.listdir(tmp_path / "reports") == [f"{expected}.json"]


def test_a_class_of_more_than_9999_has_names_of_its_own() -> None:
    assert report_name(12_345, CLASS[0]) == "12345-ann-ames"


@pytest.mark.parametrize("name", EXPORTS)
def test_each_export_is_written_to_its_place(name: str, tmp_path: Path) -> None:
    given = tmp_path / "given.csv"
    title = CLASS[0].report["title"] if CLASS[0].report else ""
    given.write_text(CANVAS.format(title) + '"Ames, Ann",1,,,A,\n')
    if name == "moodle":
        given.write_text(
            "Identifier,Full name,Status,Grade,Maximum Grade,Grade can be changed,"
            "Feedback comments\nParticipant 1,Ann Ames,,,10,Yes,\n"
        )
    export, out = EXPORTS[name], tmp_path / "out"
    filled = {name: given} if isinstance(export, FilledExport) else {}
    _, told = write_outputs(out, CLASS, Exports((name,), filled))
    assert told.why_not == ""
    one_file = isinstance(export, ClassExport | FilledExport)
    assert told.path == out / (export.file if one_file else name)
    found = [path for path in written(out) if not path.startswith(("grades.csv", "reports/"))]
    of_students = [f"{name}/0001-ann-ames/{export.file}", f"{name}/0002-bob/{export.file}"]
    assert found == ([export.file] if one_file else of_students)
    assert (told.filled.grades if told.filled else None) == (1 if filled else None)


def test_what_an_earlier_class_left_is_removed_and_nothing_that_is_not_ours(
    tmp_path: Path,
) -> None:
    exports = Exports(("github", "gradescope"))
    list(write_outputs(tmp_path, CLASS, exports))
    mine = [
        *("reports/notes.json", "reports/0001-ann-ames.json.bak", "reports/0001-Ann.json"),
        *("reports/001-ann.json", "github/notes/github.txt", "github/0002-bob/seen.txt"),
        *("reports/deep/0001-x.json", "0001-x.json"),
    ]
    for name in mine:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    list(write_outputs(tmp_path, [CLASS[1]], exports))
    assert written(tmp_path) == sorted(
        [
            *mine,
            *("grades.csv", "reports/0001-bob.json"),
            *("github/0001-bob/github.txt", "gradescope/0001-bob/results.json"),
        ]
    )
    assert sorted(os.listdir(tmp_path / "gradescope")) == ["0001-bob"]
    assert sorted(os.listdir(tmp_path / "github")) == ["0001-bob", "0002-bob", "notes"]


def test_a_student_without_a_report_any_more_has_no_old_one(tmp_path: Path) -> None:
    list(write_outputs(tmp_path, CLASS, Exports()))
    failed = replace(CLASS[0], status="failed", report=None)
    list(write_outputs(tmp_path, [failed, CLASS[1]], Exports()))
    assert os.listdir(tmp_path / "reports") == ["0002-bob.json"]


def test_an_export_that_cannot_be_made_is_told_and_keeps_no_other_back(tmp_path: Path) -> None:
    given = tmp_path / "given.csv"
    given.write_text("name,grade\n")
    told = list(write_outputs(tmp_path, CLASS, Exports(("canvas", "junit"), {"canvas": given})))
    assert [one.path.name for one in told] == ["grades.csv", "canvas.csv", "junit.xml"]
    assert told[1].why_not.startswith("This is no grade book that Canvas exported: ")
    assert not (tmp_path / "canvas.csv").exists() and (tmp_path / "junit.xml").exists()


def test_a_file_in_the_folder_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("mine")
    with pytest.raises(UsageError) as caught:
        list(write_outputs(tmp_path, CLASS, Exports()))
    assert str(caught.value) == (
        f"{tmp_path}/reports/0001-ann-ames.json cannot be written: File exists. See --out."
    )
    assert (tmp_path / "reports").read_text() == "mine"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "grades.csv" / "mine").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"grades\.csv cannot be written: Is a directory\."):
        list(write_outputs(tmp_path, CLASS, Exports()))
    assert os.listdir(tmp_path) == ["grades.csv"]


def test_what_the_lms_did_not_give_is_missed_at_once(tmp_path: Path) -> None:
    for name, option in (("canvas", "--canvas-gradebook"), ("moodle", "--moodle-worksheet")):
        with pytest.raises(UsageError) as caught:
            Exports((name,)).check()
        assert str(caught.value) == (
            f"--export {name} fills in the file that the LMS gave: name it with {option} FILE."
        )
        with pytest.raises(UsageError, match=r"gone\.csv cannot be read: No such file"):
            Exports((), {name: tmp_path / "gone.csv"}).check()
    Exports(("junit", "github", "gradescope", "nbgrader")).check()


def test_what_was_left_out_is_listed_with_the_reason(tmp_path: Path) -> None:
    ann = Student("1", "=Ann", "1")
    intake = Intake(
        (),
        (PassedOver("a/b.docx", "It is neither a notebook nor a script.", ann),),
        (PassedOver("c.ipynb", "Its id is shared.", ann),),
        unknown=(Student("kim", "Kim"),),
    )
    (told,) = write_left_out(tmp_path, intake)
    assert told.path.read_text() == (
        "student,id,path,why\n"
        "'=Ann,1,a/b.docx,It is neither a notebook nor a script.\n"
        "'=Ann,1,c.ipynb,Graded. Its id is shared.\n"
        'Kim,kim,,"Handed in, and is not on the roster."\n'
    )
    assert list(write_left_out(tmp_path, Intake(()))) == []
    assert list(tmp_path.iterdir()) == []
