"""What a class comes to, at the end of a batch: for the instructor, in 80 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.records import Graded, PassedOver, Student
from grader.report.console import printing
from grader.report.distribution import show_scores
from grader.report.escape import visible
from grader.report.terminal import COLOURS, KINDS
from grader.words import join_words, show_percent

CHECKS_SHOWN, REVIEWS_SHOWN, NAMES_SHOWN = 10, 20, 5
PATH_SHOWN = 60
CLAIM = "its model has classes of the student's own: what is said of it is their program's word"


@dataclass(slots=True)
class Check:
    """How one check ended in the class."""

    hidden: bool = False
    ended: Counter[str] = field(default_factory=Counter)

    @property
    def decided(self) -> int:
        return self.ended.total() - self.ended["error"]

    @property
    def missed(self) -> int:
        return self.decided - self.ended["passed"]


@dataclass(slots=True)
class _Class:
    """All that is told of a class, gathered in one pass over its lines."""

    statuses: Counter[str] = field(default_factory=Counter)
    scores: list[tuple[float, float]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    """Kinds of errors for which an exercise had nothing to look at, by students."""
    without: int = 0
    """Students of whom an exercise has such an error."""
    checks: dict[tuple[str, str], Check] = field(default_factory=dict)
    reviews: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    late: int = 0
    penalised: int = 0
    unknown_days: list[str] = field(default_factory=list)


def print_summary(
    lines: Iterable[Graded],
    stream: IO[str],
    passed_over: Sequence[PassedOver] = (),
    unknown: Sequence[Student] = (),
) -> None:
    """Write counts, the distribution of scores, the hardest checks, and what needs a person.

    Args:
        lines: of the grade book; gone through once.
        stream: colour is used when it is a terminal and NO_COLOR is not set.
        passed_over: what the intake found and did not grade.
        unknown: students who are not on the roster.
    """
    gathered = _gather(lines)
    with printing(stream) as console:
        sections = (
            _counts(gathered, passed_over, unknown),
            show_scores(gathered.scores, console.encoding),
            _hardest(gathered.checks),
            _reviews(gathered.reviews),
        )
        for number, section in enumerate(map(list, sections)):
            if section and number:
                console.print()
            for part in section:
                console.print(part)


def _gather(lines: Iterable[Graded]) -> _Class:
    gathered = _Class()
    for line in lines:
        name = visible(line.student.name, 40)
        gathered.statuses[line.status] += 1
        gathered.late += line.late
        gathered.penalised += line.penalty > 0
        if line.status == "missing":
            gathered.missing.append(name)
        elif line.late and line.days_late is None:
            gathered.unknown_days.append(name)
        if line.report is not None:
            gathered.scores.append((line.score, line.max_score))
            kinds = {each["error"]["kind"] for each in line.report["exercises"] if each["error"]}
            gathered.faults.update(kinds)
            gathered.without += bool(kinds)
            count_checks(line.report, gathered.checks)
        if line.status in ("needs_review", "failed"):
            gathered.reviews.append((name, why_review(line)))
    return gathered


def count_checks(report: Mapping[str, Any], checks: dict[tuple[str, str], Check]) -> None:
    for exercise in report["exercises"]:
        for result in exercise["checks"]:
            check = checks.setdefault((exercise["id"], result["id"]), Check())
            check.hidden = result["visibility"] == "hidden"
            check.ended[result["status"]] += 1


def why_review(line: Graded) -> str:
    """Why a person has to look at it."""
    if line.report is None:
        return visible(line.note) or "it could not be graded"
    exercises = line.report["exercises"]
    for exercise in exercises:
        for check in exercise["checks"]:
            if check["status"] == "error":
                place = visible(f"{exercise['id']}/{check['id']}", 60)
                return f"{place}: {visible(check['message'], 300)}"
    for exercise in exercises:
        if exercise["model"] and not exercise["model"]["rebuilt"]:
            return f"{visible(exercise['id'], 60)}: {CLAIM}"
    return visible(line.note) or "its report says so"


def _counts(
    gathered: _Class, passed_over: Sequence[PassedOver], unknown: Sequence[Student]
) -> Iterator[RenderableType]:
    count = gathered.statuses
    words = {
        "graded": f"{count['graded']} graded",
        "needs_review": f"{count['needs_review']} to review",
        "failed": f"{count['failed']} that could not be graded",
        "missing": f"{count['missing']} missing",
    }
    told = join_words([text for status, text in words.items() if count[status]])
    total = count.total()
    students = f"{total} student{'' if total == 1 else 's'}"
    yield Text(f"{students}: {told}." if told else f"{students}.", "bold")
    if gathered.missing:
        yield _named("Missing", gathered.missing)
    if gathered.without:
        kinds = (
            f"{KINDS.get(kind, kind)} {count}" for kind, count in gathered.faults.most_common()
        )
        yield Text(f"No model or answer in an exercise: {gathered.without} ({', '.join(kinds)}).")
    if gathered.late:
        cost = f", and {gathered.penalised} lost points by it" if gathered.penalised else ""
        yield Text(f"Late: {gathered.late}{cost}.")
    if gathered.unknown_days:
        yield _named("Late, nobody knows by how much", gathered.unknown_days)
    if unknown:
        yield _named("Not on the roster", [visible(student.name, 40) for student in unknown])
    if passed_over:
        files = [_end_of(each.path) for each in passed_over]
        yield _named("Passed over", files)


def _end_of(path: str) -> str:
    """The end of a path, where a file's name stands."""
    return visible(path if len(path) <= PATH_SHOWN else f"…{path[-PATH_SHOWN:]}")


