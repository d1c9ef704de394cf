"""What is said of the stand-ins: each sentence once, and not without end."""

from __future__ import annotations

from grader.sandbox.standins.notes import MAX_NOTE, MAX_NOTES, MORE, Notes


def test_sentences_keep_their_order_and_come_once() -> None:
    notes = Notes()
    for text in ("b.", "a.", "b.", "c.", "a."):
        notes.add(text)
    assert notes.texts == ["b.", "a.", "c."]


def test_a_program_that_has_no_end_of_them_is_cut_off() -> None:
    notes = Notes()
    for number in range(10 * MAX_NOTES):
        notes.add(f"{number}.")
    assert notes.texts == [*(f"{number}." for number in range(MAX_NOTES - 1)), MORE]


def test_a_sentence_has_a_length_and_is_known_again_by_it() -> None:
    notes = Notes()
    notes.add("x" * 10_000)
    notes.add("x" * MAX_NOTE)
    assert notes.texts == ["x" * MAX_NOTE]
