"""A student's model: built behind walls, checked, rebuilt outside, and what it gives for images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.checks.invariance import Invariance
from grader.checks.response import Response, images_of
from grader.errors import SubmissionError, UsageError
from grader.evidence.ask import Asking, assumptions_of, too_large
from grader.evidence.work import Work
from grader.model.architecture import Architecture, canonical_model, check_architecture
from grader.model.claims import read_compiled, read_model, read_sample, read_texts
from grader.records import Evidence, OutputSample, Problem, Program, Shape
from grader.training.shifts import shifted_digits
from grader.training.train import memory_to_hold

if TYPE_CHECKING:
    import numpy as np

SAMPLE_SEED = 1
INSIDE = (
    "The model has classes of the student's own, so it could not be rebuilt: what is said of its "
    "layers is what the student's own program says."
)


def collect_model(
    asking: Asking, work: Work, program: Program, shape: Shape, custom: bool, weights: bool
) -> None:
    """Put the model's description into the evidence.

    Args:
        shape: of the exercise's images.
        custom: whether layers and models of the student's own are taken.
        weights: whether a check will ask for the student's own weights.

    Raises SubmissionError where there is no model to be had.
    """
    try:
        _rebuilt(asking, work, program, shape, weights)
    except SubmissionError as error:
        if error.problem.kind != "custom_layer" or not custom:
            raise
        _inside(asking, work, program, shape)


def _rebuilt(asking: Asking, work: Work, program: Program, shape: Shape, weights: bool) -> None:
    answer = _build(asking, program, shape, weights)
    work.assumptions += assumptions_of(answer)
    work.doubtful = answer.get("doubtful") is True
    custom = read_texts(answer.get("custom"))
    if custom:
        raise SubmissionError(_custom_problem(custom))
    claimed = answer.get("architecture")
    if weights:
        # The weights come as they are: how they were made does not matter.
        claimed, work.weights = _without_initializers(claimed), answer.get("weights")
    work.architecture = check_architecture(claimed)
    request = {"architecture": work.architecture.config, "input_shape": list(shape)}
    described = asking.trusted("describe", request, asking.build_limits)
    work.evidence = Evidence(
        input_shape=shape,
        model=read_model(described.get("model"), rebuilt=True, names=work.architecture.names),
        compiled=read_compiled(answer.get("compiled")),
    )
    _note_input(work, shape)


def _build(asking: Asking, program: Program, shape: Shape, weights: bool) -> dict[str, Any]:
    """Without weights first; a builder that needs them is asked again."""
    if not weights:
        try:
            return asking.student_answer("build", program, shape, weightless=True, weights=False)
        except SubmissionError as error:
            if error.problem.kind not in ("raised", "not_a_model") or not asking.may_try_again:
                raise
    return asking.student_answer("build", program, shape, weightless=False, weights=weights)


def _without_initializers(claimed: Any) -> Any:
    if isinstance(claimed, dict):
        return {
            key: _without_initializers(value)
            for key, value in claimed.items()
            if not str(key).endswith("_initializer")
        }
    if isinstance(claimed, list):
        return [_without_initializers(item) for item in claimed]
    return claimed


def _inside(asking: Asking, work: Work, program: Program, shape: Shape) -> None:
    """Described inside the walls, where the student's classes are."""
    answer = asking.student_answer("learn", program, shape)
    work.architecture = None
    work.assumptions += (INSIDE, *assumptions_of(answer))
    work.evidence = Evidence(
        input_shape=shape,
        model=read_model(answer.get("model"), rebuilt=False),
        compiled=read_compiled(answer.get("compiled")),
        sample=read_sample(answer.get("sample")),
    )


def _note_input(work: Work, asked: Shape) -> None:
    """A model for other images than the exercise's is looked at, and the student told."""
    assert work.evidence.model is not None
    takes = work.evidence.model.input_shapes
    if takes != (asked,):
        takes_one = takes[0] if len(takes) == 1 else takes
        work.assumptions += (f"The model takes {takes_one}; the exercise gives {asked}.",)


def _custom_problem(names: tuple[str, ...]) -> Problem:
    return Problem(
        "custom_layer",
        f"The model uses {', '.join(names[:5])}, written in the notebook, so it cannot be rebuilt "
        "from its description. Build it from Keras's layers, as Sequential or with "
        "keras.Model(inputs, outputs).",
    )


def sample(asking: Asking, work: Work, shape: Shape) -> OutputSample:
    """What the model, with fresh weights, gives for a few random images."""
    request = {**_canonical(asking, work, shape), "seed": SAMPLE_SEED}
    return read_sample(asking.trusted("sample", request, asking.train_limits))


def invariance_outputs(asking: Asking, work: Work, shape: Shape, spec: Invariance) -> np.ndarray:
    """What the model, with fresh weights, gives for digits, first in the middle, then shifted."""
    images = shifted_digits(shape, spec.images, spec.size, spec.shifts)
    request = {**_canonical(asking, work, shape), "seed": spec.seed, "images": [images]}
    (outputs,) = _respond(asking, request)
    return outputs


def responses(asking: Asking, work: Work, shape: Shape, spec: Response) -> list[np.ndarray]:
    """What the model, with the student's own weights, gives for the images of a check."""
    architecture = _rebuildable(work)
    given = work.weights if isinstance(work.weights, dict) else {}
    images = images_of(spec)
    wrong = [image.shape for image in images if image.shape != shape]
    if wrong:
        raise UsageError(f"Check {spec.id}: an image of it is {wrong[0]}, not {shape}.")
    request = {
        **_memory_checked(asking, work, architecture.config, shape),
        "seed": SAMPLE_SEED,
        "weights": [given.get(name, []) for name in architecture.names],
        "images": [image[None] for image in images],
    }
    return [outputs[0] for outputs in _respond(asking, request)]


def _canonical(asking: Asking, work: Work, shape: Shape) -> dict[str, Any]:
    architecture = canonical_model(_rebuildable(work).config)
    return _memory_checked(asking, work, architecture, shape)


def _rebuildable(work: Work) -> Architecture:
    """The architecture. Raises SubmissionError for a model that was kept inside the walls."""
    if work.architecture is None:
        message = "This check needs a model that can be rebuilt from Keras's own layers."
        raise SubmissionError(Problem("custom_layer", message))
    return work.architecture


def _memory_checked(asking: Asking, work: Work, architecture: Any, shape: Shape) -> dict[str, Any]:
    """The request for a model with weights, if they fit into memory."""
    assert work.evidence.model is not None
    needed = memory_to_hold(work.evidence.model)
    if needed > asking.train_limits.memory_bytes:
        raise SubmissionError(too_large(needed, asking.train_limits))
    return {"architecture": architecture, "input_shape": list(shape)}


def _respond(asking: Asking, request: dict[str, Any]) -> Sequence[np.ndarray]:
    answer = asking.trusted_answer("respond", request, asking.train_limits)
    outputs: list[np.ndarray] = answer["outputs"]
    return outputs
