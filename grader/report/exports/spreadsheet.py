"""Cells that a spreadsheet opens as text and numbers, never as a formula.

Excel and LibreOffice run a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a return:
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import math
import re

from grader.report.escape import visible

MAX_CELL = 2_000
_FORMULA = "=+-@＝＋－＠"
_AFTER_SEMICOLON = re.compile(rf"(;\s*)(?=[{re.escape(_FORMULA)}])")


def text_cell(text: str, bound: int = MAX_CELL) -> str:
    """Text of unknown origin on one line, with controls shown, behind a ``'`` where needed.

    A spreadsheet set up for semicolons cuts a line at those too, so what follows one is
    looked at as if it began a cell.
    """
    shown = _AFTER_SEMICOLON.sub(r"\1'", visible(text, bound))
    formula = shown.lstrip()[:1] in {*_FORMULA} or text[:1] in {*"\t\r\n"}
    return f"'{shown}" if formula and shown.strip() else shown


def number_cell(number: float, mark: str = ".") -> str:
    """Two decimals without trailing zeros: ``40``, ``26.67``; nothing for NaN and infinity."""
    if not math.isfinite(number):
        return ""
    # + 0.0: no negative zero.
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".").replace(".", mark)


def read_number(cell: str) -> float | None:
    """A number with a decimal point or comma; None for anything else."""
    text = cell.strip()
    return float(text.replace(",", ".")) if re.fullmatch(r"-?\d{1,9}([.,]\d{1,9})?", text) else None


def decimal_mark(cells: list[str]) -> str:
    """A comma where the numbers have commas, else a point, which every LMS reads."""
    texts = [cell.strip() for cell in cells]
    commas = any(re.fullmatch(r"-?\d+,\d+", text) for text in texts)
    points = any(re.fullmatch(r"-?\d+\.\d+", text) for text in texts)
    return "," if commas and not points else "."
