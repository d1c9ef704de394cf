"""Moodle's offline grading worksheet, filled in."""

from __future__ import annotations

import csv
import html
import io
from dataclasses import astuple

import pytest

from grader.errors import UsageError
from grader.report.exports.csv_cells import read_csv
from grader.report.exports.feedback import feedback_html
from grader.report.exports.filled import LeftOut
from grader.report.exports.moodle import fill_moodle
from grader.report.exports.moodle_columns import Columns, find_columns, participant
from grader.report.exports.moodle_headers import HEADERS
from tests.report.exports.classes import HOSTILE, graded, hostile

ENGLISH = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    '"Participant 1001","Ann Doe",ann@u.example,"Submitted for grading - ",,100.00,Yes,'
    '"Monday, 2 March 2026, 10:11 PM",-,\n'
    '"Participant 1002","김 민수",minsu@u.example,"Submitted for grading - ",55.50,100.00,Yes,'
    '"Monday, 2 March 2026, 10:12 PM","Tuesday, 3 March 2026, 9:00 AM","<p>Well, done</p>"\n'
    '"Participant 1003","Roe, Bob",bob@u.example,"No submission - ",,100.00,Yes,-,-,\n'
)
GERMAN = (
    "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;"
    "Bewertung kann geändert werden;Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);"
    "Feedback als Kommentar\r\n"
    'Teilnehmer/in1001;"Ann Doe";ann@u.example;"Zur Bewertung abgegeben";"7,50";"10,00";Ja;'
    "Montag, 2. März 2026, 22:11;-;\r\n"
)
SPANISH = (
    'Identificador,"Nombre completo","Dirección de correo",Estado,Calificación,'
    '"Calificación máxima","La calificación puede ser cambiada",'
    '"Última modificación (entrega)","Última modificación (calificación)",'
    '"Comentarios de retroalimentación"\n'
    'Participante1001,"Ann Doe",ann@u.example,Enviado,,"100,00",Sí,"lunes, 2 de marzo",-,\n'
)
FRENCH = (
    'Identifiant,"Nom complet","Adresse de courriel",Statut,Note,"Note maximale",'
    '"La note peut être modifiée","Dernière modification (travail remis)",'
    '"Dernière modification (note)","Feedback par commentaires"\n'
    'Participant1001,"Ann Doe",ann@u.example,"Remis pour évaluation",,"100,00",Oui,-,-,\n'
)
KOREAN = (
    '식별자,"전체 이름","이메일 주소",상태,성적,"최대 성적","성적 변경 가능",'
    '"마지막 수정됨(제출)","마지막 수정됨(성적)","피드백 코멘트"\n'
    '참가자1001,"김 민수",minsu@u.example,"채점을 위해 제출됨",,100.00,예,-,-,\n'
)
UNKNOWN = (
    "Tunnus,Nimi,Tila,Arviointi,Enimmäisarviointi,Muutettavissa,Muokattu,Palaute\n"
    "Osallistuja 1001,Ann Doe,Palautettu,,100.00,Kyllä,-,\n"
    "Osallistuja 1002,Bob Roe,Palautettu,12.00,100.00,Kyllä,-,\n"
)
ANN = graded("Ann Doe", "1001", score=82.5)
COMMENT = feedback_html(ANN)
QUOTED = f'"{COMMENT.replace(chr(34), chr(34) * 2)}"'.encode("ascii")


def cells(content: bytes) -> list[list[str]]:
    return [[cell.value for cell in row] for row in read_csv(content).rows]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_only_the_grade_and_the_comment_changed_byte_for_byte(bom: bytes, line_end: str) -> None:
    worksheet = bom + ENGLISH.replace("\n", line_end).encode()
    minsu = graded("x", "1002", score=90.0)
    filled = fill_moodle(worksheet, [ANN, minsu])
    expected = worksheet.replace(b'- ",,100.00,Yes,"Monday', b'- ",82.5,100.00,Yes,"Monday')
    expected = expected.replace(b'10:11 PM",-,', b'10:11 PM",-,' + QUOTED)
    expected = expected.replace(b"55.50", b"90")
    assert filled.content == expected
    assert filled.grades == 2
    assert filled.rows == (
        LeftOut('row 4, "Roe, Bob", "1003"', "No student matches."),
        LeftOut('row 3, "김 민수", "1002"', "Has a comment that a person wrote; it stays."),
    )
    assert filled.notes == (
        '"x", "1002" was filled in at row 3, "김 민수", "1002": the same identifier, other names.',
        "1 of these rows held another grade before.",
    )


