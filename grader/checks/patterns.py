"""Settings that several checks share: layers, ranges, optimisers, by Keras's own names.

A fault inside such a setting is reported at the key that is wrong. pydantic locates faults by
field, so a validator hands over the rest of the way (``Fault.at``) for the loader to follow.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from grader.model import keras_names
from grader.words import did_you_mean, meant_or_known, nearest, quoted, show_value

FAULTS = "faults"
"""The type of a pydantic error that carries ``Fault`` values."""


@dataclass(frozen=True, slots=True)
class Fault:
    at: tuple[str | int, ...]
    """Keys below the setting; empty for the setting itself."""
    message: str
    on_key: bool = False
    """Whether the last key of ``at`` is wrong, rather than the value under it."""


def refuse(faults: Iterable[Fault]) -> NoReturn:
    """Raise all faults of one setting as one error that the loader takes apart."""
    raise PydanticCustomError(FAULTS, "faults", {"faults": list(faults)})


class LayerPattern(BaseModel):
    """A layer that is expected: its type, and the arguments that matter."""

    model_config = ConfigDict(frozen=True)

    type: str
    args: dict[str, Any] = Field(default_factory=dict)


def _read_layer(value: Any) -> LayerPattern:
    """``Flatten``, or ``{Conv2D: {filters: 24}}``."""
    name, args = _named(value, "a layer", "Flatten or Conv2D: {filters: 24}")
    canonical = keras_names.resolve_layer(name)
    if canonical is None:
        refuse([_no_layer(name, value)])
    known = keras_names.class_arguments("layers", canonical) or {}
    faults = list(_argument_faults(name, args, known))
    for key in ("activation", "recurrent_activation"):
        if key in known and args.get(key) is not None:
            names = keras_names.activation_names()
            faults += _unknown_word("activation", args[key], names, (name, key))
    if faults:
        refuse(faults)
    return LayerPattern(type=canonical, args=args)


def _no_layer(name: str, value: Any) -> Fault:
    meant = nearest(name, keras_names.layer_words()) or name
    if not any(map(str.isdigit, name)):
        meant = re.sub("[13]D", "2D", meant)  # images have two axes
    hint = did_you_mean(meant, keras_names.layer_words())
    at = (name,) if isinstance(value, dict) else ()
    return Fault(at, f"Keras has no layer {quoted(name)}.{hint}", on_key=bool(at))


def _named(value: Any, what: str, example: str) -> tuple[str, dict[str, Any]]:
    """A name alone, or a name with arguments."""
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, dict) or not value:
        refuse([Fault((), f"Expected {what}, such as {example}; got {show_value(value)}.")])
    (name, args), *more = value.items()
    if more and args is None:
        message = f"What belongs to {quoted(name)} must be indented further than its name."
        refuse([Fault((more[0][0],), message, on_key=True)])
    if more:
        refuse(
            [Fault((more[0][0],), f"Expected {what} by itself, such as {example}.", on_key=True)]
        )
    if args is not None and not isinstance(args, dict):
        message = f"Expected arguments by name, such as {example}; got {show_value(args)}."
        refuse([Fault((name,), message)])
    return name, args or {}


def _argument_faults(
    name: str, args: Mapping[str, Any], known: Mapping[str, Any]
) -> Iterator[Fault]:
    for argument, value in args.items():
        if argument not in known:
            message = f"{name} has no argument {quoted(argument)}.{meant_or_known(argument, known)}"
            yield Fault((name, argument), message, on_key=True)
        elif number := number_meant(value):
            message = f"Expected a number, got {show_value(value)}.{number}"
            yield Fault((name, argument), message)


def number_meant(value: Any) -> str:
    """`` Write 0.001.`` for text that is meant as a number: YAML 1.1 reads 1e-3 as text."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    whole, exponent, power = f"{number:.15g}".partition("e")
    dot = ".0" if exponent and "." not in whole else ""
    return f" Write {whole}{dot}{exponent}{power}."


