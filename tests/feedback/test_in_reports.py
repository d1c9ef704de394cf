"""Repairs in a graded submission, through the real sandbox."""

from __future__ import annotations

from pathlib import Path

from grader.assignment.load import load_assignment
from grader.choose import FOLDER
from grader.pipeline import Tools, grade_one
from grader.records import Repair
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.writing import IMPORTS, RIGHT, write_notebook


def graded(sandbox: Sandbox, folder: Path, source: str, hints: str = "fix") -> tuple[Repair, ...]:
    text = (FOLDER / "03-cnn-structure.yaml").read_text(encoding="utf-8")
    (folder / "cnn.yaml").write_text(text.replace("hints: fix", f"hints: {hints}"))
    assignment = load_assignment(folder / "cnn.yaml")
    path = write_notebook(folder / "student.ipynb", IMPORTS, source)
    report = grade_one(path, assignment, Tools(sandbox, ResultCache(None), train=False))
    return report.exercises[0].repairs


WRONG = RIGHT.replace("36, 3,", '36, 3, padding="same", name="second",')


def test_a_wrong_model_is_told_the_change(sandbox: Sandbox, tmp_path: Path) -> None:
    (found,) = graded(sandbox, tmp_path, WRONG)
    assert found == Repair(
        changes=('Layer 3, Conv2D (second): padding="valid" instead of padding="same".',),
        names=("padding",),
        layers=(2,),
        gain=15.0,
    )


def test_no_change_is_told_where_the_author_does_not_want_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    assert graded(sandbox, tmp_path, WRONG, hints="why") == ()


def test_a_right_model_and_none_at_all_are_told_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    assert graded(sandbox, tmp_path, RIGHT) == ()
    assert graded(sandbox, tmp_path, "x = 1") == ()
