"""The layers of a found model, with what the checks say of each, for tables and drawings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.records import LayerDescription, Shape
from grader.report.terminal import layer_words
from grader.words import join_words

_GOOD = ("ok", "follows")


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer, in words and figures."""

    number: int
    """From 1."""
    words: str
    """``Conv2D 36, 3×3, same, relu``."""
    name: str
    kind: str
    """``conv``, ``pool``, ``dense`` or ``other``: what a drawing tells apart."""
    shape: Shape
    channels_first: bool
    params: int
    verdict: str | None
    """Of a ``LayerNote``; None where no check says anything."""
    said: str
    expected: Shape | None
    """The shape that was asked for, where it is another one."""
    reads: str
    """``reads layers 2 and 5``; nothing for one that reads the layer above alone."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Layers of a long model that are not shown."""

    count: int


def layer_rows(model: Mapping[str, Any], checks: Iterable[Mapping[str, Any]]) -> list[LayerRow]:
    """All layers of a model, in the order of execution.

    Args:
        model: of a report as JSON.
        checks: of the same exercise; what one says is wrong goes before what another finds right.
    """
    notes = _notes(checks)
    return [_row(index, layer, notes.get(index)) for index, layer in enumerate(model["layers"])]


def shortened(rows: Sequence[LayerRow], most: int) -> Iterator[LayerRow | LeftOut]:
    """All rows, or of a long model the first, the last and the wrong ones."""
    if len(rows) <= most:
        yield from rows
        return
    half = most // 2
    wrong = [row for row in rows if row.verdict not in (None, *_GOOD)][:half]
    kept = {row.number for row in (*rows[:half], *rows[-half:], *wrong)}
    left_out = 0
    for row in rows:
        if row.number not in kept:
            left_out += 1
            continue
        if left_out:
            yield LeftOut(left_out)
        left_out = 0
        yield row


def _notes(checks: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    notes: dict[int, Mapping[str, Any]] = {}
    for check in checks:
        for note in check.get("layers", ()):
            known = notes.get(note["index"])
            if known is None or known["verdict"] in _GOOD:
                notes[note["index"]] = note
    return notes


def _row(index: int, layer: Mapping[str, Any], note: Mapping[str, Any] | None) -> LayerRow:
    config = layer["config"]
    # A report that was kept from an older version says nothing of it.
    asked = note.get("expected_shape") if note else None
    return LayerRow(
        number=index + 1,
        words=_words(layer),
        name=layer["name"],
        kind=_kind(layer["type"]),
        shape=tuple(layer["output_shape"]),
        channels_first=config.get("data_format") == "channels_first",
        params=layer["params"],
        verdict=note["verdict"] if note else None,
        said=note["text"] if note else "",
        expected=tuple(asked) if asked else None,
        reads=_reads(index, layer.get("inbound")),
    )


def _words(layer: Mapping[str, Any]) -> str:
    """As the terminal says it; what the JSON does not hold is left empty."""
    described = LayerDescription(
        name=layer["name"],
        type=layer["type"],
        config=layer["config"],
        input_shapes=(),
        output_shapes=(),
        params=layer["params"],
        trainable_params=0,
        multiply_adds=0,
        receptive_field=None,
        inbound=(),
    )
    return layer_words(described)


def _kind(layer_type: str) -> str:
    for word, kind in (("Conv", "conv"), ("Pool", "pool"), ("Dense", "dense")):
        if word in layer_type:
            return kind
    return "other"


def _reads(index: int, inbound: Sequence[int] | None) -> str:
    """Which layers feed it, where that is not simply the one above (or the input)."""
    if inbound is None or list(inbound) == ([index - 1] if index else []):
        return ""
    if not inbound:
        return "reads the input"
    noun = "layer" if len(inbound) == 1 else "layers"
    return f"reads {noun} {join_words([str(feeder + 1) for feeder in inbound])}"
