"""What the project promises about itself: its README, its assignments, its rooms."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import warnings
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from grader import records
from grader.assignment.load import load_assignment
from grader.checks.table import CHECK_TYPES
from grader.choose import FOLDER
from grader.cli import main
from grader.pipeline import Tools, grade_one
from grader.report.terminal import print_report
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.conftest import ROOT
from tests.writing import IMPORTS, RIGHT, write_notebook

README = (ROOT / "README.md").read_text(encoding="utf-8")
HOUSE = (ROOT / "grader" / "README.md").read_text(encoding="utf-8")
IDS = [path.stem for path in sorted(FOLDER.glob("*.yaml"))]


def test_the_readme_has_exactly_two_commands_of_one_line_each() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", README, re.M | re.S)
    assert [block.count("\n") for block in blocks] == [1, 1]
    assert "solutions/03-cnn-structure.ipynb" in blocks[0]
    assert "pytest" in blocks[1] and "bubblewrap" in blocks[1]


def test_the_readmes_report_is_a_real_one(sandbox: Sandbox, tmp_path: Path) -> None:
    wrong = RIGHT.replace("36, 3,", '36, 3, padding="same",')
    path = write_notebook(tmp_path / "student.ipynb", IMPORTS, wrong)
    assignment = load_assignment(FOLDER / "03-cnn-structure.yaml")
    report = grade_one(path, assignment, Tools(sandbox, ResultCache(None)))
    with (tmp_path / "report.txt").open("w+", encoding="utf-8") as stream:
        print_report(report, stream)
        stream.seek(0)
        real = stream.read()
    shown = re.search(r"^```\n(03-cnn-structure .*?)^```$", README, re.M | re.S)
    assert shown is not None
    assert _without_times(shown[1]) == _without_times(real)


def test_the_readmes_account_of_a_notebook_is_a_real_one(tmp_path: Path) -> None:
    model = (
        "def build_cnn(input_shape):\n    model = keras.Sequential([keras.Input(input_shape)])\n"
        '    model.add(keras.layers.Conv2D(24, SIZE, activation="relu"))\n'
        "    model.add(keras.layers.Flatten())\n    return model\n"
        "build_cnn((28, 28, 1)).fit(x, y, epochs=50)"
    )
    path = write_notebook(
        tmp_path / "student.ipynb",
        "!pip install wandb\nfrom tensorflow import keras",
        "(x, y), _ = keras.datasets.mnist.load_data()\nSIZE = 3",
        model,
    )
    real = CliRunner().invoke(main, ["grade", str(path), "-a", "03", "--explain-slice"]).output
    shown = re.search(r"^```\n(Convolve, pool, classify: .*?)^```$", README, re.M | re.S)
    assert shown is not None
    assert shown[1].splitlines() == [line.rstrip() for line in real.splitlines()]


def _without_times(report: str) -> list[str]:
    """All but the seconds, the sandbox and the versions."""
    lines = re.sub(r"\d+\.\d s\b", "- s", report).rstrip().splitlines()
    return [line for line in lines if "sandbox" not in line]


@pytest.mark.parametrize("name", CHECK_TYPES)
def test_the_readme_names_every_check(name: str) -> None:
    assert f"| `{name}` |" in README


@pytest.mark.parametrize("name", IDS)
def test_the_readme_names_every_assignment_with_its_points(name: str) -> None:
    content = load_assignment(FOLDER / f"{name}.yaml").content
    points = sum(check.points for exercise in content.exercises for check in exercise.checks)
    row = next(line for line in README.splitlines() if line.startswith(f"| [{name}]("))
    assert row.endswith(f"| {points:g} |")


@pytest.mark.parametrize("room", sorted(p.name for p in (ROOT / "grader").iterdir()))
def test_the_map_names_every_room(room: str) -> None:
    if room in ("__init__.py", "__pycache__", "README.md"):
        return
    assert f"`{room}" in HOUSE


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("folder", ["assignments", "solutions"])
def test_notebooks_are_valid_clean_and_name_their_assignment(folder: str, name: str) -> None:
    path = ROOT / folder / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(notebook)
    assert notebook.metadata["grader"]["assignment"] == name
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@pytest.mark.parametrize("name", IDS)
def test_a_solution_teaches_what_its_starter_teaches(name: str) -> None:
    """The texts of the starter stand in the solution, in the same order."""
    starter, solution = (
        [
            "".join(cell["source"])
            for cell in json.loads((ROOT / folder / f"{name}.ipynb").read_text())["cells"]
            if cell["cell_type"] == "markdown"
        ]
        for folder in ("assignments", "solutions")
    )
    rest = iter(solution)
    assert all(text in rest for text in starter)


def test_every_value_between_stages_is_frozen() -> None:
    found = [value for value in vars(records).values() if dataclasses.is_dataclass(value)]
    assert len(found) > 15
    assert all(value.__dataclass_params__.frozen for value in found)  # type: ignore[union-attr]


SOURCES = sorted((ROOT / "grader").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_says_what_it_is_for_and_is_not_too_large(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if not text:
        return
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module begins with a docstring"
    assert text.count("\n") <= 350, "past 300 lines ask what second thing it does"
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    undocumented = [node.name for node in public if not ast.get_docstring(node)]
    assert len(undocumented) <= 3, undocumented
