"""Which of a student's files counts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from grader.batch.files import shown
from grader.batch.gather import read_found
from grader.batch.layouts import Owned
from grader.errors import SubmissionError, UsageError
from grader.records import Submission
from grader.submission.read import read_submission_bytes
from grader.submission.slice import slice_name
from grader.words import join_words

MAX_READ = 100
"""Files of one student that are read to find the one that counts."""
Why = tuple[Owned, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The names that an assignment asks for."""

    names: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    """Other names that it takes; they tell files apart only where no asked-for name does."""


def choose_file(files: Sequence[Owned], wanted: Wanted) -> tuple[Owned | None, list[Why]]:
    """The file that counts, and why each of the others does not.

    None counts where that would be a guess: the instructor has to say which.

    Args:
        files: the notebooks and scripts of one student, in a fixed order.
        wanted: what the assignment asks for.
    """
    why: list[Why] = []
    left = _drop(files, _scripts_beside_a_notebook(files), why)
    left = _drop(left, _earlier_attempts(left, sure=True), why)
    left = _drop(left, _same_or_unreadable(left), why)
    has = _defined_in(left, wanted)
    left = _drop(left, _with_less(left, has), why)
    left = _drop(left, _earlier_attempts(left, sure=False), why)
    if len(left) == 1:
        return left[0], why
    return None, [*why, *_undecided(left, has, wanted)]


def _drop(files: Sequence[Owned], dropped: list[Why], why: list[Why]) -> Sequence[Owned]:
    why += dropped
    out = [file for file, _ in dropped]
    return [file for file in files if file not in out]


def _scripts_beside_a_notebook(files: Sequence[Owned]) -> list[Why]:
    """Helper modules and exported copies: what is handed in is the notebook."""
    scripts = [file for file in files if file.found.suffix != ".ipynb"]
    if len(scripts) == len(files):
        return []
    return [(script, "A script beside a notebook; the notebook counts.") for script in scripts]


def _earlier_attempts(files: Sequence[Owned], *, sure: bool) -> list[Why]:
    """By the numbers that Canvas gives.

    ``hw-1`` and ``hw-2`` without ``hw`` may be two files of one attempt: then it is not ``sure``.
    """
    series: defaultdict[str, list[Owned]] = defaultdict(list)
    for file in files:
        if file.series is not None:
            series[file.series].append(file)
    dropped = []
    for attempts in series.values():
        numbers = {file.attempt for file in attempts}
        last = max(attempts, key=lambda file: file.attempt)
        if 1 in numbers or not sure:
            dropped += [
                (file, f"An earlier attempt; {_name(last)} counts.")
                for file in attempts
                if file.attempt < last.attempt
            ]
    return dropped


def _same_or_unreadable(files: Sequence[Owned]) -> list[Why]:
    if not 1 < len(files) <= MAX_READ:
        return []
    dropped: list[Why] = []
    first: dict[bytes, Owned] = {}
    for file in files:
        try:
            digest = hashlib.sha256(_bytes(file)).digest()
        except UsageError as error:
            dropped.append((file, str(error)))
            continue
        twin = first.setdefault(digest, file)
        if twin is not file:
            dropped.append((file, f"The same as {_name(twin)}, byte for byte."))
    # Where not one can be read, one is left, and says so when it is graded.
    return dropped if first else dropped[1:]


def _defined_in(files: Sequence[Owned], wanted: Wanted) -> dict[Owned, frozenset[str]]:
    """Which of the wanted names each file defines; empty where it does not matter."""
    if not 1 < len(files) <= MAX_READ:
        return {}
    read = {file: _read(file) for file in files}
    for names in (wanted.names, wanted.also):
        has = {
            file: frozenset(name for name in names if _defines(submission, name))
            for file, submission in read.items()
        }
        if any(has.values()):
            return has
    return {}


def _with_less(files: Sequence[Owned], has: dict[Owned, frozenset[str]]) -> list[Why]:
    """Those that define less of what is asked for than one other file does."""
    dropped = []
    for file in files if has else ():
        more = next((other for other in files if has[file] < has[other]), None)
        if more is not None:
            lacks = join_words(sorted(has[more] - has[file])[:5], "or")
            dropped.append((file, f"It does not define {lacks}; {_name(more)} does."))
    return dropped


def _undecided(
    files: Sequence[Owned], has: dict[Owned, frozenset[str]], wanted: Wanted
) -> list[Why]:
    names = [_name(file) for file in files[:3]]
    if len(files) > 3:
        names.append(f"{len(files) - 3} more")
    defined = {has[file] for file in files} if has else set()
    if len(files) > MAX_READ:
        because = "too many to look into"
    elif len(defined) == 1:
        because = f"each defines {join_words(sorted(*defined)[:5])}"
    elif defined:
        because = "each defines something asked for that another does not"
    elif wanted.names:
        because = f"none defines {join_words(sorted(wanted.names)[:5], 'or')}"
    else:
        because = "nothing tells which one counts"
    said = (
        f"One of {len(files)} files of this student, {join_words(names)}: {because}. None was "
        "graded; leave the one that counts, and run it again."
    )
    return [(file, said) for file in files]


def _read(file: Owned) -> Submission | None:
    try:
        return read_submission_bytes(file.found.path, _bytes(file))
    except (SubmissionError, UsageError):
        return None


def _defines(submission: Submission | None, name: str) -> bool:
    """Whether a file gives a name a value, other than leaving it as it was handed out."""
    if submission is None:
        return False
    try:
        slice_name(submission, [name])
    except SubmissionError as error:
        return error.problem.kind not in ("missing", "unsolved")
    return True


def _bytes(file: Owned) -> bytes:
    return read_found(file.found.file, file.found.entry)


def _name(file: Owned) -> str:
    return shown(file.found.path)
