"""Canvas's grade book, filled in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.report.as_json import report_as_json
from grader.report.exports.canvas import fill_canvas
from grader.report.exports.csv_cells import read_csv
from grader.report.exports.filled import LeftOut
from tests.report.exports.classes import HOSTILE, REPORT, graded

TITLE = "A small CNN for handwritten digits (4412)"
EXPORTED = (
    f'Student,ID,SIS User ID,SIS Login ID,Section,Notes,Homework 1 (4411),"{TITLE}",'
    "Assignments Current Score,Current Score,Final Score\r\n"
    ",,,,,,,Manual Posting,,,\r\n"
    "    Points Possible,,,,,(read only),10.00,100.00,(read only),(read only),(read only)\r\n"
    '"Doe, Ann",1001,s-77,ann@u.example,"Section ""A"", evening",,8.00,,80,80.00,40.00\r\n'
    '"김, 민수",1002,s-78,minsu@u.example,B,"two\nlines",,12.50,,,\r\n'
    '"Roe, Bob",1003,s-79,bob@u.example,B,,EX,EX,,,\r\n'
    '"Poe, Cy",1004,s-80,cy@u.example,B,,,N/A,,,\r\n'
    '"Student, Test",1099,,f00,A,,,,0.0,0.0,0.0\r\n'
)
CLASS = [
    graded("doeann", "1001", score=80.0),
    graded("minsu", "1002", score=92.345),
    graded("roebob", "1003", score=50.0),
    graded("poecy", "1004", score=51.0),
]
FORMS = {
    "as Canvas writes it": EXPORTED.encode(),
    "with a BOM": b"\xef\xbb\xbf" + EXPORTED.encode(),
    "UTF-16": EXPORTED.encode("utf-16"),
    "LF": EXPORTED.replace("\r\n", "\n").encode(),
    "no last line end": EXPORTED.rstrip("\r\n").encode(),
    "saved by a Korean Excel": EXPORTED.encode("cp949"),
}


def cells(content: bytes) -> list[list[str]]:
    return [[cell.value for cell in row] for row in read_csv(content).rows]


@pytest.mark.parametrize("exported", FORMS.values(), ids=FORMS)
def test_only_the_grades_changed_byte_for_byte(exported: bytes) -> None:
    after = fill_canvas(exported, CLASS).content
    utf16 = exported[:2] == b"\xff\xfe"
    expected = exported
    for old, new in ((",8.00,,80,", ",8.00,80,80,"), (",12.50,", ",92.34,")):
        pair = [text.encode("utf-16-le" if utf16 else "ascii") for text in (old, new)]
        assert expected.count(pair[0]) == 1
        expected = expected.replace(*pair)
    assert after == expected


def test_a_semicolon_file_with_decimal_commas_stays_one() -> None:
    exported = (
        f"Student;ID;SIS Login ID;Section;{TITLE}\nPoints Possible;;;;20,00\n"
        '"Doe, Ann";1001;ann;A;"3,50"\n"Roe, Bob";1003;bob;A;\n'
    )
    filled = fill_canvas(exported.encode(), [graded(score=66.0), graded("bob", score=5.5)][:1])
    assert filled.content.decode() == exported.replace("3,50", "13,2")
    assert filled.notes == (
        "The LMS counts 20 points, the grader 100: scores were multiplied by 20/100.",
        "1 of these rows held another grade before.",
    )


def test_who_was_left_out_is_listed_on_both_sides() -> None:
    stranger = graded("Zoe Zed", "9999")
    filled = fill_canvas(EXPORTED.encode(), [*CLASS, stranger])
    assert filled.grades == 2
    assert filled.students == (LeftOut('"Zoe Zed", "9999"', "No row matches."),)
    assert filled.rows == (
        LeftOut('row 8, "Student, Test", "1099"', "No student matches."),
        LeftOut('row 6, "Roe, Bob", "1003"', "Is excused (EX)."),
        LeftOut('row 7, "Poe, Cy", "1004"', "Is not assigned to this student (N/A)."),
    )
    assert filled.notes == (
        '"minsu", "1002" was filled in at row 5, "김, 민수", "1002": the same ID, other names.',
        "1 of these rows held another grade before.",
    )


def test_students_are_matched_by_id_sis_id_login_and_name() -> None:
    lines = [graded("x", "s-77"), graded("MinSu@u.example", None, score=5.0)]
    filled = fill_canvas(EXPORTED.encode(), lines)
    assert [row[7] for row in cells(filled.content)[3:5]] == ["80", "5"]
    named = fill_canvas(EXPORTED.encode(), [graded("Ann Doe", None), graded("김민수", None)])
    assert [row[7] for row in cells(named.content)[3:5]] == ["80", "80"]


@pytest.mark.parametrize(
    "status, why",
    [
        ("missing", "Handed in nothing."),
        ("failed", "Could not be graded."),
        ("needs_review", "Needs review first."),
    ],
)
def test_a_score_that_is_none_is_not_written(status: str, why: str) -> None:
    lines = [graded(status=status), graded("x", "1002", score=12.5)]
    filled = fill_canvas(EXPORTED.encode(), lines)
    assert filled.content == EXPORTED.encode()
    assert filled.students == (LeftOut('"Ann Doe", "1001"', why),)


def test_scores_that_need_review_are_written_when_asked() -> None:
    filled = fill_canvas(EXPORTED.encode(), [graded(status="needs_review")], include_review=True)
    assert cells(filled.content)[3][7] == "80"


def test_a_score_that_is_no_number_is_not_written() -> None:
    filled = fill_canvas(EXPORTED.encode(), [graded(score=float("nan"))])
    assert filled.content == EXPORTED.encode()
    assert filled.students == (LeftOut('"Ann Doe", "1001"', "Has no score."),)


@pytest.mark.parametrize(
    "column", [TITLE, TITLE.lower(), "A small CNN for handwritten digits", "4412", " 4412 "]
)
def test_a_column_is_named_by_title_number_or_both(column: str) -> None:
    filled = fill_canvas(EXPORTED.encode(), CLASS, column)
    assert cells(filled.content)[3][7] == "80"
    assert fill_canvas(EXPORTED.encode(), CLASS, "4411").content != filled.content


@pytest.mark.parametrize(
    "title",
    ["03-cnn-structure (1)", "03 CNN Structure (1)", "Week 3: 03_cnn_structure (1)", TITLE],
)
def test_a_column_fits_by_the_id_or_title_in_it(title: str) -> None:
    exported = f"Student,ID,Section,{title},Quiz (9)\nPoints Possible,,,100,1\nAnn Doe,1001,A,,\n"
    assert cells(fill_canvas(exported.encode(), [graded()]).content)[2][3] == "80"


@pytest.mark.parametrize(
    "column, message",
    [
        (
            "Homework 2",
            'The grade book has no column "Homework 2". Did you mean "Homework 1 (4411)"?',
        ),
        ("Current Score", 'Canvas takes no grades in the column "Current Score".'),
        ("Notes", 'Canvas takes no grades in the column "Notes".'),
    ],
)
def test_a_column_that_cannot_be_filled_is_said(column: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        fill_canvas(EXPORTED.encode(), CLASS, column)
    assert str(caught.value) == message


def test_no_column_that_fits_lists_those_there_are() -> None:
    exported = "Student,ID,Section,Quiz (9),Essay (8),Final Score\nAnn Doe,1001,A,,,\n"
    with pytest.raises(UsageError) as caught:
        fill_canvas(exported.encode(), [graded()])
    assert str(caught.value) == (
        'No column of the grade book fits "03-cnn-structure" or "A small CNN for handwritten '
        'digits"; it has "Quiz (9)" and "Essay (8)". Say --canvas-column and its title.'
    )


def test_two_columns_that_fit_are_not_chosen_from() -> None:
    exported = (
        "Student,ID,Section,hw 03-cnn-structure (1),03-cnn-structure late (2)\nAnn,1001,A,,\n"
    )
    with pytest.raises(UsageError) as caught:
        fill_canvas(exported.encode(), [graded()])
    assert str(caught.value) == (
        'Several columns fit "03-cnn-structure" or "A small CNN for handwritten digits": '
        '"hw 03-cnn-structure (1)" and "03-cnn-structure late (2)". '
        "Say --canvas-column and its title."
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"name,grade\nAnn,1\n", b"\x89PNG\r\n\x1a\n\x00"])
def test_what_is_no_grade_book_is_said(content: bytes) -> None:
    with pytest.raises(UsageError, match="This is no grade book that Canvas exported"):
        fill_canvas(content, CLASS)


def test_a_grade_book_of_another_course_is_said() -> None:
    with pytest.raises(UsageError, match="Nobody of this class is in the file"):
        fill_canvas(EXPORTED.encode(), [graded("Zoe Zed", "9")])


def test_grades_of_two_assignments_are_not_mixed() -> None:
    other = report_as_json(REPORT) | {"assignment": "04-padding"}
    with pytest.raises(UsageError) as caught:
        fill_canvas(EXPORTED.encode(), [graded(), graded("x", "1002", report=other)])
    assert str(caught.value) == (
        'These are grades of "03-cnn-structure" and "04-padding". Fill in one assignment at a time.'
    )


def test_points_are_brought_to_the_lmss_scale_unless_told_otherwise() -> None:
    exported = EXPORTED.replace("100.00,(read", "20.00,(read").encode()
    scaled = fill_canvas(exported, [graded(score=33.333)])
    assert cells(scaled.content)[3][7] == "6.67"
    assert scaled.notes == (
        "The LMS counts 20 points, the grader 100: scores were multiplied by 20/100.",
    )
    raw = fill_canvas(exported, [graded(score=33.333)], scale=False)
    assert cells(raw.content)[3][7] == "33.33"


def test_without_points_possible_scores_are_written_as_graded() -> None:
    exported = "Student,ID,Section,03-cnn-structure (1)\nAnn Doe,1001,A,\n"
    filled = fill_canvas(exported.encode(), [graded()])
    assert filled.content == b"Student,ID,Section,03-cnn-structure (1)\nAnn Doe,1001,A,80\n"
    assert filled.notes == (
        'The file has no "Points Possible" for it: scores are written as graded.',
    )


def test_a_student_who_is_called_points_possible_scales_nobody() -> None:
    exported = (
        "Student,ID,Section,03-cnn-structure (1)\n"
        "Points Possible,1002,A,1\nAnn Doe,1001,A,\n    Points Possible,,,100.00\n"
    )
    filled = fill_canvas(exported.encode(), [graded()])
    assert cells(filled.content)[2][3] == "80"


def test_last_and_first_name_in_columns_of_their_own() -> None:
    exported = "LastName,FirstName,ID,Section,03-cnn-structure (1)\nDoe,Ann,,A,\n"
    filled = fill_canvas(exported.encode(), [graded("Ann Doe", None)])
    assert filled.content == exported.replace("A,\n", "A,80\n").encode()


def test_a_row_that_is_too_short_is_filled_up() -> None:
    exported = "Student,ID,Section,Quiz (9),03-cnn-structure (1)\r\nAnn Doe,1001\r\n\r\n"
    filled = fill_canvas(exported.encode(), [graded()])
    assert filled.content == exported.replace("1001\r\n", "1001,,,80\r\n").encode()


def test_a_grade_that_is_there_already_keeps_its_bytes() -> None:
    exported = EXPORTED.replace("8.00,,80", '8.00,"80.000",80').encode()
    assert fill_canvas(exported, [graded()]).content == exported


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_changes_nothing_but_its_grade(text: str) -> None:
    file = io.StringIO(newline="")
    rows = [["Student", "ID", "Section", "03-cnn-structure (1)"], [text, "1001", text, ""]]
    csv.writer(file).writerows(rows)
    exported = file.getvalue().encode("utf-8", errors="surrogatepass")
    after = fill_canvas(exported, [graded(text, "1001")]).content
    assert after == exported[:-2] + b"80\r\n"


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=10), min_size=6, max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_every_other_cell_of_any_file_stays(
    texts: list[str], delimiter: str, line_end: str, quoting: int
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type]
    a, b, c, d, e, f = texts
    rows = [["Student", "ID", "Section", "03-cnn-structure (1)", "Notes"]]
    rows += [[a, "1001", b, "7", c], [d, "1002", e, "7", f]]
    writer.writerows(rows)
    exported = b"\xef\xbb\xbf" + file.getvalue().encode()
    after = fill_canvas(exported, [graded(score=80.0)]).content
    rows[1][3] = "80"
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows(rows)
    assert after == b"\xef\xbb\xbf" + file.getvalue().encode()
