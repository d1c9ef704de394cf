"""The class as pages: one at a glance, and one for each student."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.batch.outputs import Written, remove_others, report_name, write_file
from grader.records import Graded, Intake

PAGES = "pages"
INDEX = "index.html"


def write_pages(folder: Path, lines: Sequence[Graded], intake: Intake) -> Written:
    """Write all pages, and tell of the one to open. Raises UsageError where they cannot be."""
    # Drawing is imported only where something is drawn.
    from grader.report.html import class_page, report_page

    written = set()
    for place, line in enumerate(lines, 1):
        if line.report is not None:
            page = report_page(line.report, back=f"../{INDEX}")
            written.add(_write(folder / PAGES / _name(place, line), page).path)
    remove_others((folder / PAGES).glob("*.html"), written, lambda path: path.stem)

    def link(place: int, line: Graded) -> str | None:
        return f"{PAGES}/{_name(place, line)}" if line.report is not None else None

    return _write(folder / INDEX, class_page(lines, link, intake.passed_over, intake.unknown))


def _name(place: int, line: Graded) -> str:
    return f"{report_name(place, line)}.html"


def _write(path: Path, page: str) -> Written:
    return write_file(path, page.encode("utf-8", errors="backslashreplace"))
