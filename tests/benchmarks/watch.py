"""``--watch``: from a save to the report of it, structure only, warm."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import ROOT, Row, show
from tests.writing import IMPORTS, RIGHT, write_notebook

ROUNDS = 20


def measure() -> list[Row]:
    """Each save changes the network, so that nothing is known of it from before."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "student.ipynb"
        write_notebook(path, IMPORTS, RIGHT)
        command = [sys.executable, "grade.py", str(path), "--no-train", "--watch", "--json", "-"]
        watching = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"XDG_CACHE_HOME": name},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert watching.stdout is not None
        watching.stdout.readline()
        waited, graded = [], []
        for number in range(ROUNDS):
            new = write_notebook(
                path.with_name("new.ipynb"), IMPORTS, RIGHT.replace("128", str(100 + number))
            )
            started = time.perf_counter()
            os.replace(new, path)
            report = json.loads(watching.stdout.readline())
            waited.append(time.perf_counter() - started)
            graded.append(report["seconds"]["total"])
        watching.kill()
        watching.wait()
        watching.stdout.close()
    ratio = statistics.median(waited) / statistics.median(graded)
    return [
        Row(
            "--watch: from a save to its report, new architecture",
            show(waited),
            f"{ratio:.1f} × the grading itself",
            "≤ 0.5 s",
        )
    ]
