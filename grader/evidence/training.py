"""Training one model by one check's recipe: outside, or inside the walls where it must be."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from grader.checks.training import Training
from grader.evidence.ask import Asking
from grader.evidence.work import Work
from grader.model.architecture import canonical_model
from grader.records import Program, Shape, TrainingResult
from grader.sandbox.verdict import read_answer
from grader.training.cache import ResultCache
from grader.training.datasets import load_dataset
from grader.training.train import Recipe, Trained, refuse_to_train, train


def train_model(
    asking: Asking, work: Work, spec: Training, shape: Shape, folder: Path
) -> TrainingResult:
    """Train, or know from before.

    Args:
        shape: of the exercise's images.
        folder: where an author's data file is.

    Raises SubmissionError for what a student's process gave that cannot be read, UsageError and
    InternalError where the data cannot be had.
    """
    model, program = work.evidence.model, work.program
    assert model is not None and program is not None
    name, file = spec.dataset or str(spec.file), folder / spec.file if spec.file else None
    dataset = load_dataset(name, file, tuple(axis or 0 for axis in shape), spec.images)
    recipe = Recipe(
        spec.optimizer.type,
        spec.optimizer.args,
        spec.loss,
        spec.epochs,
        spec.batch_size,
        spec.seed,
        spec.min_accuracy,
    )
    refused = refuse_to_train(recipe, dataset, model, asking.train_limits.memory_bytes)
    if refused is not None:
        return refused
    if work.architecture is None:
        inside = partial(_inside, asking, program, shape)
        return train(inside, recipe, dataset, ResultCache(None), {})
    outside = partial(_outside, asking, canonical_model(work.architecture.config), shape)
    key = {"architecture": work.architecture.digest, **asking.versions()}
    return train(outside, recipe, dataset, asking.cache, key)


def _outside(asking: Asking, architecture: Any, shape: Shape, request: dict[str, Any]) -> Trained:
    full = {
        "architecture": architecture,
        "input_shape": list(shape),
        "seconds": asking.train_limits.seconds,
        "memory_bytes": asking.train_limits.memory_bytes,
        **request,
    }
    return asking.trusted_reply("train", full, asking.train_limits)


def _inside(asking: Asking, program: Program, shape: Shape, request: dict[str, Any]) -> Trained:
    """A model that cannot be rebuilt outside trains beside the student's code."""
    reply = asking.student("learn", program, shape, asking.train_limits, **request)
    if reply.ending in ("timeout", "memory"):
        return reply.ending
    return read_answer(reply, program.name, asking.train_limits).get("training")
