"""Turns what a notebook allows beyond Python into Python of the same number of lines.

Magics and shell lines are not run: they become ``pass``, or an empty list where their result is
kept. A cell that is Python already is left as it is, and so is everything inside a string or an
open bracket.
"""

from __future__ import annotations

import re

BODY_IS_PYTHON = frozenset({"time", "capture", "prun"})
"""Cell magics whose cell still binds names in the notebook's own scope."""

SHELL_WORDS = frozenset(
    "pip pip3 conda apt apt-get wget curl git ls cd pwd mkdir rm cp mv cat unzip tar echo "
    "head".split()
)
ALONE = frozenset({"ls", "pwd", "cd"})
"""Shell words that say something without an argument."""

_CELL_MAGIC = re.compile(r"\s*%%(\S*)")
_TIMED = re.compile(r"%time\s+(.+)")
_TARGET = re.compile(r"[\w.,\s\[\]\"']+")
_MAGIC = re.compile(r"!|%[a-zA-Z]")
_HELP = re.compile(r"\?{1,2}\s*[%\w.*]+|%{0,2}[\w.*]+(\[[^\]]*\])?\s*\?{1,2}")
_BARE = re.compile(r"([\w-]+)(\s+[\w./~\-$].*)?")
_COLLECTED = "get_ipython().getoutput()"
"""What stands for the lines that a shell would have printed: nothing is known of them."""
_RUN = re.compile(r"%run\s+(?:-\w+\s+)*[\"']?(?:\./)?([\w/]+)\.py\b")


def replace_magics(source: str) -> str:
    """Give the cell's Python, line for line.

    Args:
        source: one cell that ``ast.parse`` refuses as it stands.
    """
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    magic = _CELL_MAGIC.match(lines[first])
    if magic:
        if magic[1] not in BODY_IS_PYTHON:
            return "\n" * (len(lines) - 1)
        lines[first] = ""
    else:
        lines = _dedented(lines, lines[first])
    scanner = _Scanner()
    continued = False
    for number, line in enumerate(lines):
        if continued:
            continued = line.endswith("\\")
            lines[number] = ""
        elif not scanner.inside:
            replacement = _replace(line)
            if replacement is not None:
                lines[number] = replacement
                continued = line.endswith("\\") and not replacement.endswith("\\")
        scanner.read(lines[number])
    return "\n".join(lines)


def _dedented(lines: list[str], first: str) -> list[str]:
    """Without the first line's indentation: IPython takes it off every line that has it."""
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines]


def _replace(line: str) -> str | None:
    """A line of Python for a line that is not; None for a line to keep."""
    text = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if text.startswith(("%", "!", "?")) or _HELP.fullmatch(text):
        return indent + _magic(text, "pass")
    left, equals, right = line.partition("=")
    right = right.strip()
    if equals and _MAGIC.match(right) and _TARGET.fullmatch(left):
        return f"{left}= {_magic(right, _COLLECTED)}"
    bare = _BARE.fullmatch(text)
    if bare and bare[1] in SHELL_WORDS and (bare[2] or bare[1] in ALONE):
        return indent + "pass"
    return None


def _magic(text: str, instead: str) -> str:
    """``%time`` runs what follows it, ``%run`` a file, in the notebook's own scope."""
    timed, run = _TIMED.fullmatch(text), _RUN.match(text)
    if run and instead == "pass":
        return f"from {run[1].strip('/').replace('/', '.')} import *"
    return timed[1] if timed else instead


class _Scanner:
    """Knows, line by line, whether a string or a bracket is still open."""

    def __init__(self) -> None:
        self.quote = ""
        self.depth = 0
        self.backslash = False

    @property
    def inside(self) -> bool:
        return bool(self.quote) or self.depth > 0 or self.backslash

    def read(self, line: str) -> None:
        i = 0
        self.backslash = False
        while i < len(line):
            i = self._in_string(line, i) if self.quote else self._in_code(line, i)
        if len(self.quote) == 1 and not line.endswith("\\"):
            self.quote = ""  # an unterminated string ends with its line

    def _in_string(self, line: str, i: int) -> int:
        if line[i] == "\\":
            return i + 2
        if line.startswith(self.quote, i):
            i += len(self.quote)
            self.quote = ""
            return i
        return i + 1

    def _in_code(self, line: str, i: int) -> int:
        character = line[i]
        if character == "#":
            return len(line)
        if character == "\\":
            self.backslash = i + 1 == len(line)
        elif character in "\"'":
            self.quote = character * 3 if line.startswith(character * 3, i) else character
            return i + len(self.quote)
        elif character in "([{":
            self.depth += 1
        elif character in ")]}":
            self.depth = max(0, self.depth - 1)
        return i + 1
