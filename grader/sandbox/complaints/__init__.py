"""What an exception says, in one sentence or two: Keras's complaints in the lecture's words.

The messages are those of Keras 3; each pattern is held by a test to the error that the installed
Keras really raises. What no pattern knows is left to the caller as Keras said it.
"""

from __future__ import annotations

import re

from grader.sandbox.complaints.arguments import ARGUMENTS
from grader.sandbox.complaints.missing import MISSING
from grader.sandbox.complaints.reading import Sentence
from grader.sandbox.complaints.shapes import SHAPES
from grader.sandbox.complaints.wiring import WIRING

TABLE: tuple[tuple[re.Pattern[str], Sentence], ...] = tuple(
    (re.compile(pattern), words) for pattern, words in (*MISSING, *SHAPES, *ARGUMENTS, *WIRING)
)
"""Patterns over messages, and our sentences for them; the first that fits is taken."""


OUR_OWN = ("AbsentValue", "OldKeras", "OldModule")
"""Exceptions of the stand-ins, which speak to the student already."""
MAX_MESSAGE = 400
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_KERAS_HEAD = re.compile(r"^Exception encountered when calling [^\n]*\n+")
_KERAS_TAIL = re.compile(r"\n\n(?:Arguments received by|Call arguments received)")
_INTERNALS = re.compile(
    r" \((?:unknown location|/[^()\n]*\.(?:py|so))\)|\{\{function_node [^}\n]*\}\} ?| ?\[Op:\w+\]"
)
"""Files of Python's packages, and the names that TensorFlow gives to its own functions."""


def explain(type_name: str, text: str, expression: str = "") -> str:
    """An exception in the lecture's words where there are some, else as Python says it.

    Args:
        type_name: of the exception's class.
        text: what it says.
        expression: what the student wrote that raised it, such as a call, where it is known.
    """
    if type_name in OUR_OWN:
        return _bounded(text)
    ours = rephrase(tidy(text), expression)
    if ours:
        return _bounded(ours)
    cleaned = clean_exception(text)
    return f"{type_name}: {cleaned}" if cleaned else type_name


def clean_exception(text: str) -> str:
    """An exception's message in one sentence or two, without colours, frames and dumps."""
    # Keras counts the batch axis as None; the lecture and this report leave it out.
    text = re.sub(r"\(None, (\d+|None)\)", r"(\1,)", tidy(text))
    return _bounded(text.replace("(None, ", "("))


def tidy(text: str) -> str:
    """The first paragraph of a message, in one line."""
    text = _KERAS_HEAD.sub("", _ANSI.sub("", text).lstrip())
    text = _KERAS_TAIL.split(text)[0]
    paragraph = next((part for part in text.split("\n\n") if part.strip()), "")
    return " ".join(_INTERNALS.sub("", paragraph).replace("`", "").split())


def _bounded(text: str) -> str:
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def rephrase(text: str, expression: str = "") -> str | None:
    """Our sentence for a message of Keras or Python; None where there is none.

    Args:
        text: the message, without colours, backticks and dumps, in one line.
        expression: what the student wrote that raised it, such as a call, where it is known.
    """
    for pattern, words in TABLE:
        match = pattern.search(text)
        if match:
            return words(match, expression)
    return None
