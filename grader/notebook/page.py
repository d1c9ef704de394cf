"""A report as the output of a notebook's cell."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from grader.report.html import report_page
from grader.words import show_points

FRAME = "width: 100%; height: 44rem; border: 1px solid #8888; resize: vertical"


def as_html(report: Mapping[str, Any], notes: str) -> str:
    """The report's page in a frame, so that its styles and the notebook's leave each other alone.

    Nothing in the frame can run a script, reach the notebook or load anything. Where a notebook
    is shown without frames, as on GitHub, the score is left.

    Args:
        report: as JSON, schema 1.
        notes: what is to be said below it.
    """
    score = f"{show_points(report['score'])} / {show_points(report['max_score'])}"
    page = escape(report_page(report))
    title = escape(f"{report['assignment']}: {score}")
    return (
        f'<p><b>{title}</b></p>\n<iframe sandbox title="{title}" style="{FRAME}" srcdoc="{page}">'
        f"</iframe>\n<p>{escape(notes)}</p>"
    )
