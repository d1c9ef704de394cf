"""What of an assignment a student's check is made by."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.load import load_assignment
from grader.errors import AssignmentError, UsageError
from grader.notebook.visible import load_visible, only

ASSIGNMENT = """\
format: 1
id: 09-exam
title: An exam
exercises:
  - id: size
    function: size
    also: [sizes]
    checks:
      - {type: returns, id: shown, cases: [{args: [1], expect: 2}], points: 1, needs: [secret]}
      - {type: returns, id: secret, cases: [{args: [2], expect: 3}], points: 1, visibility: hidden}
  - id: unseen
    function: unseen
    checks:
      - {type: returns, cases: [{args: [2], expect: 3}], points: 1, visibility: hidden}
  - id: net
    build: Net.build
    input_shape: [8, 8, 1]
    checks: [{type: output_shape, expect: [1], points: 1}]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "assignments").mkdir()
    path = tmp_path / "assignments" / "09-exam.yaml"
    path.write_text(ASSIGNMENT)
    return path


def test_hidden_checks_are_gone_and_nothing_waits_for_them(path: Path) -> None:
    size, net = load_visible(path).content.exercises
    assert [(check.id, check.needs) for check in size.checks] == [("shown", ())]
    assert net.id == "net"


def test_the_file_of_hidden_checks_is_not_even_read(path: Path) -> None:
    hidden = load_assignment(path).hidden
    hidden.parent.mkdir()
    hidden.write_text("{not: [yaml")
    with pytest.raises(AssignmentError):
        load_assignment(path)
    assert len(load_visible(path).content.exercises) == 2


def test_an_assignment_of_hidden_checks_only_says_so(path: Path) -> None:
    shown = next(line for line in ASSIGNMENT.splitlines() if "shown" in line)
    net = ASSIGNMENT[ASSIGNMENT.index("  - id: net") :]
    path.write_text(ASSIGNMENT.replace(shown, "").replace(net, ""))
    with pytest.raises(UsageError, match="09-exam has no checks that can be made here"):
        load_visible(path)


@pytest.mark.parametrize(
    "names, exercise, asked",
    [(["size"], "size", "size"), (["x", "sizes"], "size", "sizes"), (["Net"], "net", "Net.build")],
)
def test_an_exercise_is_found_by_a_name(
    path: Path, names: list[str], exercise: str, asked: str
) -> None:
    (found,) = only(load_visible(path), names).content.exercises
    assert (found.id, found.names) == (exercise, (asked,))


def test_another_name_is_told_what_is_asked_for(path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        only(load_visible(path), ["cnn", "my_cnn"])
    assert str(raised.value) == (
        "09-exam asks for size or Net.build; what check was given is called cnn or my_cnn. Give it "
        'the name that is asked for, or check everything: check("09-exam").'
    )


def test_what_has_no_name_is_told_that_it_needs_one(path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        only(load_visible(path), [])
    assert str(raised.value) == (
        "What check was given has no name here, and exercises are found by their names: 09-exam "
        "asks for size or Net.build."
    )
