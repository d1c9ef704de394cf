"""``check`` in a real kernel: wrong first, then right, and nothing of the kernel's is touched."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tests.writing import IMPORTS, RIGHT

WRONG = RIGHT.replace("36, 3,", '36, 3, padding="same",')
STATE = """\
import random, sys, os, threading, warnings, signal
import numpy as np, tensorflow as tf, keras
def state():
    return {
        "random": random.getstate(),
        "numpy": [str(part) for part in np.random.get_state()],
        "keras": (keras.config.floatx(), keras.config.epsilon(), keras.config.backend(),
                  keras.config.image_data_format(), keras.config.dtype_policy().name),
        "seed": keras.src.backend.common.global_state.get_global_attribute("global_random_seed"),
        "names": dict(keras.src.backend.common.global_state.get_global_attribute(
            "object_name_uids") or {}),
        "tensorflow": tf.random.get_global_generator().state.numpy().tolist(),
        "threads": (tf.config.threading.get_intra_op_parallelism_threads(),
                    tf.config.threading.get_inter_op_parallelism_threads()),
        "devices": str(tf.config.get_visible_devices()),
        "eager": tf.executing_eagerly(),
        "deterministic": tf.config.experimental.is_op_determinism_enabled()
            if hasattr(tf.config.experimental, "is_op_determinism_enabled") else None,
        "warnings": list(warnings.filters),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "path": list(sys.path),
        "hook": sys.excepthook,
        "out": (sys.stdout, sys.stderr),
        "signals": [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGCHLD, signal.SIGTERM)],
        "recursion": sys.getrecursionlimit(),
        "names of the notebook": {n: id(v) for n, v in globals().items() if n[0] != "_"
                                  and n not in ("before", "shown", "In", "Out")},
        "weights": [w.tobytes() for w in model.get_weights()],
        "layers": [(id(layer), layer.name, str(layer.get_config())) for layer in model.layers],
        "function": (id(build_cnn), build_cnn.__code__, dict(vars(build_cnn))),
    }
modules = set(sys.modules)
"""
CELLS = [
    IMPORTS,
    WRONG,
    "from grader import check",
    'check("03-cnn-structure")',
    RIGHT,
    "model = build_cnn()\nkeras.utils.set_random_seed(5)\ncheck()",
    STATE,
    "before = state()",
    "shown = check(build_cnn, '03-cnn-structure', train=False)",
    "print([key for key, value in state().items() if value != before[key]])\n"
    "print(sorted({m.partition('.')[0] for m in set(sys.modules) - modules}))",
    "print(shown.report['score'], shown.report['max_score'])\ncheck(model, train=False)",
    'check(model, "04")',
    "raise ValueError('a cell that raised')",
    "def build_cnn(:",
    'check("03", train=False)',
]


@pytest.fixture(scope="module")
def outputs() -> list[Any]:
    """What each cell shows, run in a kernel of its own."""
    cells = [new_code_cell(cell) for cell in CELLS]
    notebook = new_notebook(cells=cells)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the kernel's transport
        loop = asyncio.new_event_loop()
        client = NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True)
        loop.run_until_complete(client.async_execute())
        loop.close()
    return [[nbformat.from_dict(output) for output in cell.outputs] for cell in notebook.cells]


def text(output: list[Any]) -> str:
    return "".join(
        part["text"] if part["output_type"] == "stream" else part["data"]["text/plain"]
        for part in output
        if part.get("name") != "stderr"
    )


def test_wrong_first_then_right(outputs: list[Any]) -> None:
    wrong, right = text(outputs[3]), text(outputs[5])
    assert wrong.splitlines()[0].split()[-3:] == ["85", "/", "100"]
    assert 'has padding="same"' in " ".join(wrong.split())
    assert "(build_cnn, cell 2)" in wrong
    assert right.splitlines()[0].split()[-3:] == ["100", "/", "100"]
    assert "(build_cnn, cell 5)" in right
    assert "Cells are counted as they were run: cell 5 is In [5]." in right


def test_a_notebook_shows_a_page_and_a_terminal_text(outputs: list[Any]) -> None:
    (shown,) = outputs[3]
    assert shown["output_type"] == "execute_result"
    assert "03-cnn-structure" in shown["data"]["text/html"]
    assert "\x1b" not in shown["data"]["text/plain"]


def test_nothing_of_the_kernel_is_touched(outputs: list[Any]) -> None:
    changed, imported = text(outputs[9]).splitlines()
    assert changed == "[]"
    assert imported == "[]"


def test_a_model_goes_by_its_name(outputs: list[Any]) -> None:
    printed, report = text(outputs[10][:1]), text(outputs[10][1:])
    assert printed == "70.0 100.0\n"
    assert "(model, cell 6)" in report
    assert "build_cnn is there too" in report


def test_a_name_that_is_not_asked_for_is_a_sentence(outputs: list[Any]) -> None:
    assert "04-stride-padding asks for" in text(outputs[11])
    assert "called model" in text(outputs[11])


def test_broken_cells_cost_only_themselves(outputs: list[Any]) -> None:
    assert text(outputs[14]).splitlines()[0].split()[-3:] == ["70", "/", "100"]
    assert "defined again in cell 14" in " ".join(text(outputs[14]).split())
