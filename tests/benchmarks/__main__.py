"""Figures that depend on the machine: ``python -m tests.benchmarks [NAME …]``.

Each is compared with something else, measured in turn in the same run, so that a slow or busy
machine slows both.
"""

from __future__ import annotations

import sys

from tests.benchmarks import (
    alexnet,
    batch,
    cluster,
    command,
    limits,
    neighbours,
    notebook,
    repair,
    structure,
    walls,
    warm,
    watch,
)
from tests.benchmarks.measure import Row, print_table

BENCHMARKS = {
    "notebook": notebook.measure,
    "help": command.measure,
    "alexnet": alexnet.measure,
    "warm": warm.measure,
    "structure": structure.measure,
    "walls": walls.measure,
    "limits": limits.measure,
    "neighbours": neighbours.measure,
    "batch": batch.measure,
    "cluster": cluster.measure,
    "repair": repair.measure,
    "watch": watch.measure,
}


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"Unknown: {', '.join(unknown)}. Known: {', '.join(BENCHMARKS)}.")
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        print(f"measuring {name} …", file=sys.stderr)
        rows += BENCHMARKS[name]()
    print_table(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
