"""One more submission while the sandbox is warm, structure only."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from grader.assignment.load import load_assignment
from grader.choose import FOLDER
from grader.pipeline import Tools, grade_one
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.benchmarks.measure import Row, seconds_each, show
from tests.sandbox.old_keras.speaking import Speaker
from tests.writing import IMPORTS, RIGHT, write_notebook

COUNT = 40


def measure() -> list[Row]:
    """The same architecture again, then one that differs each time."""
    assignment = load_assignment(FOLDER / "03-cnn-structure.yaml")
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        folder = Path(name)
        tools = Tools(sandbox, ResultCache(folder / "cache"), train=False)
        same = [
            write_notebook(folder / f"same{i}.ipynb", f"# {i}\n{IMPORTS}", RIGHT)
            for i in range(COUNT)
        ]
        other = [
            write_notebook(folder / f"other{i}.ipynb", IMPORTS, RIGHT.replace("128", str(100 + i)))
            for i in range(COUNT)
        ]
        grade_one(same[0], assignment, tools)
        seen = seconds_each(lambda i: grade_one(same[i], assignment, tools), COUNT)
        new = seconds_each(lambda i: grade_one(other[i], assignment, tools), COUNT)
    speaker = Speaker()
    speaking = [speaker.ask("")["seconds"] for _ in range(COUNT)]
    speaker.close()
    ratio = statistics.median(new) / statistics.median(seen)
    return [
        Row("one more submission, architecture seen before", show(seen), "", "≤ 0.08 s"),
        Row("one more submission, new architecture", show(new), f"{ratio:.1f} × a seen one", ""),
        Row("of it, understanding older Keras", show(speaking), "", "≤ 0.005 s"),
    ]
