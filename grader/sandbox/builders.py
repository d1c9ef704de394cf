"""Calling a builder by its signature, with values of the exercise."""

from __future__ import annotations

import inspect
import itertools
import types
from collections.abc import Callable, Iterator
from typing import Any

from grader.sandbox.standins.absent import must_be_here
from grader.sandbox.standins.data import Declared, is_surely_data, kind_of
from grader.sandbox.standins.given import given_for, is_clear, is_count, words_of
from grader.sandbox.standins.notes import Notes
from grader.sandbox.standins.training import Trained, builder_is_called
from grader.sandbox.stop import Stop, type_name

MAX_CALLS = 6
"""Ways to call one builder that are tried."""
METHODS = (
    *("build", "build_model", "create_model", "make_model", "get_model", "create", "make"),
    *("model", "define_model", "network", "build_network", "cnn"),
)
"""Methods that give a model, in the order in which they are looked for."""
_TENSORS = {"x", "input", "inputs", "tensor", "image", "images", "img"}


def give_model(value: Any, name: str, given: Declared, notes: Notes) -> Any:
    """The model that ``value`` is, holds, or gives when it is called.

    Args:
        value: what the first part of ``name`` stands for.
        name: as it was asked for, such as ``build_cnn`` or ``LeNet.build``.

    Returns what was found, a model or not. Raises Stop and whatever the student's code raises.
    """
    import keras

    _, _, method = name.partition(".")
    if method:
        value = _method_of(value, method, given, notes)
    elif isinstance(value, type) and not issubclass(value, keras.Layer):
        value = _method_of(value, "", given, notes) or value
    value = must_be_here(value)
    if callable(value) and not isinstance(value, keras.Layer):
        value = call_builder(value, name, given, notes)
    return _held_model(must_be_here(value), name, notes)


def _held_model(value: Any, name: str, notes: Notes) -> Any:
    """The one model among several values, or that an object of a class of the notebook's keeps."""
    import keras

    if type(value) is tuple or type(value) is list:
        among = [item for item in value if isinstance(item, keras.Model)]
        if len(among) == 1:
            notes.add(f"{name} gives {len(value)} values; the model among them was taken.")
            return among[0]
    own = type(value).__module__ == "__main__" and not isinstance(value, keras.Layer)
    held = getattr(value, "__dict__", {}) if own and not isinstance(value, type) else {}
    models = {key: item for key, item in held.items() if isinstance(item, keras.Model)}
    if len(models) != 1:
        return value
    ((attribute, model),) = models.items()
    notes.add(f"{name} gives a {type_name(value)}; its {attribute} was taken.")
    return model


def call_builder(builder: Callable[..., Any], name: str, given: Declared, notes: Notes) -> Any:
    """Call ``builder`` as its signature asks, and give what it returns.

    Where a parameter may mean several things, the first that gives a model for the exercise's
    images is taken. A builder that trains gives the model that it was about to train; one that
    is handed a tensor and gives a tensor, the model between them.

    Raises Stop (``arguments``) for a parameter without a default that means nothing here, and
    whatever the builder raises.
    """
    kept: list[tuple[Any, dict[str, Any]]] = []
    failed: Exception | None = None
    for arguments in itertools.islice(_ways(builder, given), MAX_CALLS):
        try:
            kept.append((_called(builder, name, arguments, notes), arguments))
        except Exception as error:
            failed = error if failed is None else failed
            continue
        if fits(kept[-1][0], given.shape):
            kept = kept[-1:]
            break
    if not kept:
        assert failed is not None
        raise failed
    value, arguments = kept[0]
    if arguments:
        given.guessed |= not all(is_clear(key) or _is_tensor(key) for key in arguments)
        shown = ", ".join(f"{key}={_show(item)}" for key, item in arguments.items())
        notes.add(f"{name} was called with {shown}.")
    return value


def fits(value: Any, shape: tuple[int, ...]) -> bool:
    """False for a model that takes other images than those of ``shape``."""
    import keras

    if not isinstance(value, keras.Model) or not value.built:
        return True
    shapes = [tensor.shape[1:] for tensor in getattr(value, "inputs", None) or []]
    return len(shapes) != 1 or (
        len(shapes[0]) == len(shape)
        and all(axis in (None, asked) for axis, asked in zip(shapes[0], shape, strict=True))
    )


def _called(builder: Callable[..., Any], name: str, arguments: dict[str, Any], notes: Notes) -> Any:
    import keras

    parameters = _parameters(builder)
    positional = [
        arguments.get(parameter.name, parameter.default)
        for parameter in parameters
        if parameter.kind is parameter.POSITIONAL_ONLY
    ]
    named = {
        parameter.name: arguments[parameter.name]
        for parameter in parameters
        if parameter.name in arguments and parameter.kind is not parameter.POSITIONAL_ONLY
    }
    trained: list[Any] = []
    try:
        with builder_is_called() as trained:
            value = builder(*positional, **named)
    except (Exception, Trained):
        if not trained:
            raise
        value = None
    if trained and not _holds_model(value):
        notes.add(f"{name} gives no model; the one that it trained last was taken.")
        return trained[-1]
    handed = [item for item in arguments.values() if isinstance(item, keras.KerasTensor)]
    if handed and isinstance(value, keras.KerasTensor):
        return keras.Model(handed[0], value)
    return value


