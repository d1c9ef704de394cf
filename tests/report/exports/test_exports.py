"""The table of exports."""

from __future__ import annotations

from grader.report.exports import EXPORTS, ClassExport, FilledExport, StudentExport
from tests.report.exports.classes import graded


def test_the_table_names_what_the_option_takes() -> None:
    assert list(EXPORTS) == ["canvas", "moodle", "gradescope", "nbgrader", "junit", "github"]


def test_each_export_can_be_called_as_its_kind_says() -> None:
    exported = b"Student,ID,Section,03-cnn-structure (1)\nAnn Doe,1001,A,\n"
    worksheet = b"Identifier,Grade,Maximum Grade,Last modified (grade)\nParticipant 1001,,100,-\n"
    files = {"canvas": exported, "moodle": worksheet}
    for name, export in EXPORTS.items():
        match export:
            case ClassExport():
                assert export.write([graded()])
            case StudentExport():
                assert export.write(graded())
            case FilledExport():
                assert export.fill(files[name], [graded()]).grades == 1
