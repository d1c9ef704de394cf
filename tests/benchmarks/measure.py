"""Timing commands in turn, and the table of results."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Row:
    """One measured figure."""

    what: str
    measured: str
    against: str
    budget: str


def seconds_in_turn(
    commands: Sequence[Sequence[str]], rounds: int, environment: dict[str, str] | None = None
) -> list[list[float]]:
    """Wall seconds of each command, run in turn ``rounds`` times after one run not counted."""
    times: list[list[float]] = [[] for _ in commands]
    for turn in range(rounds + 1):
        for command, kept in zip(commands, times, strict=True):
            seconds = _run(command, environment)
            if turn:
                kept.append(seconds)
    return times


def _run(command: Sequence[str], environment: dict[str, str] | None) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return seconds


def seconds_each(work: Callable[[int], object], count: int) -> list[float]:
    """Wall seconds of ``work(0)``, ``work(1)``, …"""
    times = []
    for number in range(count):
        started = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - started)
    return times


def median_ratio(times: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios pair by pair."""
    return statistics.median(a / b for a, b in zip(times, others, strict=True))


def show(times: Sequence[float]) -> str:
    """``3.71 s (3.60 to 4.03)``: median, smallest and largest."""
    middle, low, high = statistics.median(times), min(times), max(times)
    digits = 2 if middle >= 1 else 3
    return f"{middle:.{digits}f} s ({low:.{digits}f} to {high:.{digits}f})"


def print_table(rows: Sequence[Row]) -> None:
    head = Row("what", "measured", "against", "budget")
    table = [(row.what, row.measured, row.against, row.budget) for row in (head, *rows)]
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    for line in table:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