def _holds_model(value: Any) -> bool:
    import keras

    among = value if type(value) is tuple or type(value) is list else [value]
    return any(isinstance(item, keras.Model) for item in among)


def _parameters(builder: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(builder).parameters.values())
    except (TypeError, ValueError):
        return []


def _ways(builder: Callable[..., Any], given: Declared) -> Iterator[dict[str, Any]]:
    """Arguments to try, one after the other: what must be given, then shapes with a default too.

    Raises Stop (``arguments``) where a parameter must be given that nothing here fits.
    """
    parameters = [
        p for p in _parameters(builder) if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    own_input = _makes_input(builder)
    asked = [p for p in parameters if p.default is p.empty or _left_open(p)]
    choices = {p.name: list(_values(p.name, given, own_input)) for p in asked}
    unknown = [p.name for p in asked if not choices[p.name] and p.default is p.empty]
    if unknown:
        raise Stop("arguments", names=[name[:100] for name in unknown[:10]])
    known = {name: values for name, values in choices.items() if values}
    # Defaults for other images: with the shape the number of classes is the exercise's too.
    others = [p for p in parameters if p.name not in known]
    shapes = {p.name: [given.shape] for p in others if _is_shape(p)}
    counts = {p.name: list(given_for(p.name, given)) for p in others if is_count(p.name)}
    shapes |= {name: values for name, values in counts.items() if values and shapes}
    for more in ({}, shapes) if shapes else ({},):
        offered = {**known, **more}
        for values in itertools.product(*offered.values()):
            yield {
                name: value() if callable(value) else value
                for name, value in zip(offered, values, strict=True)
            }


def _left_open(parameter: inspect.Parameter) -> bool:
    """``input_shape=None``: the caller is to say."""
    return parameter.default is None and _is_shape(parameter)


def _is_shape(parameter: inspect.Parameter) -> bool:
    return "shape" in words_of(parameter.name)


def _values(name: str, given: Declared, own_input: bool) -> Iterator[Any]:
    """What a parameter may mean, the likeliest first, by the words of its name."""
    import keras

    known = list(given_for(name, given))
    if known:
        yield from known
    elif _is_tensor(name):

        def tensor() -> Any:
            return keras.Input(given.shape)

        yield from (given.shape, tensor) if own_input else (tensor, given.shape)
    else:
        kind = kind_of(name)
        if kind in ("images", "labels", "dataset") and is_surely_data(name):
            yield given.make(name, kind)


def _is_tensor(name: str) -> bool:
    words = words_of(name)
    return bool(words & _TENSORS) and words <= _TENSORS | {"layer"}


def _makes_input(builder: Callable[..., Any]) -> bool:
    """Whether the builder's code makes the model's input itself, and so is handed its shape."""
    code = getattr(getattr(builder, "__func__", builder), "__code__", None)
    if not isinstance(code, types.CodeType):
        return False
    keywords = {
        word for constant in code.co_consts if isinstance(constant, tuple) for word in constant
    }
    made = {"Input", "InputLayer"} & set(code.co_names)
    return bool(made or {"input_shape", "shape", "batch_input_shape", "input_dim"} & keywords)


def _show(value: Any) -> str:
    import keras

    if isinstance(value, keras.KerasTensor):
        return f"keras.Input({tuple(value.shape[1:])})"
    if isinstance(value, int | float | str | tuple):
        return repr(value)
    return "made-up data"


def _method_of(owner: Any, name: str, given: Declared, notes: Notes) -> Any:
    """The method of a class, or of an object, that gives the model; the object is made first.

    Args:
        name: of the method; empty for the first of ``METHODS`` that is there.

    Raises Stop (``missing``) where there is none of that name, and whatever making the object
    raises. None where no name was asked for and none is there.
    """
    found = name or next((method for method in METHODS if method in _defined(owner)), "")
    if not found:
        return None
    if not hasattr(owner, found):
        raise Stop("missing")
    kept = inspect.getattr_static(owner, found)
    if isinstance(owner, type) and isinstance(kept, types.FunctionType) and _wants_self(kept):
        owner = call_builder(owner, owner.__name__[:100], given, notes)
    return getattr(owner, found)


def _defined(owner: Any) -> set[str]:
    """What a class of the student's defines itself."""
    kind = owner if isinstance(owner, type) else type(owner)
    return {name for part in kind.__mro__[:-1] for name in vars(part)}


def _wants_self(function: types.FunctionType) -> bool:
    """``class LeNet: def build(width, height)`` is written without, and called on the class."""
    names = [parameter.name for parameter in _parameters(function)]
    return names[:1] in (["self"], ["this"], ["cls"])