@pytest.mark.parametrize(
    "worksheet, grade",
    [(ENGLISH, "82.5"), (GERMAN, "8,25"), (SPANISH, "82,5"), (FRENCH, "82,5"), (KOREAN, "82.5")],
    ids=["English", "German", "Spanish", "French", "Korean"],
)
def test_a_worksheet_in_any_language_is_filled_in(worksheet: str, grade: str) -> None:
    row = cells(fill_moodle(worksheet.encode(), [ANN]).content)[1]
    assert row[4] == grade
    assert row[9] == COMMENT
    before = cells(worksheet.encode())[1]
    assert row[:4] + row[5:9] == before[:4] + before[5:9]


@pytest.mark.parametrize("language", HEADERS)
def test_every_language_that_is_known_has_its_columns_found(language: str) -> None:
    headers = HEADERS[language]
    for grade in headers.grade:
        titles = [headers.identifier, headers.name, headers.email, "?", grade]
        titles += [headers.maximum, "?", "?", headers.modified, headers.feedback]
        file = io.StringIO()
        csv.writer(file).writerow(titles)
        assert astuple(find_columns(read_csv(file.getvalue().encode()))) == (0, 4, 5, 1, 2, 9)


def test_an_unknown_language_is_read_by_what_the_columns_hold() -> None:
    assert find_columns(read_csv(UNKNOWN.encode())) == Columns(0, 3, 4, 1, None, None)
    filled = fill_moodle(UNKNOWN.encode(), [ANN, graded("Bob Roe", None, score=20.0)])
    assert (
        filled.content
        == UNKNOWN.replace(",,100.00", ",82.5,100.00").replace("12.00", "20").encode()
    )
    assert filled.notes == (
        "The worksheet has no column for comments that we know: only grades.",
        "1 of these rows held another grade before.",
    )


def test_blind_marking_has_numbers_only() -> None:
    worksheet = (
        "Identifier,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
        "Participant 1001,Submitted,,100.00,-,\n"
    )
    filled = fill_moodle(worksheet.encode(), [graded("Participant", "1001")], feedback=False)
    assert filled.content == worksheet.replace(",,100", ",80,100").encode()
    unknown = "A,B,C,D,E\nTeil 1,x,,10,-\nTeil 2,y,,10,-\n"
    assert find_columns(read_csv(unknown.encode())) == Columns(0, 2, 3, None, None, None)


def test_students_are_matched_by_number_email_and_name() -> None:
    lines = [graded("a", "1001"), graded("MINSU@u.example", None), graded("Bob Roe", None)]
    filled = fill_moodle(ENGLISH.encode(), lines)
    assert [row[4] for row in cells(filled.content)[1:]] == ["80", "80", "80"]
    assert filled.students == ()


def test_our_own_comment_of_before_is_written_anew() -> None:
    once = fill_moodle(ENGLISH.encode(), [graded(score=10.0)]).content
    again = fill_moodle(once, [ANN])
    assert again.content == fill_moodle(ENGLISH.encode(), [ANN]).content
    assert fill_moodle(again.content, [ANN]).content == again.content


def test_points_are_brought_to_moodles_scale_unless_told_otherwise() -> None:
    filled = fill_moodle(GERMAN.encode(), [ANN])
    assert filled.notes == (
        "The LMS counts 10 points, the grader 100: scores were multiplied by 10/100.",
        "1 of these rows held another grade before.",
    )
    raw = fill_moodle(GERMAN.encode(), [ANN], scale=False)
    assert cells(raw.content)[1][4] == "82,5"


