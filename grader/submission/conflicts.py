"""What git leaves in a file that two people changed: both versions, between markers."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CONFLICT = re.compile(
    r"^<{7}(?: [^\n]*)?\n(.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}\n(.*?)^>{7}(?: [^\n]*)?(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)


def sides(text: str) -> Iterator[str]:
    """The text with the first version in every conflict, then with the second.

    Every line keeps its number. Nothing where there is no conflict in it.
    """
    text = text.replace("\r\n", "\n")
    if _CONFLICT.search(text):
        yield _CONFLICT.sub(lambda match: _keep(match, 1), text)
        yield _CONFLICT.sub(lambda match: _keep(match, 2), text)


def _keep(match: re.Match[str], side: int) -> str:
    above = match.string.count("\n", match.start(), match.start(side))
    below = match.string.count("\n", match.end(side), match.end())
    return "\n" * above + match[side] + "\n" * below
