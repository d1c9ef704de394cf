"""One architecture, written down in the many ways in which students write it."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

INPUT = "(28, 28, 1)"
SIZE_NAMES = {
    "Conv2D": ("filters", "kernel_size"),
    "MaxPooling2D": ("pool_size",),
    "AveragePooling2D": ("pool_size",),
    "Dense": ("units",),
}


@dataclass(frozen=True)
class Layer:
    """A layer of Keras's, its sizes in the order in which Keras takes them."""

    name: str
    sizes: tuple[int, ...] = ()
    more: dict[str, Any] = field(default_factory=dict, hash=False)

    def __hash__(self) -> int:
        return hash((self.name, self.sizes, tuple(self.more.items())))


@dataclass(frozen=True, slots=True)
class _Imports:
    """How Keras is had."""

    text: str
    layers: str
    """What stands before the name of a layer."""
    models: str
    """What stands before ``Sequential``, ``Model`` and ``Input``."""


IMPORTS = (
    _Imports("import keras\nfrom keras import layers", "layers.", "keras."),
    _Imports("from tensorflow import keras\nimport numpy as np", "keras.layers.", "keras."),
    _Imports("import tensorflow as tf", "tf.keras.layers.", "tf.keras."),
    _Imports(
        "from tensorflow.keras.models import Sequential, Model\n"
        "from tensorflow.keras.layers import (\n    Activation, AveragePooling2D, Conv2D, Dense, "
        "Flatten,\n    GlobalAveragePooling2D, Input, MaxPooling2D\n)",
        "",
        "",
    ),
    _Imports("import keras\nimport keras.layers as L\nimport os", "L.", "keras."),
)

FIT = """\
import numpy as np
images, labels = np.random.rand(320, 28, 28, 1), np.random.randint(0, 10, 320)
net = {model}
net.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = net.fit(images, labels, epochs=2, verbose=0)
print(history.history["loss"])"""
PLOT = """\
%matplotlib inline
import numpy as np
import matplotlib.pyplot as plt
plt.imshow(np.random.rand(28, 28), cmap="gray")
plt.show()"""
EXTRAS = (
    "!pip install -q numpy",
    PLOT,
    FIT,
    "{model}.summary()",
    "print(28 - 3 + 1, (28 - 3 + 1) // 2)",
    "def relu(x):\n    return max(0, x)\n\nprint([relu(x) for x in range(-3, 4)])",
    "%time sum(range(1000))",
    "answers = {{'first': 26, 'second': 11}}\nanswers",
)
"""What stands in notebooks beside what was asked for."""


def write_down(layers: Sequence[Layer], rng: random.Random, *, plain: bool = False) -> list[str]:
    """The cells of one notebook; what was asked for is in the last of them that is ``plain``.

    Args:
        plain: one function ``build_cnn`` with the numbers in it, and nothing beside it.
    """
    imports = rng.choice(IMPORTS)
    name = "build_cnn" if plain or rng.random() < 0.8 else rng.choice(("cnn", "model"))
    before, body, result = _body(layers, imports, rng, plain)
    if name == "build_cnn":
        note = '    """A small CNN for handwritten digits."""\n' if rng.random() < 0.5 else ""
        body = f"def build_cnn():\n{note}{textwrap.indent(body, '    ')}\n    return {result}"
        model = "build_cnn()"
    else:
        body = f"{body}\n{name} = {result}"
        model = name
    cells = [imports.text, *before, body]
    if not plain:
        for extra in rng.sample(EXTRAS, rng.randrange(4)):
            cell = extra.format(model=model)
            first = len(cells) if model in cell else 0
            cells.insert(rng.randint(first, len(cells)), cell)
    return cells


def _body(
    layers: Sequence[Layer], imports: _Imports, rng: random.Random, plain: bool
) -> tuple[list[str], str, str]:
    """Cells that come before, the statements, and the expression that gives the model."""
    form = rng.choice(("list", "add", "functional", "loop"))
    constants: dict[str, int] | None = {} if not plain and rng.random() < 0.25 else None
    apart = not plain and rng.random() < 0.3
    first = imports.layers + layers[0].name if not plain and rng.random() < 0.2 else None
    calls = [
        call
        for place, layer in enumerate(layers)
        for call in _calls(layer, place, imports, constants, apart, rng)
    ]
    before = []
    if constants:
        before.append("\n".join(f"{name} = {value}" for name, value in constants.items()))
    if first is not None:
        before.append(
            f"def conv(filters, size, **more):\n    return {first}(filters, size, **more)"
        )
        calls = [call.replace(f"{first}(", "conv(") for call in calls]
        calls = [call.replace("filters=", "").replace("kernel_size=", "") for call in calls]
    return before, *_FORMS[form](calls, imports)


def _calls(
    layer: Layer,
    place: int,
    imports: _Imports,
    constants: dict[str, int] | None,
    apart: bool,
    rng: random.Random,
) -> list[str]:
    """The layer, and its activation in a layer of its own if it is to stand ``apart``."""
    named = rng.random() < 0.3
    arguments = []
    for name, size in zip(SIZE_NAMES.get(layer.name, ()), layer.sizes, strict=True):
        value = f"({size}, {size})" if name.endswith("_size") and rng.random() < 0.5 else str(size)
        if constants is not None and name in ("filters", "units"):
            value = f"{name.upper()}_{place}"
            constants[value] = size
        arguments.append(f"{name}={value}" if named else value)
    more = dict(layer.more)
    activation = more.pop("activation", None) if apart else None
    arguments += [f"{name}={value!r}" for name, value in more.items()]
    calls = [f"{imports.layers}{layer.name}({', '.join(arguments)})"]
    if activation is not None:
        calls.append(f"{imports.layers}Activation({activation!r})")
    return calls


def _as_list(calls: Sequence[str], imports: _Imports) -> tuple[str, str]:
    inner = "".join(f"    {call},\n" for call in [f"{imports.models}Input({INPUT})", *calls])
    return f"net = {imports.models}Sequential([\n{inner}])", "net"


def _by_add(calls: Sequence[str], imports: _Imports) -> tuple[str, str]:
    """With ``input_shape`` in the first layer, as older tutorials have it."""
    first = f"{calls[0][:-1]}, input_shape={INPUT})"
    lines = [f"net = {imports.models}Sequential()"]
    lines += [f"net.add({call})" for call in (first, *calls[1:])]
    return "\n".join(lines), "net"


def _functional(calls: Sequence[str], imports: _Imports) -> tuple[str, str]:
    lines = [f"inputs = {imports.models}Input(shape={INPUT})", f"x = {calls[0]}(inputs)"]
    lines += [f"x = {call}(x)" for call in calls[1:]]
    return "\n".join(lines), f"{imports.models}Model(inputs, x)"


def _by_loop(calls: Sequence[str], imports: _Imports) -> tuple[str, str]:
    inner = "".join(f"    {call},\n" for call in calls)
    text = f"steps = [\n{inner}]\ninputs = {imports.models}Input({INPUT})\nx = inputs\n"
    return f"{text}for step in steps:\n    x = step(x)", f"{imports.models}Model(inputs, x)"


_FORMS = {"list": _as_list, "add": _by_add, "functional": _functional, "loop": _by_loop}
