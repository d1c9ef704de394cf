"""Runs jobs in a process of its own, whose surroundings a test has changed.

Started as ``python -m tests.sandbox.run_jobs MODE [refuse]``; takes a JSON list of
``[job, name, source]`` and writes what is known of the sandbox and what each job came to.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from grader.errors import GraderError, SubmissionError
from grader.sandbox import kernel, syscalls
from grader.sandbox.client import Sandbox
from grader.sandbox.verdict import read_answer
from tests.sandbox.asking import LIMITS, ask


def refuse_nested_namespaces() -> None:
    """Let bubblewrap make its namespaces, which it does while it clones, and nobody else.

    Some distributions do the same with a profile for bubblewrap alone.
    """
    column, mark = syscalls.ARCHITECTURES[os.uname().machine]
    steps = [
        (syscalls.LOAD, 0, 0, syscalls.ARCHITECTURE),
        (syscalls.JUMP_EQUAL, 0, 4, mark),
        (syscalls.LOAD, 0, 0, syscalls.NUMBER),
        (syscalls.JUMP_EQUAL, 0, 2, syscalls.DENIED["unshare"][column]),
        (syscalls.LOAD, 0, 0, syscalls.FIRST_ARGUMENT),
        (syscalls.JUMP_ANY_BIT, 1, 0, kernel.CLONE_NEWPID),
        (syscalls.RETURN, 0, 0, syscalls.ALLOW),
        (syscalls.RETURN, 0, 0, syscalls.DENY),
    ]
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.install_filter(syscalls.SECCOMP[column], syscalls.assemble(steps))


def main(mode: str, *words: str) -> dict[str, Any]:
    if "refuse" in words:
        refuse_nested_namespaces()
    jobs = json.load(sys.stdin)
    try:
        with Sandbox(mode) as sandbox:  # type: ignore[arg-type]
            return {
                "name": sandbox.name,
                "weaker_because": sandbox.weaker_because,
                "jobs": [run(sandbox, *job) for job in jobs],
            }
    except GraderError as error:
        return {"error": type(error).__name__, "message": str(error)}


def run(sandbox: Sandbox, job: str, name: str, source: str) -> dict[str, Any]:
    reply = ask(sandbox, job, name, source)
    try:
        answer = read_answer(reply, name, LIMITS)
    except SubmissionError as error:
        return {"ending": reply.ending, "problem": error.problem.message}
    return {"ending": reply.ending, "value": answer.get("value"), "printed": reply.printed}


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
