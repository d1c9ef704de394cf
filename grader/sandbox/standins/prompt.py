"""What a notebook has beyond Python, and what would wait for a person or the clock."""

from __future__ import annotations

import builtins
import getpass
import time
from typing import Any

from grader.sandbox.standins.absent import Absent, Lines
from grader.sandbox.standins.notes import Notes


def answer_prompts(notes: Notes) -> None:
    """``input``, ``getpass``, ``sleep``, ``display`` and ``get_ipython``."""

    def typed(*_: Any, **__: Any) -> Absent:
        notes.add("input was not asked for: nobody is there to type.")
        return Absent("input()", "nobody is there to type")

    def sleep(_: float) -> None:
        notes.add("time.sleep was not waited for.")

    def shown(*_: Any, **__: Any) -> None:
        return None

    builtins.input = typed  # type: ignore[assignment]
    getpass.getpass = typed  # type: ignore[assignment]
    clock: Any = time
    clock.sleep = sleep
    prompt: Any = builtins
    prompt.display = shown
    prompt.get_ipython = Jupyter


class Jupyter(Absent):
    """The notebook's own kernel, which is asked to run magics and shell commands."""

    def __init__(self) -> None:
        super().__init__("get_ipython()", "the notebook is not run in Jupyter")

    def getoutput(self, *_: Any, **__: Any) -> Lines:
        return Lines()
