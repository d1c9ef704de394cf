"""The memory of a process and of all that it started, each shared page counted once."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import ROOT


@dataclass(frozen=True, slots=True)
class Watched:
    """What one command took."""

    seconds: float
    parent: list[float]
    """MiB of the process itself, look by look."""
    family: list[float]
    """MiB of it and of everything below it."""


def watch(
    command: Sequence[str],
    environment: dict[str, str],
    look_seconds: float | None = None,
    statuses: Collection[int] = (0,),
) -> Watched:
    """Run a command to its end, with one of the given statuses.

    Args:
        look_seconds: between two looks at the memory of its family; None: it is not looked at.
    """
    parent: list[float] = []
    family: list[float] = []
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while look_seconds is not None and process.poll() is None:
            sizes = [_mebibytes(number) for number in _family(process.pid)]
            if sizes[0]:
                parent.append(sizes[0])
                family.append(sum(sizes))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(look_seconds)
        process.wait()
        seconds = time.perf_counter() - started
    if process.returncode not in statuses:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}.")
    return Watched(seconds, parent, family)


def _family(top: int) -> list[int]:
    """A process and all that descend from it, itself first."""
    children = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            # The name of the program is in brackets and may hold anything.
            after = (folder / "stat").read_text().rpartition(")")[2].split()
            children[int(after[1])].append(int(folder.name))
    found = [top]
    for number in found:
        found += children[number]
    return found


def _mebibytes(number: int) -> float:
    """Proportional set size: of a page that three processes share, a third. 0 once it has ended."""
    try:
        with open(f"/proc/{number}/smaps_rollup") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0
