"""Notebooks of every kind, warm, structure only: nothing is known of any of them from before."""

from __future__ import annotations

import math
import statistics

import yaml

from grader.assignment.load import load_assignment
from grader.pipeline import Tools, grade_one
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.benchmarks.measure import ROOT, Row, seconds_each

FOLDER = ROOT / "tests" / "notebooks"
TO_THE_LIMIT = ("timeout", "memory", "output")
"""Verdicts that take as long as the assignment allows."""


def measure() -> list[Row]:
    """Every notebook of ``tests/notebooks`` but those that run until they are stopped."""
    rows = {
        name: row
        for table in sorted(FOLDER.glob("*.yaml"))
        for name, row in yaml.safe_load(table.read_text()).items()
        if row["verdict"] not in TO_THE_LIMIT
    }
    names = list(rows)
    assignments = {
        name: load_assignment(
            FOLDER / "assignments" / f"{rows[name].get('assignment', 'cnn')}.yaml"
        )
        for name in names
    }
    with Sandbox() as sandbox:
        tools = Tools(sandbox, ResultCache(None), train=False)
        for name in names[:3]:
            grade_one(FOLDER / name, assignments[name], tools)
        times = seconds_each(
            lambda i: grade_one(FOLDER / names[i], assignments[names[i]], tools), len(names)
        )
    times.sort()
    late = times[math.ceil(0.95 * len(times)) - 1]
    middle = statistics.median(times)
    what = f"one of {len(names)} notebooks of every kind, warm, structure only"
    return [
        Row(f"{what}: median", f"{middle:.3f} s", "", "≤ 0.08 s"),
        Row(
            f"{what}: 95th percentile", f"{late:.3f} s", f"{late / middle:.1f} × median", "≤ 0.3 s"
        ),
    ]
