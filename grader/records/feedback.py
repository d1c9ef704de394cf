"""What teaches beside the checks: changes that would put a model right, and remarks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repair:
    """One way to put a model right, found by trying it."""

    changes: tuple[str, ...]
    """One or two sentences: ``Layer 3, Conv2D (conv2d_1): padding="valid" instead of "same".``"""
    names: tuple[str, ...]
    """The edits as the table of edits names them."""
    layers: tuple[int, ...]
    """Indices of the layers that it touches, in the found model."""
    gain: float
    """Points of visible checks that it would bring."""
    whole: bool = True
    """Whether all visible checks of the structure pass then."""
    unlisted: int = 0
    """How many more there are that are as good and not listed."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth knowing that costs no points."""

    id: str
    what: str
    why: str
    see: str
    """How to see it for oneself."""
    layer: int | None = None
    """Index in the found model."""
