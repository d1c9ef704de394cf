"""Which assignment a submission is for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from grader.assignment.load import LoadedAssignment, find_assignments, load_assignment
from grader.errors import AssignmentError, SubmissionError, UsageError
from grader.records import Submission
from grader.submission.read import read_submission
from grader.submission.slice import defined_names
from grader.words import did_you_mean, join_words, printable, quoted

FOLDER = Path(__file__).resolve().parent.parent / "assignments"


Load = Callable[[Path], LoadedAssignment]
"""How an assignment's file is read: with its hidden checks, or without."""


def named_assignment(
    name: str, folder: Path = FOLDER, load: Load = load_assignment
) -> LoadedAssignment:
    """The assignment with an id, or the only one whose file's name so begins, or in a file.

    Raises UsageError where there is none, AssignmentError where its file is faulty.
    """
    if name.endswith((".yaml", ".yml")):
        return load(Path(name))
    begins = [path for path in find_assignments(folder) if name and path.stem.startswith(name)]
    found = _with_id(name, folder, load)
    if found is None and len(begins) == 1:
        return load(begins[0])
    if found is None:
        message = f"There is no assignment {quoted(name)}.{_meant(name, folder)} {_known(folder)}"
        raise UsageError(message)
    return found


def assignment_for(submission: Path, folder: Path = FOLDER) -> LoadedAssignment:
    """The assignment of a submission: by its metadata, its file name, or the names it defines.

    Raises UsageError, with the candidates, where none or more than one fits; AssignmentError
    where the file of the one that fits is faulty. A faulty file of another does no harm.
    """
    return assignment_of(submission, lambda: read_submission(submission), folder)


def assignment_of(
    submission: Path,
    read_it: Callable[[], Submission],
    folder: Path = FOLDER,
    load: Load = load_assignment,
    how: str = "with --assignment",
) -> LoadedAssignment:
    """The same for a submission that is elsewhere; ``read_it`` reads it.

    ``how`` the caller says which one it is, for messages.
    """
    try:
        read = read_it()
    except SubmissionError as error:
        found = _by_file_name(submission, folder, load)
        if found:
            return found
        raise UsageError(
            f"{submission}: {error.problem.message} To grade it all the same, name its "
            f"assignment {how}. {_known(folder)}"
        ) from error
    claimed = read.assignment_id
    found = _with_id(claimed, folder, load) if claimed else None
    found = found or _by_file_name(submission, folder, load)
    if found:
        return found
    fitting = _by_names(defined_names(read), folder, load)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        ids = join_words([assignment.content.id for assignment in fitting])
        message = f"{submission} fits {ids}; say which one {how}."
    else:
        message = (
            f"{submission} defines nothing that an assignment asks for; name its assignment "
            f"{how}. {_known(folder)}"
        )
    if claimed:
        message += f" Its metadata names {quoted(claimed)}, which is not there."
        message += _meant(claimed, folder)
    raise UsageError(message + _left_out(folder, load))


def _with_id(name: str, folder: Path, load: Load) -> LoadedAssignment | None:
    """An assignment goes by the name of its file, and by its id should that be another."""
    for path in find_assignments(folder):
        if path.stem == name:
            return load(path)
    loaded, _ = _load_all(folder, load)
    return next((assignment for assignment in loaded if assignment.content.id == name), None)


def _by_file_name(submission: Path, folder: Path, load: Load) -> LoadedAssignment | None:
    """``ann_03-cnn-structure (2).ipynb`` is for ``03-cnn-structure``; the longest name wins."""
    fitting = [path for path in find_assignments(folder) if _names(submission.stem, path.stem)]
    longest = max((len(path.stem) for path in fitting), default=0)
    best = [path for path in fitting if len(path.stem) == longest]
    return load(best[0]) if len(best) == 1 else None


def _names(text: str, stem: str) -> bool:
    """Whether a file name holds an assignment's, and not as a part of another word or number."""
    end = r"(?!\d)" if stem[-1].isdigit() else r"(?![^\W\d_])"
    return bool(re.search(rf"(?<![^\W_]){re.escape(stem)}{end}", text, re.IGNORECASE))


def _by_names(names: frozenset[str], folder: Path, load: Load) -> list[LoadedAssignment]:
    """The assignments that ask for one of ``names``; where none does, those that take one."""
    loaded, _ = _load_all(folder, load)
    asking = [
        assignment
        for assignment in loaded
        if any(exercise.names[0] in names for exercise in assignment.content.exercises)
    ]
    return asking or [
        assignment
        for assignment in loaded
        if any(names & set(exercise.names) for exercise in assignment.content.exercises)
    ]


def _load_all(folder: Path, load: Load) -> tuple[list[LoadedAssignment], list[str]]:
    """The assignments in a folder, and the names of the files that are faulty."""
    loaded, faulty = [], []
    for path in find_assignments(folder):
        try:
            loaded.append(load(path))
        except AssignmentError:
            faulty.append(printable(path.name))
    return loaded, faulty


def _left_out(folder: Path, load: Load) -> str:
    _, faulty = _load_all(folder, load)
    if not faulty:
        return ""
    return f" Left out because of faults: {join_words(faulty)}; see python grade.py list."


def _meant(name: str, folder: Path) -> str:
    return did_you_mean(name, [path.stem for path in find_assignments(folder)])


def _known(folder: Path) -> str:
    stems = [path.stem for path in find_assignments(folder)]
    return f"Known: {', '.join(map(printable, stems)) or 'none'}."
