"""JUnit XML."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.as_json import report_as_json
from grader.report.exports.junit import junit_xml
from tests.report.exports.classes import ALL_CHECKS, BROKEN, HOSTILE, UNDECIDED, graded, hostile
from tests.report.reports import EXERCISE, FAILED, with_exercise


def test_a_student_is_a_suite_and_a_check_a_case() -> None:
    exercise = replace(EXERCISE, checks=(*ALL_CHECKS.exercises[0].checks, UNDECIDED))
    report = replace(ALL_CHECKS, exercises=(exercise,))
    root = ElementTree.fromstring(junit_xml([graded(report=report_as_json(report))]))
    counts = {"tests": "5", "failures": "2", "errors": "1", "skipped": "1"}
    assert (root.tag, root.attrib) == ("testsuites", counts)
    [suite] = root
    assert (suite.tag, suite.attrib) == ("testsuite", counts | {"name": "Ann Doe", "time": "2.900"})
    assert {item.get("name"): item.get("value") for item in suite.iter("property")} == {
        "student_id": "1001",
        "path": "class.zip/1001.ipynb",
        "status": "graded",
        "score": "80",
        "max_score": "100",
        "penalty": "0",
    }
    said = {
        case.get("name"): [(item.tag, item.get("message")) for item in case]
        for case in suite.iter("testcase")
    }
    assert said == {
        "layers": [("failure", f"20 / 40 points. {FAILED.message}")],
        "learns": [],
        "secret": [("failure", "0 / 10 points. A hidden check.")],
        "later": [("skipped", "0 / 40 points. Waits for layers.")],
        "budget": [("error", "0 / 40 points. The grader broke.")],
    }
    assert {case.get("classname") for case in suite.iter("testcase")} == {"03-cnn-structure.cnn"}


def test_an_exercise_that_broke_is_a_failure() -> None:
    root = ElementTree.fromstring(
        junit_xml([graded(report=report_as_json(with_exercise(error=BROKEN, checks=())))])
    )
    [case] = root.iter("testcase")
    assert case.get("name") == "found"
    assert case[0].get("message") == "NameError: name 'x' is not defined"


@pytest.mark.parametrize(
    "status, tag, message",
    [
        ("missing", "failure", "Nothing was handed in."),
        ("failed", "error", "It could not be graded."),
    ],
)
def test_who_has_no_report_is_one_case(status: str, tag: str, message: str) -> None:
    root = ElementTree.fromstring(junit_xml([graded(status=status, report=None)]))
    [case] = root.iter("testcase")
    assert [(item.tag, item.get("message")) for item in case] == [(tag, message)]


def test_an_empty_class_is_still_a_document() -> None:
    assert ElementTree.fromstring(junit_xml([])).get("tests") == "0"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    content = junit_xml([hostile(text), graded()])
    root = ElementTree.fromstring(content)
    assert [len(list(suite.iter("testcase"))) for suite in root] == [2, 2]
    assert all(value.isprintable() for item in root.iter() for value in item.attrib.values())
    assert len(content) < 40_000


@given(st.text(max_size=20))
def test_any_text_gives_a_document_that_can_be_read(text: str) -> None:
    root = ElementTree.fromstring(junit_xml([hostile(text)]))
    assert len(root) == 1
