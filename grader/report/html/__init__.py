"""Reports as web pages: one file each, which loads nothing and believes no text in it.

A page is made from the report as JSON (schema 1), since that is what a grade book keeps.
"""

from __future__ import annotations

from grader.report.html.overview import class_page
from grader.report.html.page import report_page

__all__ = ["class_page", "report_page"]
