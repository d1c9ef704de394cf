"""The command line. It answers at once: everything heavy is imported where it is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.errors import AssignmentError, GraderError, InternalError

if TYPE_CHECKING:
    from grader.assignment.load import LoadedAssignment
    from grader.records import Report

USAGE, REVIEW = 2, 3


class _PathOrCommand(click.Group):
    """``grade.py student.ipynb`` is short for ``grade.py grade student.ipynb``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [word for word in args if not word.startswith("-")]
        if (
            args
            and args[0] not in ("--help", "--version")
            and (not words or words[0] not in self.commands)
        ):
            args = ["grade", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_PathOrCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name="cnn-grader")
def main() -> None:
    """Grade Keras notebooks on convolutional networks.

    \b
    python grade.py student.ipynb     grade a notebook or a script
    python grade.py list              the assignments that can be graded
    python grade.py schema            the JSON Schema of assignment files

    Options of grading: python grade.py grade --help.
    """


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-a", "--assignment", metavar="ID|FILE.yaml", help="Default: found from the file.")
@click.option("--json", "json_file", metavar="FILE|-", help="Write the report as JSON.")
@click.option("--no-train", is_flag=True, help="Look at the structure only.")
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "bwrap", "none"]),
    default="auto",
    show_default=True,
    help="Walls around the student's code.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor keep training results.")
def grade(
    path: Path,
    assignment: str | None,
    json_file: str | None,
    no_train: bool,
    sandbox: str,
    no_cache: bool,
) -> None:
    """Grade one notebook (.ipynb) or script (.py).

    Exit status: 0 every check passed, 1 something did not, 2 usage, assignment or file error, 3
    the grader could not decide.
    """
    settings = {"train": not no_train, "sandbox": sandbox, "cache": not no_cache}
    sys.exit(_guarded(lambda: _grade(path, assignment, json_file, settings)))


def _grade(
    path: Path, assignment: str | None, json_file: str | None, settings: dict[str, Any]
) -> int:
    # The sandbox imports TensorFlow while this process reads the files.
    from grader.sandbox.client import Sandbox

    _must_exist(path)
    with Sandbox(settings["sandbox"]) as sandbox:
        from grader.pipeline import Tools, grade_one
        from grader.report.progress import Progress
        from grader.score import exit_status
        from grader.training.cache import ResultCache
        from grader.training.folders import cache_folder

        loaded = _choose(path, assignment)
        cache = ResultCache(cache_folder("results") if settings["cache"] else None)
        with Progress() as progress:
            tools = Tools(sandbox, cache, settings["train"], progress.say)
            report = grade_one(path, loaded, tools)
        _write(report, json_file, _weaker(sandbox.weaker_because))
    return exit_status(report)


def _must_exist(path: Path) -> None:
    from grader.errors import UsageError

    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name one notebook (.ipynb) or script (.py) in it.")


def _choose(path: Path, assignment: str | None) -> LoadedAssignment:
    from grader.choose import assignment_for, named_assignment

    return named_assignment(assignment) if assignment else assignment_for(path)


def _weaker(reason: str | None) -> str | None:
    from grader.sandbox.outer import HOW_TO_INSTALL

    if reason is None:
        return None
    return (
        f"The student's code ran in a plain child process with limits, because {reason}. For "
        f"walls around it, {HOW_TO_INSTALL}."
    )


def _write(report: Report, json_file: str | None, hint: str | None) -> None:
    from grader.report.as_json import report_as_json
    from grader.report.terminal import print_report

    if json_file:
        text = json.dumps(report_as_json(report), ensure_ascii=False, allow_nan=False, indent=2)
        if json_file == "-":
            click.echo(text)
            return
        Path(json_file).write_text(text + "\n", encoding="utf-8")
    print_report(report, sys.stdout, hint)


@main.command("list")
def list_assignments() -> None:
    """List the assignments that can be graded."""

    def work() -> int:
        from grader.assignment.load import find_assignments, load_assignment
        from grader.choose import FOLDER

        broken = False
        for path in find_assignments(FOLDER):
            try:
                content = load_assignment(path).content
            except AssignmentError as error:
                click.echo(str(error), err=True)
                broken = True
                continue
            points = sum(check.points for e in content.exercises for check in e.checks)
            click.echo(f"{content.id:24}  {points:>5g} points  {content.title}")
        return USAGE if broken else 0

    sys.exit(_guarded(work))


@main.command()
def schema() -> None:
    """Print the JSON Schema of assignment files, for editors."""

    def work() -> int:
        from grader.assignment.load import assignment_json_schema

        click.echo(json.dumps(assignment_json_schema(), indent=2))
        return 0

    sys.exit(_guarded(work))


def _guarded(work: Any) -> int:
    """Run a command; whatever goes wrong is one clear message and an exit status."""
    try:
        return int(work())
    except AssignmentError as error:
        click.echo(str(error), err=True)
        return USAGE
    except InternalError as error:
        click.echo(f"The grader failed, not the submission: {error}", err=True)
        return REVIEW
    except GraderError as error:
        click.echo(str(error), err=True)
        return USAGE
    except BrokenPipeError:
        sys.stderr.close()
        return USAGE
    except OSError as error:
        click.echo(f"{error.filename or 'A file'}: {error.strerror or error}.", err=True)
        return USAGE
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        return 130
