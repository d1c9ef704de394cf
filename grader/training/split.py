"""Images with their labels, and how they are divided: always in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SPLIT_SEED = 20_210_811


@dataclass(frozen=True, slots=True)
class Split:
    """Images (n, height, width, channels) as they came, and labels (n,)."""

    images: np.ndarray
    labels: np.ndarray


def stratified(labels: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of a ``share`` with the same mix of classes, and of the rest; both sorted."""
    import numpy as np

    generator = np.random.default_rng(SPLIT_SEED)
    wanted = round(share * len(labels))
    rows_of = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    exact = np.array([len(rows) * share for rows in rows_of])
    counts = np.floor(exact).astype(int)
    # Largest remainder: the parts add up to the whole.
    for i in np.argsort(-(exact - counts), kind="stable")[: max(0, wanted - counts.sum())]:
        counts[i] += 1
    part = np.sort(
        np.concatenate([generator.permutation(r)[:n] for r, n in zip(rows_of, counts, strict=True)])
    )
    rest = np.setdiff1d(np.arange(len(labels)), part)
    return part, rest
