"""What one job may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Counted from the job's own start, and above the memory of the warm process."""

    seconds: float
    memory_bytes: int
