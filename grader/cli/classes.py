"""A class, and what changed between two grade books of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from grader.cli.guard import guarded


def grade_paths(paths: tuple[Path, ...], given: dict[str, Any]) -> int:
    """Grade a class with the options of ``grade``, and return the exit status."""
    from grader.batch.command import ClassSettings, grade_class
    from grader.batch.outputs import Exports
    from grader.errors import UsageError

    if given["explain_slice"]:
        raise UsageError("--explain-slice explains one notebook; name one.")
    if given["html_file"]:
        raise UsageError("A class has its pages in --out, beginning with index.html.")
    lms = {"canvas": given["canvas_gradebook"], "moodle": given["moodle_worksheet"]}
    files = {name: file for name, file in lms.items() if file is not None}
    return grade_class(
        ClassSettings(
            paths,
            given["out"],
            assignment=given["assignment"],
            roster=given["roster"],
            sandbox=given["sandbox"],
            train=not given["no_train"],
            cache=not given["no_cache"],
            jobs=given["jobs"],
            cluster=given["cluster"],
            regrade=given["regrade"],
            json_file=given["json_file"],
            exports=Exports(given["exports"], files, given["canvas_column"]),
        )
    )


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="[NEW]", required=False)
def diff(old: str, new: str | None) -> None:
    """Show who changes between two grade books, by how much, and because of which check.

    OLD and NEW are folders that --out named, or ledgers in them. FOLDER@VERSION means an earlier
    version of the assignment, by the beginning of its digest; a folder alone is compared with its
    own version before.
    """

    def work() -> int:
        from grader.batch.command import compare_ledgers

        return compare_ledgers(old, new)

    sys.exit(guarded(work))
