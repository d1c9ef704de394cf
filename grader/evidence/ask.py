"""Asking the student's process, behind walls, and the trusted one, within given limits."""

from __future__ import annotations

import platform
from dataclasses import replace
from typing import Any

from grader.assignment.schema import Assignment
from grader.errors import InternalError, SubmissionError
from grader.model.claims import read_texts
from grader.records import Problem, Program, Shape
from grader.sandbox.client import Reply, Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import clean_exception, read_answer
from grader.training.cache import ResultCache
from grader.words import show_number

CRASHES = {
    4: "illegal instruction",
    6: "aborted",
    7: "bus error",
    8: "arithmetic error",
    11: "segmentation fault",
}
"""Signals that end a job of ours only where TensorFlow cannot do what the model asks."""
BUILDS = 2
"""How often an exercise's tries may take its ``build_seconds`` together: a builder is asked with
weights where it fails without, and an earlier definition where the last one gives no model."""
LEAST = 0.1
"""Of ``build_seconds``; with less left, nothing more is tried."""
TOO_LARGE = "Look for a kernel, a stride or a size that is far too large, or is 0."


class Asking:
    """The sandbox, the cache and the limits of one assignment.

    ``classes`` are those of the exercise's images, for builders that ask how many there are.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        cache: ResultCache,
        assignment: Assignment,
        classes: int | None = None,
    ) -> None:
        self.sandbox = sandbox
        self.cache = cache
        self.classes = classes
        self.translate = assignment.translate_old_keras
        memory = assignment.limits.memory_mb * 2**20
        self.build_limits = Limits(assignment.limits.build_seconds, memory)
        self.train_limits = Limits(assignment.limits.train_seconds, memory)
        self.seconds_left = BUILDS * self.build_limits.seconds
        """For this exercise's student processes, those that train aside."""

    @property
    def may_try_again(self) -> bool:
        """Whether enough time is left to ask a student's process once more."""
        return self.seconds_left > LEAST * self.build_limits.seconds

    def student(
        self, job: str, program: Program, shape: Shape | None, limits: Limits, **request: Any
    ) -> Reply:
        """Run a program of the student's and one job on the name that it is for."""
        statements = [
            {
                "source": statement.source,
                "cell": statement.cell,
                "line": statement.line,
                "optional": place in program.optional,
            }
            for place, statement in enumerate(program.statements)
        ]
        full = {
            "statements": statements,
            "name": program.name,
            "unbound": list(program.unbound),
            "files": {
                file.module: {"source": file.source, "cell": file.cell, "line": file.line}
                for file in program.files
            },
            "input_shape": list(shape or ()),
            "classes": self.classes,
            "translate_old_keras": self.translate,
            "keras_1": program.keras_1,
            **request,
        }
        return self.sandbox.ask_student(job, full, limits)

    def student_answer(
        self, job: str, program: Program, shape: Shape | None, **request: Any
    ) -> dict[str, Any]:
        """The same, within the limits of building. Raises SubmissionError with the verdict."""
        seconds = min(self.build_limits.seconds, max(self.seconds_left, 0.001))
        limits = replace(self.build_limits, seconds=seconds)
        reply = self.student(job, program, shape, limits, **request)
        self.seconds_left -= reply.seconds
        try:
            return read_answer(reply, program.name, limits)
        except SubmissionError as error:
            answer = reply.answer if isinstance(reply.answer, dict) else {}
            raise SubmissionError(error.problem, assumptions_of(answer)) from error

    def trusted(self, job: str, request: dict[str, Any], limits: Limits) -> dict[str, Any]:
        """A pure function of the request, in the trusted process; asked before, known.

        Raises SubmissionError where Keras refuses the model or the limits do not do for it.
        """
        key = {"job": job, "request": request, **self.versions()}
        known = self.cache.get(key)
        if isinstance(known, dict):
            return known
        answer = self.trusted_answer(job, request, limits)
        self.cache.put(key, answer)
        return answer

    def trusted_answer(self, job: str, request: dict[str, Any], limits: Limits) -> dict[str, Any]:
        """The same without the cache, for requests that hold arrays."""
        answer = self.trusted_reply(job, request, limits)
        if answer == "timeout":
            message = f"The model is too large to be looked at in {show_number(limits.seconds)} s."
            raise SubmissionError(Problem("timeout", message))
        if answer == "memory":
            raise SubmissionError(too_large(None, limits))
        if "refused" in answer:
            said = clean_exception(str(answer["refused"]))
            raise SubmissionError(Problem("unreadable", f"Keras cannot rebuild the model: {said}"))
        result: dict[str, Any] = answer
        return result

    def trusted_reply(self, job: str, request: dict[str, Any], limits: Limits) -> Any:
        """What the trusted process gave: a dict, or ``timeout`` or ``memory``.

        Raises InternalError where it gave nothing.
        """
        reply = self.sandbox.ask_trusted(job, request, limits)
        if reply.ending in ("timeout", "memory"):
            return reply.ending
        crash = CRASHES.get(-reply.code) if reply.ending == "silent" else None
        if crash is not None:
            return {"refused": f"TensorFlow itself breaks down on it ({crash}). {TOO_LARGE}"}
        if reply.ending != "answered":
            raise InternalError(
                f"The job {job} ended without a result ({reply.ending}). {reply.last_words}"
            )
        return "memory" if reply.answer.get("out_of_memory") else reply.answer

    def versions(self) -> dict[str, str]:
        """What every result depends on beside its request."""
        versions = self.sandbox.versions
        return {
            "tensorflow": versions.tensorflow,
            "keras": versions.keras,
            "machine": platform.machine(),
        }


def assumptions_of(answer: dict[str, Any]) -> tuple[str, ...]:
    """What a student's process says that it was given instead of the real thing."""
    return read_texts(answer.get("assumptions"))


def too_large(needed: int | None, limits: Limits) -> Problem:
    """A model whose weights do not fit; ``needed`` bytes where that is known."""
    bound = f"the {limits.memory_bytes >> 20:,} MB that it may use"
    amount = f"{needed >> 20:,} MB, more than {bound}" if needed else f"more than {bound}"
    return Problem("memory", f"The model's weights need {amount}.")