def _named(what: str, names: Sequence[str]) -> Text:
    """``Missing: 7 (Ann, Bob, … and 5 more).``"""
    shown = ", ".join(names[:NAMES_SHOWN])
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return Text(f"{what}: {len(names)} ({shown}{more}).")


def _hardest(checks: Mapping[tuple[str, str], Check]) -> Iterator[RenderableType]:
    """The checks that the largest share did not pass; what was not decided does not count."""
    missed = [(place, check) for place, check in checks.items() if check.missed]
    missed.sort(key=lambda item: -item[1].missed / item[1].decided)
    if not missed:
        return
    yield Text("Hardest checks", "bold")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bright_black", show_edge=False)
    table.add_column("check", ratio=1, overflow="fold")
    for column in ("not passed", "failed", "partial", "skipped"):
        table.add_column(column, justify="right", no_wrap=True)
    for (exercise, name), check in missed[:CHECKS_SHOWN]:
        hidden = " (hidden)" if check.hidden else ""
        table.add_row(
            Text(f"{visible(exercise, 60)}/{visible(name, 60)}{hidden}"),
            Text(f"{check.missed} of {check.decided}, {_share(check.missed, check.decided)}"),
            *(
                Text(str(check.ended[status]), COLOURS[status] if check.ended[status] else "")
                for status in ("failed", "partial", "skipped")
            ),
        )
    yield Padding(table, (0, 0, 0, 2))
    if len(missed) > CHECKS_SHOWN:
        yield _more(len(missed) - CHECKS_SHOWN)


def _reviews(reviews: Sequence[tuple[str, str]]) -> Iterator[RenderableType]:
    if not reviews:
        return
    yield Text("A person has to look at", "bold")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold", max_width=24)
    table.add_column(ratio=1, overflow="fold")
    for name, why in reviews[:REVIEWS_SHOWN]:
        table.add_row(Text(name), Text(why))
    yield Padding(table, (0, 0, 0, 2))
    if len(reviews) > REVIEWS_SHOWN:
        yield _more(len(reviews) - REVIEWS_SHOWN)


def _more(count: int) -> Padding:
    return Padding(Text(f"… and {count} more", "bright_black"), (0, 0, 0, 2))


def _share(part: int, whole: int) -> str:
    return show_percent(round(part / whole, 2))
