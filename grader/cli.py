"""The command line. It answers at once: everything heavy is imported where it is needed."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.errors import AssignmentError, GraderError, InternalError

if TYPE_CHECKING:
    from grader.assignment.load import LoadedAssignment
    from grader.pipeline import Tools
    from grader.records import Report

USAGE, REVIEW, INTERRUPTED = 2, 3, 130


class _PathOrCommand(click.Group):
    """``grade.py student.ipynb`` is short for ``grade.py grade student.ipynb``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help", "--version"):
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
    python grade.py release ID        store what the solution gives
    python grade.py calibrate ID      train the solution with many seeds
    python grade.py doctor            the walls of this machine, and whether they hold

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
@click.option(
    "--explain-slice",
    is_flag=True,
    help="Grade nothing: show which statements would be run, which not, and why.",
)
def grade(
    path: Path,
    assignment: str | None,
    json_file: str | None,
    no_train: bool,
    sandbox: str,
    no_cache: bool,
    explain_slice: bool,
) -> None:
    """Grade one notebook (.ipynb) or script (.py).

    Exit status: 0 every check passed, 1 something did not, 2 usage, assignment or file error, 3
    the grader could not decide.
    """
    if explain_slice:
        sys.exit(_guarded(lambda: _explain_slice(path, assignment)))
    settings = {"train": not no_train, "sandbox": sandbox, "cache": not no_cache}
    sys.exit(_guarded(lambda: _grade(path, assignment, json_file, settings)))


@contextlib.contextmanager
def _tools() -> Iterator[Tools]:
    """The sandbox and the cache as they are by default, for the author's own notebooks."""
    from grader.pipeline import Tools
    from grader.sandbox.client import Sandbox
    from grader.training.cache import ResultCache
    from grader.training.folders import cache_folder

    with Sandbox() as sandbox:
        yield Tools(sandbox, ResultCache(cache_folder("results")))


def _grade(
    path: Path, assignment: str | None, json_file: str | None, settings: dict[str, Any]
) -> int:
    # The sandbox imports TensorFlow while this process reads the files.
    from grader.sandbox.client import Sandbox

    _must_be_a_file(path)
    with Sandbox(settings["sandbox"]) as sandbox:
        from grader.pipeline import Tools, grade_one
        from grader.report.progress import Progress
        from grader.score import exit_status
        from grader.training.cache import ResultCache
        from grader.training.folders import cache_folder

        loaded = _choose(path, assignment)
        cache = ResultCache(cache_folder("results") if settings["cache"] else None)
        with Progress(sys.stderr) as progress:
            tools = Tools(sandbox, cache, settings["train"], progress.say)
            report = grade_one(path, loaded, tools)
        _write(report, json_file, _weaker(sandbox.weaker_because))
    return exit_status(report)


def _explain_slice(path: Path, assignment: str | None) -> int:
    """For the student who asks why a model was not seen. Nothing is run."""
    from grader.errors import SubmissionError, UsageError
    from grader.report.account import print_account
    from grader.submission.account import account_for
    from grader.submission.read import read_submission

    _must_be_a_file(path)
    loaded = _choose(path, assignment)
    try:
        submission = read_submission(path)
    except SubmissionError as error:
        raise UsageError(f"{path}: {error.problem.message}") from error
    for exercise in loaded.content.exercises:
        account = account_for(submission, exercise.names)
        print_account(exercise.title or exercise.id, account, sys.stdout)
    return 0


def _must_be_a_file(path: Path) -> None:
    from grader.errors import UsageError

    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    if path.is_dir():
        inside = sorted(file.name for file in path.iterdir() if file.suffix in (".ipynb", ".py"))
        if not inside:
            raise UsageError(f"{path} is a folder without a notebook (.ipynb) or script (.py).")
        raise UsageError(f"{path} is a folder; name one file of it, such as {path / inside[0]}.")


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
    from grader.report.terminal import print_report

    if json_file == "-":
        click.echo(_as_text(report))
        return
    # The report is shown first: it is not lost when the file cannot be written.
    print_report(report, sys.stdout, hint)
    if json_file:
        Path(json_file).write_text(_as_text(report) + "\n", encoding="utf-8")


