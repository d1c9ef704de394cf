"""Calls with older arguments, on Keras's own classes.

Each class of the table gets an ``__init__`` that puts today's names in place and calls Keras's.
It has the signature of Keras's, from which Keras makes a layer's configuration.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from typing import Any

from grader.sandbox.old_keras.convolution import call_style
from grader.sandbox.old_keras.interpreter import (
    Interpreter,
    OldKeras,
    asked_by_student,
    belongs,
    show,
    show_call,
)
from grader.sandbox.old_keras.renamed import (
    DECAY_PLACE,
    DEFAULTS,
    JOINED,
    LEFT_OUT,
    MAPPED,
    MODEL,
    NOT_TODAY,
    OPTIMIZER,
    POOL_1D,
    POOL_2D,
    RENAMED,
    Rename,
)

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def patch(interpreter: Interpreter) -> None:
    """Let the classes of the table take their older arguments."""
    import keras

    for place, renamed in RENAMED.items():
        cls = operator.attrgetter(place)(keras)
        # Model(inputs=…, outputs=…) becomes a Functional before __init__ is called.
        name = "Model" if renamed is MODEL else cls.__name__
        reader = Reader(interpreter, name, renamed, is_layer=place.startswith("layers."))
        cls.__init__ = _wrapped(cls.__init__, reader)
        if place == "models.Model":
            cls.__new__ = _wrapped(cls.__new__, reader)


def prepare() -> None:
    """Read the signatures that ``patch`` needs."""
    import keras

    for place in RENAMED:
        _signature(operator.attrgetter(place)(keras).__init__)


@functools.cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _wrapped(function: Callable[..., Any], reader: Reader) -> Callable[..., Any]:
    """Keras's own function, given today's arguments. Both ask who calls: only a student is old."""

    @functools.wraps(function)
    def given_today(self: Any, *args: Any, **kwargs: Any) -> Any:
        if reader.looks_old(args, kwargs) and asked_by_student():
            args, kwargs = reader.read(reader.name, args, kwargs)
        return function(self, *args, **kwargs)

    # Keras asks once for the signature behind a wrapper and once for that of the wrapper.
    given_today.__signature__ = _signature(function)  # type: ignore[attr-defined]
    return given_today


class Reader:
    """Reads the arguments of one class."""

    def __init__(
        self, interpreter: Interpreter, name: str, renamed: dict[str, Rename], is_layer: bool
    ) -> None:
        self.interpreter = interpreter
        self.name = name
        self.renamed = renamed
        self.left_out = LEFT_OUT.get(name, {})
        self.joined = JOINED.get(name)
        self.default = DEFAULTS.get(name)
        self.is_optimizer = renamed is OPTIMIZER
        self.decay_place = DECAY_PLACE.get(name)
        self._old = {*renamed, *self.left_out, *(self.joined[1] if self.joined else ())}
        if self.is_optimizer:
            self._old.add("decay")
        if is_layer:
            self._old.add("batch_input_shape")

    def looks_old(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether a call deserves a second look; nearly none does."""
        if not self._old.isdisjoint(kwargs) or self._shouts(kwargs):
            return True
        if self.joined:
            return len(args) > 2
        if self.default:
            return not args and self.default[0] not in kwargs
        return self.decay_place is not None and len(args) > self.decay_place

    def read(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """The arguments in today's words; ``name`` is what the student calls the class."""
        if self.joined:
            old = not self._old.isdisjoint(kwargs) or name != self.name
            call_style(self.interpreter, name, self.name, args, old)
        if self.is_optimizer:
            args, kwargs = self._without_decay(args, kwargs)
        was: dict[str, Any] = {}
        now: dict[str, Any] = {}
        rest = dict(kwargs)
        self._join(rest, was, now)
        for key in [key for key in kwargs if key in self.renamed and key in rest]:
            was[key] = rest.pop(key)
            values = MAPPED.get(key, {})
            value = was[key]
            value = values.get(value, value) if isinstance(value, str) else value
            today = self.renamed[key]
            now |= dict.fromkeys((today,) if isinstance(today, str) else today, value)
        if self._shouts(rest):
            was["padding"] = rest.pop("padding")
            now["padding"] = was["padding"].lower()
        self._leave_out(rest, was)
        self._input_shape(rest, was, now)
        self._default(args, rest, now)
        for key in now:
            if key in rest:
                raise OldKeras(
                    f"{self.name} is given {key} twice, once by its older name. Write {key} only."
                )
        if was or now:
            kinds = {(self.name, key, was[key] if key in MAPPED else None) for key in was}
            if not was:
                kinds = {(self.name, "", None)}
            self.interpreter.read_as(
                show_call(name, named=was), show_call(self.name, named=now), kinds
            )
        return args, rest | now

    def _shouts(self, kwargs: dict[str, Any]) -> bool:
        """``padding="SAME"``, as TensorFlow writes it; Keras 3 takes it for convolutions only."""
        padding = kwargs.get("padding")
        return self.renamed in (POOL_1D, POOL_2D) and padding in ("SAME", "VALID")

    def _join(self, rest: dict[str, Any], was: dict[str, Any], now: dict[str, Any]) -> None:
        """``nb_row=3, nb_col=3`` is ``kernel_size=(3, 3)``."""
        if not self.joined:
            return
        today, parts = self.joined
        given = [part for part in parts if part in rest]
        if not given:
            return
        if len(given) < len(parts):
            axes = ", ".join(show(rest[part]) if part in rest else "…" for part in parts)
            call = show_call(self.name, named={part: rest[part] for part in given})
            raise OldKeras(belongs(call, f"Write {today}=({axes})."))
        was |= {part: rest.pop(part) for part in parts}
        now[today] = tuple(was[part] for part in parts)

    def _leave_out(self, rest: dict[str, Any], was: dict[str, Any]) -> None:
        for key, values in self.left_out.items():
            if key not in rest:
                continue
            value = rest[key]
            if any(value is known or (known is not None and value == known) for known in values):
                was[key] = rest.pop(key)
            elif (self.name, key) in NOT_TODAY:
                call = show_call(self.name, named={key: value})
                raise OldKeras(belongs(call, NOT_TODAY[self.name, key]))

    def _input_shape(self, rest: dict[str, Any], was: dict[str, Any], now: dict[str, Any]) -> None:
        """``batch_input_shape=(None, 28, 28, 1)`` is ``input_shape=(28, 28, 1)``."""
        if "batch_input_shape" not in rest or "batch_input_shape" not in self._old:
            return
        shape = rest.pop("batch_input_shape")
        if not isinstance(shape, tuple | list) or not shape or shape[0] is not None:
            call = show_call(self.name, named={"batch_input_shape": shape})
            advice = f"Begin the model with keras.Input(batch_shape={show(shape)})."
            raise OldKeras(belongs(call, advice))
        was["batch_input_shape"] = shape
        now["input_shape"] = tuple(shape[1:])

    def _default(self, args: tuple[Any, ...], rest: dict[str, Any], now: dict[str, Any]) -> None:
        """``AveragePooling2D()`` is ``AveragePooling2D(pool_size=(2, 2))``."""
        if self.default and not args and self.default[0] not in (*rest, *now):
            now[self.default[0]] = self.default[1]

    def _without_decay(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """Keras 3 ignores ``decay``; by its position it even takes it for something else."""
        place = self.decay_place
        kwargs = dict(kwargs)
        decay = kwargs.pop("decay", None)
        if place is not None and len(args) > place and not isinstance(args[place], bool):
            decay = args[place]
            later = args[place + 1 :]
            args = args[:place]
            if later:
                # SGD(0.01, 0.9, 1e-6, True): nesterov stood behind decay, amsgrad did so in Adam.
                kwargs["nesterov" if self.name == "SGD" else "amsgrad"] = later[0]
        if decay:
            call = show_call(self.name, named={"decay": decay})
            rate = args[0] if args else kwargs.get("learning_rate", kwargs.get("lr"))
            start = "its first value" if rate is None else show(rate)
            falling = "keras.optimizers.schedules.InverseTimeDecay"
            self.interpreter.say(
                f"{call} was read without decay, which Keras 3 ignores: "
                "the learning rate does not fall.",
                belongs(call, f"Write learning_rate={falling}({start}, 1, {show(decay)})."),
                [(self.name, "decay")],
            )
        return args, kwargs
