"""A small assignment, what students hand in to it, and the command that grades a class of them."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.batch.ledger import FILE
from tests.conftest import ROOT

ASSIGNMENT = """\
format: 1
id: small
title: Small
late: {per_day: 10%, max: 50%}
limits: {build_seconds: 60}
exercises:
  - id: counts
    answers: answers
    checks:
      - {type: answers, expect: {weights: 36, biases: 4}, points: 10}
"""
WITH_TRAINING = f"""\
{ASSIGNMENT}\
  - id: cnn
    build: build_cnn
    input_shape: [8, 8, 1]
    checks:
      - {{type: training, dataset: digits, images: 200, epochs: 1, min_accuracy: 0.01, points: 10}}
"""


def notebook(*cells: str) -> bytes:
    """A notebook of code cells; the same cells give the same bytes."""
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    content = {"cells": [{**code, "source": cell} for cell in cells], "metadata": {}}
    return json.dumps({**content, "nbformat": 4, "nbformat_minor": 4}).encode()


MODEL = """\
import keras
def build_cnn():
    return keras.Sequential([
        keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")
    ])
"""
RIGHT = notebook("answers = {'weights': 36, 'biases': 4}")
HALF = notebook("answers = {'weights': 36, 'biases': 5}")
WITHOUT = notebook("print('I will do it tomorrow')")
"""Its report needs no program to be run."""
BROKEN = b'{"cells": ['
"""Needs none either."""
ENDLESS = notebook("answers = {}\nwhile True:\n    answers['weights'] = 36")


def write_assignment(folder: Path, text: str = ASSIGNMENT) -> Path:
    """An assignment file in a folder of its own, which is made."""
    path = folder / "assignments" / "small.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def small_assignment(folder: Path, text: str = ASSIGNMENT) -> LoadedAssignment:
    return load_assignment(write_assignment(folder, text))


def write_class(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Files of a class, in a folder that is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def command(*arguments: object) -> list[str]:
    """The command line, for any folder to be run in."""
    return [sys.executable, str(ROOT / "grade.py"), *map(str, arguments)]


def run(
    *arguments: object,
    cwd: Path | None = None,
    prepare: Callable[[], object] | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run the command, without a terminal; ``prepare`` is called in its process first."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        preexec_fn=prepare,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    """Start the command in a process group of its own, as a terminal does."""
    return subprocess.Popen(
        command(*arguments),
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        process_group=0,
    )


def rows(out: Path) -> int:
    """How many reports a run has written so far, whether or not it still goes on."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{out / FILE}?mode=ro", uri=True)) as opened:
            (count,) = opened.execute("SELECT count(report) FROM graded").fetchone()
    except sqlite3.OperationalError:  # it is not there yet, or still empty
        return 0
    return int(count)


def grade_book(out: Path) -> list[dict[str, str]]:
    """The lines of ``grades.csv``."""
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def scores(out: Path) -> dict[str, str]:
    return {line["student"]: line["score"] for line in grade_book(out)}


def reports(out: Path) -> dict[str, Any]:
    """The reports, by their file's name."""
    return {path.name: json.loads(path.read_text()) for path in (out / "reports").iterdir()}
