"""Collecting the evidence of one exercise: everything that its checks may look at."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from grader.assignment.load import LoadedAssignment
from grader.assignment.schema import Exercise
from grader.checks.base import CheckSpec
from grader.checks.probabilities import Probabilities
from grader.checks.returns import Returns
from grader.checks.training import Training
from grader.errors import InternalError, SubmissionError
from grader.model.architecture import Architecture, canonical_model, check_architecture
from grader.model.claims import read_compiled, read_model, read_sample, read_texts
from grader.records import (
    Evidence,
    OutputSample,
    Problem,
    Program,
    Submission,
    TrainingResult,
)
from grader.sandbox.client import Reply, Sandbox
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import clean_exception, read_answer, read_returned
from grader.submission.slice import slice_name
from grader.training.cache import ResultCache
from grader.training.datasets import Dataset, load_dataset
from grader.training.train import Recipe, Trained, memory_to_hold, refuse_to_train, train
from grader.words import show_number

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

    def collect(self, submission: Submission, work: Work) -> None:
        """What is cheap: the model's description, what a function returns, the answers.

        Raises SubmissionError where the student's work cannot be had, InternalError where the
        grader fails; ``work`` then holds what was found until there.
        """
        program = slice_name(submission, self.exercise.names)
        work.program, work.found, work.cell = program, program.name, program.cell
        work.assumptions = program.assumptions
        if self.exercise.names[0] != program.name:
            note = f"{self.exercise.names[0]} is not defined; {program.name} was taken."
            work.assumptions += (note,)
        collect = {"build": self._model, "function": self._returned, "answers": self._answers}
        collect[self.exercise.kind](work, program)

    def prepare(self, spec: CheckSpec, work: Work) -> None:
        """What only one check needs, and what costs more: trained or sampled outputs.

        Raises like ``collect``.
        """
        if isinstance(spec, Training):
            result = self._train(spec, work)
            known: Mapping[str, Any] = work.evidence.training
            work.evidence = replace(work.evidence, training={**known, spec.id: result})
        elif isinstance(spec, Probabilities) and work.evidence.sample is None:
            work.evidence = replace(work.evidence, sample=self._sample(work))

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

    def _sample(self, work: Work) -> OutputSample:
        """What the model, with fresh weights, gives for a few random images."""
        assert work.architecture is not None and work.evidence.model is not None
        needed = memory_to_hold(work.evidence.model)
        if needed > self.train_limits.memory_bytes:
            raise SubmissionError(_too_large(needed, self.train_limits))
        request = {
            "architecture": canonical_model(work.architecture.config),
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
        answer = self._trusted_answer(job, request, limits)
        if answer == "timeout":
            seconds = show_number(limits.seconds)
            raise SubmissionError(
                Problem("timeout", f"The model is too large to be looked at in {seconds} s.")
            )
        if answer == "memory":
            raise SubmissionError(_too_large(None, limits))
        self.cache.put(key, answer)
        return answer

    def _trusted_answer(self, job: str, request: dict[str, Any], limits: Limits) -> Trained:
        reply = self.sandbox.ask_trusted(job, request, limits)
        if reply.ending in ("timeout", "memory"):
            return reply.ending
        if reply.ending != "answered":
            raise InternalError(
                f"The job {job} ended without a result ({reply.ending}). {reply.last_words}"
            )
        answer: dict[str, Any] = reply.answer
        return "memory" if answer.get("out_of_memory") else answer

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

    # --- training --------------------------------------------------------------------------

    def _train(self, spec: Training, work: Work) -> TrainingResult:
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
        refused = refuse_to_train(recipe, dataset, model, self.train_limits.memory_bytes)
        if refused is not None:
            return refused
        if work.architecture is None:
            return train(partial(self._learn, program), recipe, dataset, ResultCache(None), {})
        architecture = canonical_model(work.architecture.config)

        def ask(request: dict[str, Any]) -> Trained:
            full = {"architecture": architecture, **request}
            return self._trusted_answer("train", full, self.train_limits)

        key = {"architecture": work.architecture.digest, **self._versions()}
        return train(ask, recipe, dataset, self.cache, key)

    def _learn(self, program: Program, request: dict[str, Any]) -> Trained:
        """Train inside the walls a model that cannot be rebuilt outside."""
        reply = self._ask("learn", program, self.train_limits, **request)
        if reply.ending in ("timeout", "memory"):
            return reply.ending
        return read_answer(reply, program.name, self.train_limits).get("training")

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
                returned[check.id] = read_returned(answer, len(cases), program.name)
        work.evidence = Evidence(returned=returned)

    def _answers(self, work: Work, program: Program) -> None:
        reply = self._ask("read", program, self.build_limits)
        value = read_answer(reply, program.name, self.build_limits).get("value")
        if not isinstance(value, dict):
            raise SubmissionError(Problem("unreadable", f"{program.name} cannot be read."))
        work.evidence = Evidence(answers=value)


def _too_large(needed: int | None, limits: Limits) -> Problem:
    bound = f"the {limits.memory_bytes >> 20:,} MB that it may use"
    amount = f"{needed >> 20:,} MB, more than {bound}" if needed else f"more than {bound}"
    return Problem("memory", f"The model's weights need {amount}.")


def _custom_problem(names: tuple[str, ...]) -> Problem:
    return Problem(
        "custom_layer",
        f"The model uses {', '.join(names[:5])}, written in the notebook, so it cannot be rebuilt "
        "from its description. Build it from Keras's layers, as Sequential or with "
        "keras.Model(inputs, outputs).",
    )
