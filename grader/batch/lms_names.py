"""What Canvas and Moodle write into the names of the files that they hand out.

Canvas (``content_zipper.rb``): the sortable name in lower case with all but letters, digits and
underscores stripped, ``LATE``, the user's id, the attachment's id and the file's own name, all
joined by underscores; ``LATE_anon_…`` under anonymous grading; ``-N`` before the ending of the
N-th resubmission. Moodle: full name, participant and ``assignsubmission_file``, as a folder or,
without folders, in front of the file's name.

A student chooses the file's own name, and so the leftmost reading counts: nothing in it is taken
for the name or the id of somebody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_CANVAS = re.compile(
    r"(?P<name>.*?)_(?P<late>LATE_)?(?P<id>[0-9]+)_"
    r"(?:(?P<attachment>[0-9]+)_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<late_too>LATE_)?(?P<id>[A-Za-z0-9]+)_"
    r"(?:(?P<attachment>[0-9]+)_(?P<file>.+)|(?P<text>(?:text|link)\.html))",
    re.DOTALL,
)
_RESUBMITTED = re.compile(r"(?P<stem>.+)-(?P<number>[1-9][0-9]?)(?P<ending>\.[^.]+)", re.DOTALL)
_MOODLE = re.compile(
    r"(?P<name>.*?)_(?P<id>[0-9]+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)
_BLIND = "Participant"


@dataclass(frozen=True, slots=True)
class LmsName:
    """What one name of a file or of a folder says."""

    lms: Literal["canvas", "moodle"]
    name: str
    """Of the student, as far as the LMS left it; Canvas's has no capitals and no blanks."""
    id: str
    """Canvas's user, or Moodle's participant."""
    file: str
    """The student's own name of the file; empty for a folder of Moodle's."""
    late: bool = False
    attempt: int = 1
    series: str = ""
    """The file's name without Canvas's number of the resubmission."""
    attachment: str = ""
    """Canvas's number of the file."""
    is_text: bool = False
    """A text or a link, which the student typed into the LMS; there is no file."""


def read_canvas_name(name: str) -> LmsName | None:
    """Read ``doeann_LATE_1001_556677_hw1-2.ipynb``; None for a name that is not Canvas's."""
    anonymous = _ANONYMOUS.fullmatch(name)
    found = anonymous or _CANVAS.fullmatch(name)
    if found is None:
        return None
    late = bool(found["late"] or (anonymous and anonymous["late_too"]))
    student = f"anon {found['id']}" if anonymous else found["name"] or found["id"]
    file = found["file"] or found["text"]
    again = _RESUBMITTED.fullmatch(file)
    return LmsName(
        lms="canvas",
        name=student,
        id=found["id"],
        file=file,
        late=late,
        attempt=int(again["number"]) + 1 if again else 1,
        series=again["stem"] + again["ending"] if again else file,
        attachment=found["attachment"] or "",
        is_text=bool(found["text"]),
    )


def read_moodle_name(name: str) -> LmsName | None:
    """Read a folder's ``Ann Doe_12_assignsubmission_file_``, or the name of a file that begins so.

    None for a name that is not Moodle's.
    """
    found = _MOODLE.fullmatch(name)
    if found is None:
        return None
    student = found["name"].strip() or _BLIND
    file = found["file"] or ""
    return LmsName(
        lms="moodle",
        name=f"{_BLIND} {found['id']}" if student == _BLIND else student,
        id=found["id"],
        file=file,
        series=file,
        is_text=found["plugin"] == "onlinetext",
    )
