"""The command that grades: one file, or a class."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from grader.cli.guard import guarded

FILE = click.Path(path_type=Path)
EXPORTS = ("canvas", "moodle", "gradescope", "nbgrader", "junit", "github")
"""As ``report.exports`` has them, which is not imported for this."""


@click.command()
@click.argument("path", type=FILE, nargs=-1, required=True)
@click.option("-a", "--assignment", metavar="ID|FILE.yaml", help="Default: found from the file.")
@click.option("--json", "json_file", metavar="FILE|-", help="Write the report as JSON.")
@click.option("--html", "html_file", type=FILE, help="Write the report as a page.")
@click.option("--no-train", is_flag=True, help="Look at the structure only.")
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "bwrap", "none"]),
    default="auto",
    show_default=True,
    help="Walls around the student's code.",
)
@click.option("--watch", is_flag=True, help="Grade again at each save, until Ctrl-C.")
@click.option("--no-cache", is_flag=True, help="Neither read nor keep training results.")
@click.option(
    "--explain-slice",
    is_flag=True,
    help="Grade nothing: show which statements would be run, which not, and why.",
)
@click.option(
    "--out",
    type=FILE,
    default=Path("grades"),
    show_default=True,
    help="Class: where ledger and grade book go.",
)
@click.option("--jobs", type=click.IntRange(1, 1024), help="Class: workers. Default: one a core.")
@click.option("--roster", type=FILE, help="Class: a CSV file that lists it.")
@click.option("--regrade", is_flag=True, help="Class: grade again what was graded before.")
@click.option(
    "--export",
    "exports",
    type=click.Choice(EXPORTS),
    multiple=True,
    help="Class: also write this; may be given several times.",
)
@click.option("--canvas-gradebook", type=FILE, help="Class: Canvas's exported CSV, to fill in.")
@click.option("--canvas-column", metavar="TITLE", help="Of Canvas's CSV. Default: found by title.")
@click.option("--moodle-worksheet", type=FILE, help="Class: Moodle's worksheet, to fill in.")
@click.option("--cluster", metavar="tcp://HOST:PORT", help="Class: grade on a Dask cluster.")
def grade(path: tuple[Path, ...], **given: Any) -> None:
    """Grade a notebook (.ipynb) or script (.py); or a class: a folder, a zip, or several files.

    Exit status of one file: 0 every check passed, 1 something did not, 2 usage, assignment or file
    error, 3 the grader could not decide. Of a class: 0 every submission has a grade, 1 some need
    review, 2 usage.
    """
    sys.exit(guarded(lambda: _grade(path, given)))


def _grade(paths: tuple[Path, ...], given: dict[str, Any]) -> int:
    from grader.cli.one import explain_slice, grade_file, must_exist

    must_exist(paths)
    if len(paths) > 1 or paths[0].is_dir() or paths[0].suffix.lower() == ".zip":
        from grader.cli.classes import grade_paths
        from grader.errors import UsageError

        if given["watch"]:
            raise UsageError("--watch is for one notebook or script, not for a class.")
        return grade_paths(paths, given)
    if given["explain_slice"]:
        return explain_slice(paths[0], given["assignment"])
    settings = {
        "train": not given["no_train"],
        "sandbox": given["sandbox"],
        "cache": not given["no_cache"],
        "html_file": given["html_file"],
    }
    if given["watch"]:
        from grader.cli.watch import watch_file

        return watch_file(paths[0], given["assignment"], given["json_file"], settings)
    return grade_file(paths[0], given["assignment"], given["json_file"], settings)
