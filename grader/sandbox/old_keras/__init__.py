"""Older words of Keras and TensorFlow, understood in a student's fork.

``speak_old_keras`` patches this process, and is meant for a fork that ends after one job. What
has one clear meaning in Keras 3 is read so, and said; what has none raises ``OldKeras``, whose
text tells how it is written today. A model is never quietly another one.

``moved.py`` and ``renamed.py`` are the tables, ``modules.py`` and ``arguments.py`` the code
around them; ``convolution.py`` knows ``Convolution2D(32, 3, 3)``, ``older_names.py`` the class
``Convolution2D``, ``functions.py`` what is a function of ours, ``refusals.py`` what has no place
today, ``interpreter.py`` what is said.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.sandbox.old_keras import arguments, functions, modules, older_names, refusals
from grader.sandbox.old_keras.interpreter import Interpreter, OldKeras

__all__ = ["OldKeras", "prepare", "speak_old_keras"]


def prepare() -> None:
    """Work out once, before forking, what ``speak_old_keras`` would else in each fork.

    It changes nothing that others see. TensorFlow and Keras are loaded.
    """
    arguments.prepare()
    modules.frozen_modules()


def speak_old_keras(translate: bool, note: Callable[[str], None], keras_1: bool = False) -> None:
    """Understand older Keras in this process from now on.

    Args:
        translate: whether what has one clear meaning today is read so; else it raises too.
        note: is told each kind of translation once, as a sentence for the report.
        keras_1: whether words of Keras 1 stand elsewhere in the notebook, so that
            ``Conv2D(32, 3, 3)`` was written for it.
    """
    interpreter = Interpreter(translate, note, keras_1)
    arguments.patch(interpreter)
    older_names.patch(interpreter)
    functions.patch(interpreter)
    refusals.patch()
    modules.patch(interpreter)
