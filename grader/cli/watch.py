"""``--watch``: grade a file again at each save, and say what changed."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from grader.assignment.kept import KeptAssignments, Stamps, stamps
from grader.assignment.load import LoadedAssignment
from grader.choose import assignment_of, named_assignment
from grader.cli.one import weaker, write_page, write_report
from grader.errors import GraderError, SubmissionError
from grader.pipeline import Tools, grade_submission, read_or_refuse
from grader.records import Problem, Report, Submission
from grader.report.as_json import report_as_json
from grader.report.changes import change_lines, signed
from grader.report.escape import visible
from grader.report.progress import Progress
from grader.sandbox.client import Sandbox
from grader.submission.read import read_submission_bytes
from grader.training.cache import ResultCache
from grader.training.folders import cache_folder
from grader.words import show_points

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 2.0
"""How long a file may stay as it is, half written, before it is taken for what it is."""
QUIET_SECONDS = 0.15
"""How long a script must stay as it is; of a notebook it can be seen that it is whole."""
CLEAR = "\x1b[H\x1b[2J"
"""The screen, not what was scrolled away."""


def watch_file(
    path: Path, assignment: str | None, json_file: str | None, settings: dict[str, Any]
) -> int:
    """Grade at each save until Ctrl-C. Raises like ``grade_file`` for what is wrong at first."""
    read_or_refuse(path)
    with Sandbox(settings["sandbox"]) as sandbox:
        cache = ResultCache(cache_folder("results") if settings["cache"] else None)
        tools = Tools(sandbox, cache, settings["train"])
        watch = _Watch(path, assignment, tools, _Screen(path, json_file, settings.get("html_file")))
        watch.screen.hint = weaker(sandbox.weaker_because)
        try:
            watch.look(first=True)
            while True:
                time.sleep(POLL_SECONDS)
                watch.look()
        except KeyboardInterrupt:
            watch.screen.end()
    return 0


class _Watch:
    """One file, the assignment that it is for, and what came of it last."""

    def __init__(self, path: Path, assignment: str | None, tools: Tools, screen: _Screen) -> None:
        self.path = path
        self.assignment = assignment
        self.tools = tools
        self.screen = screen
        self.load = KeptAssignments()
        self.files: tuple[Path, ...] = ()
        """Of the assignment."""
        self.stamps: Stamps = ()
        self.there = True
        self.graded: tuple[Submission | Problem, str, Stamps] | None = None
        self.report: Report | None = None

    def look(self, first: bool = False) -> None:
        """Grade if a file is not what it was. Errors of the first time are the caller's."""
        if stamps((self.path, *self.files)) == self.stamps:
            return
        others = stamps(self.files)
        data, stamp = self._settled()
        self.stamps = stamp + others
        if data is None:
            if self.there:
                self.screen.say(f"{self.path} is not there; waiting for it.")
            self.there = False
            return
        self.there = True
        try:
            self._grade(data)
        except GraderError as error:
            if first:
                raise
            self.graded = None
            self.screen.say(str(error))

    def _settled(self) -> tuple[bytes | None, Stamps]:
        """The file's bytes when they stay the same and are whole; None where it is gone.

        Editors write in several goes, or write another file and put it in this one's place.
        """
        changed, stamp = time.monotonic(), stamps([self.path])
        while True:
            try:
                data = self.path.read_bytes()
            except OSError:
                data = None
            time.sleep(POLL_SECONDS)
            before, stamp = stamp, stamps([self.path])
            if stamp != before:
                changed = time.monotonic()
                continue
            quiet = time.monotonic() - changed
            if quiet > PATIENCE_SECONDS or (quiet > self._quiet and self._is_whole(data)):
                return data, stamp

    @property
    def _quiet(self) -> float:
        return 0 if self.path.suffix.lower() == ".ipynb" else QUIET_SECONDS

    def _is_whole(self, data: bytes | None) -> bool:
        """A notebook that cannot be read may be half written, and a file that is gone replaced."""
        if data is None or self.path.suffix.lower() != ".ipynb":
            return bool(data)
        try:
            return isinstance(json.loads(data), dict)
        except (ValueError, RecursionError):
            return False

    def _grade(self, data: bytes) -> None:
        read = self._read(data)
        loaded = self._choose(read)
        files = tuple(files_of(loaded))
        if files != self.files:
            self.files = files
            self.stamps = self.stamps[:1] + stamps(files)
        known = (_without_digest(read), loaded.sha256, self.stamps[1:])
        if known == self.graded and self.report is not None and _stands(self.report):
            self.screen.say("Saved. No change.")
            return
        with Progress(sys.stderr) as progress:
            tools = replace(self.tools, say=progress.say)
            report = grade_submission(str(self.path), read, loaded, tools)
        last = self.report
        comparable = last is not None and last.assignment == report.assignment
        self.screen.show(report, last if comparable else None)
        self.graded, self.report = known, report

    def _read(self, data: bytes) -> Submission | Problem:
        try:
            return read_submission_bytes(str(self.path), data)
        except SubmissionError as error:
            return error.problem

    def _choose(self, read: Submission | Problem) -> LoadedAssignment:
        def give() -> Submission:
            if isinstance(read, Submission):
                return read
            raise SubmissionError(read)

        if self.assignment:
            return named_assignment(self.assignment, load=self.load)
        return assignment_of(self.path, give, load=self.load)


