"""Classes of made-up students for assignment 03, each a seed's: the same seed, the same bytes.

An architecture is plain data, a list of layers, and a student is a way to write it down. Files
lie as nbgrader wants them, ``FOLDER/STUDENT/03-cnn-structure/03-cnn-structure.ipynb``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tests.benchmarks.handwriting import Layer, write_down

ASSIGNMENT = "03-cnn-structure"
Kind = Literal["right", "near", "broken"]
Layers = tuple[Layer, ...]
Cell = dict[str, Any]
"""Of a notebook, as JSON has it."""

RIGHT_SHARE, NEAR_SHARE = 0.7, 0.2


@dataclass(frozen=True, slots=True)
class Member:
    """One student and what is handed in."""

    name: str
    kind: Kind
    what: str
    """Such as ``pool forgotten``; empty where it is right."""
    data: bytes


def conv(filters: int, kernel: int = 3, **more: Any) -> Layer:
    return Layer("Conv2D", (filters, kernel), {"activation": "relu"} | more)


def dense(units: int, activation: str | None = "relu") -> Layer:
    return Layer("Dense", (units,), {"activation": activation} if activation else {})


POOL = Layer("MaxPooling2D", (2,))
FLATTEN = Layer("Flatten")
REFERENCE: Layers = (
    conv(24),
    POOL,
    conv(36),
    POOL,
    FLATTEN,
    dense(128),
    dense(10, "softmax"),
)

NEAR_MISSES: dict[str, Layers] = {
    "same padding": (conv(24, padding="same"), POOL, conv(36, padding="same"), *REFERENCE[3:]),
    "same padding in the second": (*REFERENCE[:2], conv(36, padding="same"), *REFERENCE[3:]),
    "more filters": (conv(32), POOL, conv(64), *REFERENCE[3:]),
    "filters exchanged": (conv(36), POOL, conv(24), *REFERENCE[3:]),
    "a larger kernel": (conv(24, 5), *REFERENCE[1:]),
    "a stride": (conv(24, strides=2), *REFERENCE[1:]),
    "an activation forgotten": (*REFERENCE[:2], conv(36, activation="linear"), *REFERENCE[3:]),
    "tanh": (conv(24, activation="tanh"), POOL, conv(36, activation="tanh"), *REFERENCE[3:]),
    "pool forgotten": (*REFERENCE[:3], *REFERENCE[4:]),
    "one convolution": (*REFERENCE[:2], *REFERENCE[4:]),
    "average pool": (conv(24), Layer("AveragePooling2D", (2,)), *REFERENCE[2:]),
    "global pool": (*REFERENCE[:4], Layer("GlobalAveragePooling2D"), *REFERENCE[5:]),
    "no flatten": (*REFERENCE[:4], *REFERENCE[5:]),
    "half the units": (*REFERENCE[:5], dense(64), REFERENCE[6]),
    "one more dense": (*REFERENCE[:6], dense(64), REFERENCE[6]),
    "no softmax": (*REFERENCE[:6], dense(10, None)),
    "sigmoid": (*REFERENCE[:6], dense(10, "sigmoid")),
    "one output": (*REFERENCE[:6], dense(1, "sigmoid")),
}
"""What students get wrong again and again."""

BREAK: dict[str, Callable[[list[str]], list[str] | None]] = {
    "syntax": lambda cells: [*cells[:-1], cells[-1].replace("(", "((", 1)],
    "not imported": lambda cells: cells[-1:],
    "misspelt": lambda cells: [cell.replace("Conv2D(", "Conv2d(") for cell in cells],
    "shapes": lambda cells: cells,
    "stub": lambda cells: [*cells[:-1], "def build_cnn():\n    raise NotImplementedError"],
    "another name": lambda cells: [*cells[:-1], cells[-1].replace("build_cnn", "lenet")],
    "not returned": lambda cells: [*cells[:-1], cells[-1].replace("return", "result =")],
    "empty file": lambda _: None,
}
TOO_LARGE: Layers = (conv(24, 30), *REFERENCE[1:])
"""No kernel of 30×30 fits on an image of 28×28."""
ENDLESS = "def build_cnn():\n    while True:\n        pass"


def mostly_equal(
    folder: Path, count: int, tests: Sequence[Cell] = (), seed: int = 1, endless: int = 1
) -> list[Member]:
    """A class as it is: most are right, some nearly, some hand in what does not run.

    Args:
        tests: the instructor's own cells, at the end of each notebook.
        endless: how many of the broken ones never end.
    """
    rng = random.Random(seed)
    members = [
        _member(number, kind, _near_miss, tests, rng)
        for number, kind in enumerate(_kinds(count, rng))
    ]
    broken = [place for place, member in enumerate(members) if member.kind == "broken"]
    for place in rng.sample(broken, min(endless, len(broken))):
        data = _notebook(["import keras", ENDLESS], tests)
        members[place] = replace(members[place], what="endless", data=data)
    return _written(folder, members)


def all_different(
    folder: Path, count: int, tests: Sequence[Cell] = (), seed: int = 2
) -> list[Member]:
    """As many architectures as students, all of which are trained."""
    rng = random.Random(seed)
    found: dict[Layers, None] = {}
    while len(found) < count:
        found.setdefault(
            (
                conv(rng.randrange(16, 33), rng.choice((3, 5))),
                POOL,
                conv(rng.randrange(24, 49), 3, padding=rng.choice(("same", "valid"))),
                POOL,
                FLATTEN,
                dense(rng.randrange(64, 193)),
                dense(10, "softmax"),
            )
        )
    members = [
        Member(_name(number), "near", "of its own", _notebook(write_down(own, rng), tests))
        for number, own in enumerate(found)
    ]
    return _written(folder, members)


def structure_only(folder: Path, count: int, seed: int = 3) -> list[Member]:
    """A large class, in which new architectures do not get rarer towards the end.

    Each hundred holds as many of each kind, so that its parts can be compared.
    """
    rng = random.Random(seed)
    kinds = [
        kind for start in range(0, count, 100) for kind in _kinds(min(100, count - start), rng)
    ]
    members = [_member(number, kind, _anything_near, (), rng) for number, kind in enumerate(kinds)]
    return _written(folder, members)


def _kinds(count: int, rng: random.Random) -> list[Kind]:
    right, near = round(RIGHT_SHARE * count), round(NEAR_SHARE * count)
    counts: dict[Kind, int] = {"right": right, "near": near, "broken": count - right - near}
    kinds = [kind for kind, number in counts.items() for _ in range(number)]
    rng.shuffle(kinds)
    return kinds


def _member(
    number: int,
    kind: Kind,
    near: Callable[[random.Random], tuple[str, Layers]],
    tests: Sequence[Cell],
    rng: random.Random,
) -> Member:
    if kind == "right":
        cells: list[str] | None = write_down(REFERENCE, rng)
        what = ""
    elif kind == "near":
        what, layers = near(rng)
        cells = write_down(layers, rng)
    else:
        what = rng.choice(list(BREAK))
        layers = TOO_LARGE if what == "shapes" else REFERENCE
        cells = BREAK[what](write_down(layers, rng, plain=True))
    data = b"" if cells is None else _notebook(cells, tests, title=_name(number))
    return Member(_name(number), kind, what, data)


def _near_miss(rng: random.Random) -> tuple[str, Layers]:
    return rng.choice(list(NEAR_MISSES.items()))


def _anything_near(rng: random.Random) -> tuple[str, Layers]:
    """The same mistakes, with numbers of their own."""
    what, layers = _near_miss(rng)
    numbers = {24: rng.randrange(8, 25), 36: rng.randrange(24, 49), 128: rng.randrange(64, 193)}
    return what, tuple(
        replace(layer, sizes=tuple(numbers.get(size, size) for size in layer.sizes))
        for layer in layers
    )


def _name(number: int) -> str:
    return f"student{number:04}"


def _notebook(cells: Sequence[str], tests: Sequence[Cell], title: str = "") -> bytes:
    """As Jupyter writes it (nbformat 4.5)."""
    heading: Cell = {
        "cell_type": "markdown",
        "metadata": {},
        "source": f"# The structure of a CNN\n{title}",
    }
    code: list[Cell] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": cell.splitlines(keepends=True),
        }
        for cell in cells
    ]
    numbered = [
        cell | {"id": f"cell-{number}"} for number, cell in enumerate((heading, *code, *tests))
    ]
    notebook = {
        "cells": numbered,
        "metadata": {
            "grader": {"assignment": ASSIGNMENT},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1).encode()


def _written(folder: Path, members: list[Member]) -> list[Member]:
    for member in members:
        path = folder / member.name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(member.data)
    return members
