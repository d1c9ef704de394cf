"""Which models a class handed in, and how many handed in the same one.

The same is what the table of layers shows alike: types, what is said of each, shapes,
parameters, and which layer reads which. Names and initial weights do not count.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.report.html.layers import LayerRow, layer_rows

NAMED = 3
"""Students who are named as examples."""


@dataclass(slots=True, eq=False)
class Network:
    """One model, and those who handed it in."""

    rows: list[LayerRow]
    inputs: list[Any]
    scores: list[float] = field(default_factory=list)
    """Of the exercise, from each who handed it in."""
    max_score: float = 0.0
    examples: list[tuple[str, str | None]] = field(default_factory=list)
    """The first students, by name and page."""
    mark: str = ""
    """``0-2``: the second most frequent one of the first exercise."""
    number: int = 0

    @property
    def count(self) -> int:
        return len(self.scores)

    @property
    def mean(self) -> float:
        return statistics.fmean(self.scores)

    @property
    def more(self) -> int:
        """Students who are not named."""
        return self.count - len(self.examples)


@dataclass(slots=True)
class Networks:
    """The models of a class, by exercise and then by what they are."""

    found: dict[tuple[str, str], dict[Any, Network]] = field(default_factory=dict)
    """The exercise by its id and title."""

    def add(self, report: Mapping[str, Any], name: str, link: str | None) -> tuple[Network, ...]:
        """Count the models of one report, and give them."""
        return tuple(self._add(report, name, link))

    def number(self) -> None:
        """Once all are there: the most frequent first."""
        for place, (exercise, networks) in enumerate(self.found.items()):
            ordered = sorted(networks.items(), key=lambda item: -item[1].count)
            self.found[exercise] = dict(ordered)
            for number, network in enumerate(self.found[exercise].values(), 1):
                network.number, network.mark = number, f"{place}-{number}"

    def _add(self, report: Mapping[str, Any], name: str, link: str | None) -> Iterator[Network]:
        for exercise in report["exercises"]:
            model = exercise["model"]
            if model is None:
                continue
            rows = layer_rows(model, ())
            key = tuple((row.words, row.shape, row.params, row.reads) for row in rows)
            networks = self.found.setdefault((exercise["id"], exercise["title"]), {})
            network = networks.get(key)
            if network is None:
                network = networks[key] = Network(rows, model.get("input_shapes", []))
            network.scores.append(exercise["score"])
            network.max_score = max(network.max_score, exercise["max_score"])
            if len(network.examples) < NAMED:
                network.examples.append((name, link))
            yield network
