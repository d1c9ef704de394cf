"""What an assignment's checks would like to see, as values worth trying."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.checks.base import CheckSpec
from grader.checks.contains import Contains
from grader.checks.feature_maps import FeatureMaps
from grader.checks.layers import Layers
from grader.checks.output_shape import OutputShape

COUNTS = ("filters", "units")
"""Arguments that are the last size of what a layer gives."""


@dataclass(frozen=True, slots=True)
class Hopes:
    """Values worth trying, each once, in the order of the assignment."""

    layers: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Layers that are asked for, with the arguments that matter."""
    channels: tuple[int, ...] = ()
    """Last sizes of feature maps that are asked for."""
    outputs: tuple[int, ...] = ()
    """Last sizes of the outputs that are asked for."""

    def values(self, type: str, key: str, last: bool = False) -> Iterator[Any]:
        """What is asked of an argument of a layer type; ``last``: nothing behind has it."""
        for asked, arguments in self.layers:
            if asked == type and key in arguments:
                yield arguments[key]
        if key in COUNTS:
            yield from (*self.channels, *(self.outputs if last else ()))

    def activations(self) -> Iterator[str]:
        """Activations that are asked for, on whichever layer."""
        for _, arguments in self.layers:
            if isinstance(arguments.get("activation"), str):
                yield arguments["activation"]


NOTHING = Hopes()
"""Nothing is asked: an edit then tries what is usual."""


def hopes_of(checks: Iterable[CheckSpec]) -> Hopes:
    """What some checks of an exercise ask for."""
    layers: list[tuple[str, dict[str, Any]]] = []
    channels: list[int] = []
    outputs: list[int] = []
    for spec in checks:
        if isinstance(spec, Layers):
            layers += [(layer.type, layer.args) for layer in spec.expect]
        elif isinstance(spec, Contains):
            layers += [(name, {}) for name, bounds in spec.expect.items() if not bounds.holds(0)]
        elif isinstance(spec, FeatureMaps | OutputShape):
            sizes = [shape[-1] for shape in spec.shapes if shape and shape[-1] is not None]
            (channels if isinstance(spec, FeatureMaps) else outputs).extend(sizes)
    kept = [layer for place, layer in enumerate(layers) if layer not in layers[:place]]
    return Hopes(tuple(kept), tuple(dict.fromkeys(channels)), tuple(dict.fromkeys(outputs)))
