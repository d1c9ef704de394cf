"""Collecting the evidence of one exercise: everything that its checks may look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from grader.assignment.load import LoadedAssignment
from grader.assignment.schema import Exercise
from grader.checks.base import CheckSpec
from grader.checks.custom import Custom
from grader.checks.invariance import Invariance
from grader.checks.layers import told_layers
from grader.checks.probabilities import Probabilities
from grader.checks.response import Response
from grader.checks.returns import Returns
from grader.checks.training import Training
from grader.checks.verify import Verify
from grader.evidence import model, values
from grader.evidence.ask import Asking
from grader.evidence.candidates import class_count, find_model
from grader.evidence.custom import run_custom
from grader.evidence.expected import expected_values, plain
from grader.evidence.training import train_model
from grader.evidence.work import Work
from grader.model.architecture import is_plain_chain
from grader.model.softmax import certainly_probabilities
from grader.records import Evidence, Returned, Shape, Submission
from grader.sandbox.client import Sandbox
from grader.submission.slice import slice_name
from grader.training.cache import ResultCache


class Collector:
    """Asks the student's process and the trusted one, for one exercise of one submission."""

    def __init__(
        self, exercise: Exercise, assignment: LoadedAssignment, sandbox: Sandbox, cache: ResultCache
    ) -> None:
        self.exercise = exercise
        self.assignment = assignment
        self.asking = Asking(sandbox, cache, assignment.content, class_count(exercise))

    @property
    def _shape(self) -> Shape:
        return tuple(self.exercise.input_shape or ())

    def collect(self, submission: Submission, work: Work) -> None:
        """What all checks share: the model's description, or the answers.

        Raises SubmissionError where the student's work cannot be had, InternalError where the
        grader fails; ``work`` then holds what was found until there.
        """
        if self.exercise.kind == "build":
            find_model(self.asking, self.exercise, self.assignment.content, submission, work)
            asked, allowed = told_layers(self.exercise.checks, self.assignment.content.hints)
            work.evidence = replace(work.evidence, asked_layers=asked, allowed_layers=allowed)
            return
        program = slice_name(submission, self.exercise.names)
        work.begin(self.exercise.names[0], submission, program)
        if self.exercise.kind == "answers":
            answers = values.read_answers(self.asking, program, work.assume)
            work.evidence = Evidence(answers=answers)

    def prepare(self, spec: CheckSpec, work: Work) -> None:
        """What only one check needs: a training, a function's values, outputs for images.

        Raises like ``collect``, and UsageError for what is the author's fault.
        """
        prepare = _PREPARE.get(type(spec))
        if prepare is not None:
            prepare(self, spec, work)

    def solution_values(self, spec: CheckSpec, solution: Submission) -> list[Any]:
        """What a solution gives for each case of a check that compares with it.

        Raises SubmissionError where it gives none.
        """
        if isinstance(spec, Returns):
            program = slice_name(solution, self.exercise.names)
            returned = values.call_function(self.asking, program, spec.cases)
            return [values.value_of(one) for one in returned]
        assert isinstance(spec, Response)
        work = Work()
        self.collect(solution, work)
        return model.responses(self.asking, work, self._shape, spec)

    def _expected(self, spec: Returns | Response, work: Work) -> None:
        compute = partial(self._known_solution_values, spec)
        expected = expected_values(self.assignment, self.exercise, spec, compute)
        self._add(work, "expected", spec, expected)

    def _known_solution_values(self, spec: CheckSpec, solution: Submission) -> list[Any]:
        """The same for every submission of a class: computed once."""
        key = {
            "job": "solution",
            "solution": solution.sha256,
            "exercise": self.exercise.id,
            "check": spec.model_dump(mode="json"),
            **self.asking.versions(),
        }
        known = self.asking.cache.get(key)
        if isinstance(known, list):
            return known
        given = [plain(value) for value in self.solution_values(spec, solution)]
        self.asking.cache.put(key, given)
        return given

    def _returned(self, spec: Returns, work: Work) -> None:
        assert work.program is not None
        returned = values.call_function(self.asking, work.program, spec.cases, work.assume)
        self._add(work, "returned", spec, returned)
        self._expected(spec, work)

    def _sample(self, _: Probabilities, work: Work) -> None:
        assert work.evidence.model is not None
        chain = work.architecture is not None and is_plain_chain(work.architecture.config)
        known = chain and certainly_probabilities(work.evidence.model)
        if work.evidence.sample is None and not known:
            sample = model.sample(self.asking, work, self._shape)
            work.evidence = replace(work.evidence, sample=sample)

    def _train(self, spec: Training, work: Work) -> None:
        folder = self.assignment.path.parent
        result = train_model(self.asking, work, spec, self._shape, folder)
        self._add(work, "training", spec, result)

    def _invariance(self, spec: Invariance, work: Work) -> None:
        outputs = model.invariance_outputs(self.asking, work, self._shape, spec)
        self._add(work, "responses", spec, outputs)

    def _response(self, spec: Response, work: Work) -> None:
        outputs = model.responses(self.asking, work, self._shape, spec)
        self._add(work, "responses", spec, outputs)
        self._expected(spec, work)

    def _verify(self, spec: Verify, work: Work) -> None:
        assert work.submission is not None
        program = slice_name(work.submission, (spec.answers,))
        answers = values.read_answers(self.asking, program)
        work.evidence = replace(work.evidence, answers=answers)

    def _custom(self, spec: Custom, work: Work) -> None:
        returned: tuple[Returned, ...] = ()
        if spec.calls and work.program is not None:
            returned = values.call_function(self.asking, work.program, spec.calls)
        found = run_custom(self.asking, spec, self.assignment.path.parent, work, returned)
        self._add(work, "custom", spec, found)

    def _add(self, work: Work, part: str, spec: CheckSpec, value: Any) -> None:
        """Put what one check looks at into the evidence, under the check's id."""
        known: dict[str, Any] = getattr(work.evidence, part)
        changes: dict[str, Any] = {part: {**known, spec.id: value}}
        work.evidence = replace(work.evidence, **changes)


_PREPARE: dict[type[CheckSpec], Callable[[Collector, Any, Work], None]] = {
    Returns: Collector._returned,
    Probabilities: Collector._sample,
    Training: Collector._train,
    Invariance: Collector._invariance,
    Response: Collector._response,
    Verify: Collector._verify,
    Custom: Collector._custom,
}
"""How the evidence of a check is had, where it needs its own."""
