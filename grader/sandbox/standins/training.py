"""Training, evaluation, weights and pictures of models: answered at once.

The grader trains the model itself. A builder that trains and then gives no model, or fails over
what training would have given, has the model that it trained last taken for its answer.
"""

from __future__ import annotations

import functools
import operator
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

MAX_TRAININGS = 100
"""In one call of a builder; a loop that waits for an accuracy never sees it."""

_trained: list[Any] | None = None
"""Models that were trained in the builder that is being called, if one is."""


class Trained(BaseException):
    """Ends the call of a builder that trains without end; no ``except Exception`` holds it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model


class Score(float):
    """A loss or accuracy of a model that was not trained; whoever compares it is told so."""

    notes: Notes | None = None

    def _compared(self, other: Any, compare: Callable[[Any, Any], bool]) -> bool:
        if Score.notes is not None:
            Score.notes.add(
                "The program compares losses or accuracies; nothing was trained, so that what it "
                "chooses by them says nothing."
            )
        return compare(float(self), other)

    def __lt__(self, other: Any) -> bool:
        return self._compared(other, operator.lt)

    def __gt__(self, other: Any) -> bool:
        return self._compared(other, operator.gt)

    def __le__(self, other: Any) -> bool:
        return self._compared(other, operator.le)

    def __ge__(self, other: Any) -> bool:
        return self._compared(other, operator.ge)

    def __eq__(self, other: object) -> bool:
        return self._compared(other, operator.eq)

    def __ne__(self, other: object) -> bool:
        return self._compared(other, operator.ne)

    __hash__ = float.__hash__


def _reckoned(name: str) -> Callable[..., Any]:
    """An operation of float's that gives a score again: ``1 - accuracy`` is compared too."""
    compute = getattr(float, name)

    def operation(score: Score, *others: Any) -> Any:
        value = compute(score, *others)
        return Score(value) if type(value) is float else value

    return operation


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "neg", "round"):
    setattr(Score, f"__{_name}__", _reckoned(f"__{_name}__"))


@contextmanager
def builder_is_called() -> Iterator[list[Any]]:
    """In this block, models that are trained are noted, in the list that it gives."""
    global _trained
    before, _trained = _trained, []
    try:
        yield _trained
    finally:
        _trained = before


def answer_training(notes: Notes) -> None:
    """Replace the methods of ``keras.Model`` that use or keep trained weights."""
    import keras

    Score.notes = notes
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
        notes.add(f"{name} was not run.")
        if _trained is not None and name in TRAINS + EVALUATES:
            _trained.append(model)
            if len(_trained) > MAX_TRAININGS:
                raise Trained(model)
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
    history.history = defaultdict(lambda: [Score(0.5)])
    return history


def _losses(model: Any, *_: Any, return_dict: bool = False, **__: Any) -> Any:
    """The loss, and as many metrics as the model was compiled with."""
    if return_dict:
        return defaultdict(lambda: Score(0.5))
    known = getattr(model, "_compile_metrics", None)
    metrics = known._user_metrics if known else None
    several = isinstance(metrics, list | tuple) and bool(metrics)
    return [Score(0.5) for _ in range(1 + len(metrics or ()))] if several else Score(0.5)


def _outputs(model: Any, given: Any = None, *_: Any, **__: Any) -> np.ndarray:
    rows = PREDICTED
    with suppress(Exception):  # a data set of unknown length, what is not here
        rows = len(given)
    shape = getattr(model, "output_shape", None) if model.built else None
    axes = shape[1:] if isinstance(shape, tuple) else (1,)
    return np.zeros((rows, *(axis or 1 for axis in axes)), "float32")


def _classes(model: Any, *given: Any, **settings: Any) -> Any:
    return _outputs(model, *given, **settings).argmax(axis=-1)
