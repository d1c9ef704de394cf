"""The page of one submission: what it says, what it never says, and that it loads nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from grader.records import Problem, Remark, Repair, TrainingRun
from grader.report.as_json import report_as_json
from grader.report.html import report_page
from tests.report.html.pages import EVIL, Page, poisoned
from tests.report.reports import FAILED, MODEL, PASSED, REPORT, RUN, TRAINING, with_exercise

REPAIR = Repair(('Layer 1, Conv2D (conv2d): padding="valid".',), ("padding",), (0,), 20.0)
REMARK = Remark("dense", "Most weights are in one layer.", "Each pair has one.", "Count them.", 1)
FULL = with_exercise(repairs=(REPAIR,), remarks=(REMARK,))


def page(report: Any = FULL, back: str | None = None) -> Page:
    plain = report if isinstance(report, dict) else report_as_json(report)
    return Page(report_page(plain, back))


def test_it_says_all_that_the_report_says() -> None:
    text = page().text
    for said in (
        "A small CNN for handwritten digits",
        "80 of 100 points",
        "Exercise cnn, graded by what the name build_cnn stands for in cell 4.",
        "◐ partial layers 20 / 40",
        FAILED.message,
        str(FAILED.hint),
        "✓ passed learns 60 / 60",
        'To put it right: Layer 1, Conv2D (conv2d): padding="valid".',
        "Conv2D 24, 3×3, same, relu conv2d ✗ expected 26×26×24",
        "96.3 % right of the test images, which it never saw. Trained in 1.3 s.",
        "Layer 2, MaxPooling2D 2×2: Most weights are in one layer. Each pair has one.",
        "See it: Count them.",
        "The model names no input shape; it was built for (28, 28, 1).",
        "bwrap+namespaces",
        "2.21.0",
        "3.15.1",
        REPORT.sha256,
    ):
        assert said in text, said


def test_the_score_is_in_the_title() -> None:
    assert "<title>80 / 100 · 03-cnn-structure · student.ipynb</title>" in report_page(
        report_as_json(REPORT)
    )


def test_an_error_has_its_place_and_its_line() -> None:
    problem = Problem("raised", "Conv2D has no argument.", cell=3, line=7, source="  Conv2D(x=1)")
    waiting = tuple(replace(check, status="skipped", score=0.0) for check in (FAILED, PASSED))
    text = page(with_exercise(error=problem, model=None, training=None, checks=waiting)).text
    assert "Error while running: cell 3, line 7 Conv2D(x=1) Conv2D has no argument." in text
    assert "Its 2 checks wait for that: 0 of 100 points." in text
    assert FAILED.message not in text


def test_an_unsolved_exercise_is_told_from_a_wrong_one() -> None:
    shown = page(with_exercise(error=Problem("unsolved", "Not solved yet."), model=None))
    assert shown.all("div", class_="problem unsolved")


def test_a_hidden_check_tells_its_points_and_no_more() -> None:
    hidden = replace(FAILED, visibility="hidden", message="A hidden check.")
    text = page(with_exercise(checks=(hidden,))).text
    assert "A hidden check." in text
    assert "expected" not in text.lower() and "padding=" not in text


def test_each_heading_is_one_step_below_the_last() -> None:
    levels = [int(tag[1]) for tag, _ in page().elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_no_id_is_there_twice_and_every_reference_has_its_target() -> None:
    two = replace(FULL, exercises=FULL.exercises * 2)
    shown = page(two)
    ids = shown.ids()
    assert len(ids) == len(set(ids))
    for _, attributes in shown.elements:
        for name in ("aria-labelledby", "href"):
            target = attributes.get(name)
            if target and (name != "href" or target.startswith("#")):
                assert target.removeprefix("#") in ids


def test_several_exercises_have_a_list_of_links() -> None:
    shown = page(replace(FULL, exercises=FULL.exercises * 2))
    assert [each["href"] for each in shown.all("a")] == ["#e0", "#e1"]
    assert not page().all("nav")


def test_the_way_back_to_the_class() -> None:
    assert [each["href"] for each in page(back="../index.html").all("a")] == ["../index.html"]


def test_its_policy_runs_nothing_and_takes_its_own_style_only() -> None:
    content = report_page(report_as_json(FULL))
    (policy,) = (
        each["content"] for each in Page(content).all("meta", http_equiv="Content-Security-Policy")
    )
    style = content.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"
    )


def test_it_loads_nothing_and_has_no_style_or_handler_of_an_element() -> None:
    shown = page(replace(FULL, exercises=FULL.exercises * 2))
    assert all(each.startswith("#") for each in shown.addresses())
    for tag, attributes in shown.elements:
        assert tag not in ("script", "link", "iframe", "object", "img", "base")
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
    assert "http" not in re.sub("Content-Security|http-equiv", "", str(shown.elements))


def test_whatever_a_report_says_is_text() -> None:
    report = poisoned(report_as_json(FULL))
    problem = {"kind": EVIL, "message": EVIL, "cell": 1, "line": 2, "source": EVIL}
    report["exercises"].append({**report["exercises"][0], "error": problem})
    content = report_page(report)
    shown, honest = Page(content), page(replace(FULL, exercises=FULL.exercises * 2))
    tags = {tag for tag, _ in shown.elements}
    assert tags - {tag for tag, _ in honest.elements} <= {"pre"}
    assert not [a for _, a in shown.elements for n in a if n.startswith("on") or n == "style"]
    assert all(each.startswith("#") for each in shown.addresses())
    assert "<script>window.owned=1</script>" in shown.text
    assert "{{ 7 * 7 }}" in shown.text
    assert not {"\u202e", "\u200b", "\x1b"} & set(content)


def test_an_undecided_check_asks_for_a_person() -> None:
    broken = replace(PASSED, status="error", score=0.0, message="The data file is gone.")
    text = page(with_exercise(checks=(FAILED, broken))).text
    assert "A person will look at this. Something could not be decided" in text
    assert "! error learns" in text


def test_a_claim_is_told_as_one() -> None:
    claimed = with_exercise(model=replace(MODEL, rebuilt=False))
    text = page(replace(claimed, status="needs_review")).text
    assert "Described inside the sandbox" in text
    assert "What is said of a model with classes of the student's own" in text


def test_a_training_of_several_seeds_names_them() -> None:
    lost = TrainingRun(2, None, (), "diverged")
    text = page(with_exercise(training=replace(TRAINING, runs=(RUN, lost), cached=True))).text
    assert "Tried: seed 1: 96.3 %, seed 2: diverged." in text
    assert "Known from before" in text


def test_a_report_with_nothing_in_it() -> None:
    empty = with_exercise(model=None, training=None, checks=(), assumptions=(), found=None)
    assert "Convolve, pool, classify" in page(empty).text
    assert "0 of 0 points" in page(replace(empty, exercises=(), score=0.0, max_score=0.0)).text


@pytest.mark.parametrize("key", ["repairs", "remarks", "cell"])
def test_a_report_from_an_older_grade_book_has_a_page(key: str) -> None:
    report = report_as_json(FULL)
    del report["exercises"][0][key]
    for layer in report["exercises"][0]["model"]["layers"]:
        del layer["inbound"]
    del report["exercises"][0]["model"]["input_shapes"]
    for check in report["exercises"][0]["checks"]:
        del check["layers"]
    assert "Conv2D 24" in page(report).text


def test_a_long_model_is_shortened() -> None:
    layers = (MODEL.layers[0], *(MODEL.layers[1] for _ in range(998)))
    shown = page(with_exercise(model=replace(MODEL, layers=layers), checks=()))
    assert "… 699 more layers" in shown.text
    assert len(shown.all("svg", class_="volume")) == 41
