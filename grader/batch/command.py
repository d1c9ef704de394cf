"""What the command line does for a class, from the paths that were given to the exit status."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from grader.assignment.bundle import pack_bundle
from grader.assignment.load import LoadedAssignment
from grader.batch.diff import compare
from grader.batch.intake import read_handed, take_in
from grader.batch.ledger import FILE, Ledger
from grader.batch.outputs import (
    Exports,
    Written,
    write_left_out,
    write_outputs,
)
from grader.batch.pages import write_pages
from grader.batch.run import Asked, call_the_roll, grade_roll
from grader.batch.work import Runner, Setup, seconds_at_most
from grader.batch.workers import Workers
from grader.choose import assignment_of, named_assignment
from grader.errors import UsageError
from grader.records import Graded, Handed, Intake
from grader.report.class_progress import ClassProgress
from grader.report.diff import print_changes
from grader.report.escape import visible
from grader.report.summary import print_summary
from grader.sandbox import outer
from grader.sandbox.client import Mode
from grader.submission.read import read_submission_bytes
from grader.training.folders import cache_folder
from grader.words import join_words

OK, REVIEW = 0, 1
ASKED_FOR_ASSIGNMENT = 20
"""Submissions that are looked at to find out which assignment a class handed in."""
LEFT_OUT_SHOWN = 10
STOPPED = "Stopped. What was graded is kept; the same command goes on from there."


@dataclass(frozen=True, slots=True)
class ClassSettings:
    """How a class is to be graded."""

    paths: tuple[Path, ...]
    out: Path
    assignment: str | None = None
    roster: Path | None = None
    sandbox: Mode = "auto"
    train: bool = True
    cache: bool = True
    jobs: int | None = None
    cluster: str | None = None
    regrade: bool = False
    json_file: str | None = None
    exports: Exports = field(default_factory=Exports)


def grade_class(settings: ClassSettings) -> int:
    """Grade a class, write its grade book, and print what it comes to.

    Returns 0 when every submission has a grade, 1 when some need review. Raises UsageError for
    what the caller can put right. Whatever ends it, what was graded until then is kept.
    """
    settings.exports.check()
    sandbox = _walls(settings)
    assignment = _assignment(settings)
    intake = _intake(settings, assignment)
    bundle = pack_bundle(assignment)
    asked = Asked(walled=sandbox != "none", train=settings.train)
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger.open(settings.out / FILE, say=_tell))
        cache = _cache(settings, stack)
        runner = _runner(settings, Setup(bundle, sandbox, settings.train, cache), assignment)
        stack.callback(runner.close)
        with ClassProgress(sys.stderr, runner.running) as progress:
            lines = call_the_roll(intake, bundle, asked, progress.reading)
            ledger.set_roll(lines, assignment.content.late)
            try:
                grade_roll(lines, intake, ledger, runner, progress.grading, settings.regrade)
            except KeyboardInterrupt:
                raise KeyboardInterrupt(STOPPED) from None
        return _finish(settings, ledger, intake)


def compare_ledgers(old: str, new: str | None) -> int:
    """Print what changed between two grade books; of one, between its last two versions."""
    with ExitStack() as stack:
        before: Sequence[Graded]
        after: Sequence[Graded]
        if new is None:
            ledger = stack.enter_context(Ledger.read(Path(old)))
            versions = ledger.versions()
            if len(versions) < 2:
                raise UsageError(f"{old} has one version of its assignment; name another ledger.")
            before, after = [ledger.lines(version.sha256) for version in versions[-2:]]
        else:
            before, after = (_lines(stack, name) for name in (old, new))
        changes = compare(before, after)
        students = len({line.student.key for lines in (before, after) for line in lines})
        print_changes(changes, students, sys.stdout)
    return OK


def _lines(stack: ExitStack, name: str) -> Sequence[Graded]:
    """``grades``, ``grades/ledger.sqlite`` or ``grades@3f2a``: an earlier version in it."""
    path, begins = name, ""
    if "@" in name and not Path(name).exists():
        path, _, begins = name.rpartition("@")
    ledger = stack.enter_context(Ledger.read(Path(path)))
    if not begins:
        return ledger.lines()
    versions = ledger.versions()
    fitting = [version for version in versions if version.sha256.startswith(begins)]
    if len(fitting) != 1:
        known = join_words([version.sha256[:12] for version in versions]) or "none"
        raise UsageError(f"{path} has not one version that begins with {begins}: it has {known}.")
    return ledger.lines(fitting[0].sha256)


def _walls(settings: ClassSettings) -> Mode:
    """A class is not graded without walls unless that is asked for."""
    if settings.sandbox == "none":
        return "none"
    reason = None if settings.cluster else outer.why_no_bubblewrap()
    if reason:
        raise UsageError(
            f"A class is strangers' code, and is not run without walls around it: {reason}. "
            f"Either {outer.how_to_help()}, or say --sandbox none."
        )
    return "bwrap"


def _assignment(settings: ClassSettings) -> LoadedAssignment:
    """The one that was named, or the one that all submissions seem to be for."""
    if settings.assignment:
        return named_assignment(settings.assignment)
    found: dict[str, LoadedAssignment] = {}
    votes: Counter[str] = Counter()
    why = ""
    for handed in take_in(settings.paths, settings.roster).handed[:ASKED_FOR_ASSIGNMENT]:
        try:
            loaded = _assignment_of(handed)
        except UsageError as error:
            why = str(error)
            continue
        found[loaded.content.id] = loaded
        votes[loaded.content.id] += 1
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        raise UsageError(why or "Say with --assignment which assignment this is.")
    told = join_words([f"{name} ({count})" for name, count in votes.most_common()])
    raise UsageError(f"The submissions are for {told}; say which to grade with --assignment.")


def _assignment_of(handed: Handed) -> LoadedAssignment:
    name = handed.entry or handed.file
    return assignment_of(
        Path(PurePath(name).name), lambda: read_submission_bytes(name, read_handed(handed))
    )


def _intake(settings: ClassSettings, assignment: LoadedAssignment) -> Intake:
    exercises = assignment.content.exercises
    wanted = frozenset(exercise.names[0] for exercise in exercises)
    also = frozenset(name for exercise in exercises for name in exercise.names)
    return take_in(settings.paths, settings.roster, wanted, also - wanted)


def _cache(settings: ClassSettings, stack: ExitStack) -> str:
    """Without a cache, what one worker trained is still known to the others of this run."""
    if settings.cache:
        return str(cache_folder("results"))
    return stack.enter_context(tempfile.TemporaryDirectory(prefix="cnn-grader-results-"))


def _runner(settings: ClassSettings, setup: Setup, assignment: LoadedAssignment) -> Runner:
    if settings.cluster is None:
        jobs = settings.jobs or cores()
        return Workers(setup, jobs, seconds_at_most(assignment.content))
    try:
        from grader.batch.cluster import Cluster
    except ImportError as error:
        raise UsageError(
            "--cluster needs Dask: pip install 'cnn-grader[cluster]', here and on each worker."
        ) from error
    return Cluster(settings.cluster, setup, _tell)


def cores() -> int:
    """Those that this process may use, where the system tells (Linux); else all."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _finish(settings: ClassSettings, ledger: Ledger, intake: Intake) -> int:
    """Write everything, and say what the class comes to."""
    lines = ledger.lines()
    to_stdout = settings.json_file == "-"
    stream = sys.stderr if to_stdout else sys.stdout
    written = [
        *write_outputs(settings.out, lines, settings.exports),
        *write_left_out(settings.out, intake),
        write_pages(settings.out, lines, intake),
    ]
    print_summary(lines, stream, intake.passed_over, intake.unknown)
    print(file=stream)
    for line in _told(written):
        print(visible(line), file=stream)
    if settings.json_file:
        _write_lines(settings.json_file, lines)
    undecided = any(line.status in ("needs_review", "failed") for line in lines)
    failed = any(one.why_not for one in written)
    return REVIEW if undecided or failed else OK


def _write_lines(json_file: str, lines: Sequence[Graded]) -> None:
    """One report a line."""
    texts = (
        json.dumps(line.report, ensure_ascii=False, allow_nan=False)
        for line in lines
        if line.report is not None
    )
    if json_file == "-":
        for text in texts:
            print(text)
        return
    with open(json_file, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(f"{text}\n" for text in texts)


def _told(written: Sequence[Written]) -> Iterator[str]:
    """Where everything is, and who is not in the LMS's files."""
    for one in written:
        if one.why_not:
            yield f"not written  {one.path}: {one.why_not}"
            continue
        if one.filled is None:
            yield f"written  {one.path}"
            continue
        count = one.filled.grades
        yield f"written  {one.path}: {count} grade{'' if count == 1 else 's'}"
        yield from (f"  {note}" for note in one.filled.notes)
        left_out = [*one.filled.students, *one.filled.rows]
        yield from (f"  left out: {who.who}: {who.why}" for who in left_out[:LEFT_OUT_SHOWN])
        if len(left_out) > LEFT_OUT_SHOWN:
            yield f"  and {len(left_out) - LEFT_OUT_SHOWN} more"


def _tell(message: str) -> None:
    print(visible(message), file=sys.stderr)
