"""What ``check`` gives back: a report that a notebook shows as a page and a terminal as text."""

from __future__ import annotations

from typing import Any


class Shown:
    """A report, or the reason why there is none."""

    def __init__(self, text: str, html: str | None = None, report: Any = None) -> None:
        self._text = text
        self._html = html
        self.report: dict[str, Any] | None = report
        """As ``--json`` writes it; None where nothing was graded."""

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str | None:
        return self._html
