"""Claims of an architecture that no honest program makes, as source for an attack's notebook."""

from __future__ import annotations

CLAIM = """\
import keras
from grader.sandbox import student

def right():
    return keras.Sequential([
        keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax"),
    ])

def layer(name, module="keras.layers", **config):
    return {"module": module, "class_name": name, "config": config, "registered_name": None}

def function(module, name):
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}

honest = student._architecture
def claim(change):
    def architecture(model):
        saved = honest(model)
        change(saved, saved["config"]["layers"])
        return saved
    student._architecture = architecture
    student._custom_parts = lambda model: []

"""
"""``claim(change)``: hands in ``right()``, with its description changed on the way."""


def claiming(change: str) -> str:
    """A notebook's cell; ``change`` is an expression of ``saved`` and ``layers``, or statements."""
    lines = change.strip("\n").splitlines()
    body = "\n".join(f"    {line}" for line in lines)
    return (
        f"{CLAIM}def change(saved, layers):\n{body}\n\n"
        "def build_cnn():\n    claim(change)\n    return right()\n"
    )


def inserting(layer: str) -> str:
    """A layer that is claimed to stand in front of the last one."""
    return claiming(f"layers.insert(-1, {layer})")
