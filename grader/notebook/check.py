"""``check``: a student grades what the notebook holds, without leaving it.

**What is graded.** The kernel holds what its executed cells made, in the order in which they were
executed; the saved file may say something else. So IPython's history is the submission: every
executed cell as it was typed, with its execution number for a cell number. It takes the way of
every submission, from the source through the sandbox, and so the verdict is the one that a
notebook with these cells would get from ``grade.py``. Nothing is taken out of the kernel itself:
not an object, which only pickle could carry over the wall, and not a source that ``inspect``
guesses. Where the kernel holds something else than its history says, after ``del`` or ``%rerun``,
the history counts.

- A cell that was run twice is there twice: one that adds a layer added two.
- Of an asked-for name only the last definition counts. In a notebook an earlier one may be the
  exercise's model; here it is the one that the student has just mended, or broken.
- A cell that raised stands there like any other. What Python cannot read costs only itself.
- Magics and ``%%`` cells are read as in a notebook's file; ``%load`` leaves the loaded text in
  the cell, ``%run`` names a file that is not handed in, here as there.
- Statements that call ``check`` itself are left out. Inside the sandbox ``check`` does nothing.
- A script is its own file, up to date or not. At Python's own prompt nothing is kept, and
  ``check`` says so.

**What is touched.** Nothing. A helper process grades (``host.py``); in the kernel there are only
the standard library and a pipe. TensorFlow is not imported, no seed set, no object looked into.
The helper loads the visible checks and no others.
"""

from __future__ import annotations

import sys
from pathlib import Path

from grader.errors import GraderError, UsageError
from grader.notebook.helper import ask_helper
from grader.notebook.session import current_session, names_of, shows_values
from grader.notebook.shown import Shown
from grader.report.progress import Progress

STUDENT_ROOM = "grader.sandbox.student"
"""Is loaded where student code is being graded, and only there."""


def check(what: object = None, assignment: str | None = None, *, train: bool = True) -> Shown:
    """Grade what this session holds, by the visible checks.

    Args:
        what: the assignment's id (``"03-cnn-structure"``, or how it begins), for all exercises.
            Or an object, such as ``build_cnn`` or ``model``, for the exercise that asks for its
            name.
        assignment: the id, or a YAML file, where ``what`` is an object. Default: found from the
            notebook's metadata, its file name, or the names that the session defines.
        train: whether models are trained; without, the structure alone is looked at.

    Returns the report, which a notebook shows by itself as the last value of a cell. In a script,
    where nothing is shown by itself, it is printed.

    Example:
        ``check("03-cnn-structure")``, ``check(build_cnn, "03-cnn-structure")``, ``check()``
    """
    if STUDENT_ROOM in sys.modules:
        return Shown("")
    shown = _checked(what, assignment, train)
    if not shows_values():
        print(shown)
    return shown


def _checked(what: object, assignment: str | None, train: bool) -> Shown:
    whole = what is None or (isinstance(what, str) and assignment is None)
    try:
        session = current_session(what)
        request = {
            "cells": session.cells,
            "script": session.script,
            "notebook": session.notebook,
            "assignment": _found_from_here(what if isinstance(what, str) and whole else assignment),
            "names": None if whole else [what] if isinstance(what, str) else names_of(what),
            "train": train,
        }
        with Progress(sys.stderr) as progress:
            answer = ask_helper(request, progress.say)
    except GraderError as error:
        return Shown(str(error))
    return Shown(answer["text"], answer.get("html"), answer.get("report"))


def _found_from_here(assignment: object) -> str | None:
    """A file is looked for where the notebook is, not where the helper was started."""
    if isinstance(assignment, Path):
        assignment = str(assignment)
    if assignment is not None and not isinstance(assignment, str):
        raise UsageError('An assignment goes by its id: check(build_cnn, "03-cnn-structure").')
    if assignment is not None and assignment.endswith((".yaml", ".yml")):
        return str(Path(assignment).absolute())
    return assignment
