"""Hidden checks: merged where they are, their faults told in their own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment.load import load_assignment
from grader.errors import AssignmentError

ASSIGNMENT = """\
format: 1
id: it
title: It
exercises:
  - id: size
    function: size
    checks:
      - {type: returns, cases: [{args: [1], expect: 1}], points: 2}
"""
HIDDEN = """\
format: 1
id: it
exercises:
  - id: size
    checks:
      - {type: returns, id: more, cases: [{args: [2], expect: 2}], points: 3}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("assignments", "solutions"):
        (tmp_path / name).mkdir()
    (tmp_path / "assignments" / "it.yaml").write_text(ASSIGNMENT)
    return tmp_path


def test_hidden_checks_stand_behind_the_others_and_are_hidden(folder: Path) -> None:
    path = folder / "assignments" / "it.yaml"
    alone = load_assignment(path)
    (folder / "solutions" / "it.hidden.yaml").write_text(HIDDEN)
    both = load_assignment(path)
    (exercise,) = both.content.exercises
    assert [(check.id, check.visibility, check.points) for check in exercise.checks] == [
        ("returns", "visible", 2),
        ("more", "hidden", 3),
    ]
    assert alone.sha256 != both.sha256


def test_without_their_file_nothing_is_added(folder: Path) -> None:
    content = load_assignment(folder / "assignments" / "it.yaml").content
    assert len(content.exercises[0].checks) == 1


FAULTS = {
    "another assignment": (
        HIDDEN.replace("id: it\n", "id: other\n"),
        ['2:5: These checks belong to "it": write its id.'],
    ),
    "no such exercise": (
        HIDDEN.replace("id: size", "id: sice"),
        ['4:9: The assignment has no exercise "sice". Did you mean "size"?'],
    ),
    "an unknown key": (
        HIDDEN + "    title: Hidden\n",
        ['7:5: The key "title" is not known here; only id and checks are.'],
    ),
    "a fault in a check": (
        HIDDEN.replace("points: 3", "pionts: 3"),
        ['6:68: The key "pionts" is not known here. Did you mean "points"?'],
    ),
    "an id that is taken": (
        HIDDEN.replace("id: more", "id: returns"),
        ['6:29: Two checks of this exercise have the id "returns".'],
    ),
    "a check of another kind": (
        HIDDEN.replace(
            "{type: returns, id: more, cases: [{args: [2], expect: 2}], points: 3}",
            "{type: output_shape, expect: [10], points: 3}",
        ),
        ['6:16: "output_shape" belongs to an exercise with build, not function.'],
    ),
    "no checks": (
        "format: 1\nid: it\nexercises:\n  - id: size\n    checks: []\n",
        ["5:13: At least one check is needed here."],
    ),
    "no exercises": (
        "format: 1\nid: it\n",
        ["1:1: Name the exercises that have hidden checks."],
    ),
    "a list": ("- 1\n", ["1:1: Hidden checks are a mapping of format, id and exercises."]),
    "no YAML": ("format: [1\n", ["1:9: What begins here is never closed."]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_with_its_place_in_the_hidden_file(case: str, folder: Path) -> None:
    text, expected = FAULTS[case]
    hidden = folder / "solutions" / "it.hidden.yaml"
    hidden.write_text(text)
    with pytest.raises(AssignmentError) as caught:
        load_assignment(folder / "assignments" / "it.yaml")
    assert caught.value.path == str(hidden)
    told = [f"{c.line}:{c.column}: {c.message}" for c in caught.value.complaints]
    assert len(told) == len(expected)
    assert all(one.startswith(start) for one, start in zip(told, expected, strict=True)), told
