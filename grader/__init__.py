"""Grades Keras notebooks on convolutional networks.

``check`` grades what a notebook's kernel holds, for its student; ``grade`` grades a file. Both
are imported when they are first asked for, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.library import grade as grade
    from grader.notebook.check import check as check

__version__ = "0.1.0"

__all__ = ["__version__", "check", "grade"]


def __getattr__(name: str) -> object:
    if name == "check":
        from grader.notebook.check import check

        return check
    if name == "grade":
        from grader.library import grade

        return grade
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
