"""The class as pages."""

from __future__ import annotations

import os
from pathlib import Path

from grader.batch.pages import write_pages
from grader.records import Graded, Intake, PassedOver, Student
from tests.batch.grade_books import ANN, BOB, line

CLASS = [line(ANN), line(BOB), Graded(Student("3", "Cyd"), "", "missing", 0.0, 0.0)]


def test_each_student_with_a_report_has_a_page_that_the_class_page_leads_to(tmp_path: Path) -> None:
    intake = Intake(
        (), (PassedOver("x.docx", "It is no notebook."),), unknown=(Student("9", "Zoe"),)
    )
    told = write_pages(tmp_path, CLASS, intake)
    assert told.path == tmp_path / "index.html"
    assert sorted(os.listdir(tmp_path / "pages")) == ["0001-ann-ames.html", "0002-bob.html"]
    index = told.path.read_text()
    for name in os.listdir(tmp_path / "pages"):
        assert f'href="pages/{name}"' in index
        assert 'href="../index.html"' in (tmp_path / "pages" / name).read_text()
    assert "x.docx" in index and "Zoe" in index and "Cyd" in index


def test_pages_of_an_earlier_class_go_and_nothing_that_is_not_ours(tmp_path: Path) -> None:
    write_pages(tmp_path, CLASS, Intake(()))
    (tmp_path / "pages" / "notes.html").write_text("mine")
    write_pages(tmp_path, CLASS[1:], Intake(()))
    assert sorted(os.listdir(tmp_path / "pages")) == ["0001-bob.html", "notes.html"]