class _Screen:
    """A terminal, which is cleared for each report; or a file, which gets one after the other."""

    def __init__(self, path: Path, json_file: str | None, html_file: Path | None) -> None:
        self.path = path
        self.json_file = json_file
        self.html_file = html_file
        self.lines = json_file == "-"
        self.clears = sys.stdout.isatty() and not self.lines
        self.hint: str | None = None

    def show(self, report: Report, last: Report | None) -> None:
        """A report and what changed; or JSON, a line for each report."""
        if self.lines:
            click.echo(json.dumps(report_as_json(report), ensure_ascii=False, allow_nan=False))
            write_page(report, self.html_file)
            return
        if self.clears:
            click.echo(CLEAR, nl=False)
        elif last is not None:
            click.echo()
        write_report(report, self.json_file, self.hint, self.html_file)
        click.echo()
        if last is not None:
            by = report.score - last.score
            total = f"{show_points(report.score)} / {show_points(report.max_score)}"
            click.echo(f"{_now()}  {show_points(last.score)} → {total}  {signed(by)}")
            for line in change_lines(last, report):
                click.echo(f"  {line}")
        if self.clears:
            click.echo(visible(f"Watching {self.path}; Ctrl-C ends."))

    def say(self, message: str) -> None:
        """Something that is no report; not between lines of JSON."""
        for line in message.splitlines():
            click.echo(f"{_now()}  {visible(line)}", err=self.lines)

    def end(self) -> None:
        """What the terminal shows of Ctrl-C has a line to itself."""
        if self.clears:
            click.echo()


def _now() -> str:
    return time.strftime("%H:%M:%S")


def files_of(loaded: LoadedAssignment) -> Iterable[Path]:
    """What a report depends on beside the submission: the assignment's file and those it names."""
    yield from (loaded.path, loaded.hidden, loaded.values, loaded.solution)
    for exercise in loaded.content.exercises:
        for check in exercise.checks:
            name = getattr(check, "file", None)
            if isinstance(name, str):
                yield loaded.path.parent / name


def _without_digest(read: Submission | Problem) -> Submission | Problem:
    """What is graded: outputs, and texts between cells, change only the digest."""
    return replace(read, sha256="") if isinstance(read, Submission) else read


def _stands(report: Report) -> bool:
    """Whether grading the same again must give the same: not where time or memory ran out."""
    errors = [exercise.error.kind for exercise in report.exercises if exercise.error]
    return report.status == "graded" and not {"timeout", "memory"} & set(errors)