def _as_text(report: Report) -> str:
    from grader.report.as_json import report_as_json

    return json.dumps(report_as_json(report), ensure_ascii=False, allow_nan=False, indent=2)


@main.command("list")
def list_assignments() -> None:
    """List the assignments that can be graded."""

    def work() -> int:
        from grader.assignment.load import find_assignments, load_assignment
        from grader.choose import FOLDER

        broken, rows = False, []
        for path in find_assignments(FOLDER):
            try:
                content = load_assignment(path).content
            except AssignmentError as error:
                _tell(str(error))
                broken = True
                continue
            points = sum(check.points for e in content.exercises for check in e.checks)
            rows.append((content.id, points, content.title))
        width = max((len(name) for name, *_ in rows), default=0)
        for name, points, title in rows:
            click.echo(f"{name:{width}}  {points:>5g} points  {title}")
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


@main.command()
@click.argument("assignment", metavar="ID|FILE.yaml")
def release(assignment: str) -> None:
    """Store what the solution gives, for students who check without it.

    Needed for an assignment with expect_from: solution, after each change of its cases.
    """

    def work() -> int:
        from grader.authoring import release_values
        from grader.choose import named_assignment

        with _tools() as tools:
            loaded = named_assignment(assignment)
            count = release_values(loaded, tools.sandbox)
        said = f"in {loaded.values}" if count else "so there is nothing to store"
        click.echo(f"Checks with values from the solution: {count}, {said}.")
        return 0

    sys.exit(_guarded(work))


@main.command()
@click.argument("assignment", metavar="ID|FILE.yaml")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Trainings of each.",
)
def calibrate(assignment: str, seeds: int) -> None:
    """Train the solution and a linear model with many seeds, to set min_accuracy by.

    The table goes to solutions/ID.seeds.csv.
    """

    def work() -> int:
        from grader.authoring import calibrate_training
        from grader.choose import named_assignment

        with _tools() as tools:
            path = calibrate_training(named_assignment(assignment), tools, seeds, click.echo)
        click.echo(f"{path}")
        return 0

    sys.exit(_guarded(work))


@main.command()
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "bwrap", "none"]),
    default="auto",
    show_default=True,
    help="Walls to examine.",
)
def doctor(sandbox: str) -> None:
    """Show what walls this machine has, attack them, and say whether they held.

    Exit status: 0 all held, 1 something did not.
    """

    def work() -> int:
        from grader.doctor import examine
        from grader.sandbox.client import Sandbox

        good = True
        with Sandbox(sandbox) as walls:  # type: ignore[arg-type]
            for finding in examine(walls):
                good &= finding.good
                click.echo(f"{'ok' if finding.good else 'NO':2}  {finding.name}: {finding.text}")
        click.echo("All walls held." if good else "Not all walls held: see the lines with NO.")
        return 0 if good else 1

    sys.exit(_guarded(work))


def _guarded(work: Any) -> int:
    """Run a command; whatever goes wrong is one clear message and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no × shows an escape for it, and the report goes on.
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(work())
    except InternalError as error:
        _tell(f"The grader failed, not the submission: {error}")
        return REVIEW
    except GraderError as error:
        _tell(str(error))
        return USAGE
    except BrokenPipeError:
        sys.stderr.close()
        return USAGE
    except OSError as error:
        _tell(f"{error.filename or 'A file'}: {error.strerror or error}.")
        return USAGE
    except KeyboardInterrupt:
        _tell("Stopped.")
        return INTERRUPTED


def _tell(message: str) -> None:
    """Say what went wrong; names of files and keys in it are strangers' text."""
    from grader.report.escape import visible

    for line in message.splitlines():
        click.echo(visible(line), err=True)
