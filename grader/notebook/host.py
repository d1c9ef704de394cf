"""The helper beside a student's kernel: it grades what it is sent, and answers with the report.

It is no part of the student's process, so nothing there changes what it does, and nothing that it
imports or sets changes the student's process. Requests and answers are lines of JSON.
"""

from __future__ import annotations

import io
import json
import os
import queue
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from grader.sandbox.client import Sandbox

if TYPE_CHECKING:
    from grader.assignment.load import LoadedAssignment
    from grader.choose import Load
    from grader.pipeline import Tools
    from grader.records import Problem, Submission

HOW = 'in the call, as in check("03-cnn-structure")'
SESSION = "This session"


def main() -> None:
    """Answer until the kernel has ended."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever is printed by accident does not come between the answers

    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    # The sandbox imports TensorFlow while this process imports the rest.
    with Sandbox() as sandbox:
        from grader.assignment.kept import KeptAssignments
        from grader.notebook.visible import load_visible
        from grader.pipeline import Tools
        from grader.training.cache import ResultCache
        from grader.training.folders import cache_folder

        cache, load = ResultCache(cache_folder("results")), KeptAssignments(load_visible)
        try:
            # Not sys.stdin: Python would wait for its reader at the end.
            for request in _requests(os.fdopen(os.dup(0), "rb")):
                train = bool(request["train"])
                tools = Tools(sandbox, cache, train, lambda stage: send({"stage": stage}))
                send(answer_to(request, tools, load))
        except (KeyboardInterrupt, BrokenPipeError):
            pass  # the kernel has ended


def _requests(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """One after the other. The kernel's end is noticed in the middle of work, too."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        for line in stream:
            waiting.put(line)
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        signal.pthread_kill(main_thread, signal.SIGINT)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield json.loads(waiting.get())


def answer_to(request: dict[str, Any], tools: Tools, load: Load) -> dict[str, Any]:
    """The report as text, as HTML and as JSON; or the reason, as text, why there is none.

    Args:
        request: as ``check`` makes it.
        load: gives the visible checks of an assignment's file.
    """
    from grader.errors import GraderError
    from grader.notebook.page import as_html
    from grader.pipeline import grade_submission
    from grader.report.as_json import report_as_json
    from grader.report.terminal import print_report

    try:
        submission = _submission(request)
        loaded, warning = _assignment(request, submission, load)
        path = request["notebook"] or request["script"] or SESSION
        report = grade_submission(path, submission, loaded, tools)
    except GraderError as error:
        return {"text": str(error)}
    stream = io.StringIO()
    notes = " ".join(filter(None, (warning, _hint(request, tools))))
    print_report(report, stream, notes)
    plain = report_as_json(report)
    return {
        "text": stream.getvalue().rstrip(),
        "html": as_html(plain, notes),
        "report": plain,
    }


def _submission(request: dict[str, Any]) -> Submission | Problem:
    """What was executed, or the script; where it cannot be read, the problem."""
    from grader.errors import SubmissionError
    from grader.notebook.history import read_history
    from grader.submission.read import read_submission

    try:
        if request["script"]:
            return read_submission(Path(request["script"]))
        path = request["notebook"] or SESSION
        return read_history(path, request["cells"], _claimed(request["notebook"]))
    except SubmissionError as error:
        return error.problem


def _claimed(notebook: str | None) -> str | None:
    """The assignment that the notebook's file names; it need not be there, or whole."""
    from grader.errors import SubmissionError, UsageError
    from grader.submission.read import read_submission

    try:
        return read_submission(Path(notebook)).assignment_id if notebook else None
    except (SubmissionError, UsageError):
        return None


def _assignment(
    request: dict[str, Any], submission: Submission | Problem, load: Load
) -> tuple[LoadedAssignment, str | None]:
    """Its visible checks, of the exercise that is asked for, and what is worth a warning."""
    from grader.choose import FOLDER, assignment_of, named_assignment
    from grader.errors import SubmissionError
    from grader.notebook.visible import only
    from grader.records import Submission
    from grader.submission.slice import defined_names

    def read() -> Submission:
        if isinstance(submission, Submission):
            return submission
        raise SubmissionError(submission)

    if request["assignment"]:
        loaded = named_assignment(request["assignment"], load=load)
    else:
        path = Path(request["notebook"] or request["script"] or SESSION)
        loaded = assignment_of(path, read, FOLDER, load, HOW)
    if request["names"] is None:
        return loaded, None
    asked = only(loaded, request["names"])
    (exercise,) = asked.content.exercises
    whole = next(one for one in loaded.content.exercises if one.id == exercise.id)
    before = whole.names[: whole.names.index(exercise.names[0])]
    there = defined_names(submission) if isinstance(submission, Submission) else frozenset()
    taken = next((name for name in before if name in there), None)
    warning = f"{taken} is there too: of a notebook that is handed in, that one is graded."
    return asked, warning if taken else None


def _hint(request: dict[str, Any], tools: Tools) -> str:
    lines = ["Visible checks only."]
    if not request["script"]:
        lines.append("Cells are counted as they were run: cell 5 is In [5].")
    if tools.sandbox.weaker_because:
        lines.append(f"Your code ran without walls, because {tools.sandbox.weaker_because}.")
    return " ".join(lines)


if __name__ == "__main__":
    main()
