"""What the helper answers, asked without a kernel."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from grader.assignment.load import load_assignment
from grader.choose import FOLDER
from grader.notebook import host
from grader.notebook.visible import load_visible
from grader.pipeline import Tools, grade_one
from grader.sandbox.client import Sandbox
from grader.training.cache import ResultCache
from tests.writing import IMPORTS, RIGHT, write_notebook

WRONG = RIGHT.replace("36, 3,", '36, 3, padding="same",')
BREAKS = RIGHT.replace("MaxPooling2D", "MaxPooing2D")


@pytest.fixture
def tools(sandbox: Sandbox, tmp_path: Path) -> Tools:
    return Tools(sandbox, ResultCache(tmp_path / "cache"), train=False)


def request(*cells: str, **more: Any) -> dict[str, Any]:
    numbered = list(enumerate(cells, 1))
    asked = {"assignment": "03-cnn-structure", "script": None, "notebook": None, "names": None}
    return {"cells": numbered, **asked, **more}


def answer_to(asked: dict[str, Any], tools: Tools) -> dict[str, Any]:
    return host.answer_to(asked, tools, load_visible)


def exercise(answer: dict[str, Any]) -> dict[str, Any]:
    (found,) = answer["report"]["exercises"]
    return dict(found)


def test_a_session_gets_the_verdict_of_a_notebook_with_its_cells(tools: Tools) -> None:
    answer = answer_to(request(IMPORTS, WRONG, "1 / 0", 'check("03")'), tools)
    assert answer["report"]["score"] == 55
    assert exercise(answer)["cell"] == 2
    text = answer["text"]
    assert "Try\n" in text and 'padding="valid".' in text
    assert text.endswith(
        "Visible checks only. Cells are counted as they were run: cell 5 is In [5]."
    )


def test_what_was_mended_is_right_and_what_was_broken_is_wrong(tools: Tools) -> None:
    assert answer_to(request(IMPORTS, WRONG, RIGHT), tools)["report"]["score"] == 70
    assert answer_to(request(IMPORTS, RIGHT, WRONG), tools)["report"]["score"] == 55


def test_an_earlier_definition_is_not_taken_where_the_last_one_fails(tools: Tools) -> None:
    answer = answer_to(request(IMPORTS, RIGHT, "model = build_cnn()", BREAKS), tools)
    assert exercise(answer)["error"]["kind"] == "raised"
    assert exercise(answer)["error"]["cell"] == 4
    assert answer["report"]["score"] == 0


def test_the_last_definition_that_python_can_read_counts_and_it_is_told(tools: Tools) -> None:
    answer = answer_to(request(IMPORTS, RIGHT, "def build_cnn(:\n    pass"), tools)
    assert answer["report"]["score"] == 70
    assert exercise(answer)["assumptions"] == [
        "build_cnn is defined again in cell 3, line 1, which Python cannot read (invalid syntax); "
        "the definition before it was taken."
    ]


def test_calls_of_check_are_no_part_of_the_program(tools: Tools) -> None:
    checks = "from grader import check\nshown = check(build_cnn)\ncheck(build_cnn, '03')"
    answer = answer_to(request("from grader import check", IMPORTS, RIGHT, checks), tools)
    assert answer["report"]["score"] == 70
    assert exercise(answer)["assumptions"] == []


def test_one_exercise_is_looked_for_under_the_name_that_was_given(tools: Tools) -> None:
    cells = [IMPORTS, WRONG, RIGHT.replace("build_cnn", "other"), "model = other()"]
    answer = answer_to(request(*cells, names=["model"]), tools)
    assert exercise(answer)["found"] == "model"
    assert answer["report"]["score"] == 70
    told = "build_cnn is there too: of a notebook that is handed in, that one is graded."
    assert told in " ".join(answer["text"].split())


def test_the_assignment_is_found_by_the_names_of_the_session(tools: Tools) -> None:
    answer = answer_to(request(IMPORTS, RIGHT, assignment=None), tools)
    assert answer["report"]["assignment"] == "03-cnn-structure"


def test_the_assignment_is_found_by_the_notebooks_metadata(tools: Tools, tmp_path: Path) -> None:
    told = {"grader": {"assignment": "06-1x1-convolution"}}
    path = write_notebook(tmp_path / "mine.ipynb", "saved = 'long ago'", metadata=told)
    answer = answer_to(request(IMPORTS, RIGHT, assignment=None, notebook=str(path)), tools)
    assert answer["report"]["assignment"] == "06-1x1-convolution"
    path.write_text("half a noteb")
    answer = answer_to(request(IMPORTS, RIGHT, assignment=None, notebook=str(path)), tools)
    assert answer["report"]["assignment"] == "03-cnn-structure"


def test_what_cannot_be_chosen_is_a_sentence(tools: Tools) -> None:
    answer = answer_to(request("x = 1", assignment=None), tools)
    assert answer == {
        "text": "This session defines nothing that an assignment asks for; name its assignment in "
        'the call, as in check("03-cnn-structure"). Known: 01-convolution, 02-pooling, '
        "03-cnn-structure, 04-stride-padding, 05-convolution-arithmetic, 06-1x1-convolution."
    }
    answer = answer_to(request("x = 1", assignment="03-cnn-structre"), tools)
    assert answer["text"].startswith(
        'There is no assignment "03-cnn-structre". Did you mean "03-cnn-structure"?'
    )


def test_nothing_is_told_of_hidden_checks(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "assignments" / "09-exam.yaml"
    for folder in ("assignments", "solutions"):
        (tmp_path / folder).mkdir()
    path.write_text(
        "format: 1\nid: 09-exam\ntitle: An exam\nexercises:\n  - id: size\n    function: size\n"
        "    checks:\n      - {type: returns, cases: [{args: [1], expect: 2}], points: 1}\n"
        "      - {type: returns, id: veiled, cases: [{args: [3], expect: 770011}], points: 50,"
        " visibility: hidden}\n"
    )
    (tmp_path / "solutions" / "09-exam.hidden.yaml").write_text(
        "format: 1\nid: 09-exam\nexercises:\n  - id: size\n    checks:\n"
        "      - {type: returns, id: buried, cases: [{args: [4], expect: 880011}], points: 60}\n"
    )
    answer = answer_to(request("def size(n): return n + 1", assignment=str(path)), tools)
    assert answer["report"]["score"] == answer["report"]["max_score"] == 1
    told = json.dumps(answer)
    assert not [word for word in ("veiled", "buried", "770011", "880011") if word in told]


def test_a_script_is_graded_as_it_is_in_its_file(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "student.py"
    path.write_text(f"from grader import check\n{IMPORTS}\n{RIGHT}\ncheck(build_cnn, '03')\n")
    answer = answer_to(request(script=str(path)), tools)
    assert answer["report"]["score"] == 70
    assert answer["text"].endswith("Visible checks only.")


def test_a_submitted_notebook_that_calls_check_is_graded_as_if_it_did_not(
    tools: Tools, tmp_path: Path
) -> None:
    """Wherever it stands, and in whatever statement: inside the sandbox it does nothing."""
    inside = RIGHT.replace("    return", "    check('03')\n    grader.check()\n    return")
    cells = ["import grader\nfrom grader import check", IMPORTS, inside]
    cells += ["model = build_cnn()\ncheck(model, '03-cnn-structure')\ncheck(build_cnn)"]
    path = write_notebook(tmp_path / "student.ipynb", *cells)
    report = grade_one(path, load_assignment(FOLDER / "03-cnn-structure.yaml"), tools)
    assert report.score == 70
    assert report.exercises[0].assumptions == ()


def test_the_page_is_in_a_frame_without_powers_and_holds_text_as_text(tools: Tools) -> None:
    cell = 'def build_cnn():\n    raise ValueError("\'\\"></iframe><script>alert(1)</script>")'
    answer = answer_to(request(IMPORTS, cell), tools)
    assert "<script>alert" in answer["text"]
    found = Tags(answer["html"])
    assert [tag for tag, _ in found.tags] == ["p", "b", "iframe", "p"]
    frame = found.tags[2][1]
    assert frame["sandbox"] is None  # given, without a permission
    page = Tags(str(frame["srcdoc"]))
    assert {"h1", "style"} <= {tag for tag, _ in page.tags}
    assert not {"script", "iframe", "img", "link", "form"} & {tag for tag, _ in page.tags}
    assert found.text.split("\n")[0] == "03-cnn-structure: 0 / 100"
    assert "Visible checks only." in found.text


class Tags(HTMLParser):
    """The tags that a browser would see, and the text between them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data
