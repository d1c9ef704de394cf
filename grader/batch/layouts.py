"""Whose a file is, by where it lies and what it is called.

One path may hold Canvas's files, Moodle's folders, nbgrader's ``submitted/STUDENT/ASSIGNMENT/``,
a folder for each student, or a file for each student; what is there tells which. Only the
topmost name is read: a student names what lies below it, and must not hand in for another.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.files import Found, readable_name
from grader.batch.gather import ZIP
from grader.batch.lms_names import LmsName, read_canvas_name, read_moodle_name
from grader.submission.read import SUFFIXES

_SUBMITTED = "submitted"

_BESIDE = "It lies beside submitted/, which holds what was handed in."


@dataclass(frozen=True, slots=True)
class Who:
    """Who handed in, as far as names tell."""

    name: str
    id: str | None = None
    is_participant: bool = False
    """The id is Moodle's of this one assignment, which no list of students holds."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A file and whose it is; ``who`` is None where nothing tells."""

    found: Found
    who: Who | None
    late: bool = False
    attempt: int = 1
    series: str | None = None
    """What the attempts at one file have in common; None where names do not tell attempts."""
    is_text: bool = False
    """Typed into the LMS; no file was handed in."""


def owned_files(root: Path, founds: Sequence[Found]) -> list[Owned]:
    """Whose the files are that were found in one path that was given."""
    if os.path.isfile(root) and root.suffix.lower() != ZIP:
        name = read_moodle_name(root.absolute().parent.name) or _lms_name(root.name)
        return [_owned(found, found.parts, name) for found in founds]
    depth, inside, outside = _without_wrappers(root, founds)
    tops = {found.parts[depth] for found in inside}
    names = {top: _lms_name(top) for top in sorted(tops)}
    # Canvas numbers each file: where two students' have one number, a date looks like it.
    canvas = {(n.id, n.attachment, n.name) for n in names.values() if n and n.attachment}
    numbers = Counter((id, attachment) for id, attachment, _ in canvas)
    for top, name in names.items():
        if name and numbers[name.id, name.attachment] > 1:
            names[top] = None
    is_course = depth > 0 and inside[0].parts[depth - 1] == _SUBMITTED
    beside = _beside(root, depth, outside) if is_course else [Owned(f, None) for f in outside]
    return beside + [
        _owned(found, found.parts[depth:], names[found.parts[depth]]) for found in inside
    ]


def of_one_student(folder: Path, files: Sequence[Owned]) -> list[Owned]:
    """The same files, all of the student after whom the folder is named."""
    who = Who(_clean(folder.absolute().name))
    return [replace(file, who=who) for file in files]


def _without_wrappers(root: Path, founds: Sequence[Found]) -> tuple[int, list[Found], list[Found]]:
    """How many folders stand around the class, what is in the innermost, and what beside them."""
    depth, inside = 0, list(founds)
    while root.name != _SUBMITTED:
        inner = [found for found in inside if len(found.parts) > depth + 1]
        handed_in = [found for found in inner if found.parts[depth] == _SUBMITTED]
        if any(len(found.parts) >= depth + 4 for found in handed_in):
            depth, inside = depth + 1, handed_in
            break
        files = [found for found in inside if len(found.parts) == depth + 1 and _matters(found)]
        tops = {found.parts[depth] for found in inner}
        if files or len(tops) != 1 or _are_students(tops, inner, depth):
            if depth and _is_of_one(inner, files):
                depth = int(_is_packed(root, inside[0]))
                inside = [found for found in founds if len(found.parts) > depth]
            break
        depth, inside = depth + 1, inner
    kept = set(inside)
    return depth, inside, [found for found in founds if found not in kept]


def _matters(found: Found) -> bool:
    return found.suffix in (*SUFFIXES, ZIP) or found.is_folder


def _are_students(tops: set[str], inner: Sequence[Found], depth: int) -> bool:
    """By the LMS's names, or by the stamp that nbgrader leaves in STUDENT/ASSIGNMENT/."""
    stamped = any(found.parts[depth + 2 :] == ("timestamp.txt",) for found in inner)
    return stamped or any(map(_lms_name, tops))


def _is_of_one(inner: Sequence[Found], files: Sequence[Found]) -> bool:
    """Whether a folder with these folders and files is one student's: with just one notebook."""
    if any(_lms_name(found.parts[-1]) for found in files):
        return False
    notebooks = [found for found in (*inner, *files) if found.suffix in (".ipynb", ZIP)]
    return bool(files) and len(notebooks or [*inner, *files]) == 1


def _is_packed(root: Path, found: Found) -> bool:
    """``class.zip`` with ``class/`` in it."""
    return root.suffix.lower() == ZIP and found.parts[0] == root.stem and len(found.parts) > 1


def _beside(root: Path, depth: int, outside: Sequence[Found]) -> list[Owned]:
    """nbgrader's own folders beside submitted/, each told once."""
    owned = {}
    for found in outside:
        parts = found.parts[:depth]
        path = os.path.join(root, *parts)
        owned[parts] = Owned(Found(parts, path, path, refused=_BESIDE), None)
    return list(owned.values())


def _lms_name(top: str) -> LmsName | None:
    return read_moodle_name(top) or read_canvas_name(top)


def _owned(found: Found, parts: tuple[str, ...], name: LmsName | None) -> Owned:
    if name is not None:
        return Owned(
            found,
            Who(_clean(name.name), name.id, name.lms == "moodle"),
            name.late,
            name.attempt if len(parts) == 1 else 1,
            name.series if name.lms == "canvas" and len(parts) == 1 else None,
            name.is_text,
        )
    stem, suffix = os.path.splitext(parts[0])
    if suffix.lower() in (*SUFFIXES, ZIP):
        return Owned(found, Who(_clean(stem)))
    is_folder = len(parts) > 1 or found.is_folder
    return Owned(found, Who(_clean(parts[0])) if is_folder else None)


def _clean(name: str) -> str:
    """A name that can be written, and that is one whatever the system wrote it."""
    raw = os.fsencode(name)
    readable = readable_name(raw, raw.decode("utf-8", errors="replace"))
    return unicodedata.normalize("NFC", readable).strip() or name
