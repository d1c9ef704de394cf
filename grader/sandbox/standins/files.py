"""Writing outside the scratch folder: swallowed, since no model depends on it."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from typing import Any

from grader.sandbox.standins.notes import Notes


def keep_files_out(notes: Notes) -> None:
    """Let what cannot be written be as good as written."""
    really_open = builtins.open

    def open_file(file: Any, mode: str = "r", *rest: Any, **settings: Any) -> Any:
        try:
            return really_open(file, mode, *rest, **settings)
        except OSError:
            if not isinstance(mode, str) or not set(mode) & set("wax"):
                raise
            notes.add("Files outside the scratch folder were not written.")
            return io.BytesIO() if "b" in mode else io.StringIO()

    builtins.open = open_file
    for name in ("mkdir", "makedirs"):
        setattr(os, name, _forgiving(getattr(os, name), notes))


def _forgiving(make: Callable[..., Any], notes: Notes) -> Callable[..., Any]:
    def make_folder(*given: Any, **settings: Any) -> None:
        try:
            make(*given, **settings)
        except FileExistsError:
            raise
        except OSError:
            notes.add("Folders outside the scratch folder were not made.")

    return make_folder
