"""JUnit XML: a suite for each student, a case for each check.

https://github.com/testmoapp/junitxml. A check that did not pass is a failure; what the grader
could not decide is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from grader.records import Graded
from grader.report.escape import visible
from grader.words import show_points

_ELEMENTS = {"partial": "failure", "failed": "failure", "skipped": "skipped", "error": "error"}
"""The element that says why a check did not pass, by its status."""
MAX_NAME = 200


def junit_xml(graded: Sequence[Graded]) -> bytes:
    """The class as JUnit XML in UTF-8.

    Controls, surrogates and what else XML forbids are written out, as on a terminal.
    """
    root = ElementTree.Element("testsuites")
    for line in graded:
        root.append(_suite(line))
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(line: Graded) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=visible(line.student.name, MAX_NAME))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(line).items():
        ElementTree.SubElement(properties, "property", name=name, value=visible(value))
    if line.report is None:
        suite.append(_not_graded(line))
    else:
        for exercise in line.report["exercises"]:
            class_name = visible(f"{line.report['assignment']}.{exercise['id']}", MAX_NAME)
            if exercise["error"]:
                message = str(exercise["error"]["message"])
                suite.append(_case(class_name, "found", "failure", message))
            suite.extend(_check(class_name, check) for check in exercise["checks"])
        suite.set("time", f"{line.report['seconds']['total']:.3f}")
    suite.set("tests", str(len(suite.findall("testcase"))))
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for key, element in counts.items():
        suite.set(key, str(len(suite.findall(f"testcase/{element}"))))
    return suite


def _properties(line: Graded) -> dict[str, str]:
    return {
        "student_id": line.student.id or line.student.key,
        "path": line.path,
        "status": line.status,
        "score": show_points(line.score) if line.status != "failed" else "",
        "max_score": show_points(line.max_score),
        "penalty": show_points(line.penalty),
    }


def _not_graded(line: Graded) -> ElementTree.Element:
    if line.status == "missing":
        return _case("submission", "handed in", "failure", line.note or "Nothing was handed in.")
    return _case("submission", "graded", "error", line.note or "It could not be graded.")


def _check(class_name: str, check: Mapping[str, Any]) -> ElementTree.Element:
    element = _ELEMENTS.get(check["status"])
    points = f"{show_points(check['score'])} / {show_points(check['max_score'])} points"
    return _case(class_name, str(check["id"]), element, f"{points}. {check['message']}")


def _case(class_name: str, name: str, element: str | None, message: str) -> ElementTree.Element:
    """A case; without an element it passed, and has nothing to say."""
    case = ElementTree.Element("testcase", classname=class_name, name=visible(name), time="0")
    if element is not None:
        ElementTree.SubElement(case, element, message=visible(message))
    return case
