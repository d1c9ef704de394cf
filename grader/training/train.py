"""Training from the outside: what is sent in, what is scored, and when another seed is tried."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from grader.errors import SubmissionError
from grader.model.arithmetic import matches
from grader.records import (
    Epoch,
    ModelDescription,
    OneBatch,
    Problem,
    TrainingResult,
    TrainingRun,
)
from grader.training.cache import ResultCache
from grader.training.datasets import Dataset

if TYPE_CHECKING:
    import numpy as np

NEAR = 0.02
"""Just below the threshold, luck may have decided: other seeds are tried."""
EXTRA_SEEDS = 2
FLOAT_BYTES = 4
MAX_REASON = 400
MAX_SHARES = 500
MOST_SHOWN = 10**6
HIGHEST_LOSS = 1e9
"""Beyond these, what says how a single batch was learned was made up."""

Trained = Any
"""What training gave, as plain values not yet trusted; or ``timeout`` or ``memory``."""
Ask = Callable[[dict[str, Any]], Trained]
"""Sends a request to train (``recipe`` and ``images``) and waits for what it gives."""


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


def refuse_to_train(
    recipe: Recipe, dataset: Dataset, model: ModelDescription, memory_bytes: int
) -> TrainingResult | None:
    """The result for a model that cannot be trained, which is seen before anything runs.

    Either it does not fit the data (``unsuited``), or its weights and their gradients alone are
    larger than ``memory_bytes``. None for any other model.
    """
    outcome: Literal["unsuited", "memory"]
    takes = len(model.input_shapes) == 1 and matches(
        model.input_shapes[0], dataset.train.images.shape[1:]
    )
    outputs = model.output_shapes
    gives = len(outputs) == 1 and len(outputs[0]) == 1 and (outputs[0][0] or 0) >= dataset.classes
    if not (takes and gives and model.trainable_params):
        outcome = "unsuited"
    elif (model.total_params + model.trainable_params) * FLOAT_BYTES > memory_bytes:
        outcome = "memory"
    else:
        return None
    run = TrainingRun(recipe.seed, None, (), outcome)
    return TrainingResult((run,), len(dataset.test.labels), 0.0, False)


def memory_to_hold(model: ModelDescription) -> int:
    """Bytes that making the weights takes at the least: all of them, and the largest layer's
    once more while its initial values are computed."""
    largest = max((layer.params for layer in model.layers), default=0)
    return (model.total_params + largest) * FLOAT_BYTES


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
    known = _as_run(cache.get(full_key))
    if known is not None:
        return known, True
    with cache.alone(full_key):
        # Somebody else may have trained the same meanwhile.
        known = _as_run(cache.get(full_key))
        if known is not None:
            return known, True
        return _run_now(ask, recipe, steps, dataset, cache, full_key), False


def _run_now(
    ask: Ask,
    recipe: Recipe,
    steps: dict[str, Any],
    dataset: Dataset,
    cache: ResultCache,
    key: dict[str, Any],
) -> TrainingRun:
    images = {
        "train": dataset.train.images,
        "train_labels": dataset.train.labels,
        "validation": dataset.validation.images,
        "test": dataset.test.images,
    }
    trained = ask({"recipe": steps, "images": images})
    run = score_run(trained, recipe.epochs, steps["seed"], dataset)
    if run.outcome in ("finished", "diverged"):
        # Limits of time and memory belong to this machine, not to the model.
        cache.put(key, asdict(run))
    return run


def score_run(trained: Trained, epochs: int, seed: int, dataset: Dataset) -> TrainingRun:
    """Compare the predicted classes with labels that the training process never had.

    Raises SubmissionError (``unreadable``) for a model that cannot be trained, and for values
    that are not in the form of ``fit.train_model``'s: they may come from a student's process.
    """
    if isinstance(trained, str) and trained in ("timeout", "memory"):
        return TrainingRun(seed, None, (), "timeout" if trained == "timeout" else "memory")
    if not isinstance(trained, dict):
        raise _unreadable()
    if isinstance(trained.get("refused"), str):
        reason = " ".join(trained["refused"].split())[:MAX_REASON]
        raise SubmissionError(Problem("unreadable", f"The model cannot be trained: {reason}"))
    try:
        curve = tuple(_epoch(epoch, dataset) for epoch in trained["epochs"][:epochs])
        first = _finite(trained.get("first_loss"))
        if trained["outcome"] == "diverged":
            return TrainingRun(seed, None, curve, "diverged", first)
        if trained["outcome"] != "finished" or len(curve) < epochs:
            raise ValueError
        accuracy = _share_right(trained["test"], dataset.test.labels)
    except (LookupError, TypeError, ValueError) as error:
        raise _unreadable() from error
    silent, few = _shares(trained.get("silent")), _one_batch(trained.get("one_batch"))
    return TrainingRun(seed, accuracy, curve, "finished", first, silent, few)


def _finite(value: Any) -> float | None:
    return value if isinstance(value, float) and math.isfinite(value) else None


def _shares(values: Any) -> tuple[float, ...]:
    """Shares from 0 to 1; none where they are anything else."""
    listed = values if isinstance(values, list) and len(values) <= MAX_SHARES else []
    good = all(isinstance(value, float) and 0 <= value <= 1 for value in listed)
    return tuple(listed) if good else ()


def _one_batch(values: Any) -> OneBatch | None:
    """None for anything that is not in the form of ``fit.learn_one_batch``'s."""
    try:
        read = OneBatch(**values)
    except TypeError:
        return None
    counts, losses = (read.images, read.steps), (read.first_loss, read.last_loss)
    good = all(type(n) is int and 0 < n <= MOST_SHOWN for n in counts) and all(
        _finite(loss) is not None and abs(loss) <= HIGHEST_LOSS for loss in losses
    )
    return read if good else None


def _unreadable() -> SubmissionError:
    return SubmissionError(Problem("unreadable", "What came back from training cannot be read."))


def _epoch(epoch: Mapping[str, Any], dataset: Dataset) -> Epoch:
    loss, accuracy = epoch["loss"], epoch["accuracy"]
    if not (isinstance(loss, float) and isinstance(accuracy, float)):
        raise TypeError
    if not (math.isfinite(loss) and 0 <= accuracy <= 1):
        raise ValueError
    return Epoch(loss, accuracy, _share_right(epoch["validation"], dataset.validation.labels))


def _share_right(classes: Any, labels: np.ndarray) -> float:
    """Accuracy; what is no row of whole numbers of the right length is all wrong."""
    if getattr(classes, "shape", None) != labels.shape or classes.dtype.kind not in "iu":
        return 0.0
    return float((classes == labels).mean())


def _as_run(stored: Any) -> TrainingRun | None:
    """A run as the cache has it; None for anything else, which is then made again."""
    try:
        epochs = tuple(Epoch(**epoch) for epoch in stored["epochs"])
        silent = tuple(stored.get("silent", ()))
        few = _one_batch(stored.get("one_batch"))
        return TrainingRun(**(stored | {"epochs": epochs, "silent": silent, "one_batch": few}))
    except (LookupError, TypeError):
        return None
