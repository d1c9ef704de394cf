"""What is read out of a page: its words, its elements, and what it would load."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

EVIL = (
    "\"'></title></style></svg></script><script>window.owned=1</script>"
    '<img src="x" onerror="window.owned=2"><svg onload="window.owned=3"></svg>'
    '<a href="javascript:window.owned=4" style="position:fixed">x</a>'
    "<base href='https://evil.example/'><style>*{display:none}</style>"
    "{{ 7 * 7 }}{% raw %}\u202e\u200b\x1b[2J&amp;"
)
"""All that a stranger might write to get out of being text."""


_APART = {"td", "th", "li", "p", "div", "dt", "dd", "h1", "h2", "h3", "h4", "text", "title"}


class Page(HTMLParser):
    """A page as a list of elements and the words that stand in it."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[str] = []
        self._silent = 0
        self.feed(content)
        self.close()

    @property
    def text(self) -> str:
        return " ".join("".join(self._words).split())

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a tag that has these."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            found
            for name, found in self.elements
            if name == tag and wanted.items() <= found.items()
        ]

    def ids(self) -> list[str]:
        return [found["id"] or "" for _, found in self.elements if "id" in found]

    def addresses(self) -> Iterator[str]:
        """Whatever could be loaded or followed."""
        for _, found in self.elements:
            for name in ("href", "src", "xlink:href", "action", "data", "srcset", "poster"):
                if found.get(name) is not None:
                    yield str(found[name])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._silent += tag in ("style", "script")
        if tag in _APART:
            self._words.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._words.append(data)


def poisoned(value: Any) -> Any:
    """The same report with each text in it, keys of mappings that strangers fill aside, evil."""
    if isinstance(value, str):
        return EVIL
    if isinstance(value, dict):
        return {key: poisoned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [poisoned(item) for item in value]
    return value
