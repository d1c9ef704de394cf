"""What a plain child process with limits, ``--sandbox none``, does not stop."""

from __future__ import annotations

NOT_STOPPED_WITHOUT_WALLS: dict[str, set[str]] = {
    "forging": {
        "the files of the course",
        "the results that the grader keeps, overwritten",
        "whoever watches over it is killed, so that nobody can decide",
        "hidden arguments, kept for the next call",
    },
    "smuggling": set(),
    "deserialising": set(),
    "poisoning": set(),
    "escaping": set(),
    "exhausting": set(),
}
"""By family, the attacks that succeed there; of those that are harmless enough to be tried."""