def test_a_file_in_a_code_page_gets_a_comment_that_fits_it() -> None:
    worksheet = GERMAN.encode("cp1252")
    row = fill_moodle(worksheet, [ANN]).content.split(b"\r\n")[1]
    assert row.endswith(b";" + QUOTED)
    assert "13&#215;13" in feedback_html(hostile("13×13"))


@pytest.mark.parametrize(
    "status, why",
    [
        ("missing", "Handed in nothing."),
        ("failed", "Could not be graded."),
        ("needs_review", "Needs review first."),
    ],
)
def test_a_score_that_is_none_is_not_written(status: str, why: str) -> None:
    filled = fill_moodle(ENGLISH.encode(), [graded(status=status)])
    assert filled.content == ENGLISH.encode()
    assert filled.students == (LeftOut('"Ann Doe", "1001"', why),)
    review = graded(status="needs_review")
    assert cells(fill_moodle(ENGLISH.encode(), [review], include_review=True).content)[1][4] == "80"


@pytest.mark.parametrize(
    "worksheet, message",
    [
        (
            "name,points\nAnn,\n",
            "This is no offline grading worksheet of Moodle's: no columns of identifiers and "
            "grades were found in it. Download it from the assignment: Submissions, Grading "
            "actions, Download grading worksheet.",
        ),
        (
            "Identifier,Grade,Maximum Grade,Last modified (grade)\nAnn,,100,-\n",
            "This is no offline grading worksheet of Moodle's: its identifiers are not like "
            '"Participant 123". Download it from the assignment: Submissions, Grading actions, '
            "Download grading worksheet.",
        ),
        (
            'Identifier,Grade,Scale,Last modified (grade)\nParticipant 1,,"Bad\nGood",-\n',
            "Moodle grades this assignment by a scale of words, not by points.",
        ),
        (
            "Identifier,Grade,Maximum Grade,Last modified (grade)\nParticipant 1,Good,,-\n",
            "Moodle grades this assignment by a scale of words, not by points.",
        ),
        (
            ENGLISH.replace("Participant 100", "Participant 900")
            .replace("u.example", "v.example")
            .replace("Ann Doe", "Zed"),
            "Nobody of this class is in the file, so it seems to be another course's. It has, "
            'for example, row 2, "Zed", "9001"; the class has "Ann Doe", "1001".',
        ),
        (
            "",
            "This is no offline grading worksheet of Moodle's: no columns of identifiers and "
            "grades were found in it. Download it from the assignment: Submissions, Grading "
            "actions, Download grading worksheet.",
        ),
    ],
)
def test_what_is_no_worksheet_of_this_class_is_said(worksheet: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        fill_moodle(worksheet.encode(), [ANN])
    assert str(caught.value) == message


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_in_its_cell_and_is_no_markup(text: str) -> None:
    line = hostile(text)
    file = io.StringIO(newline="")
    header = ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"]
    csv.writer(file).writerows(
        [[*header, "Feedback comments"], ["Participant 7", text, "", "100", "-", ""]]
    )
    worksheet = file.getvalue().encode("utf-8", errors="surrogatepass")
    name = text or "x"
    student = graded(name, "7", report=line.report)
    after = fill_moodle(worksheet, [student]).content
    assert after.startswith(worksheet[:-10].removesuffix(b",,100,-,"))
    comment = cells(after)[1][5]
    assert comment == feedback_html(student) and len(comment) < 10_000
    assert "<" not in comment.replace("<br>", "")
    assert html.unescape(comment).replace("<br>", "").isprintable()


@pytest.mark.parametrize(
    "cell, found",
    [
        ("Participant 123", ("Participant", "123")),
        ("Teilnehmer/in123", ("Teilnehmer/in", "123")),
        ("참가자123", ("참가자", "123")),
        ("123", ("", "123")),
        ("Ann", ("", "")),
        ("12a3", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_participant_has_a_number(cell: str, found: tuple[str, str]) -> None:
    assert participant(cell) == found
