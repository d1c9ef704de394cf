"""Notebooks from notebooks: JSON mostly stays JSON, and cells keep looking like Python."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from tests.fuzz.words import KEYS, LINES, NAMES, TOKENS, VALUES

MAX_TIMES = 5
"""How many changes are made to one input, one after the other."""
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_NAME = re.compile(r"[A-Za-z_]\w*")

Notebook = dict[str, Any]


def mutate(data: bytes, seed: int) -> bytes:
    """Another input, made of this one; the same for the same seed."""
    chance = random.Random(seed)
    notebook = _notebook(data)
    if notebook is None:
        cells = [data.decode("utf-8", errors="surrogateescape")]
    else:
        cells = [_source(cell) for cell in notebook["cells"]]
    for _ in range(chance.randint(1, MAX_TIMES)):
        if not cells:
            cells.append(_line(chance))
        at = chance.randrange(len(cells))
        if chance.random() < 0.2:
            _change_cells(cells, at, chance)
        else:
            cells[at] = chance.choice(_TEXT_CHANGES)(cells[at], chance)
    if notebook is None:
        if chance.random() < 0.9:
            return "\n".join(cells).encode("utf-8", errors="surrogatepass")
        notebook = {"nbformat": 4, "metadata": {}}
    return _written(notebook, cells, chance)


def _notebook(data: bytes) -> Notebook | None:
    try:
        notebook = json.loads(data)
        cells = notebook["cells"]
        if all(isinstance(cell, dict) for cell in cells):
            return dict(notebook, cells=[dict(cell) for cell in cells])
    except (ValueError, RecursionError, TypeError, LookupError):
        pass
    return None


def _source(cell: Notebook) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _written(notebook: Notebook, sources: list[str], chance: random.Random) -> bytes:
    cells: list[Notebook] = [{"cell_type": "code", "source": source} for source in sources]
    if chance.random() < 0.15:
        for cell in cells:
            cell["source"] = cell["source"].splitlines(keepends=True)
    old = chance.random() < 0.1
    notebook = _of_before(cells, chance) if old else dict(notebook, cells=cells)
    if chance.random() < 0.15:
        _change_json(notebook, chance)
    text = json.dumps(notebook, ensure_ascii=chance.random() < 0.9)
    if chance.random() < 0.05:
        text = text.replace(r"\n", "\n")
    if chance.random() < 0.03:
        text = _in_conflict(text, chance)
    if chance.random() < 0.03:
        text = text[: chance.randrange(len(text))]
    return text.encode("utf-8", errors="surrogatepass")


def _of_before(cells: list[Notebook], chance: random.Random) -> Notebook:
    """As nbformat 1, 2 or 3 would have it."""
    version = chance.choice((1, 2, 3))
    key = "code" if version == 1 and chance.random() < 0.5 else "input"
    old = [
        {"cell_type": "code", key: cell["source"], "language": "python", "outputs": []}
        | ({"metadata": {}, "collapsed": False} if version == 3 else {})
        for cell in cells
    ]
    sheets = [{"cells": old, "metadata": {}}]
    head = {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": "a"}}
    return {**head, "cells": old} if version == 1 else {**head, "worksheets": sheets}


def _change_json(value: Any, chance: random.Random) -> None:
    """Put something else somewhere in a JSON value."""
    while isinstance(value, dict | list) and value:
        key: Any = chance.choice(list(value)) if isinstance(value, dict) else None
        if key is None:
            key = chance.randrange(len(value))
        if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.8:
            value = value[key]
            continue
        kind = chance.random()
        if kind < 0.2:
            del value[key]
        elif kind < 0.5 and isinstance(value, dict):
            value[chance.choice(KEYS)] = chance.choice(VALUES)
        else:
            value[key] = chance.choice(VALUES)
        return


def _change_cells(cells: list[str], at: int, chance: random.Random) -> None:
    kind = chance.randrange(6)
    other = chance.randrange(len(cells))
    if kind == 0:
        del cells[at]
    elif kind == 1:
        cells.insert(other, cells[at])
    elif kind == 2:
        cells[at], cells[other] = cells[other], cells[at]
    elif kind == 3:
        cells.insert(at, "\n".join(_line(chance) for _ in range(chance.randint(1, 6))))
    elif kind == 4:
        cells[at : at + 2] = ["\n".join(cells[at : at + 2])]
    else:
        cut = chance.randint(0, len(cells[at]))
        cells[at : at + 1] = [cells[at][:cut], cells[at][cut:]]


def _line(chance: random.Random) -> str:
    if chance.random() < 0.7:
        return chance.choice(LINES)
    return " ".join(chance.choice(TOKENS) for _ in range(chance.randint(1, 8)))


def _lines(text: str, chance: random.Random) -> str:
    """Insert, delete, repeat, swap, indent or cut lines."""
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(9)
    if kind <= 2:
        lines.insert(at, _indent(lines[at]) * chance.randrange(2) + _line(chance))
    elif kind == 3:
        del lines[at : at + chance.randint(1, 3)]
    elif kind == 4:
        lines.insert(other, lines[at])
    elif kind == 5:
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 6:
        first, last = sorted((at, other))
        lines[first : last + 1] = ["    " + line for line in lines[first : last + 1]]
    elif kind == 7:
        lines[at] = lines[at].removeprefix("    ")
    else:
        lines[at] += chance.choice(["\\", ";", "; " + _line(chance), "  # TODO", "(", ":", " #"])
    return "\n".join(lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _tokens(text: str, chance: random.Random) -> str:
    """Replace, insert, delete or repeat one token."""
    tokens = _TOKEN.findall(text) or [""]
    at = chance.randrange(len(tokens))
    kind = chance.randrange(5)
    if kind <= 1:
        tokens[at] = chance.choice(TOKENS)
    elif kind == 2:
        tokens.insert(at, chance.choice(TOKENS))
    elif kind == 3:
        del tokens[at]
    else:
        tokens.insert(chance.randrange(len(tokens)), tokens[at])
    return "".join(tokens)


def _names(text: str, chance: random.Random) -> str:
    """One name becomes another, here or everywhere: what was apart depends on each other."""
    found = _NAME.findall(text)
    if not found:
        return text
    new = chance.choice(found + NAMES)
    return re.sub(
        rf"\b{chance.choice(found)}\b", new, text, count=chance.randrange(2), flags=re.ASCII
    )


def _nested(text: str, chance: random.Random) -> str:
    """Deep brackets, blocks, operators or chains, as no person writes them."""
    times = chance.choice((3, 30, 99, 201, 1500))
    inside = chance.choice(NAMES)
    deep = chance.choice(
        [
            "(" * times + inside + ")" * times,
            "[" * times,
            "-" * times + inside,
            inside + ".a" * times,
            inside + "(1)" * times,
            " + ".join([inside] * times),
            "lambda: " * times + inside,
            "\n".join(" " * i + "if x:" for i in range(min(times, 120))) + " " + inside,
            "if x: y = 1\n" + "elif x: y = 1\n" * times,
            "f'{" * times + inside + "}'" * times,
        ]
    )
    at = chance.randint(0, len(text))
    return text[:at] + deep + text[at:]


def _span(text: str, chance: random.Random) -> str:
    """A stretch of the text twice, or not at all."""
    first = chance.randint(0, len(text))
    last = min(len(text), first + chance.choice((1, 3, 10, 100)))
    return text[:first] + text[first:last] * chance.choice((0, 0, 2, 2, 9)) + text[last:]


def _in_conflict(text: str, chance: random.Random) -> str:
    """Markers as git leaves them, around some of the lines."""
    lines = text.split("\n")
    at = sorted(chance.randint(0, len(lines)) for _ in range(4))
    marks = [
        ">>>>>>> theirs",
        "=======",
        chance.choice(["||||||| base", "======="]),
        "<<<<<<< HEAD",
    ]
    for place, mark in zip(reversed(at), marks, strict=True):
        lines.insert(place, mark)
    return "\n".join(lines)


_TEXT_CHANGES: list[Callable[[str, random.Random], str]] = [
    *[_lines] * 8,
    *[_tokens] * 6,
    *[_names] * 4,
    *[_span] * 2,
    _nested,
    _in_conflict,
]
