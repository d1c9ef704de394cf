"""Lists of students as spreadsheets, LMSs and nbgrader write them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.roster import Roster, Row, fold_name, read_roster, turned_names
from grader.errors import UsageError


def roster(folder: Path, text: str, encoding: str = "utf-8") -> Roster:
    path = folder / "students.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path)


def fault(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        roster(folder, text)
    return str(caught.value).removeprefix(f"The roster {folder / 'students.csv'}: ")


ROW = Row(2, "Ann Doe", ("1001",), logins=("ann@x.edu",))


@pytest.mark.parametrize(
    "text",
    [
        "name,id,email\nAnn Doe,1001,ann@x.edu\n",
        "Full Name;Student ID;E-Mail\nAnn Doe;1001;ann@x.edu\n",
        "student\tsis_user_id\tlogin\nAnn Doe\t1001\tann@x.edu",
        "student_id,last_name,first_name,email\r\n1001,Doe,Ann,ann@x.edu\r\n",
        '"Name","ID","SIS Login ID"\n" Ann Doe ","1001","ann@x.edu"\n\n,,\n',
        "\ufeffName,학번,이메일\nAnn Doe,1001,ann@x.edu\n",
    ],
)
def test_columns_are_found_by_their_usual_names(tmp_path: Path, text: str) -> None:
    assert roster(tmp_path, text).rows == (ROW,)


def test_a_first_line_for_excel_is_passed_over(tmp_path: Path) -> None:
    assert roster(tmp_path, "sep=;\nname;id\nAnn, the first;1\n").rows == (
        Row(3, "Ann, the first", ("1",)),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "euc_kr"])
def test_korean_names_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert roster(tmp_path, "이름,학번\n김민수,7\n", encoding).rows == (Row(2, "김민수", ("7",)),)


def test_names_of_western_europe_are_read_in_their_own_encoding(tmp_path: Path) -> None:
    assert roster(tmp_path, "name,id\nJosé,7\n", "cp1252").rows == (Row(2, "José", ("7",)),)


def test_canvas_s_grade_book_is_a_roster(tmp_path: Path) -> None:
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (77)\n"
        "    Points Possible,,,,,100\n"
        '"Doe, Ann",1001,S-7,ann,A,\n'
        '"Student, Test",1999,,abc,A,\n'
    )
    assert roster(tmp_path, text).rows == (Row(3, "Doe, Ann", ("1001", "S-7"), logins=("ann",)),)


def test_moodle_s_worksheet_is_a_roster(tmp_path: Path) -> None:
    text = "Identifier,Full name,Email address\nParticipant 12,Ann Doe,ann@x.edu\n"
    read = roster(tmp_path, text)
    assert read.rows == (Row(2, "Ann Doe", participant="12", logins=("ann@x.edu",)),)
    assert read.find("Participant 12", "12", is_participant=True) == read.rows[0]
    assert read.find("somebody", "12") is None


def test_a_student_is_found_by_id_login_and_name(tmp_path: Path) -> None:
    read = roster(tmp_path, "name,id,email\nAnn Doe,A1,ann@x.edu\nBob Lee,B2,bob@x.edu\n")
    ann, bob = read.rows
    assert read.find("somebody", "A1") == ann
    assert read.find("somebody", "a1") == ann
    assert read.find("a1") == ann
    assert read.find("Ann") == ann
    assert read.find("ANN@X.edu") == ann
    assert read.find("bob lee", "99") == bob
    assert read.find("carl") is None


@pytest.mark.parametrize(
    "name",
    ["José Álvarez Núñez", "jose alvarez nunez", "Nunez, Jose Alvarez", "nunezjosealvarez"],
)
def test_case_accents_and_order_do_not_matter(tmp_path: Path, name: str) -> None:
    read = roster(tmp_path, "name\nJosé Álvarez Núñez\nAnn Doe\n")
    assert read.find(name) == read.rows[0]


def test_the_exact_name_goes_before_a_turned_one(tmp_path: Path) -> None:
    read = roster(tmp_path, "name,id\nKim Lee,1\nLee Kim,2\n")
    assert read.find("Kim Lee") == read.rows[0]
    assert read.find("leekim") == read.rows[1]


def test_of_two_students_with_one_name_none_is_guessed(tmp_path: Path) -> None:
    read = roster(tmp_path, "name,id\nKim Minsu,1\nkim minsu,2\n")
    assert read.find("Kim Minsu") is None
    assert read.find("Kim Minsu", "2") == read.rows[1]


def test_the_id_of_one_with_the_name_of_another_is_neither(tmp_path: Path) -> None:
    read = roster(tmp_path, "name,id\nAnn Doe,1\nBob Lee,2\n")
    assert read.find("Bob Lee", "1") is None


def test_who_stands_in_two_sections_is_one_student(tmp_path: Path) -> None:
    text = "name,id,section\nAnn Doe,1,A\nAnn Doe,1,B\n"
    assert roster(tmp_path, text).rows == (Row(2, "Ann Doe", ("1",)),)


@pytest.mark.parametrize(("cell", "days"), [("", None), ("0", 0), ("1.5", 1.5), ('"2,5"', 2.5)])
def test_days_late_are_read(tmp_path: Path, cell: str, days: float | None) -> None:
    read = roster(tmp_path, f"id,days_late\n1,{cell}\n")
    assert read.rows[0].days_late == days


@pytest.mark.parametrize("cell", ["two", "-1", "nan", "inf"])
def test_days_late_that_are_no_number_are_a_fault(tmp_path: Path, cell: str) -> None:
    expected = f'Line 2: days_late is "{cell}", not a number of days.'
    assert fault(tmp_path, f"id,Days Late\n1,{cell}\n") == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "It is empty."),
        ("\n , \n", "It is empty."),
        ("name,id\n", "It holds no student below its header."),
        (
            "Ann Doe,1001\nBob Lee,1002\n",
            'Its first line has no column that is known: "Ann Doe,1001". It needs a header that '
            "names a name (name, full name, student, or first name and last name), an id (id, "
            "student id, SIS user id) or a login (login, email).",
        ),
        (
            "name,id\nAnn Doe,7\nBob Lee,8\nCarl Kim,7\n",
            'Lines 2 and 4 have one id, "7": "Ann Doe" and "Carl Kim". Each student needs an own '
            "one.",
        ),
        (
            "name,id,email\nAnn,1,a@x\nBob,2,A@x\n",
            'Lines 2 and 3 have one id, "A@x": "Ann" and "Bob". Each student needs an own one.',
        ),
        (
            "name\nAnn Doe\nann  doe\n",
            'Lines 2 and 3 are both "ann  doe", and no id tells them apart.',
        ),
    ],
)
def test_a_list_that_is_no_list_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    assert fault(tmp_path, text) == said


def test_a_cell_without_end_is_no_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    path.write_text('name\n"' + "x" * 200_000)
    with pytest.raises(UsageError) as caught:
        read_roster(path)
    assert str(caught.value) == (
        f"The roster {path} is no CSV file: field larger than field limit (131072)."
    )


def test_a_roster_that_cannot_be_read_is_said_to_be(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for name, why in (
        ("gone.csv", "It cannot be read: No such file or directory."),
        ("pipe.csv", "It is not a plain file."),
        ("", "It is not a plain file."),
    ):
        with pytest.raises(UsageError) as caught:
            read_roster(tmp_path / name)
        assert str(caught.value) == f"The roster {tmp_path / name}: {why}"


@given(st.binary(max_size=200))
def test_no_bytes_are_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("roster") / "students.csv"
    path.write_bytes(b"name,id\n" + data)
    with contextlib.suppress(UsageError):
        assert read_roster(path).rows


@given(st.text(), st.text())
def test_first_and_last_name_have_a_form_in_common(first: str, last: str) -> None:
    stripped = fold_name(f"{last} {first}")
    turned = turned_names(f"{first} {last}")
    words = f"{first} {last}".split()
    if stripped and len(words) == 2:
        assert stripped in turned
