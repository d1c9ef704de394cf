"""Shapes, counts, shares and guesses, as a person reads them."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import words
from grader.records import Shape


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((26, 26, 24), "26×26×24"),
        ((10,), "10"),
        ((None, 28, 1), "?×28×1"),
        ((None,), "?"),
        ((0, 3), "0×3"),
        ((), "a number"),
    ],
)
def test_a_shape_is_written_with_crosses(shape: Shape, text: str) -> None:
    assert words.show_shape(shape) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (7812, "7,812"), (177_209_344, "177,209,344"), (-1000, "-1,000")],
)
def test_thousands_are_set_apart(number: int, text: str) -> None:
    assert words.show_count(number) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.95, "95 %"),
        (0.9815, "98.2 %"),
        (1, "100 %"),
        (1.0, "100 %"),
        (0.9999999, "99.9 %"),
        (math.nextafter(1, 0), "99.9 %"),
        (0.99949, "99.9 %"),
        (0, "0 %"),
        (-0.0, "0 %"),
        (-1e-9, "0 %"),
        (0.0004, "0 %"),
        (1 / 3, "33.3 %"),
    ],
)
def test_a_share_is_a_percentage_with_one_decimal(share: float, text: str) -> None:
    assert words.show_percent(share) == text


@given(st.floats(0, 1, exclude_max=True))
def test_less_than_all_is_never_a_hundred_percent(share: float) -> None:
    assert words.show_percent(share) != "100 %"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (40, "40"),
        (40.0, "40"),
        (26.7, "26.7"),
        (26.66666, "26.67"),
        (0.001, "0.001"),
        (0.0, "0"),
        (-0.0, "0"),
        (1234.5, "1234.5"),
        (124_670.0, "124670"),
        (12_345_678.25, "12345678.2"),
        (999.96, "1000"),
        (123_456_789, "123456789"),
    ],
)
def test_a_number_has_neither_a_trailing_zero_nor_an_exponent(number: float, text: str) -> None:
    assert words.show_number(number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (None, "nothing"),
        ([1], "a list"),
        ({"a": 1}, "a mapping"),
        ("five", 'the text "five"'),
        ("", 'the text ""'),
        ("a\nb\x1b[31m", r'the text "a\nb\x1b[31m"'),
        ("x" * 81, f'the text "{"x" * 80}…"'),
        (10**100, "1" + "0" * 79 + "…"),
        (math.nan, "nan"),
    ],
    ids=repr,
)
def test_what_was_found_is_named_in_words(value: object, text: str) -> None:
    assert words.show_value(value) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", '"plain"'),
        ("Prüfung ×3", '"Prüfung ×3"'),
        ("tab\tbell\x07", r'"tab\tbell\x07"'),
        ("right\u202eleft", r'"right\u202eleft"'),
        ("half \ud800", r'"half \ud800"'),
        ("x" * 80, f'"{"x" * 80}"'),
        ("x" * 1_000_000, f'"{"x" * 80}…"'),
    ],
)
def test_unknown_text_stays_on_one_line(text: str, shown: str) -> None:
    assert words.quoted(text) == shown


@given(st.text(st.characters()))
def test_printable_text_can_be_printed(text: str) -> None:
    shown = words.printable(text)
    assert shown.isprintable()
    shown.encode()


def test_words_are_joined_with_a_last_one() -> None:
    assert words.join_words([]) == ""
    assert words.join_words(["a"]) == "a"
    assert words.join_words(["a", "b"]) == "a and b"
    assert words.join_words(["a", "b", "c"], "or") == "a, b or c"


LAYERS = ["Conv2D", "Conv2DTranspose", "Dense", "Dropout", "Flatten", "MaxPool2D"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Conv2d", "Conv2D"),
        ("conv2D", "Conv2D"),
        ("Dens", "Dense"),
        ("Dropuot", "Dropout"),
        ("FLATTEN", "Flatten"),
        ("Batch", None),
        ("", None),
        ("x" * 1_000_000, None),
    ],
)
def test_the_nearest_word_is_meant(word: str, meant: str | None) -> None:
    assert words.nearest(word, LAYERS) == meant


def test_letters_in_another_order_are_nearer_than_more_letters() -> None:
    assert words.nearest("adma", ["Adamax", "Adam", "AdamW"]) == "Adam"


@pytest.mark.parametrize(("word", "meant"), [("Hing", "Hinge"), ("hing", "hinge")])
def test_of_two_spellings_the_one_like_the_word_is_meant(word: str, meant: str) -> None:
    assert words.nearest(word, ["hinge", "Hinge"]) == meant
    assert words.nearest(word, ["Hinge", "hinge"]) == meant


def test_nothing_is_near_when_nothing_is_known() -> None:
    assert words.nearest("word", []) is None


def test_a_guess_is_a_question() -> None:
    assert words.did_you_mean("Conv2d", LAYERS) == ' Did you mean "Conv2D"?'
    assert words.did_you_mean("zzz", LAYERS) == ""


def test_without_a_guess_everything_known_is_listed() -> None:
    assert words.meant_or_known("mim", iter(["min", "max"])) == ' Did you mean "min"?'
    assert words.meant_or_known("zzz", iter(["min", "max"])) == " Known are min and max."


def test_a_guess_does_not_depend_on_the_order_of_a_set() -> None:
    """Sets of text are walked in another order in each process."""
    code = (
        "from grader.words import nearest\n"
        "print(nearest('hing', frozenset(['Hinge', 'hinge', 'HINGE', 'thing', 'hint'])))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1
