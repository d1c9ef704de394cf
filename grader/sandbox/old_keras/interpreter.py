"""What is said about an older word: that it was read as today's, or how to write it today."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable
from numbers import Integral
from typing import Any

MAX_SHOWN = 40
"""Characters of a student's value in a sentence."""


class OldKeras(Exception):
    """Older Keras or TensorFlow that has no clear meaning today; the text says what to write."""


class OldModule(OldKeras, ModuleNotFoundError):
    """A module that is gone: a student's ``except ImportError`` may have another way."""


class Interpreter:
    """Tells each kind of translation once, or refuses it where nothing is to be translated."""

    def __init__(self, translate: bool, note: Callable[[str], None], keras_1: bool = False) -> None:
        self.translate = translate
        self.keras_1 = keras_1
        """Whether the notebook is written for Keras 1, by words elsewhere in it."""
        self._note = note
        self._told: set[Hashable] = set()

    def read_as(
        self, was: str, now: str, kinds: Iterable[Hashable] = (), error: type[OldKeras] = OldKeras
    ) -> None:
        """Say that ``was`` is ``now`` today, unless all its ``kinds`` have been told.

        Raises:
            OldKeras: when the author of the assignment wants no translation.
        """
        self.say(f"{was} was read as {now}.", belongs(was, f"Write {now}."), kinds, error)

    def say(
        self,
        note: str,
        refusal: str,
        kinds: Iterable[Hashable] = (),
        error: type[OldKeras] = OldKeras,
    ) -> None:
        """Give the note of a translation, or its refusal where nothing is translated."""
        if not self.translate:
            raise error(refusal)
        self.remark(note, kinds)

    def remark(self, note: str, kinds: Iterable[Hashable] = ()) -> None:
        """Say something once that holds whether or not anything is translated."""
        new = set(kinds) or {note}
        if not new <= self._told:
            self._note(note)
        self._told |= new


def belongs(was: str, advice: str) -> str:
    system = "TensorFlow" if was.startswith("tf.") else "Keras"
    return f"{was} belongs to an older {system}. {advice}"


def asked_by_student(depth: int = 2) -> bool:
    """Whether the caller of the function that asks is not Keras itself.

    Keras's own calls, as when it reads a saved model, never mean an older Keras.
    """
    name = sys._getframe(depth).f_globals.get("__name__", "")
    return not str(name).startswith(("keras.", "tensorflow."))


def show(value: Any) -> str:
    """A value as it is written in a call; what is not short and plain is ``…``."""
    if type(value) is str:
        shown = f'"{value}"' if value.isprintable() else "…"
    elif value is None or isinstance(value, bool | int | float):
        shown = repr(value)
    elif isinstance(value, Integral):
        shown = str(int(value))
    elif type(value) in (tuple, list) and len(value) <= 5:
        inner = ", ".join(show(item) for item in value)
        if type(value) is list:
            shown = f"[{inner}]"
        else:
            shown = f"({inner},)" if len(value) == 1 else f"({inner})"
    else:
        shown = "…"
    return shown if len(shown) <= MAX_SHOWN else "…"


def show_call(name: str, given: Iterable[Any] = (), named: dict[str, Any] | None = None) -> str:
    """``Conv2D(32, padding="same")``."""
    parts = [show(value) for value in given]
    parts += [f"{key}={show(value)}" for key, value in (named or {}).items()]
    return f"{name}({', '.join(parts)})"
