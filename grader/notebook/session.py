"""What is known of the process that calls ``check``: looked at, never touched.

This runs in the student's kernel, so it imports nothing that is large.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from grader.errors import UsageError

NO_RECORD = (
    "Python keeps no record of what is typed here, so there is nothing that could be graded. Use "
    "a notebook or IPython, or save your code in a file and run python grade.py FILE."
)


@dataclass(frozen=True, slots=True)
class Session:
    """Where the student's code stands: in executed cells, or in a script."""

    cells: tuple[tuple[int, str], ...] = ()
    """Each executed cell with its number, as In [5]; one that was run twice is there twice."""
    script: str | None = None
    """The path of the script, where there are no cells."""
    notebook: str | None = None
    """The notebook's file, where the editor tells it."""


def current_session(thing: object = None) -> Session:
    """The session that this process is; of a script, the file in which ``thing`` is defined.

    Raises UsageError where what was typed is kept nowhere.
    """
    shell = _shell()
    if shell is not None:
        sources = enumerate(shell.history_manager.input_hist_raw)
        cells = tuple((number, str(source)) for number, source in sources if source)
        return Session(cells, notebook=_notebook(shell.user_ns))
    module = thing.__module__ if isinstance(thing, FunctionType | type) else "__main__"
    for name in (module, "__main__"):
        script = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(script, str) and script.endswith(".py") and os.path.isfile(script):
            return Session(script=os.path.abspath(script))
    raise UsageError(NO_RECORD)


def names_of(thing: object) -> list[str]:
    """The names by which the session knows an object, and a function's or class's own."""
    shell = _shell()
    held: Mapping[str, Any] = shell.user_ns if shell is not None else vars(sys.modules["__main__"])
    found = [
        name for name, value in list(held.items()) if value is thing and not name.startswith("_")
    ]
    if isinstance(thing, FunctionType | type):
        found.append(thing.__name__)
    return list(dict.fromkeys(found))


def shows_values() -> bool:
    """Whether the value of an expression is shown without being printed."""
    return _shell() is not None or hasattr(sys, "ps1") or bool(sys.flags.interactive)


def _shell() -> Any:
    """IPython's, in a notebook or a terminal; None elsewhere. It is not imported for this."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _notebook(names: Mapping[str, Any]) -> str | None:
    """As Visual Studio Code and Jupyter's server tell it."""
    for path in (names.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")):
        if isinstance(path, str) and path.endswith(".ipynb") and os.path.isfile(path):
            return os.path.abspath(path)
    return None
