"""What the exercise says, by the words of a parameter's or a constant's name."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.standins.data import Declared
from grader.sandbox.standins.given import (
    SETTINGS,
    given_for,
    given_outright,
    is_clear,
    is_count,
    words_of,
)

SHAPE = (24, 32, 3)
ASKED: dict[str, list[Any]] = {
    "input_shape": [SHAPE],
    "shape": [SHAPE],
    "imgShape": [SHAPE],
    "IMAGE_SHAPE": [SHAPE],
    "image_size": [SHAPE, (24, 32), 24],
    "input_dim": [SHAPE, (24, 32), 24],
    "IMG_SIZE": [SHAPE, (24, 32), 24],
    "height": [24],
    "img_rows": [24],
    "imgRows": [24],
    "h": [24],
    "IMG_WIDTH": [32],
    "img_cols": [32],
    "w": [32],
    "channels": [3],
    "n_channels": [3],
    "depth": [3],
    "classes": [7],
    "num_classes": [7],
    "nClasses": [7],
    "NUM_CLASSES": [7],
    "n_out": [7],
    "output_dim": [7],
    "output_units": [7],
    "epochs": [1],
    "EPOCHS": [1],
    "batch_size": [32],
    "lr": [0.001],
    "optimizer": ["adam"],
    "verbose": [0],
}
UNKNOWN = (
    "size dim kernel_size class_weight filters units n input image num_layers dropout_rate "
    "pool_size self x activation height_shift channels_last i _ 형태"
).split()


@pytest.mark.parametrize("name", ASKED)
def test_a_name_asks_for_what_the_exercise_says(name: str) -> None:
    got = list(given_for(name, Declared(SHAPE, 7)))
    assert got == ASKED[name]
    assert [type(value) for value in got] == [type(value) for value in ASKED[name]]


@pytest.mark.parametrize("name", [*UNKNOWN, "a" * 10_000, ""])
def test_a_name_with_an_unknown_word_asks_for_nothing(name: str) -> None:
    assert list(given_for(name, Declared(SHAPE, 7))) == []


def test_a_number_of_classes_that_the_exercise_does_not_say_is_not_made_up() -> None:
    assert list(given_for("num_classes", Declared(SHAPE, None))) == []


@pytest.mark.parametrize(
    ("shape", "height", "width", "channels"),
    [((9,), 9, 9, 9), ((8, 9), 8, 9, 9), ((7, 8, 9), 7, 8, 9), ((6, 7, 8, 9), 6, 7, 9)],
)
def test_images_of_fewer_or_more_axes(
    shape: tuple[int, ...], height: int, width: int, channels: int
) -> None:
    declared = Declared(shape, 2)
    asked = [next(given_for(name, declared)) for name in ("height", "width", "channels")]
    assert asked == [height, width, channels]


def test_a_count_is_told_from_a_size() -> None:
    counts = ["classes", "num_classes", "n_labels", "output_size", "out", "total_classes"]
    others = ["class_weight", "size", "dim", "units", "num_filters", "output_path", "n", ""]
    assert all(map(is_count, counts))
    assert not any(map(is_count, others))


def test_a_clear_name_asks_for_one_thing() -> None:
    clear = ["input_shape", "shape", "num_classes", "classes", "n_out"]
    others = ["image_size", "height", "depth", "epochs", "n", "x", "", "class_weight"]
    assert all(map(is_clear, clear))
    assert not any(map(is_clear, others))


def test_words_of_a_name() -> None:
    assert words_of("img_rows") == words_of("imgRows") == words_of("IMG_ROWS") == {"img", "rows"}
    assert words_of("HTTPServer2go") == {"http", "server", "go"}
    assert words_of("_1") == set()


def test_a_size_of_a_missing_module_could_be_any() -> None:
    declared = Declared(SHAPE, 7)
    for name in ("IMG_SIZE", "input_dim", "size", "output_dim"):
        assert given_outright(name, declared) is None
    assert given_outright("IMG_HEIGHT", declared) == 24
    assert given_outright("INPUT_SHAPE", declared) == SHAPE
    assert given_outright("EPOCHS", declared) == 1
    assert given_outright("helper", declared) is None


@pytest.mark.parametrize("name", ["optimizer", "loss", "metrics"])
def test_what_may_be_a_module_is_not_made_up(name: str) -> None:
    assert name in SETTINGS
    assert given_outright(name, Declared(SHAPE, 7)) is None
