"""Training from the outside: what is sent in, what is scored, and when another seed is tried."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from grader.errors import InternalError
from grader.records import Epoch, ModelDescription, TrainingResult, TrainingRun
from grader.sandbox.client import Reply
from grader.training.cache import ResultCache
from grader.training.datasets import Dataset

if TYPE_CHECKING:
    import numpy as np

NEAR = 0.02
"""Just below the threshold, luck may have decided: other seeds are tried."""
EXTRA_SEEDS = 2

Ask = Callable[[dict[str, Any]], Reply]
"""Sends a request to train (``recipe`` and ``images``) and waits for the answer."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is trained."""

    optimizer: str
    settings: Mapping[str, Any]
    loss: str
    epochs: int
    batch_size: int
    seed: int
    threshold: float
    """Accuracy that is asked for."""


def train(
    ask: Ask, recipe: Recipe, dataset: Dataset, cache: ResultCache, key: dict[str, Any]
) -> TrainingResult:
    """Train from the recipe's seed, and from up to two more when it ends just short.

    Args:
        key: what else the result depends on (architecture, versions), for the cache.
    """
    started = time.perf_counter()
    runs: list[TrainingRun] = []
    cached = True
    for seed in range(recipe.seed, recipe.seed + 1 + EXTRA_SEEDS):
        run, from_cache = _run_once(ask, recipe, seed, dataset, cache, key)
        cached = cached and from_cache
        runs.append(run)
        best = max((r.accuracy for r in runs if r.accuracy is not None), default=None)
        if best is None or not recipe.threshold - NEAR <= best < recipe.threshold:
            break
    seconds = time.perf_counter() - started
    return TrainingResult(tuple(runs), len(dataset.test.labels), seconds, cached)


def unsuited(recipe: Recipe, dataset: Dataset, model: ModelDescription) -> TrainingResult | None:
    """The result for a model that does not fit the data: nothing is trained. Else None."""
    takes = model.input_shapes == (dataset.train.images.shape[1:],)
    outputs = model.output_shapes
    gives = len(outputs) == 1 and len(outputs[0]) == 1 and (outputs[0][0] or 0) >= dataset.classes
    if takes and gives and model.trainable_params:
        return None
    run = TrainingRun(recipe.seed, None, (), "unsuited")
    return TrainingResult((run,), len(dataset.test.labels), 0.0, False)


def _run_once(
    ask: Ask,
    recipe: Recipe,
    seed: int,
    dataset: Dataset,
    cache: ResultCache,
    key: dict[str, Any],
) -> tuple[TrainingRun, bool]:
    steps = {name: value for name, value in asdict(recipe).items() if name != "threshold"}
    steps["seed"] = seed
    full_key = {**key, "recipe": steps, "data": dataset.digest}
    known = cache.get(full_key)
    if known is not None:
        return _as_run(known), True
    images = {
        "train": dataset.train.images,
        "train_labels": dataset.train.labels,
        "validation": dataset.validation.images,
        "test": dataset.test.images,
    }
    run = score_run(ask({"recipe": steps, "images": images}), seed, dataset)
    if run.outcome in ("finished", "diverged"):
        # Limits of time and memory belong to this machine, not to the model.
        cache.put(full_key, asdict(run))
    return run, False


def score_run(reply: Reply, seed: int, dataset: Dataset) -> TrainingRun:
    """Compare the predicted classes with labels that the training process never had."""
    if reply.ending in ("timeout", "memory"):
        ending = cast(Literal["timeout", "memory"], reply.ending)
        return TrainingRun(seed, None, (), ending)
    if reply.ending != "answered":
        raise InternalError(f"Training ended without a result ({reply.ending}). {reply.printed}")
    answer = reply.answer.get("training", reply.answer)
    if answer.get("out_of_memory"):
        return TrainingRun(seed, None, (), "memory")
    epochs = tuple(
        Epoch(
            float(epoch["loss"]),
            float(epoch["accuracy"]),
            _share_right(epoch["validation"], dataset.validation.labels),
        )
        for epoch in answer["epochs"]
    )
    if answer["outcome"] == "diverged":
        return TrainingRun(seed, None, epochs, "diverged")
    return TrainingRun(seed, _share_right(answer["test"], dataset.test.labels), epochs, "finished")


def _share_right(classes: Any, labels: np.ndarray) -> float:
    """Accuracy; what is no row of whole numbers of the right length is all wrong."""
    if getattr(classes, "shape", None) != labels.shape or classes.dtype.kind not in "iu":
        return 0.0
    return float((classes == labels).mean())


def _as_run(stored: Mapping[str, Any]) -> TrainingRun:
    epochs = tuple(Epoch(**epoch) for epoch in stored["epochs"])
    return TrainingRun(stored["seed"], stored["accuracy"], epochs, stored["outcome"])
