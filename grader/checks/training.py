"""``training``: the model learns.

What it checks
    The architecture, with fresh seeded weights, is trained by the assignment's recipe, and its
    accuracy is measured on test images that it never saw. Points grow linearly from
    ``partial_from`` to ``min_accuracy``. Just below the threshold up to two more seeds are
    tried, and the best counts.

Why it matters
    A network with the right shapes may still not learn: a missing activation, dead units, or an
    output that does not fit the loss show only here.

Passes
    check: {type: training, dataset: digits, epochs: 1, min_accuracy: 0.9}
    accuracy: 0.95

Fails
    check: {type: training, dataset: digits, epochs: 1, min_accuracy: 0.9}
    accuracy: 0.5
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from grader.checks.base import CheckSpec, Finding
from grader.checks.patterns import Fault, LossName, Optimizer, OptimizerPattern, refuse
from grader.model.arithmetic import matches
from grader.records import Evidence, TrainingResult
from grader.words import join_words, show_count, show_percent, show_shape

Share = Annotated[float, Field(ge=0, le=1)]


ALIGNMENT_LOSSES = ("ctc", "circle")
"""Losses on sequences, and between images."""


class Training(CheckSpec):
    type: Literal["training"] = "training"
    dataset: Literal["digits", "mnist", "fashion_mnist", "cifar10"] | None = None
    file: str | None = None
    """A ``.npz`` beside the assignment: x_train, y_train, x_test, y_test."""
    images: Annotated[int, Field(ge=10)] | None = None
    """At most so many training images, the same share of each class."""
    epochs: Annotated[int, Field(ge=1, le=1000)] = 5
    batch_size: Annotated[int, Field(ge=1, le=65536)] = 32
    optimizer: Optimizer = OptimizerPattern(type="Adam")
    loss: LossName = "sparse_categorical_crossentropy"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    min_accuracy: Share
    partial_from: Share | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Training:
        if (self.dataset is None) == (self.file is None):
            refuse([Fault((), "Name either a dataset or a file.")])
        if self.loss.lower() in ALIGNMENT_LOSSES:
            message = (
                f"{self.loss} does not compare one class with one label, so it cannot be used."
            )
            refuse([Fault(("loss",), message)])
        if self.partial_from is not None and self.partial_from >= self.min_accuracy:
            refuse([Fault(("partial_from",), "partial_from must be below min_accuracy.")])
        return self


def check_training(spec: Training, evidence: Evidence) -> Finding:
    result = evidence.training[spec.id]
    best = result.best
    expected = {"accuracy": spec.min_accuracy}
    got = {"accuracy": best.accuracy}
    if best.accuracy is None:
        where, why, fix = UNFINISHED[best.outcome]
        if best.outcome == "unsuited":
            why, fix = _unsuited(evidence) or (why, fix)
        return Finding(0, where, "", why, fix, expected, got)
    said = (
        f"{_show_below(best.accuracy, spec.min_accuracy)} of {show_count(result.test_images)} "
        f"images it never saw; {show_percent(spec.min_accuracy)} asked.{_tries(result)}"
    )
    if best.accuracy >= spec.min_accuracy:
        return Finding(1, said, expected=expected, got=got)
    credit = 0.0
    if spec.partial_from is not None:
        way = spec.min_accuracy - spec.partial_from
        credit = max(0.0, (best.accuracy - spec.partial_from) / way)
    learns = best.accuracy >= spec.min_accuracy / 2
    where = "It learns, but not enough." if learns else "It hardly learns."
    fix = "Look at the activations, at the last layer, and at how much the pooling leaves."
    return Finding(credit, where, said, _curve(result), fix, expected, got)


UNFINISHED = {
    "diverged": (
        "The loss became infinite or not a number while training.",
        "From there no further step can make the network better.",
        "Look for a missing activation, or for outputs that the loss cannot take.",
    ),
    "timeout": (
        "Training did not end within its time limit.",
        "The network is larger than the task needs.",
        "Make it smaller: fewer filters, pooling earlier.",
    ),
    "memory": (
        "Training needed more memory than it may use.",
        "The network is larger than the task needs.",
        "Make it smaller: fewer filters, pooling earlier, smaller dense layers.",
    ),
    "unsuited": (
        "The model cannot be trained on this data set.",
        "It must take one image of the asked-for shape, give one number for each class, and have "
        "parameters to learn.",
        "Put the input and output shapes right first.",
    ),
}
"""Where, why and what to try, by the outcome of a run that gave no accuracy."""


def _unsuited(evidence: Evidence) -> tuple[str, str] | None:
    """Why, and what to try, where the model takes other images or learns nothing."""
    model, given = evidence.model, evidence.input_shape
    if model is None or given is None:
        return None
    if len(model.input_shapes) == 1 and not matches(model.input_shapes[0], given):
        takes = show_shape(model.input_shapes[0])
        return (
            f"It takes images of {takes}; those of this exercise are {show_shape(given)}.",
            f"Write keras.Input({given}), and leave out what says otherwise.",
        )
    if not model.trainable_params:
        return (
            "It has no parameters to learn.",
            "Add a layer with weights, or take back trainable=False.",
        )
    return None


def _show_below(accuracy: float, asked: float) -> str:
    """An accuracy that falls short is not rounded up to what is asked."""
    shown = show_percent(accuracy)
    if accuracy < asked and shown == show_percent(asked):
        return show_percent(math.floor(1000 * accuracy) / 1000)
    return shown


def _tries(result: TrainingResult) -> str:
    if len(result.runs) < 2:
        return ""
    tried = ["none" if run.accuracy is None else show_percent(run.accuracy) for run in result.runs]
    return f" Best of {len(result.runs)} seeds: {join_words(tried)}."


def _curve(result: TrainingResult) -> str:
    epochs = result.best.epochs
    if not epochs:
        return ""
    last = epochs[-1]
    return (
        f"After {len(epochs)} epoch{'' if len(epochs) == 1 else 's'} it was right on "
        f"{show_percent(last.accuracy)} of the training images and "
        f"{show_percent(last.val_accuracy)} of the validation images."
    )
