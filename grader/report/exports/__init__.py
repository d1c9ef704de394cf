"""A graded class in the forms that others read.

Three kinds: one file for the class, one for each submission, and a file of the LMS's that is
filled in. ``EXPORTS`` names what ``--export`` takes; ``grades.csv`` (``grade_book``) is always
written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.records import Graded
from grader.report.exports.canvas import fill_canvas
from grader.report.exports.feedback import feedback_html, feedback_text
from grader.report.exports.filled import Filled, LeftOut
from grader.report.exports.github import github_result
from grader.report.exports.grade_book import grade_book, left_out_csv
from grader.report.exports.gradescope import gradescope_results
from grader.report.exports.junit import junit_xml
from grader.report.exports.moodle import fill_moodle
from grader.report.exports.nbgrader import nbgrader_csv

__all__ = [
    "EXPORTS",
    "ClassExport",
    "Filled",
    "FilledExport",
    "LeftOut",
    "StudentExport",
    "feedback_html",
    "feedback_text",
    "fill_canvas",
    "fill_moodle",
    "grade_book",
    "left_out_csv",
]


@dataclass(frozen=True, slots=True)
class ClassExport:
    """One file for the whole class."""

    file: str
    write: Callable[[Sequence[Graded]], bytes]


@dataclass(frozen=True, slots=True)
class StudentExport:
    """One file for each submission; UsageError for a line without a report."""

    file: str
    write: Callable[[Graded], bytes]


@dataclass(frozen=True, slots=True)
class FilledExport:
    """A file that the LMS gave, filled in."""

    file: str
    option: str
    """The option that names the LMS's file."""
    fill: Callable[[bytes, Sequence[Graded]], Filled]


EXPORTS: dict[str, ClassExport | StudentExport | FilledExport] = {
    "canvas": FilledExport("canvas.csv", "--canvas-gradebook", fill_canvas),
    "moodle": FilledExport("moodle.csv", "--moodle-worksheet", fill_moodle),
    "gradescope": StudentExport("results.json", gradescope_results),
    "nbgrader": ClassExport("nbgrader.csv", nbgrader_csv),
    "junit": ClassExport("junit.xml", junit_xml),
    "github": StudentExport("github.txt", github_result),
}
"""Every export there is, by the name that ``--export`` takes."""
