"""How fast the command answers."""

from __future__ import annotations

import statistics
import sys

from tests.benchmarks.measure import Row, median_ratio, seconds_in_turn, show

ROUNDS = 15


def measure() -> list[Row]:
    """``grade.py --help`` beside a Python that does nothing."""
    help_, nothing = seconds_in_turn(
        [[sys.executable, "grade.py", "--help"], [sys.executable, "-c", "pass"]], ROUNDS
    )
    return [
        Row(
            "python grade.py --help",
            show(help_),
            f"{median_ratio(help_, nothing):.1f} × python -c pass "
            f"({statistics.median(nothing):.3f} s)",
            "≤ 0.2 s",
        )
    ]
