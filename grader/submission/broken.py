"""What a text that Python cannot read seems to define and to change."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from grader.submission.calls import NEVER_RUN
from grader.submission.expressions import stored_names

MAX_NAMES = 50
HARMLESS = NEVER_RUN | {"compile"}
"""Without these the model is the same; how it is compiled is another question."""

_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.M)
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+\S+[ \t]+)?import[ \t]+(\([^)]*|[^(\n]+)", re.M)
_CHANGE = re.compile(r"^[ \t]*(\w+)((?:\.\w+|\[[^\]\n]*\])+)[ \t]*[(=]", re.M)
"""``model.add(`` and ``model.trainable =``."""
_OWN_SCOPE = re.compile(r"(def|class|async|@)")
_NO_SCOPE = re.compile(r"(if|for|while|with|try|match)\b")


def seems_to_define(text: str) -> tuple[str, ...]:
    """Names, in the order in which they were found; too many to be a program's are cut off."""
    return tuple(dict.fromkeys(filter(str.isidentifier, _bound(text))))[:MAX_NAMES]


def seems_to_change(text: str) -> set[str]:
    """Names of the objects that a method is called on, or an attribute of which is set."""
    if _OWN_SCOPE.match(text):
        return set()
    found = _CHANGE.findall(text)
    return {root for root, path in found if path.rpartition(".")[2] not in HARMLESS}


def _bound(text: str) -> Iterator[str]:
    for match in _DEFINITION.finditer(text):
        yield match[1]
    for match in _IMPORT.finditer(text):
        for part in match[1].strip("()").split(","):
            words = part.split()
            if words:
                yield (
                    words[2] if words[1:2] == ["as"] and len(words) > 2 else words[0].split(".")[0]
                )
    in_blocks = _NO_SCOPE.match(text)
    for line in text.split("\n"):
        left, equals, right = line.partition("=")
        if equals and not right.startswith("=") and (in_blocks or not line[0].isspace()):
            yield from _assigned(left.strip())


def _assigned(left: str) -> list[str]:
    """The names that ``left = ...`` binds, if that is an assignment at all."""
    try:
        return sorted(stored_names(ast.parse(f"{left}= 0")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
