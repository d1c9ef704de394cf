"""One worker process: ``python -m grader.batch.worker DESCRIPTOR``, started by ``workers``.

Messages are bytes on a connection of the parent's: the setup once, then for each task a line of
JSON and the submission's bytes; back comes one line of JSON for each.
"""

from __future__ import annotations

import json
import signal
import sys
from multiprocessing.connection import Connection

from grader.assignment.bundle import Bundle
from grader.batch.work import Done, Grader, Setup, Task
from grader.errors import GraderError
from grader.sandbox.walls import die_with_parent


def send_setup(connection: Connection, setup: Setup) -> None:
    """The parent's side: everything that comes before the first task."""
    head = {
        "bundle": setup.bundle.name,
        "files": list(setup.bundle.files),
        "sandbox": setup.sandbox,
        "train": setup.train,
        "cache": setup.cache,
    }
    connection.send_bytes(json.dumps(head).encode())
    for data in setup.bundle.files.values():
        connection.send_bytes(data)


def send_task(connection: Connection, task: Task) -> None:
    """The parent's side: one task."""
    head = {"number": task.number, "path": task.path, "student": task.student}
    connection.send_bytes(json.dumps(head).encode())
    connection.send_bytes(task.data)


def read_done(connection: Connection) -> Done:
    """The parent's side: what came of a task. Raises EOFError when the worker has ended."""
    said = json.loads(connection.recv_bytes())
    return Done(said["number"], said["report"], said["why"])


def main() -> None:
    die_with_parent()
    # A key pressed in the terminal is the parent's to act on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Connection(int(sys.argv[1])) as connection:
        grader, why = None, ""
        try:
            grader = Grader(_read_setup(connection))
        except GraderError as error:
            why = str(error)
        except OSError as error:
            why = f"The grader could not start: {error.filename or 'a file'}: {error.strerror}."
        try:
            while True:
                task = _read_task(connection)
                _say(connection, grader.grade(task) if grader else Done(task.number, None, why))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            if grader:
                grader.close()


def _read_setup(connection: Connection) -> Setup:
    head = json.loads(connection.recv_bytes())
    files = {name: connection.recv_bytes() for name in head["files"]}
    bundle = Bundle(head["bundle"], files)
    return Setup(bundle, head["sandbox"], head["train"], head["cache"])


def _read_task(connection: Connection) -> Task:
    head = json.loads(connection.recv_bytes())
    return Task(head["number"], head["path"], head["student"], connection.recv_bytes())


def _say(connection: Connection, done: Done) -> None:
    said = {"number": done.number, "report": done.report, "why": done.why}
    connection.send_bytes(json.dumps(said, allow_nan=False).encode())


if __name__ == "__main__":
    main()
