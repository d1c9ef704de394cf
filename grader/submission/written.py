"""Modules that a notebook writes with ``%%writefile``, for another of its cells to import."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from grader.records import WrittenFile

_WRITES = re.compile(
    r"\s*%%(?:writefile|file)[ \t]+((?:-a|--append)[ \t]+)?[\"']?([^\s\"']+\.py)[\"']?[ \t]*\n"
)


def written_files(cells: Iterable[tuple[str, int | None]]) -> tuple[WrittenFile, ...]:
    """The last version of each module; ``-a`` adds to what an earlier cell wrote.

    Args:
        cells: each with its source and its number.
    """
    files: dict[str, WrittenFile] = {}
    for source, cell in cells:
        match = _WRITES.match(source)
        if not match or cell is None:
            continue
        module = _module_name(match[2])
        text, line = source[match.end() :], source.count("\n", 0, match.end()) + 1
        if match[1] and module in files:
            before = files[module]
            files[module] = WrittenFile(
                module, f"{before.source}\n{text}", before.cell, before.line
            )
        elif all(part.isidentifier() for part in module.split(".")):
            files[module] = WrittenFile(module, text, cell, line)
    return tuple(files.values())


def _module_name(path: str) -> str:
    """``nets/blocks.py`` is imported as ``nets.blocks``, from wherever the notebook runs."""
    pure = PurePosixPath(path)
    parts = (pure.stem,) if pure.is_absolute() else (*pure.parts[:-1], pure.stem)
    return ".".join(part for part in parts if part not in (".", "..", "__init__"))
