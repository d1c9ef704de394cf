"""A class in every layout that instructors have it in."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.intake import LOOKED_FOR, read_handed, take_in, without_a_file
from grader.errors import UsageError
from grader.records import Handed, Intake, PassedOver, Student
from tests.batch.test_choosing import BUILDS, notebook
from tests.batch.zips import with_bytes_named, write_zip, zipped

NOTEBOOK = BUILDS.encode()


def write(folder: Path, *names: str, data: bytes = NOTEBOOK) -> Path:
    """Files below a folder, each with bytes of its own."""
    for at, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data + b" " * at)
    return folder


def graded(intake: Intake) -> dict[str, str]:
    """Key → the path that counts, in the order of the intake."""
    return {handed.student.key: handed.path for handed in intake.handed}


def students(intake: Intake) -> list[tuple[str, str, str | None]]:
    return [(h.student.key, h.student.name, h.student.id) for h in intake.handed]


def why(intake: Intake) -> dict[str, str]:
    return {passed.path: passed.why for passed in intake.passed_over}


def fault(paths: Sequence[Path], roster: Path | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        take_in(paths, roster)
    return str(caught.value)


# A folder


def test_in_a_flat_folder_each_file_is_a_student(tmp_path: Path) -> None:
    write(tmp_path, "bob.ipynb", "ann.ipynb", "carl.py", "README.md")
    intake = take_in([tmp_path])
    assert intake.handed[0] == Handed(
        Student("ann", "ann"), str(tmp_path / "ann.ipynb"), str(tmp_path / "ann.ipynb")
    )
    assert list(graded(intake)) == ["ann", "bob", "carl"]
    readme = str(tmp_path / "README.md")
    assert intake.passed_over == (
        PassedOver(readme, "Neither a notebook nor a script, and in no folder."),
    )


def test_a_folder_for_each_student_is_that_students(tmp_path: Path) -> None:
    write(tmp_path, "Ann Doe/hw.ipynb", "Ann Doe/data/digits.csv", "김민수/sub/과제.ipynb")
    assert graded(take_in([tmp_path])) == {
        "Ann Doe": str(tmp_path / "Ann Doe/hw.ipynb"),
        "김민수": str(tmp_path / "김민수/sub/과제.ipynb"),
    }


def test_a_folder_around_the_class_is_no_student(tmp_path: Path) -> None:
    write(tmp_path, "hw/class/ann.ipynb", "hw/class/bob.ipynb")
    assert list(graded(take_in([tmp_path]))) == ["ann", "bob"]


def test_what_lies_beside_the_folder_of_the_class_is_no_student(tmp_path: Path) -> None:
    write(tmp_path, "class/ann/hw.ipynb", "class/bob/essay.pdf", "grades.xlsx", "class/read.me")
    intake = take_in([tmp_path])
    assert list(graded(intake)) == ["ann"]
    assert [passed.student for passed in without_a_file(intake)] == [Student("bob", "bob")]
    clutter = "Neither a notebook nor a script, and in no folder."
    assert why(intake)[str(tmp_path / "grades.xlsx")] == clutter
    assert why(intake)[str(tmp_path / "class/read.me")] == clutter


@pytest.mark.parametrize(
    "names",
    [
        ["ann/hw.ipynb"],
        ["ann/hw.ipynb", "ann/data/digits.csv"],
        ["ann/hw.ipynb", "ann/helpers.py", "ann/utils/helpers.py"],
        ["ann/cnn/hw.ipynb", "ann/cnn/a.png"],
        ["ann/hw.py"],
    ],
)
def test_the_only_student_of_a_class_is_one(tmp_path: Path, names: list[str]) -> None:
    write(tmp_path, *names)
    assert list(graded(take_in([tmp_path]))) == ["ann"]


def test_a_file_called_submitted_is_none_of_nbgraders_folders(tmp_path: Path) -> None:
    files = {"submitted": b"", "submitted/ann/ps1/hw.ipynb": NOTEBOOK}
    intake = take_in([write_zip(tmp_path / "class.zip", files)])
    assert list(graded(intake)) == ["ann"]


@pytest.mark.parametrize("root", ["", "submitted", "around"])
def test_nbgraders_folders_are_students_and_the_rest_of_its_course_is_not(
    tmp_path: Path, root: str
) -> None:
    course = tmp_path / "around" if root == "around" else tmp_path
    write(
        course,
        *("submitted/ann/ps1/hw.ipynb", "submitted/ann/ps1/timestamp.txt"),
        *("submitted/bob/ps1/hw.ipynb", "submitted/bob/ps1/timestamp.txt"),
        *("autograded/ann/ps1/hw.ipynb", "source/ps1/hw.ipynb", "nbgrader_config.py"),
    )
    intake = take_in([tmp_path / root if root == "submitted" else tmp_path])
    assert graded(intake) == {
        name: str(course / f"submitted/{name}/ps1/hw.ipynb") for name in ("ann", "bob")
    }
    beside = "It lies beside submitted/, which holds what was handed in."
    assert why(intake) == (
        {}
        if root == "submitted"
        else {str(course / n): beside for n in ("autograded", "source", "nbgrader_config.py")}
    )


def test_one_student_in_nbgraders_folders_is_known_by_its_stamp(tmp_path: Path) -> None:
    write(tmp_path, "ann/ps1/a.ipynb", "ann/ps1/timestamp.txt", "ann/ps2/b.ipynb")
    (intake, student) = (take_in([tmp_path]), Student("ann", "ann"))
    assert {passed.student for passed in intake.passed_over} == {student}


def test_several_files_of_a_student_are_told_apart_by_what_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "ann/try.ipynb", "bob/hw.ipynb", data=notebook("x = 1").encode())
    write(tmp_path, "ann/hw.ipynb")
    intake = take_in([tmp_path], wanted=frozenset(("build_cnn",)))
    hw, trial = str(tmp_path / "ann/hw.ipynb"), str(tmp_path / "ann/try.ipynb")
    assert graded(intake)["ann"] == hw
    assert why(intake) == {trial: f"It does not define build_cnn; {hw} does."}


def test_a_student_whose_file_is_not_sure_is_told(tmp_path: Path) -> None:
    write(tmp_path, "ann/a.ipynb", "ann/b.ipynb", "bob/hw.ipynb")
    intake = take_in([tmp_path])
    assert list(graded(intake)) == ["bob"]
    (passed,) = without_a_file(intake)
    assert passed.student == Student("ann", "ann")
    assert passed.why == (
        f"One of 2 files of this student, {tmp_path}/ann/a.ipynb and {tmp_path}/ann/b.ipynb: "
        "nothing tells which one counts. None was graded; leave the one that counts, and run it "
        "again."
    )


def test_a_student_without_a_notebook_is_told(tmp_path: Path) -> None:
    write(tmp_path, "ann/essay.pdf", "ann/a.png", "bob/hw.ipynb", "dora/model.keras")
    (tmp_path / "carl").mkdir()
    intake = take_in([tmp_path])
    assert [(p.student and p.student.key, p.why) for p in without_a_file(intake)] == [
        ("ann", "Neither a notebook (.ipynb) nor a script (.py), but a.png and essay.pdf."),
        ("carl", "The folder is empty."),
        ("dora", "Neither a notebook (.ipynb) nor a script (.py), but model.keras."),
    ]


def test_a_notebook_that_is_too_large_is_told(tmp_path: Path) -> None:
    write(tmp_path, "ann.ipynb")
    with (tmp_path / "bob.ipynb").open("wb") as writing:
        writing.truncate(300 * 2**20)
    (passed,) = without_a_file(take_in([tmp_path]))
    assert passed.student == Student("bob", "bob")
    assert passed.why == "It is larger than 128 MiB."


def test_links_and_pipes_are_told_with_their_student(tmp_path: Path) -> None:
    write(tmp_path, "ann.ipynb")
    (tmp_path / "bob.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "carl.ipynb")
    assert [(p.student and p.student.key, p.why) for p in without_a_file(take_in([tmp_path]))] == [
        ("bob", "It is a link that leads out of the folder."),
        ("carl", "It is not a plain file."),
    ]


def test_a_name_in_bytes_of_another_system_is_read(tmp_path: Path) -> None:
    (tmp_path / "ann.ipynb").write_bytes(NOTEBOOK)
    korean = os.path.join(os.fsencode(tmp_path), "김민수.ipynb".encode("euc_kr"))
    with open(korean, "wb") as writing:
        writing.write(NOTEBOOK)
    intake = take_in([tmp_path])
    assert graded(intake)["김민수"] == str(tmp_path / "김민수.ipynb")
    assert read_handed(intake.handed[1]) == NOTEBOOK


def test_composed_and_decomposed_letters_are_one_name(tmp_path: Path) -> None:
    write(tmp_path, "Jose\u0301.ipynb", "ann.ipynb")
    assert list(graded(take_in([tmp_path]))) == ["José", "ann"]


# LMSs


CANVAS = (
    "doeann_1001_55_hw.ipynb",
    "doeann_LATE_1001_77_hw-1.ipynb",
    "김민수_1002_56_과제.ipynb",
    "leebob_1003_57_hw.py",
    "kimcarl_1004_text.html",
)


def check_canvas(intake: Intake, at: str) -> None:
    assert students(intake) == [
        ("1001", "doeann", "1001"),
        ("1002", "김민수", "1002"),
        ("1003", "leebob", "1003"),
    ]
    ann = intake.handed[0]
    assert (ann.path, ann.late, ann.days_late, ann.attempt) == (f"{at}/{CANVAS[1]}", True, None, 2)
    assert why(intake) == {
        f"{at}/{CANVAS[0]}": f"An earlier attempt; {at}/{CANVAS[1]} counts.",
        f"{at}/{CANVAS[4]}": "A text or a link, typed into the LMS; no file was handed in.",
    }
    assert read_handed(ann) == NOTEBOOK + b" "


def test_canvas_s_zip_is_read_where_it_is(tmp_path: Path) -> None:
    files = {name: NOTEBOOK + b" " * at for at, name in enumerate(CANVAS)}
    path = write_zip(tmp_path / "class.zip", files)
    intake = take_in([path])
    check_canvas(intake, str(path))
    assert (intake.handed[0].file, intake.handed[0].entry) == (str(path), CANVAS[1])
    assert os.listdir(tmp_path) == ["class.zip"]


def test_canvas_s_zip_may_be_unpacked(tmp_path: Path) -> None:
    check_canvas(take_in([write(tmp_path, *CANVAS)]), str(tmp_path))


def test_canvas_s_bytes_without_a_word_on_their_letters_are_read(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    path.write_bytes(with_bytes_named({"김민수_1002_56_과제.ipynb".encode(): NOTEBOOK}))
    intake = take_in([path])
    assert students(intake) == [("1002", "김민수", "1002")]
    assert read_handed(intake.handed[0]) == NOTEBOOK


def test_dates_in_names_are_no_ids_of_canvas(tmp_path: Path) -> None:
    write(tmp_path, "ann_2024_11_hw.ipynb", "bob_2024_11_hw.ipynb")
    assert list(graded(take_in([tmp_path]))) == ["ann_2024_11_hw", "bob_2024_11_hw"]


@pytest.mark.parametrize("end", ["", "_"])
def test_moodles_folders_are_students(tmp_path: Path, end: str) -> None:
    ann, bob = (
        f"Ann Doe_12_assignsubmission_file{end}",
        f"Participant_13_assignsubmission_file{end}",
    )
    path = write_zip(
        tmp_path / "class.zip",
        {
            f"{ann}/hw.ipynb": NOTEBOOK,
            f"{bob}/sub/hw.ipynb": NOTEBOOK,
            "김 민수_14_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
        },
    )
    intake = take_in([path])
    assert students(intake) == [("12", "Ann Doe", "12"), ("13", "Participant 13", "13")]
    assert [passed.student for passed in without_a_file(intake)] == [Student("14", "김 민수", "14")]


def test_moodle_without_folders_names_students_in_front(tmp_path: Path) -> None:
    write(tmp_path, "Ann_12_assignsubmission_file_hw.ipynb", "Bob_9_assignsubmission_file_hw.ipynb")
    assert students(take_in([tmp_path])) == [("12", "Ann", "12"), ("9", "Bob", "9")]


def test_a_student_hands_in_for_nobody_else(tmp_path: Path) -> None:
    """What lies in one's own folder or zip is one's own, whatever its name."""
    forged = ("doeann_1001_66_hw.ipynb", "Ann Doe_1001_assignsubmission_file_/hw.ipynb")
    write(tmp_path, "eve/" + forged[0], "mal/" + forged[1], "doeann_1001_55_hw.ipynb")
    (tmp_path / "zed_1009_57_hw.zip").write_bytes(zipped({forged[0]: NOTEBOOK}))
    assert graded(take_in([tmp_path])) == {
        "1001": str(tmp_path / "doeann_1001_55_hw.ipynb"),
        "1009": str(tmp_path / "zed_1009_57_hw.zip" / forged[0]),
        "eve": str(tmp_path / "eve" / forged[0]),
        "mal": str(tmp_path / "mal" / forged[1]),
    }


def test_two_students_of_one_id_are_kept_apart_and_told(tmp_path: Path) -> None:
    write(tmp_path, "doeann_1001_55_hw.ipynb", "leebob_1001_56_hw.ipynb", "kim_1002_57_hw.ipynb")
    intake = take_in([tmp_path])
    assert students(intake) == [
        ("1001 doeann", "doeann", "1001"),
        ("1001 leebob", "leebob", "1001"),
        ("1002", "kim", "1002"),
    ]
    ann = intake.handed[0]
    assert intake.notes[0] == PassedOver(
        ann.path,
        'Its student\'s id, 1001, is also that of "leebob". They were kept apart; see which of '
        "them it belongs to.",
        ann.student,
    )
    assert len(intake.notes) == 2
    assert intake.passed_over == ()


# Zips


def test_a_zipped_folder_is_the_folder(tmp_path: Path) -> None:
    files = {"class/ann.ipynb": NOTEBOOK, "__MACOSX/class/._ann.ipynb": b"", "class/.DS_Store": b""}
    path = write_zip(tmp_path / "class.zip", files)
    intake = take_in([path])
    assert graded(intake) == {"ann": f"{path}/class/ann.ipynb"}
    assert intake.passed_over == ()


def test_a_students_zip_in_the_zip_of_the_class_is_opened_and_no_further(tmp_path: Path) -> None:
    inner = zipped({"hw/hw.ipynb": NOTEBOOK, "old.zip": zipped({"a.ipynb": NOTEBOOK})})
    files = {"doeann_1001_55_hw.zip": inner, "wow!/x_1_2_a.ipynb": NOTEBOOK}
    path = write_zip(tmp_path / "class.zip", files)
    intake = take_in([path])
    ann = next(handed for handed in intake.handed if handed.student.key == "1001")
    assert ann.path == f"{path}/doeann_1001_55_hw.zip/hw/hw.ipynb"
    assert read_handed(ann) == NOTEBOOK
    too_deep = "It is a zip in a zip in a zip, and was not opened."
    assert why(intake) == {f"{path}/doeann_1001_55_hw.zip/old.zip": too_deep}


def test_names_with_the_mark_between_zips_are_found(tmp_path: Path) -> None:
    inner = zipped({"a!/hw.ipynb": NOTEBOOK})
    path = write_zip(tmp_path / "class.zip", {"wow!/b.ipynb": b"{}", "w!/x.zip": inner})
    intake = take_in([path])
    assert [read_handed(handed) for handed in intake.handed] == [NOTEBOOK, b"{}"]


def test_zips_of_students_in_a_folder_are_opened(tmp_path: Path) -> None:
    write(tmp_path, "carl.ipynb")
    write_zip(tmp_path / "ann.zip", {"hw.ipynb": NOTEBOOK, "helpers.py": b"x = 1"})
    write_zip(tmp_path / "empty.zip", {})
    (tmp_path / "bob.zip").write_bytes(b"no zip")
    intake = take_in([tmp_path])
    assert graded(intake) == {
        "ann": str(tmp_path / "ann.zip/hw.ipynb"),
        "carl": str(tmp_path / "carl.ipynb"),
    }
    assert [(p.student and p.student.key, p.why) for p in without_a_file(intake)] == [
        ("bob", "It is not a zip, or a damaged one."),
        ("empty", "The zip is empty."),
    ]


def test_the_zip_of_a_class_alone_in_a_folder_is_the_class(tmp_path: Path) -> None:
    write_zip(tmp_path / "class.zip", {"ann.ipynb": NOTEBOOK, "bob.ipynb": NOTEBOOK})
    assert list(graded(take_in([tmp_path]))) == ["ann", "bob"]


def test_refused_entries_cost_only_themselves(tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "class.zip",
        {"../eve.ipynb": NOTEBOOK, "ann.ipynb": NOTEBOOK, "bomb.ipynb": bytes(5 * 2**20)},
    )
    intake = take_in([path])
    assert list(graded(intake)) == ["ann"]
    assert why(intake) == {
        f"{path}/../eve.ipynb": "Its path leads out of the zip.",
        f"{path}/bomb.ipynb": "It claims to unpack to 1,026 times its size; if it is sound, unpack "
        "the zip.",
    }


def test_a_zip_that_was_exchanged_is_read_anew(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "class.zip", {"ann.ipynb": b"1", "bob.ipynb": b"2"})
    ann, bob = take_in([path]).handed
    assert read_handed(ann) == b"1"
    write_zip(path, {"ann.ipynb": b"other"})
    assert read_handed(ann) == b"other"
    with pytest.raises(UsageError) as caught:
        read_handed(bob)
    assert str(caught.value) == f"{path}/bob.ipynb: It is not in the zip any more."


def parts() -> st.SearchStrategy[str]:
    """Names that mean something, at places where they may mean something else."""
    words = (
        "ann|ann.ipynb|hw.py|hw.ipynb|a.zip|submitted|timestamp.txt|..|.|__MACOSX|class|!|x.pdf|"
        "doeann_1001_55_hw.ipynb|doeann_LATE_1001_77_hw-1.ipynb|lee_1001_56_hw.ipynb|"
        "Ann_12_assignsubmission_file_|Ann_12_assignsubmission_file_hw.ipynb|kim_7_text.html"
    )
    return st.lists(st.sampled_from(words.split("|")), min_size=1, max_size=4).map("/".join)


CONTENTS = st.recursive(
    st.sampled_from([b"", b"{}", b"\xff\0", b"build_cnn = 1", NOTEBOOK]),
    lambda data: st.dictionaries(parts(), data, max_size=5).map(zipped),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(parts(), CONTENTS, max_size=6), min_size=1, max_size=2))
@settings(max_examples=80)
def test_in_whatever_zips_each_student_has_one_key_and_is_told_once(
    tmp_path_factory: pytest.TempPathFactory, classes: list[dict[str, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("class")
    paths = [write_zip(folder / f"{at}.zip", files) for at, files in enumerate(classes)]
    try:
        intake = take_in(paths, wanted=frozenset(("build_cnn",)))
    except UsageError:
        return
    assert take_in(paths[::-1], wanted=frozenset(("build_cnn",))) == intake
    keys = list(graded(intake))
    assert keys == sorted(keys)
    told = [*keys, *(passed.student and passed.student.key for passed in without_a_file(intake))]
    assert len(told) == len(set(told))
    for handed in intake.handed:
        read_handed(handed)


# Several paths


def test_paths_of_all_kinds_are_one_class(tmp_path: Path) -> None:
    write(tmp_path, "flat/ann.ipynb", "flat/bob.ipynb", "carl.ipynb")
    path = write_zip(tmp_path / "class.zip", {"doe_1001_55_hw.ipynb": NOTEBOOK})
    intake = take_in([tmp_path / "carl.ipynb", path, tmp_path / "flat", tmp_path / "flat"])
    assert list(graded(intake)) == ["1001", "ann", "bob", "carl"]


def test_attempts_in_two_zips_are_one_students(tmp_path: Path) -> None:
    one = write_zip(tmp_path / "1.zip", {"doe_1001_55_hw.ipynb": NOTEBOOK})
    two = write_zip(tmp_path / "2.zip", {"doe_LATE_1001_77_hw-1.ipynb": b"{}"})
    for paths in ([one, two], [two, one]):
        intake = take_in(paths)
        assert graded(intake) == {"1001": f"{two}/doe_LATE_1001_77_hw-1.ipynb"}
        assert intake.handed[0].attempt == 2


@pytest.mark.parametrize("named", ["{}", "{}/hw.ipynb"])
def test_students_named_one_by_one_are_told_by_their_folders(tmp_path: Path, named: str) -> None:
    write(tmp_path, "ann/hw.ipynb", "bob/hw.ipynb")
    intake = take_in([tmp_path / named.format(name) for name in ("ann", "bob")])
    assert list(graded(intake)) == ["ann", "bob"]


def test_a_student_on_the_roster_is_not_named_after_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "week1/ann.ipynb", "week2/ann.ipynb", data=b"{}")
    (tmp_path / "roster.csv").write_text("login\nann\n")
    intake = take_in([tmp_path / "week1", tmp_path / "week2"], tmp_path / "roster.csv")
    assert {passed.student for passed in intake.passed_over} == {Student("ann", "ann")}


def test_a_file_in_one_of_moodles_folders_is_that_students(tmp_path: Path) -> None:
    write(tmp_path, "Ann_12_assignsubmission_file_/hw.ipynb")
    (path,) = tmp_path.glob("*/hw.ipynb")
    assert students(take_in([path])) == [("12", "Ann", "12")]


# A roster


def test_the_roster_tells_who_is_missing_and_who_is_unknown(tmp_path: Path) -> None:
    write(tmp_path / "class", "doeann_1001_55_hw.ipynb", "leebob_1002_56_hw.ipynb", "eve.ipynb")
    roster = tmp_path / "students.csv"
    roster.write_text("name,id,days_late\nAnn Doe,1001,\nCarl Kim,7,\nBob Lee,9,1.5\nDora,8,\n")
    intake = take_in([tmp_path / "class"], roster)
    assert students(intake) == [
        ("1001", "Ann Doe", "1001"),
        ("1002", "Bob Lee", "1002"),
        ("eve", "eve", None),
    ]
    assert intake.missing == (Student("7", "Carl Kim", "7"), Student("8", "Dora", "8"))
    assert intake.unknown == (Student("eve", "eve"),)
    assert [(h.late, h.days_late) for h in intake.handed] == [
        (False, None),
        (True, 1.5),
        (False, None),
    ]


def test_no_days_late_on_the_roster_is_in_time(tmp_path: Path) -> None:
    write(tmp_path / "class", "doeann_LATE_1001_55_hw.ipynb")
    (tmp_path / "students.csv").write_text("id,days late\n1001,0\n")
    (handed,) = take_in([tmp_path / "class"], tmp_path / "students.csv").handed
    assert (handed.late, handed.days_late) == (False, None)


def test_without_a_roster_nobody_is_missing_or_unknown(tmp_path: Path) -> None:
    intake = take_in([write(tmp_path, "ann.ipynb")])
    assert intake.missing == intake.unknown == ()


def test_who_handed_in_what_cannot_be_graded_is_not_missing(tmp_path: Path) -> None:
    write(tmp_path / "class", "ann.ipynb", "bob/essay.pdf")
    (tmp_path / "students.csv").write_text("login\nann\nbob\n")
    intake = take_in([tmp_path / "class"], tmp_path / "students.csv")
    assert intake.missing == ()
    assert [passed.student for passed in without_a_file(intake)] == [Student("bob", "bob")]


def test_one_student_under_two_names_is_one(tmp_path: Path) -> None:
    write(tmp_path / "class", "Ann Doe.ipynb", "doeann_1001_55_hw.ipynb")
    (tmp_path / "students.csv").write_text("name,id\nAnn Doe,1001\n")
    intake = take_in([tmp_path / "class"], tmp_path / "students.csv")
    assert {p.student for p in intake.passed_over} == {Student("1001", "Ann Doe", "1001")}


def test_a_strangers_file_under_an_id_of_the_roster_is_not_the_students(tmp_path: Path) -> None:
    write(tmp_path / "class", "doeann_1001_55_hw.ipynb", "leebob_1001_56_hw.ipynb")
    (tmp_path / "students.csv").write_text("name,id\nAnn Doe,1001\n")
    intake = take_in([tmp_path / "class"], tmp_path / "students.csv")
    assert students(intake) == [
        ("1001 Ann Doe", "Ann Doe", "1001"),
        ("1001 leebob", "leebob", "1001"),
    ]
    assert intake.unknown == (Student("1001 leebob", "leebob", "1001"),)


def test_two_of_one_name_on_the_lms_are_not_guessed(tmp_path: Path) -> None:
    for id in ("12", "13"):
        write(tmp_path / "class", f"Ann Doe_{id}_assignsubmission_file_/hw.ipynb")
    (tmp_path / "students.csv").write_text("name,id\nAnn Doe,1001\n")
    intake = take_in([tmp_path / "class"], tmp_path / "students.csv")
    assert [student.key for student in intake.unknown] == ["12", "13"]
    assert [student.key for student in intake.missing] == ["1001"]


def test_a_participants_number_is_no_students_id(tmp_path: Path) -> None:
    write(tmp_path / "class", "Ann Doe_12_assignsubmission_file_/hw.ipynb")
    (tmp_path / "students.csv").write_text("name,id\nBob Lee,12\n")
    intake = take_in([tmp_path / "class"], tmp_path / "students.csv")
    assert intake.unknown[0].name == "Ann Doe"
    assert intake.missing[0].name == "Bob Lee"


def test_a_list_may_hold_moodles_numbers_as_ids(tmp_path: Path) -> None:
    for number in (1001, 1006):
        write(tmp_path / "class", f"Ann Doe_{number}_assignsubmission_file_/hw.ipynb")
    (tmp_path / "students.csv").write_text("name,id\nAnn Doe,1001\nAnn Doe,1006\n")
    intake = take_in([tmp_path / "class"], tmp_path / "students.csv")
    assert (intake.unknown, intake.missing) == ((), ())
    assert sorted(str(each.student.id) for each in intake.handed) == ["1001", "1006"]


def test_the_roster_in_the_folder_is_no_submission(tmp_path: Path) -> None:
    write(tmp_path, "ann.ipynb")
    (tmp_path / "students.csv").write_text("login\nann\n")
    assert take_in([tmp_path], tmp_path / "students.csv").passed_over == ()


# What cannot be taken in


def test_nothing_to_grade_is_a_fault_that_says_what_was_looked_for(tmp_path: Path) -> None:
    write(tmp_path, "essay.pdf")
    assert fault([tmp_path]) == f"There is nothing to grade in {tmp_path}. {LOOKED_FOR}"
    assert fault([]) == "Name a folder, a zip, a notebook or a script to grade."


def test_nothing_to_grade_says_what_was_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "class.zip", {f"../{at}.ipynb": b"{}" for at in range(5)})
    out = "Its path leads out of the zip."
    assert fault([path]) == (
        f"There is nothing to grade in {path}. {LOOKED_FOR} {path}/../0.ipynb: {out} "
        f"{path}/../1.ipynb: {out} {path}/../2.ipynb: {out} And 2 more like these."
    )


def test_paths_that_are_no_class_are_faults(tmp_path: Path) -> None:
    write(tmp_path, "essay.pdf", "bad.zip")
    os.mkfifo(tmp_path / "pipe.zip")
    assert fault([tmp_path / "gone"]) == f"There is no file or folder {tmp_path / 'gone'}."
    assert fault([tmp_path / "essay.pdf"]) == (
        f"{tmp_path / 'essay.pdf'} is neither a folder nor a zip, a notebook (.ipynb) or a script "
        "(.py)."
    )
    for name, said in (
        ("bad.zip", "It is not a zip, or a damaged one."),
        ("pipe.zip", "It is not a plain file."),
    ):
        assert fault([tmp_path / name]) == f"{tmp_path / name}: {said}"


def test_a_file_that_vanished_is_said_to_be_gone(tmp_path: Path) -> None:
    (handed,) = take_in([write(tmp_path, "ann.ipynb")]).handed
    (tmp_path / "ann.ipynb").unlink()
    with pytest.raises(UsageError) as caught:
        read_handed(handed)
    assert str(caught.value) == (
        f"{tmp_path / 'ann.ipynb'}: It cannot be read: No such file or directory."
    )


def test_messages_show_names_on_one_line(tmp_path: Path) -> None:
    assert "a\\nb\\x1b" in fault([tmp_path / "a\nb\x1b"])


def test_three_thousand_are_listed_at_once(tmp_path: Path) -> None:
    names = [f"doe{at}_{1000 + at}_{9000 + at}_hw.ipynb" for at in range(3000)]
    path = write_zip(tmp_path / "class.zip", dict.fromkeys(names, b"{}"))
    for name in names:
        (tmp_path / name).write_bytes(b"{}")
    for root in (path, tmp_path):
        start = time.perf_counter()
        intake = take_in([root])
        assert time.perf_counter() - start < 3
        assert len(intake.handed) == 3000


def test_a_grade_book_of_ours_beside_the_class_is_no_student(tmp_path: Path) -> None:
    write(tmp_path, "ann.ipynb", "grades/reports/0001-ann.ipynb", "grades/ledger.sqlite")
    intake = take_in([tmp_path])
    assert graded(intake) == {"ann": str(tmp_path / "ann.ipynb")}
    assert intake.passed_over == ()
