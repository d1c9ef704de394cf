"""What is said about older words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.sandbox.old_keras.interpreter import Interpreter, OldKeras, OldModule, show, show_call

SHOWN: list[tuple[Any, str]] = [
    (3, "3"),
    (np.int64(3), "3"),
    (0.5, "0.5"),
    (True, "True"),
    (None, "None"),
    ("same", '"same"'),
    ((3, 3), "(3, 3)"),
    ((3,), "(3,)"),
    ([2, "a"], '[2, "a"]'),
    ("a\nb", "…"),
    ("a" * 50, "…"),
    ((1, 2, 3, 4, 5, 6), "…"),
    (object(), "…"),
    (np.zeros(3), "…"),
]


@pytest.mark.parametrize(("value", "text"), SHOWN)
def test_a_value_is_shown_when_it_is_short_and_plain(value: Any, text: str) -> None:
    assert show(value) == text


def test_a_call_is_shown_as_it_is_written() -> None:
    assert show_call("Conv2D", [32, (3, 3)], {"padding": "same"}) == (
        'Conv2D(32, (3, 3), padding="same")'
    )


def test_a_sentence_is_told_once_for_each_kind() -> None:
    notes: list[str] = []
    interpreter = Interpreter(True, notes.append)
    interpreter.read_as("A", "B")
    interpreter.read_as("A", "B")
    interpreter.read_as("C(x=1)", "C(y=1)", ["x"])
    interpreter.read_as("C(x=2)", "C(y=2)", ["x"])
    interpreter.read_as("C(x=2, z=1)", "C(y=2, w=1)", ["x", "z"])
    assert notes == [
        "A was read as B.",
        "C(x=1) was read as C(y=1).",
        "C(x=2, z=1) was read as C(y=2, w=1).",
    ]


def test_nothing_is_told_where_nothing_is_translated() -> None:
    notes: list[str] = []
    interpreter = Interpreter(False, notes.append)
    with pytest.raises(OldModule) as caught:
        interpreter.read_as("keras.x", "keras.y", error=OldModule)
    assert str(caught.value) == "keras.x belongs to an older Keras. Write keras.y."
    assert isinstance(caught.value, OldKeras)
    assert isinstance(caught.value, ImportError)
    assert notes == []


def test_a_remark_holds_either_way() -> None:
    notes: list[str] = []
    Interpreter(False, notes.append).remark("So it is.")
    assert notes == ["So it is."]
