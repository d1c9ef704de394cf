"""Settings that several checks share: layers, ranges, optimisers, by Keras's own names.

A fault inside such a setting is reported at the key that is wrong. pydantic locates faults by
field, so a validator hands over the rest of the way (``Fault.at``) for the loader to follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from grader.model import keras_names
from grader.words import did_you_mean

FAULTS = "faults"
"""The type of a pydantic error that carries ``Fault`` values."""


@dataclass(frozen=True, slots=True)
class Fault:
    at: tuple[str | int, ...]
    """Keys below the setting; empty for the setting itself."""
    message: str


def refuse(faults: Iterable[Fault]) -> NoReturn:
    """Raise all faults of one setting as one error that the loader takes apart."""
    raise PydanticCustomError(FAULTS, "{count} faults", {"faults": list(faults), "count": 0})


class LayerPattern(BaseModel):
    """A layer that is expected: its type, and the arguments that matter."""

    model_config = ConfigDict(frozen=True)

    type: str
    args: dict[str, Any] = Field(default_factory=dict)


def _read_layer(value: Any) -> Any:
    """``Flatten``, or ``{Conv2D: {filters: 24}}``."""
    name, args = _named(value, "a layer", "Flatten, or Conv2D: {filters: 24}")
    canonical = keras_names.resolve_layer(name)
    if canonical is None:
        at = (name,) if isinstance(value, dict) else ()
        hint = did_you_mean(name, keras_names.layer_words())
        refuse([Fault(at, f'Keras has no layer "{name}".{hint}')])
    known = keras_names.class_arguments("layers", canonical) or {}
    faults = list(_argument_faults(name, args, known))
    for key in ("activation", "recurrent_activation"):
        activation = args.get(key)
        names = keras_names.activation_names()
        if activation is not None and key in known and activation not in names:
            hint = did_you_mean(str(activation), names)
            faults.append(Fault((name, key), f'Keras has no activation "{activation}".{hint}'))
    if faults:
        refuse(faults)
    return LayerPattern(type=canonical, args=args)


def _named(value: Any, what: str, example: str) -> tuple[str, dict[str, Any]]:
    """A name alone, or a name with arguments."""
    if isinstance(value, str):
        return value, {}
    if isinstance(value, dict) and len(value) == 1:
        name, args = next(iter(value.items()))
        if isinstance(name, str) and (args is None or isinstance(args, dict)):
            return name, args or {}
    refuse([Fault((), f"This should be {what}, such as {example}.")])


def _argument_faults(
    name: str, args: Mapping[Any, Any], known: Mapping[str, Any]
) -> Iterable[Fault]:
    for argument in args:
        if argument not in known:
            hint = did_you_mean(str(argument), known)
            yield Fault((name, argument), f'{name} has no argument "{argument}".{hint}')


def _schema_of(kind: keras_names.Kind, extra: tuple[str, ...] = ()) -> dict[str, Any]:
    """JSON Schema: a name, or a name with arguments, for completion in editors."""
    names = [*keras_names.class_names(kind), *extra]
    objects = {
        name: {
            "type": ["object", "null"],
            "properties": {key: {} for key in keras_names.class_arguments(kind, name) or {}},
            "additionalProperties": False,
        }
        for name in keras_names.class_names(kind)
    }
    with_arguments = {
        "type": "object",
        "properties": objects,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [{"enum": names}, with_arguments]}


Layer = Annotated[LayerPattern, BeforeValidator(_read_layer), WithJsonSchema(_schema_of("layers"))]


def _read_layer_name(value: Any) -> Any:
    name = keras_names.resolve_layer(value) if isinstance(value, str) else None
    if name is None:
        hint = did_you_mean(str(value), keras_names.layer_words())
        refuse([Fault((), f'Keras has no layer "{value}".{hint}')])
    return name


LayerName = Annotated[
    str,
    BeforeValidator(_read_layer_name),
    WithJsonSchema({"enum": list(keras_names.layer_words())}),
]


class OptimizerPattern(BaseModel):
    """An optimiser, and the arguments it is given."""

    model_config = ConfigDict(frozen=True)

    type: str
    args: dict[str, Any] = Field(default_factory=dict)


def _read_optimizer(value: Any) -> Any:
    """``Adam``, ``adam``, or ``{Adam: {learning_rate: 0.001}}``."""
    name, args = _named(value, "an optimizer", "Adam, or Adam: {learning_rate: 0.001}")
    folded = {known.lower(): known for known in keras_names.class_names("optimizers")}
    canonical = folded.get(name.lower())
    if canonical is None:
        at = (name,) if isinstance(value, dict) else ()
        hint = did_you_mean(name, folded.values())
        refuse([Fault(at, f'Keras has no optimizer "{name}".{hint}')])
    known = keras_names.class_arguments("optimizers", canonical) or {}
    faults = list(_argument_faults(name, args, known))
    if faults:
        refuse(faults)
    return OptimizerPattern(type=canonical, args=args)


Optimizer = Annotated[
    OptimizerPattern, BeforeValidator(_read_optimizer), WithJsonSchema(_schema_of("optimizers"))
]


def _one_of(what: str, names: frozenset[str]) -> Any:
    def read(value: Any) -> Any:
        if value not in names:
            hint = did_you_mean(str(value), names)
            refuse([Fault((), f'Keras has no {what} "{value}".{hint}')])
        return value

    return BeforeValidator(read)


LossName = Annotated[
    str,
    _one_of("loss", keras_names.loss_names()),
    WithJsonSchema({"enum": sorted(keras_names.loss_names())}),
]
MetricName = Annotated[
    str,
    _one_of("metric", keras_names.metric_names()),
    WithJsonSchema({"enum": sorted(keras_names.metric_names())}),
]


class NumberRange(BaseModel):
    """``exact``, or ``min`` and ``max``, or one of the two; one number alone means ``exact``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exact: float | None = None
    min: float | None = None
    max: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"exact": value}
        return value

    @model_validator(mode="after")
    def _makes_sense(self) -> NumberRange:
        bounds = [bound for bound in (self.min, self.max) if bound is not None]
        if self.exact is None and not bounds:
            refuse([Fault((), "A range needs exact, min or max.")])
        if self.exact is not None and bounds:
            refuse([Fault((), "exact goes with neither min nor max.")])
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            refuse([Fault(("min",), f"min ({bounds[0]:g}) is above max ({bounds[1]:g}).")])
        return self

    def holds(self, value: float) -> bool:
        if self.exact is not None:
            return value == self.exact
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def show(self) -> str:
        """``124,670``, ``at most 150,000``, ``between 3 and 5``."""
        if self.exact is not None:
            return f"{self.exact:,.10g}"
        if self.min is None:
            return f"at most {self.max:,.10g}"
        if self.max is None:
            return f"at least {self.min:,.10g}"
        return f"between {self.min:,.10g} and {self.max:,.10g}"

    def plain(self) -> dict[str, float] | float:
        """For the report."""
        if self.exact is not None:
            return self.exact
        return {key: value for key, value in self.model_dump().items() if value is not None}
