"""Which assignment a submission is for."""

from __future__ import annotations

from pathlib import Path

from grader.assignment.load import LoadedAssignment, find_assignments, load_assignment
from grader.errors import SubmissionError, UsageError
from grader.submission.read import read_submission
from grader.submission.slice import defined_names
from grader.words import did_you_mean, join_words

FOLDER = Path(__file__).resolve().parent.parent / "assignments"


def named_assignment(name: str, folder: Path = FOLDER) -> LoadedAssignment:
    """The assignment with an id, or in a file. Raises UsageError where there is none."""
    if name.endswith((".yaml", ".yml")):
        return load_assignment(Path(name))
    paths = {path.stem: path for path in find_assignments(folder)}
    if name not in paths:
        hint = did_you_mean(name, paths)
        raise UsageError(f'There is no assignment "{name}".{hint} {_known(paths)}')
    return load_assignment(paths[name])


def assignment_for(submission: Path, folder: Path = FOLDER) -> LoadedAssignment:
    """The assignment of a submission: by its metadata, its file name, or the names it defines.

    Raises UsageError, with the candidates, where none or more than one fits.
    """
    paths = {path.stem: path for path in find_assignments(folder)}
    try:
        read = read_submission(submission)
    except SubmissionError as error:
        by_name = _by_file_name(submission, paths)
        if by_name:
            return load_assignment(by_name)
        raise UsageError(
            f"{submission}: {error.problem.message} To grade it all the same, name its "
            f"assignment with --assignment. {_known(paths)}"
        ) from error
    if read.assignment_id in paths:
        return load_assignment(paths[read.assignment_id])
    by_name = _by_file_name(submission, paths)
    if by_name:
        return load_assignment(by_name)
    names = defined_names(read)
    fitting = [
        assignment
        for assignment in map(load_assignment, paths.values())
        if any(set(exercise.names) & names for exercise in assignment.content.exercises)
    ]
    if len(fitting) == 1:
        return fitting[0]
    ids = [assignment.content.id for assignment in fitting]
    if ids:
        raise UsageError(f"{submission} fits {join_words(ids)}; say which one with --assignment.")
    raise UsageError(
        f"{submission} defines nothing that an assignment asks for; name its assignment with "
        f"--assignment. {_known(paths)}"
    )


def _by_file_name(submission: Path, paths: dict[str, Path]) -> Path | None:
    """``03-cnn-structure (2).ipynb`` is for ``03-cnn-structure``."""
    fitting = [path for stem, path in paths.items() if submission.stem.startswith(stem)]
    return max(fitting, key=lambda path: len(path.stem), default=None)


def _known(paths: dict[str, Path]) -> str:
    return f"Known: {', '.join(paths) or 'none'}."
