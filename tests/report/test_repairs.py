"""What would put a model right, as the report says it."""

from __future__ import annotations

import io

import pytest

from grader.records import Repair
from grader.report.repairs import repair_words
from grader.report.terminal import print_report
from tests.report.reports import with_exercise

ONE = Repair(
    ('Layer 1, Conv2D (conv2d): padding="valid" instead of padding="same".',),
    ("padding",),
    (0,),
    20.0,
)
OTHER = Repair(("Layer 2, MaxPooling2D (pool), is too much: take it out.",), ("x",), (1,), 20.0)
PAIR = Repair((*ONE.changes, *OTHER.changes), ("padding", "x"), (0, 1), 20.0)


def part(repair: Repair, **changes: object) -> Repair:
    values = {name: getattr(repair, name) for name in Repair.__dataclass_fields__}
    return Repair(**{**values, **changes})


@pytest.mark.parametrize(
    ("repairs", "heading", "count"),
    [
        ((ONE,), "To put it right:", 1),
        ((PAIR,), "To put it right, both:", 1),
        ((ONE, OTHER), "Any one of these puts it right:", 2),
        ((PAIR, PAIR), "Any one of these pairs puts it right:", 2),
        ((part(ONE, unlisted=3),), "Any one of these puts it right:", 2),
        ((part(ONE, whole=False, gain=7.5),), "To earn 7.5 more:", 1),
        ((part(PAIR, whole=False),), "To earn 20 more, both:", 1),
        ((part(ONE, whole=False), OTHER), "Any one of these earns 20 more:", 2),
        ((part(ONE, whole=False, gain=0.0),), "To come nearer:", 1),
        ((part(ONE, whole=False, gain=0.0), OTHER), "Any one of these comes nearer:", 2),
    ],
)
def test_the_heading_says_how_far_it_leads(
    repairs: tuple[Repair, ...], heading: str, count: int
) -> None:
    said, ways = repair_words(repairs)
    assert (said, len(ways)) == (heading, count)
    assert ways[0] == " ".join(repairs[0].changes)


def test_what_is_not_listed_is_counted() -> None:
    _, ways = repair_words((part(ONE, unlisted=3), part(OTHER, unlisted=3)))
    assert ways[-1] == "3 more that do as much, which are not listed."


def test_there_are_no_words_for_nothing() -> None:
    with pytest.raises(ValueError, match="no repairs"):
        repair_words(())


def shown(*repairs: Repair) -> str:
    stream = io.StringIO()
    print_report(with_exercise(repairs=repairs), stream)
    return stream.getvalue()


def test_one_way_stands_behind_its_heading() -> None:
    assert (
        '\n  To put it right: Layer 1, Conv2D (conv2d): padding="valid" instead of\n'
        '                   padding="same".\n'
    ) in shown(ONE)


def test_several_ways_are_a_list() -> None:
    assert (
        "\n  Any one of these puts it right:\n"
        '  - Layer 1, Conv2D (conv2d): padding="valid" instead of padding="same".\n'
        "  - Layer 2, MaxPooling2D (pool), is too much: take it out.\n"
    ) in shown(ONE, OTHER)


def test_a_name_in_a_sentence_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in shown(part(ONE, changes=("Layer 1, Conv2D (\x1b[2Jx\n): y.",)))
