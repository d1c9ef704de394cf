"""Reading the shapes and names that Keras writes into its messages."""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.model import keras_names
from grader.records import Shape
from grader.words import show_shape

Sentence = Callable[[re.Match[str], str], str | None]
"""Words a matched message; the text is the student's expression that it came from, if known."""

MODELS = {"sequential", "functional", "model"}
SHAPE = re.compile(r"[(\[][\dNone, -]*[)\]]")


def says(words: str) -> Sentence:
    """A sentence in which ``{name}`` stands for a group of the pattern."""
    return lambda match, _: words.format(**match.groupdict())


def numbers(shape: str) -> Shape:
    """``(None, 4, 4, 8)``, or ``[None 4 4 8]`` as NumPy writes it."""
    return tuple(None if n == "None" else int(n) for n in re.findall(r"None|-?\d{1,18}", shape))


def image(shape: str) -> Shape:
    """A shape without its first axis, the batch."""
    return numbers(shape)[1:]


def show_image(shape: str) -> str:
    return show_shape(image(shape))


def layer(name: str) -> str:
    """``max_pooling2d_4`` as ``MaxPooling2D``; a name that the student gave as it is."""
    plain = re.sub(r"_\d+$", "", name).replace("_", "")
    if plain in MODELS:
        return "The model"
    classes = {known.lower(): known for known in keras_names.class_names("layers")}
    return classes.get(plain, f'Layer "{name[:60]}"')


def a(word: str) -> str:
    """``a 5×5``, ``an 11×11``: as it is spoken."""
    article = "an" if re.match(r"8|1[18](?!\d)", word) else "a"
    return f"{article} {word}"