def _unknown_word(
    what: str, value: Any, names: Iterable[str], at: tuple[str, ...] = ()
) -> list[Fault]:
    """A fault where ``value`` is none of Keras's names for ``what``."""
    if not isinstance(value, str):
        return [Fault(at, f"Expected the name of a Keras {what}, got {show_value(value)}.")]
    if value in names:
        return []
    return [Fault(at, f"Keras has no {what} {quoted(value)}.{did_you_mean(value, names)}")]


def _schema_of(kind: keras_names.Kind, names: Mapping[str, str]) -> dict[str, Any]:
    """JSON Schema: a name, or a name with arguments, for completion in editors.

    ``names`` holds the class for every way to write it.
    """
    arguments = {name: keras_names.class_arguments(kind, names[name]) or {} for name in names}
    with_arguments = {
        "type": "object",
        "properties": {
            name: {
                "type": ["object", "null"],
                "properties": {argument: {} for argument in arguments[name]},
                "additionalProperties": False,
            }
            for name in names
        },
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [{"enum": list(names)}, with_arguments]}


LAYERS = {word: keras_names.resolve_layer(word) or word for word in keras_names.layer_words()}
"""Layer classes by every name that they go by."""

Layer = TypeAliasType(
    "Layer",
    Annotated[
        LayerPattern, BeforeValidator(_read_layer), WithJsonSchema(_schema_of("layers", LAYERS))
    ],
)
"""Named, so that the JSON Schema holds its long table once."""


def _read_layer_name(value: Any) -> str:
    if not isinstance(value, str):
        refuse(_unknown_word("layer", value, ()))
    canonical = keras_names.resolve_layer(value)
    if canonical is None:
        refuse([_no_layer(value, value)])
    return canonical


LayerName = TypeAliasType(
    "LayerName",
    Annotated[str, BeforeValidator(_read_layer_name), WithJsonSchema({"enum": list(LAYERS)})],
)


class OptimizerPattern(BaseModel):
    """An optimiser, and the arguments it is given."""

    model_config = ConfigDict(frozen=True)

    type: str
    args: dict[str, Any] = Field(default_factory=dict)


OPTIMIZERS = {name: name for name in keras_names.class_names("optimizers")} | {
    name.lower(): name for name in keras_names.class_names("optimizers")
}
"""Optimizer classes by the names that ``compile`` takes: ``Adam`` and ``adam``."""


def _read_optimizer(value: Any) -> OptimizerPattern:
    """``Adam``, ``adam``, or ``{Adam: {learning_rate: 0.001}}``."""
    name, args = _named(value, "an optimizer", "Adam or Adam: {learning_rate: 0.001}")
    if name not in OPTIMIZERS:
        at = (name,) if isinstance(value, dict) else ()
        hint = did_you_mean(name, OPTIMIZERS)
        refuse([Fault(at, f"Keras has no optimizer {quoted(name)}.{hint}", on_key=bool(at))])
    canonical = OPTIMIZERS[name]
    known = keras_names.class_arguments("optimizers", canonical) or {}
    faults = list(_argument_faults(name, args, known))
    if faults:
        refuse(faults)
    return OptimizerPattern(type=canonical, args=args)


Optimizer = TypeAliasType(
    "Optimizer",
    Annotated[
        OptimizerPattern,
        BeforeValidator(_read_optimizer),
        WithJsonSchema(_schema_of("optimizers", OPTIMIZERS)),
    ],
)


def _one_of(what: str, names: frozenset[str]) -> BeforeValidator:
    def read(value: Any) -> str:
        faults = _unknown_word(what, value, names)
        if faults:
            refuse(faults)
        return str(value)

    return BeforeValidator(read)


LossName = TypeAliasType(
    "LossName",
    Annotated[
        str,
        _one_of("loss", keras_names.loss_names()),
        WithJsonSchema({"enum": sorted(keras_names.loss_names())}),
    ],
)
MetricName = TypeAliasType(
    "MetricName",
    Annotated[
        str,
        _one_of("metric", keras_names.metric_names()),
        WithJsonSchema({"enum": sorted(keras_names.metric_names())}),
    ],
)
