"""Training, evaluation, weights and pictures of models: answered at once.

The grader trains the model itself. Inside a builder that is being called, training ends the
call: the model that it was about to train is the answer.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from grader.sandbox.standins.absent import Absent
from grader.sandbox.standins.notes import Notes

TRAINS = ("fit", "fit_generator", "train_on_batch")
EVALUATES = ("evaluate", "evaluate_generator", "test_on_batch")
PREDICTS = ("predict", "predict_generator", "predict_on_batch", "predict_proba")
FORGOTTEN = ("save", "save_weights", "load_weights", "export")
PREDICTED = 20
"""Rows of a made-up prediction, where the images are not counted."""

_calling = False


class Trained(BaseException):
    """Ends the call of a builder that trains; no ``except Exception`` of the student's holds it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model


@contextmanager
def builder_is_called() -> Iterator[None]:
    """In this block, training ends the call."""
    global _calling
    before, _calling = _calling, True
    try:
        yield
    finally:
        _calling = before


def answer_training(notes: Notes) -> None:
    """Replace the methods of ``keras.Model`` that use or keep trained weights."""
    import keras

    answers = {
        **dict.fromkeys(TRAINS, _history),
        **dict.fromkeys(EVALUATES, _losses),
        **dict.fromkeys(PREDICTS, _outputs),
        "predict_classes": _classes,
        **dict.fromkeys(FORGOTTEN, _nothing),
    }
    for name, answer in answers.items():
        setattr(keras.Model, name, _answered(name, answer, notes))
    keras.Model.compile = _compiled_if_it_can(keras.Model.compile, notes)
    keras.layers.Normalization.adapt = _nothing
    keras.utils.plot_model = _nothing


def _answered(name: str, answer: Callable[..., Any], notes: Notes) -> Callable[..., Any]:
    """A method that does nothing, and says so."""

    @functools.wraps(answer)
    def method(model: Any, *given: Any, **settings: Any) -> Any:
        if _calling and name in TRAINS + EVALUATES:
            notes.add(f"{name} was not run; the model that it was called on was taken.")
            raise Trained(model)
        notes.add(f"{name} was not run.")
        return answer(model, *given, **settings)

    return method


def _compiled_if_it_can(compile_model: Callable[..., Any], notes: Notes) -> Callable[..., Any]:
    """An optimizer or a loss from a module that is not here costs the settings, not the model."""

    @functools.wraps(compile_model)
    def compile_(model: Any, *given: Any, **settings: Any) -> Any:
        parts = _leaves(given, settings)
        if any(isinstance(part, Absent) for part in parts):
            notes.add("compile was left out: it is given something that is not here.")
            return None
        return compile_model(model, *given, **settings)

    return compile_


def _leaves(*values: Any) -> list[Any]:
    """All values in nested lists, tuples and dicts."""
    import keras

    flat: list[Any] = keras.tree.flatten(values)
    return flat


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _history(model: Any, *_: Any, **__: Any) -> Any:
    import keras

    history = keras.callbacks.History()
    history.set_model(model)
    history.params, history.epoch = {}, [0]
    history.history = defaultdict(lambda: [0.0])
    return history


def _losses(model: Any, *_: Any, return_dict: bool = False, **__: Any) -> Any:
    """The loss, and as many metrics as the model was compiled with."""
    if return_dict:
        return defaultdict(float)
    known = getattr(model, "_compile_metrics", None)
    metrics = known._user_metrics if known else None
    return [0.0] * (1 + len(metrics)) if isinstance(metrics, list | tuple) and metrics else 0.0


def _outputs(model: Any, given: Any = None, *_: Any, **__: Any) -> np.ndarray:
    rows = PREDICTED
    with suppress(Exception):  # a data set of unknown length, what is not here
        rows = len(given)
    shape = getattr(model, "output_shape", None) if model.built else None
    axes = shape[1:] if isinstance(shape, tuple) else (1,)
    return np.zeros((rows, *(axis or 1 for axis in axes)), "float32")


def _classes(model: Any, *given: Any, **settings: Any) -> Any:
    return _outputs(model, *given, **settings).argmax(axis=-1)
