"""Assignments that are asked for again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.kept import KeptAssignments, stamps
from grader.errors import AssignmentError

ASSIGNMENT = """\
format: 1
id: 09-size
title: Sizes
exercises:
  - id: size
    function: size
    checks:
      - {type: returns, cases: [{args: [1], expect: 2}], points: 10}
"""
HIDDEN = """\
format: 1
id: 09-size
exercises:
  - id: size
    checks:
      - {type: returns, cases: [{args: [1], expect: 2}], points: 10}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "assignments").mkdir()
    (tmp_path / "solutions").mkdir()
    path = tmp_path / "assignments" / "09-size.yaml"
    path.write_text(ASSIGNMENT)
    return path


def test_what_did_not_change_is_not_read_again(path: Path) -> None:
    load = KeptAssignments()
    assert load(path) is load(path)


def test_what_changed_is_read_again(path: Path) -> None:
    load = KeptAssignments()
    assert load(path).content.title == "Sizes"
    path.write_text(ASSIGNMENT.replace("Sizes", "Other sizes"))
    assert load(path).content.title == "Other sizes"


def test_hidden_checks_that_come_are_read(path: Path) -> None:
    load = KeptAssignments()
    before = load(path)
    before.hidden.write_text(HIDDEN)
    assert len(load(path).content.exercises[0].checks) == 2
    before.hidden.unlink()
    assert load(path).content == before.content


def test_a_faulty_file_is_told_each_time_and_taken_when_it_is_mended(path: Path) -> None:
    load = KeptAssignments()
    load(path)
    path.write_text("format: 2")
    for _ in range(2):
        with pytest.raises(AssignmentError):
            load(path)
    path.write_text(ASSIGNMENT)
    assert load(path).content.id == "09-size"


def test_a_file_put_in_anothers_place_has_another_stamp(path: Path) -> None:
    before = stamps([path, path.with_name("gone")])
    new = path.with_name("new")
    new.write_text(ASSIGNMENT)
    new.rename(path)
    after = stamps([path, path.with_name("gone")])
    assert before[0] != after[0] and before[1] is after[1] is None
