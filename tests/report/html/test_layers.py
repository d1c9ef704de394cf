"""Layers in words, with the one thing that is said of each."""

from __future__ import annotations

from typing import Any

from grader.report.as_json import report_as_json
from grader.report.html.layers import LayerRow, LeftOut, layer_rows, shortened
from tests.report.reports import REPORT

EXERCISE = report_as_json(REPORT)["exercises"][0]
MODEL = EXERCISE["model"]


def note(index: int, verdict: str, text: str) -> dict[str, Any]:
    return {"layers": [{"index": index, "verdict": verdict, "text": text}]}


def many(count: int) -> list[LayerRow]:
    layers = [{**MODEL["layers"][1], "inbound": [i - 1] if i else []} for i in range(count)]
    return layer_rows({"layers": layers}, [note(count // 2, "wrong", "expected 1×1×1")])


def test_a_row_says_what_the_terminal_says() -> None:
    first, second = layer_rows(MODEL, EXERCISE["checks"])
    assert (first.number, first.words, first.name) == (1, "Conv2D 24, 3×3, same, relu", "conv2d")
    assert (first.kind, first.shape, first.params) == ("conv", (28, 28, 24), 240)
    assert (first.verdict, first.said, first.expected) == (
        "wrong",
        "expected 26×26×24",
        (26, 26, 24),
    )
    assert (second.kind, second.verdict, second.expected) == ("pool", "follows", None)


def test_what_is_wrong_goes_before_what_another_check_finds_right() -> None:
    for checks in (
        [note(0, "ok", "ok"), note(0, "wrong", "expected 5")],
        [note(0, "wrong", "expected 5"), note(0, "ok", "ok")],
    ):
        assert layer_rows(MODEL, checks)[0].said == "expected 5"


def test_reports_from_before_notes_told_a_shape_are_read() -> None:
    row = layer_rows(MODEL, [note(0, "wrong", "expected 26×26×24")])[0]
    assert (row.said, row.expected) == ("expected 26×26×24", None)


def test_a_layer_says_which_it_reads_unless_it_is_the_one_above() -> None:
    layers = [{**MODEL["layers"][0], "inbound": inbound} for inbound in ([], [0], [], [1, 2], [0])]
    reads = [row.reads for row in layer_rows({"layers": layers}, ())]
    assert reads == ["", "", "reads the input", "reads layers 2 and 3", "reads layer 1"]


def test_reports_from_before_layers_named_their_feeders_are_read() -> None:
    layers = [{k: v for k, v in layer.items() if k != "inbound"} for layer in MODEL["layers"]]
    assert [row.reads for row in layer_rows({"layers": layers}, ({},))] == ["", ""]


def test_of_a_long_model_the_ends_and_what_is_wrong_are_kept() -> None:
    shown = list(shortened(many(101), 10))
    numbers = [row.number if isinstance(row, LayerRow) else row for row in shown]
    assert numbers == [
        *range(1, 6),
        LeftOut(45),
        51,
        LeftOut(45),
        *range(97, 102),
    ]


def test_a_model_that_fits_is_whole() -> None:
    assert [row.number for row in shortened(many(10), 10) if isinstance(row, LayerRow)] == list(
        range(1, 11)
    )
