"""A class of different networks on Dask workers of this machine, against as many of our own."""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

from tests.batch.dask_cluster import DaskCluster
from tests.benchmarks.classes import all_different
from tests.benchmarks.family import watch
from tests.benchmarks.measure import Row

COUNT = 40
WORKERS = (1, 2, 4)
ASSIGNMENT = """\
format: 1
id: 03-cnn-structure
title: A small CNN, trained for a moment
exercises:
  - id: cnn
    build: build_cnn
    also: [cnn, model]
    input_shape: [28, 28, 1]
    checks:
      - {type: output_shape, expect: [10], points: 10}
      - {type: training, dataset: digits, epochs: 1, min_accuracy: 0.1, points: 10}
"""


def measure() -> list[Row]:
    """The whole command each time, and nothing known from before."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        all_different(folder / "submitted", COUNT)
        (folder / "assignments").mkdir()
        (folder / "assignments" / "short.yaml").write_text(ASSIGNMENT)
        return [_row(folder, workers) for workers in WORKERS]


def _row(folder: Path, workers: int) -> Row:
    ours = _grade(folder, f"local-{workers}", f"--jobs={workers}")
    with DaskCluster(folder) as cluster:
        for _ in range(workers):
            cluster.start_worker("--no-nanny")
        dask = _grade(folder, f"dask-{workers}", f"--cluster={cluster.address}")
    if _scores(folder / f"local-{workers}") != _scores(folder / f"dask-{workers}"):
        sys.exit(f"{workers} Dask workers give other grades than {workers} of our own.")
    plural = "s" if workers > 1 else ""
    return Row(
        f"{COUNT} notebooks, {COUNT} architectures, {workers} Dask worker{plural}",
        f"{dask:.1f} s",
        f"{dask / ours:.2f} × as many of our own ({ours:.1f} s)",
        "",
    )


def _grade(folder: Path, out: str, option: str) -> float:
    assignment = f"--assignment={folder / 'assignments' / 'short.yaml'}"
    command = [sys.executable, "grade.py", str(folder / "submitted"), assignment]
    environment = {"XDG_CACHE_HOME": str(folder / f"{out}-cache")}
    return watch([*command, f"--out={folder / out}", option], environment).seconds


def _scores(out: Path) -> list[list[str]]:
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))
