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
    "escaping": {
        "the accounts of this machine",
        "a file of the home",
        "whatever the home holds",
        "the hidden checks",
        "the solution",
        "another's submission",
        "the folder of all submissions",
        "the hidden checks, by the C library",
        "the hidden checks, by TensorFlow",
        "the hidden checks, by NumPy",
        "the hidden checks, by a program",
        "the hidden checks, by a symbolic link",
        "the hidden checks, by a hard link",
        "the hidden checks, from above the root",
        "the hidden checks, by the kernel's links",
        "the labels of the grader's own images",
        "the environment of whoever grades",
        "which processes there are",
        "a connection",
        "a datagram",
        "a socket without a file",
        "a page",
        "a connection of the shell's",
        "files wherever it can",
        "a file, by TensorFlow",
        "a file, by a program",
    },
    "exhausting": set(),
}
"""By family, the attacks that succeed there; of those that are harmless enough to be tried."""
