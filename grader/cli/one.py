"""One notebook or script: from its path to the exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.assignment.load import LoadedAssignment
    from grader.records import Report


def must_exist(paths: Sequence[Path]) -> None:
    """Raises UsageError."""
    from grader.errors import UsageError

    for path in paths:
        if not path.exists():
            raise UsageError(f"There is no file {path}.")


def grade_file(
    path: Path, assignment: str | None, json_file: str | None, settings: dict[str, Any]
) -> int:
    """Grade one file, print its report, and return the exit status."""
    # The sandbox imports TensorFlow while this process reads the files.
    from grader.sandbox.client import Sandbox

    must_exist([path])
    with Sandbox(settings["sandbox"]) as sandbox:
        from grader.pipeline import Tools, grade_one
        from grader.report.progress import Progress
        from grader.score import exit_status
        from grader.training.cache import ResultCache
        from grader.training.folders import cache_folder

        loaded = choose_for(path, assignment)
        cache = ResultCache(cache_folder("results") if settings["cache"] else None)
        with Progress(sys.stderr) as progress:
            tools = Tools(sandbox, cache, settings["train"], progress.say)
            report = grade_one(path, loaded, tools)
        hint = weaker(sandbox.weaker_because)
        write_report(report, json_file, hint, settings.get("html_file"))
    return exit_status(report)


def explain_slice(path: Path, assignment: str | None) -> int:
    """For the student who asks why a model was not seen. Nothing is run."""
    from grader.errors import SubmissionError, UsageError
    from grader.report.account import print_account
    from grader.submission.account import account_for
    from grader.submission.read import read_submission

    must_exist([path])
    loaded = choose_for(path, assignment)
    try:
        submission = read_submission(path)
    except SubmissionError as error:
        raise UsageError(f"{path}: {error.problem.message}") from error
    for exercise in loaded.content.exercises:
        account = account_for(submission, exercise.names)
        print_account(exercise.title or exercise.id, account, sys.stdout)
    return 0


def choose_for(path: Path, assignment: str | None) -> LoadedAssignment:
    """The named assignment, or the one that the file is for."""
    from grader.choose import assignment_for, named_assignment

    return named_assignment(assignment) if assignment else assignment_for(path)


def weaker(reason: str | None) -> str | None:
    """The hint under a report that was made without walls."""
    from grader.sandbox.outer import how_to_help

    if reason is None:
        return None
    return (
        f"The student's code ran in a plain child process with limits, because {reason}. For "
        f"walls around it, {how_to_help()}."
    )


def write_report(
    report: Report, json_file: str | None, hint: str | None, html_file: Path | None = None
) -> None:
    """The report on the terminal, and as JSON and as a page where that is asked for."""
    from grader.report.terminal import print_report

    # The report is shown first: it is not lost when a file cannot be written.
    if json_file == "-":
        click.echo(_as_text(report))
    else:
        print_report(report, sys.stdout, hint)
        if json_file:
            _write(Path(json_file), _as_text(report) + "\n")
    write_page(report, html_file)


def write_page(report: Report, html_file: Path | None) -> None:
    """The report as a page, where that is asked for."""
    if html_file is None:
        return
    from grader.report.as_json import report_as_json
    from grader.report.html import report_page

    _write(html_file, report_page(report_as_json(report)))


def _write(path: Path, text: str) -> None:
    """All of it, or what was there before. Raises UsageError."""
    from grader.errors import UsageError
    from grader.training.folders import write_whole

    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")  # a pipe, a terminal
        else:
            write_whole(path.resolve(), lambda file: file.write(text.encode()))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error


def _as_text(report: Report) -> str:
    from grader.report.as_json import report_as_json

    return json.dumps(report_as_json(report), ensure_ascii=False, allow_nan=False, indent=2)
