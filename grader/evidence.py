"""Collecting the evidence of one exercise: everything that its checks may look at."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grader.assignment.load import LoadedAssignment
from grader.assignment.schema import Exercise
from grader.checks.probabilities import Probabilities
from grader.checks.returns import Returns
from grader.checks.training import Training
from grader.errors import InternalError, SubmissionError
from grader.model.architecture import Architecture, canonical_model, check_architecture
from grader.model.claims import read_compiled, read_model, read_sample, read_texts
from grader.records import Evidence, Problem, Program, Returned, Submission
from grader.sandbox.client import Reply, Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import clean_exception, read_answer, read_error
from grader.submission.slice import slice_name
from grader.training.cache import ResultCache
from grader.training.datasets import Dataset, load_dataset
from grader.training.train import Recipe, train, unsuited

SAMPLE_SEED = 1


@dataclass(slots=True)
class Work:
    """What was found of an exercise, growing as it is looked at."""

    evidence: Evidence = field(default_factory=Evidence)
    found: str | None = None
    cell: int | None = None
    assumptions: tuple[str, ...] = ()
    architecture: Architecture | None = None
    program: Program | None = None


class Collector:
    """Asks the student's process and the trusted one, for one exercise of one submission."""

    def __init__(
        self, exercise: Exercise, assignment: LoadedAssignment, sandbox: Sandbox, cache: ResultCache
    ) -> None:
        self.exercise = exercise
        self.assignment = assignment
        self.sandbox = sandbox
        self.cache = cache
        limits = assignment.content.limits
        memory = limits.memory_mb * 2**20
        self.build_limits = Limits(limits.build_seconds, memory)
        self.train_limits = Limits(limits.train_seconds, memory)

    def collect(self, submission: Submission) -> Work:
        """Everything but training.

        Raises SubmissionError where the student's work cannot be had, InternalError where the
        grader fails.
        """
        program = slice_name(submission, self.exercise.names)
        work = Work(
            found=program.name,
            cell=program.cell,
            assumptions=program.assumptions,
            program=program,
        )
        if self.exercise.names[0] != program.name:
            note = f"{self.exercise.names[0]} is not defined; {program.name} was taken."
            work.assumptions += (note,)
        collect = {"build": self._model, "function": self._returned, "answers": self._answers}
        collect[self.exercise.kind](work, program)
        return work

    def _ask(self, job: str, program: Program, limits: Limits, **request: Any) -> Reply:
        statements = [
            {"source": s.source, "cell": s.cell, "line": s.line} for s in program.statements
        ]
        shape = list(self.exercise.input_shape or ())
        full = {"statements": statements, "name": program.name, "input_shape": shape, **request}
        return self.sandbox.ask_student(job, full, limits)

    # --- a model ---------------------------------------------------------------------------

    def _model(self, work: Work, program: Program) -> None:
        try:
            self._rebuilt_model(work, program)
        except SubmissionError as error:
            custom = error.problem.kind == "custom_layer"
            if not custom or not self.assignment.content.allow_custom_layers:
                raise
            self._custom_model(work, program)

    def _rebuilt_model(self, work: Work, program: Program) -> None:
        answer = self._build(program)
        work.assumptions += read_texts(answer.get("assumptions"))
        custom = read_texts(answer.get("custom"))
        if custom:
            raise SubmissionError(_custom_problem(custom))
        work.architecture = check_architecture(answer.get("architecture"))
        described = self._describe(work.architecture)
        work.evidence = Evidence(
            input_shape=self.exercise.input_shape,
            model=read_model(described, rebuilt=True, names=work.architecture.names),
            compiled=read_compiled(answer.get("compiled")),
        )
        self._note_input(work)
        if any(isinstance(check, Probabilities) for check in self.exercise.checks):
            work.evidence = replace(work.evidence, sample=self._sample(work.architecture))

    def _build(self, program: Program) -> dict[str, Any]:
        """Without weights first; a builder that needs them is asked again."""
        limits = self.build_limits
        reply = self._ask("build", program, limits, weightless=True)
        try:
            return read_answer(reply, program.name, limits)
        except SubmissionError as error:
            if error.problem.kind not in ("raised", "not_a_model"):
                raise
            reply = self._ask("build", program, limits, weightless=False)
            return read_answer(reply, program.name, limits)

    def _describe(self, architecture: Architecture) -> Any:
        request = {
            "architecture": architecture.config,
            "input_shape": list(self.exercise.input_shape or ()),
        }
        answer = self._trusted("describe", request, self.build_limits)
        if "refused" in answer:
            said = clean_exception(answer["refused"])
            raise SubmissionError(Problem("unreadable", f"Keras cannot rebuild the model: {said}"))
        return answer["model"]

    def _sample(self, architecture: Architecture) -> Any:
        request = {
            "architecture": canonical_model(architecture.config),
            "input_shape": list(self.exercise.input_shape or ()),
            "seed": SAMPLE_SEED,
        }
        return read_sample(self._trusted("sample", request, self.train_limits))

    def _trusted(self, job: str, request: dict[str, Any], limits: Limits) -> Any:
        """Ask the trusted side for a pure function of the request; asked before, known."""
        key = {"job": job, "request": request, **self._versions()}
        known = self.cache.get(key)
        if known is not None:
            return known
        reply = self.sandbox.ask_trusted(job, request, limits)
        if reply.ending in ("timeout", "memory"):
            raise SubmissionError(
                Problem(
                    "timeout" if reply.ending == "timeout" else "memory",
                    "The model is too large to be looked at within the limits.",
                )
            )
        if reply.ending != "answered":
            raise InternalError(f"{job} ended without a result ({reply.ending}). {reply.printed}")
        self.cache.put(key, reply.answer)
        return reply.answer

    def _versions(self) -> dict[str, str]:
        versions = self.sandbox.versions
        return {
            "tensorflow": versions.tensorflow,
            "keras": versions.keras,
            "machine": platform.machine(),
        }

    def _note_input(self, work: Work) -> None:
        """A model for other images than the exercise's is looked at, and the student told."""
        assert work.evidence.model is not None
        asked, takes = self.exercise.input_shape, work.evidence.model.input_shapes
        if takes != (asked,):
            takes_one = takes[0] if len(takes) == 1 else takes
            work.assumptions += (f"The model takes {takes_one}; the exercise gives {asked}.",)

    def _custom_model(self, work: Work, program: Program) -> None:
        """Described inside the walls, where the student's classes are."""
        reply = self._ask("learn", program, self.build_limits)
        answer = read_answer(reply, program.name, self.build_limits)
        work.architecture = None
        work.assumptions = (*program.assumptions, *read_texts(answer.get("assumptions")))
        work.evidence = Evidence(
            input_shape=self.exercise.input_shape,
            model=read_model(answer.get("model"), rebuilt=False),
            compiled=read_compiled(answer.get("compiled")),
            sample=read_sample(answer.get("sample")),
        )

    def train(self, spec: Training, work: Work) -> None:
        """Train by one check's recipe; the result joins the evidence."""
        model, program = work.evidence.model, work.program
        assert model is not None and program is not None
        dataset = self._dataset(spec)
        recipe = Recipe(
            spec.optimizer.type,
            spec.optimizer.args,
            spec.loss,
            spec.epochs,
            spec.batch_size,
            spec.seed,
            spec.min_accuracy,
        )
        result = unsuited(recipe, dataset, model)
        if result is None and work.architecture is not None:
            config = canonical_model(work.architecture.config)

            def ask(request: dict[str, Any]) -> Reply:
                return self.sandbox.ask_trusted(
                    "train", {"architecture": config, **request}, self.train_limits
                )

            key = {"architecture": work.architecture.digest, **self._versions()}
            result = train(ask, recipe, dataset, self.cache, key)
        elif result is None:

            def ask_inside(request: dict[str, Any]) -> Reply:
                return self._ask("learn", program, self.train_limits, **request)

            result = train(ask_inside, recipe, dataset, ResultCache(None), {})
        known: Mapping[str, Any] = work.evidence.training
        work.evidence = replace(work.evidence, training={**known, spec.id: result})

    def _dataset(self, spec: Training) -> Dataset:
        file = self.assignment.path.parent / spec.file if spec.file else None
        shape = tuple(self.exercise.input_shape or ())
        return load_dataset(spec.dataset or str(spec.file), file, shape, spec.images)

    # --- a function, and answers -----------------------------------------------------------

    def _returned(self, work: Work, program: Program) -> None:
        returned = {}
        for check in self.exercise.checks:
            if isinstance(check, Returns):
                cases = [{"args": case.args, "kwargs": case.kwargs} for case in check.cases]
                reply = self._ask("call", program, self.build_limits, cases=cases)
                answer = read_answer(reply, program.name, self.build_limits)
                returned[check.id] = _read_returned(answer, len(cases), program.name)
        work.evidence = Evidence(returned=returned)

    def _answers(self, work: Work, program: Program) -> None:
        reply = self._ask("read", program, self.build_limits)
        value = read_answer(reply, program.name, self.build_limits).get("value")
        if not isinstance(value, dict):
            raise SubmissionError(Problem("unreadable", f"{program.name} cannot be read."))
        work.evidence = Evidence(answers=value)


def _read_returned(answer: dict[str, Any], count: int, name: str) -> tuple[Returned, ...]:
    items = answer.get("returned")
    if not isinstance(items, list) or len(items) != count:
        raise SubmissionError(Problem("unreadable", f"What {name} returned cannot be read."))
    return tuple(
        Returned(item["value"])
        if isinstance(item, dict) and "value" in item
        else Returned(problem=read_error(_error_of(item), name))
        for item in items
    )


def _error_of(item: Any) -> Any:
    return item.get("error") if isinstance(item, dict) else None


def _custom_problem(names: tuple[str, ...]) -> Problem:
    return Problem(
        "custom_layer",
        f"The model uses {', '.join(names[:5])}, written in the notebook, so it cannot be rebuilt "
        "from its description. Build it from Keras's layers, as Sequential or with "
        "keras.Model(inputs, outputs).",
    )
