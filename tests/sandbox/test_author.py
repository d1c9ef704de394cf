"""Running a check that the author wrote: its finding in one form, or how it failed."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.client import Sandbox
from grader.sandbox.limits import Limits

LIMITS = Limits(5, 1 << 30)


def run(sandbox: Sandbox, source: str, **request: Any) -> dict[str, Any]:
    full = {"source": source, "function": "check", "evidence": {}, "settings": {}, **request}
    reply = sandbox.ask_trusted("custom", full, LIMITS)
    assert reply.ending == "answered"
    answer: dict[str, Any] = reply.answer
    del answer["seconds"]
    return answer


@pytest.mark.parametrize(
    "gives, credit",
    [("True", 1), ("False", 0), ("0.25", 0.25), ("{'credit': 0.5}", 0.5), ("1", 1)],
)
def test_a_number_or_a_dict_is_a_finding(sandbox: Sandbox, gives: str, credit: float) -> None:
    source = f"def check(evidence, settings):\n    return {gives}\n"
    assert run(sandbox, source)["finding"]["credit"] == credit


def test_the_texts_and_values_of_a_finding_are_kept(sandbox: Sandbox) -> None:
    source = (
        "def check(evidence, settings):\n"
        "    texts = dict(where='A.', detail='B.', why='C.', fix='D.')\n"
        "    return dict(texts, credit=0, expected=2, got=1)\n"
    )
    assert run(sandbox, source)["finding"] == {
        "credit": 0,
        "where": "A.",
        "detail": "B.",
        "why": "C.",
        "fix": "D.",
        "expected": 2,
        "got": 1,
    }


def test_it_is_given_the_evidence_and_the_settings(sandbox: Sandbox) -> None:
    source = "def check(evidence, settings):\n    return evidence['a'] == settings['b']\n"
    finding = run(sandbox, source, evidence={"a": [1, 2]}, settings={"b": [1, 2]})
    assert finding["finding"]["credit"] == 1


@pytest.mark.parametrize(
    "source, failed",
    [
        ("def check(e, s):\n    return e['gone']\n", "KeyError: 'gone' (line 2)"),
        ("def check(e, s):\n    return 'fine'\n", "TypeError: it must give True, False, a share "),
        ("def check(e, s):\n    return 2\n", "ValueError: its credit is 2, not from 0 to 1"),
        (
            "def check(e, s):\n    return float('nan')\n",
            "ValueError: its credit is nan, not from 0 to 1",
        ),
        (
            "def check(e, s):\n    return {'credit': 1, 'wher': 'x'}\n",
            'TypeError: it gives "wher"; a finding has no such part',
        ),
        ("x = 1\n", "TypeError: it defines no function check"),
        ("def check(e, s):\n    return (\n", "SyntaxError: "),
        ("import sys\nsys.exit(1)\n", "SystemExit: 1 (line 2)"),
    ],
)
def test_a_failure_is_told_with_the_authors_own_line(
    sandbox: Sandbox, source: str, failed: str
) -> None:
    assert run(sandbox, source)["failed"].startswith(failed)
