"""What a training gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training images."""

    loss: float
    accuracy: float
    val_accuracy: float


@dataclass(frozen=True, slots=True)
class OneBatch:
    """A few images that a fresh model was shown again and again."""

    images: int
    steps: int
    first_loss: float
    last_loss: float


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One training from one seed."""

    seed: int
    accuracy: float | None
    """On the test images; None when the run did not finish."""
    epochs: tuple[Epoch, ...]
    outcome: Literal["finished", "diverged", "timeout", "memory", "unsuited"]
    """``diverged``: the loss became NaN or infinite. ``unsuited``: input or output do not fit
    the data set, so that nothing was trained."""
    first_loss: float | None = None
    """Of the first batch, before any step; None for losses that are no crossentropy of classes."""
    silent: tuple[float, ...] = ()
    """Of a run that does no better than guessing: for each layer with relu, in their order, the
    share of its units or feature maps that are 0 for every validation image."""
    one_batch: OneBatch | None = None
    """Of a run that does no better than guessing, where it took little time and memory."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """All runs of one ``training`` check; the best one counts."""

    runs: tuple[TrainingRun, ...]
    test_images: int
    seconds: float
    cached: bool

    @property
    def best(self) -> TrainingRun:
        return max(self.runs, key=lambda run: -1.0 if run.accuracy is None else run.accuracy)
