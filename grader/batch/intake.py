"""Takes in a class: whatever paths were given, one file for each student comes out.

Nothing is dropped in silence: each file that is not graded, each student of whom nothing can be,
each one on the roster who is missing and each one who is not on it is listed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.batch.choosing import Wanted, choose_file
from grader.batch.files import EMPTY_FOLDER, shown
from grader.batch.gather import ZIP, gather, read_found
from grader.batch.layouts import Owned, Who, of_one_student, owned_files
from grader.batch.people import People
from grader.batch.roster import Roster, read_roster
from grader.errors import UsageError
from grader.records import Handed, Intake, PassedOver, Student
from grader.words import join_words

LOOKED_FOR = (
    "Looked for notebooks (.ipynb) and scripts (.py): one for each student, in a folder for each "
    "student, in nbgrader's submitted/STUDENT/ASSIGNMENT/, and in Canvas's and Moodle's zips."
)


def take_in(
    paths: Sequence[Path],
    roster: Path | None = None,
    wanted: frozenset[str] = frozenset(),
    also: frozenset[str] = frozenset(),
) -> Intake:
    """Find what was handed in, and by whom. Only of a student with several files is any read.

    Args:
        paths: folders, zips, notebooks and scripts, in any mixture.
        roster: a CSV file that lists the class.
        wanted: the names that the assignment asks for; of a student's several files that one
            counts that defines them.
        also: other names that the assignment takes.

    Raises UsageError for a path or roster that cannot be read, and where there is nothing to grade.
    """
    listed = None if roster is None else read_roster(roster)
    files = _all_files(paths, roster, listed)
    if not any(file.found.gradable for file in files):
        raise UsageError(_nothing(paths, files))
    people = People(files, listed)
    days_late = people.days_late()
    handed: list[Handed] = []
    passed_over = list(_of_nobody(files))
    for student, own in people.with_files():
        passed_over += _not_gradable(student, own)
        gradable = [file for file in own if file.found.gradable]
        if gradable:
            counts, others = choose_file(gradable, Wanted(wanted, also))
            passed_over += [PassedOver(file.found.path, why, student) for file, why in others]
            if counts is not None:
                handed.append(_handed(student, counts, days_late.get(student.key)))
    return Intake(
        tuple(handed),
        tuple(sorted(passed_over, key=lambda passed: (passed.path, passed.why))),
        tuple(people.of_one_id()),
        people.missing(),
        people.unknown(),
    )


def read_handed(handed: Handed) -> bytes:
    """The bytes of one submission, at most ``submission.read.MAX_BYTES`` of them.

    Raises UsageError for what cannot be read, is not there any more, or is too large.
    """
    try:
        return read_found(handed.file, handed.entry)
    except UsageError as error:
        raise UsageError(f"{shown(handed.path)}: {error}") from error


def without_a_file(intake: Intake) -> tuple[PassedOver, ...]:
    """For each student who handed in something of which nothing is graded, the first reason."""
    graded = {handed.student.key for handed in intake.handed}
    first: dict[str, PassedOver] = {}
    for passed in intake.passed_over:
        if passed.student is not None and passed.student.key not in graded:
            first.setdefault(passed.student.key, passed)
    return tuple(first[key] for key in sorted(first))


def _all_files(paths: Sequence[Path], roster: Path | None, listed: Roster | None) -> list[Owned]:
    if not paths:
        raise UsageError("Name a folder, a zip, a notebook or a script to grade.")
    given = {os.path.realpath(path): path for path in paths}
    found = {path: owned_files(path, gather(path)) for path in given.values()}
    found = _by_folder_where_names_repeat(found, listed)
    own = None if roster is None else os.path.realpath(roster)
    files = [file for files in found.values() for file in files]
    return sorted(
        (file for file in files if own is None or os.path.realpath(file.found.file) != own),
        key=lambda file: (file.found.path, file.found.entry or ""),
    )


def _by_folder_where_names_repeat(
    found: Mapping[Path, list[Owned]], listed: Roster | None
) -> dict[Path, list[Owned]]:
    """``ann/hw1.ipynb bob/hw1.ipynb``: named one by one, it is the folders that tell students."""
    alone: dict[Path, Who] = {}
    for path, files in found.items():
        who = {file.who for file in files}
        if len(who) == 1 and path.suffix.lower() != ZIP:
            (only,) = who
            if only is not None and only.id is None:
                alone[path] = only
    folders = {path: path if path.is_dir() else path.absolute().parent for path in alone}
    often = Counter(name for name, _ in {(alone[path].name, folders[path]) for path in alone})
    return {
        path: of_one_student(folders[path], files)
        if path in alone and often[alone[path].name] > 1 and not _is_listed(alone[path], listed)
        else files
        for path, files in found.items()
    }


def _is_listed(who: Who, listed: Roster | None) -> bool:
    return listed is not None and listed.find(who.name) is not None


def _nothing(paths: Sequence[Path], files: Sequence[Owned]) -> str:
    names = [shown(str(path)) for path in paths[:3]] + ["others"] * (len(paths) > 3)
    refused = [
        f"{shown(file.found.path)}: {file.found.refused}" for file in files if file.found.refused
    ]
    more = [f"And {len(refused) - 3} more like these."] if len(refused) > 3 else []
    return " ".join(
        [f"There is nothing to grade in {join_words(names)}.", LOOKED_FOR, *refused[:3], *more]
    )


def _of_nobody(files: Sequence[Owned]) -> Iterator[PassedOver]:
    for file in files:
        if file.who is None:
            why = file.found.refused or "Neither a notebook nor a script, and in no folder."
            yield PassedOver(file.found.path, why)


def _not_gradable(student: Student, own: Sequence[Owned]) -> Iterator[PassedOver]:
    """What was refused; and what there is where no file could count."""
    has_one = any(file.found.gradable for file in own)
    others = []
    for file in own:
        if file.found.refused and not (has_one and file.found.refused == EMPTY_FOLDER):
            yield PassedOver(file.found.path, file.found.refused, student)
        elif not file.found.gradable:
            others.append(file)
    if others and not has_one:
        names = [shown(file.found.parts[-1]) for file in others[:3]]
        if len(others) > 3:
            names.append(f"{len(others) - 3} more")
        why = f"Neither a notebook (.ipynb) nor a script (.py), but {join_words(names)}."
        if all(file.is_text for file in others):
            why = "A text or a link, typed into the LMS; no file was handed in."
        yield PassedOver(others[0].found.path, why, student)


def _handed(student: Student, file: Owned, days_late: float | None) -> Handed:
    return Handed(
        student=student,
        path=file.found.path,
        file=file.found.file,
        entry=file.found.entry,
        late=file.late if days_late is None else days_late > 0,
        days_late=days_late or None,
        attempt=file.attempt,
    )
