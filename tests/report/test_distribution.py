"""The spread of a class's scores: figures held to NumPy's, and a histogram that fits."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.report.distribution import show_scores


def shown(scores: list[tuple[float, float]], encoding: str = "utf-8") -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=80, highlight=False)
    for part in show_scores(scores, encoding):
        console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def counts(text: str) -> list[int]:
    return [int(line.split()[3]) for line in text.splitlines()[-10:]]


def test_the_scores_of_a_class() -> None:
    scores = [0.0, 5.0, 10.0, 55.0, 60.0, 61.0, 62.0, 100.0]
    assert shown([(score, 100.0) for score in scores]) == (
        "Scores of 8 submissions, of 100 points\n"
        "  mean 44.12, median 57.5, quartiles 8.75 and 61.25, lowest 0, highest 100\n"
        "   0 –  10 2 █████████████████████████████████\n"
        "  10 –  20 1 █████████████████\n"
        "  20 –  30 0\n"
        "  30 –  40 0\n"
        "  40 –  50 0\n"
        "  50 –  60 1 █████████████████\n"
        "  60 –  70 3 ██████████████████████████████████████████████████\n"
        "  70 –  80 0\n"
        "  80 –  90 0\n"
        "  90 – 100 1 █████████████████\n"
    )


def test_where_not_all_could_earn_the_same_it_is_in_percent() -> None:
    text = shown([(30.0, 40.0), (50.0, 100.0)])
    assert text.startswith(
        "Scores of 2 submissions, in percent of what each could earn\n"
        "  mean 62.5, median 62.5, quartiles 56.25 and 68.75, lowest 50, highest 75\n"
    )
    assert counts(text) == [0, 0, 0, 0, 0, 1, 0, 1, 0, 0]


def test_one_submission_is_a_class() -> None:
    assert shown([(7.5, 10.0)]).startswith(
        "Scores of 1 submission, of 10 points\n"
        "  mean 7.5, median 7.5, quartiles 7.5 and 7.5, lowest 7.5, highest 7.5\n"
    )


def test_nobody_and_nothing_to_earn_say_nothing() -> None:
    assert shown([]) == ""
    assert shown([(0.0, 0.0)]) == ""


def test_a_stream_without_blocks_gets_signs_that_it_can_write() -> None:
    text = shown([(1.0, 2.0)], "iso8859-1")
    assert "█" not in text and "#" * 50 in text


@pytest.mark.parametrize(
    ("score", "place"), [(-5.0, 0), (0.0, 0), (0.3, 3), (0.7, 7), (1.0, 9), (1.2, 9)]
)
def test_a_border_belongs_to_the_tenth_above_it(score: float, place: int) -> None:
    assert counts(shown([(score, 1.0)])).index(1) == place


def test_few_among_many_are_seen() -> None:
    text = shown([(95.0, 100.0)] * 2999 + [(5.0, 100.0)])
    assert text.splitlines()[2] == "   0 –  10    1 █"
    assert max(map(len, text.splitlines())) <= 80


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_the_figures_are_numpys(scores: list[int]) -> None:
    text = shown([(score / 8, 125.0) for score in scores])
    assert sum(counts(text)) == len(scores)
    quartiles = np.percentile(np.array(scores) / 8, [25, 75])
    words = " ".join(text.split("\n  0")[0].split()).partition("quartiles ")[2].split(",")[0]
    found = [float(word) for word in words.split(" and ")]
    assert found == pytest.approx(list(quartiles), rel=1e-3, abs=0.05)
