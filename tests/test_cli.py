"""The command as people run it: what it prints, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.writing import IMPORTS, RIGHT, write_notebook

SOLUTION = "solutions/03-cnn-structure.ipynb"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the project's folder, without a terminal."""
    return subprocess.run(
        [sys.executable, "grade.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def test_the_solution_is_graded_with_full_marks() -> None:
    done = run(SOLUTION)
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert (
        lines[0].split() == "03-cnn-structure A small CNN for handwritten digits 100 / 100".split()
    )
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout


def test_two_runs_give_the_same_report_but_for_the_time_that_they_took(tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    first, second = (run(SOLUTION, "--json", "-", **cache) for _ in range(2))
    reports = [json.loads(done.stdout) for done in (first, second)]
    for report in reports:
        assert report["exercises"][0]["model"]["rebuilt"] is True
        assert report["score"] == report["max_score"] == 100
        del report["seconds"], report["exercises"][0]["training"]["seconds"]
    assert [report["exercises"][0]["training"].pop("cached") for report in reports] == [False, True]
    assert reports[0] == reports[1]


def test_json_goes_to_a_file_beside_the_report(tmp_path: Path) -> None:
    done = run("assignments/03-cnn-structure.ipynb", "--json", str(tmp_path / "report.json"))
    assert done.returncode == 1
    assert "not solved yet" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["exercises"][0]["error"]["kind"] == "unsolved"


def test_a_report_is_shown_even_if_its_file_cannot_be_written(tmp_path: Path) -> None:
    done = run("assignments/03-cnn-structure.ipynb", "--json", str(tmp_path / "no" / "report.json"))
    assert done.returncode == 2
    assert "not solved yet" in done.stdout
    why = "cannot be written: No such file or directory."
    assert done.stderr == f"{tmp_path}/no/report.json {why}\n"


def test_something_that_did_not_pass_ends_with_1(tmp_path: Path) -> None:
    wrong = RIGHT.replace("36, 3,", '36, 3, padding="same",')
    path = write_notebook(tmp_path / "03-cnn-structure.ipynb", IMPORTS, wrong)
    done = run(str(path), "--no-train")
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert (
        'Layer 3, Conv2D (conv2d_1), has padding="same". It gives 13×13×36; expected 11×11×36. '
        'With padding="same" a 3×3 kernel and stride 1 keep 13. With padding="valid" a 3×3 kernel '
        'and stride 1 give (13 − 3)/1 + 1 = 11. Try padding="valid".'
    ) in text


def test_what_cannot_be_decided_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_text("no arrays")
    (tmp_path / "faulty.yaml").write_text(
        "format: 1\nid: faulty\ntitle: Faulty\nexercises:\n  - id: cnn\n    build: build_cnn\n"
        "    input_shape: [28, 28, 1]\n    checks:\n"
        "      - {type: training, file: broken.npz, min_accuracy: 0.9, points: 6}\n"
    )
    done = run(SOLUTION, "-a", str(tmp_path / "faulty.yaml"))
    assert done.returncode == 3
    assert "needs a person's review" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


USAGE = {
    "no such file": (["gone.ipynb"], "There is no file gone.ipynb.\n"),
    "a folder of several assignments": (
        ["solutions"],
        "The submissions are for 01-convolution (1), 02-pooling (1), 03-cnn-structure (1), "
        "04-stride-padding (1), 05-convolution-arithmetic (1) and 06-1x1-convolution (1); say "
        "which to grade with --assignment.\n",
    ),
    "a folder that is not there": (["gone", SOLUTION], "There is no file gone.\n"),
    "another kind of file": (
        ["README.md", "-a", "03-cnn-structure"],
        "README.md is neither a notebook (.ipynb) nor a script (.py).\n",
    ),
    "no such assignment": (
        [SOLUTION, "-a", "03-cnn-structre"],
        'There is no assignment "03-cnn-structre". Did you mean "03-cnn-structure"? ',
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_a_slip_in_the_command_is_one_line_and_ends_with_2(case: str) -> None:
    arguments, message = USAGE[case]
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_a_folder_without_notebooks_says_so(tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == (
        f"There is nothing to grade in {tmp_path}. Looked for notebooks (.ipynb) and scripts "
        "(.py): one for each student, in a folder for each student, in nbgrader's "
        "submitted/STUDENT/ASSIGNMENT/, and in Canvas's and Moodle's zips.\n"
    )


def test_all_faults_of_an_assignment_are_told_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "faulty.yaml"
    path.write_text(
        "format: 1\nid: faulty\ntitle: Faulty\nexercises:\n  - id: cnn\n    build: build_cnn\n"
        "    input_shape: [28, 28, 1]\n    checks:\n"
        "      - {type: output_shape, points: 6}\n"
        "      - type: layers\n        expect: [{Conv2D: {filtres: 24}}]\n        pionts: 3\n"
    )
    done = run(SOLUTION, "-a", str(path))
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f'{path}:9:9: The key "expect" is missing here.',
        f'{path}:11:28: Conv2D has no argument "filtres". Did you mean "filters"?',
        f'{path}:12:9: The key "pionts" is not known here. Did you mean "points"?',
    ]


def test_names_of_files_cannot_command_the_terminal(tmp_path: Path) -> None:
    done = run(str(tmp_path / "\x1b[31mred.ipynb"))
    assert done.returncode == 2
    assert "\x1b" not in done.stderr and "\\x1b[31mred.ipynb" in done.stderr


def test_help_and_version_need_no_file() -> None:
    assert run("--help").stdout.startswith("Usage: grade.py")
    assert "python grade.py FOLDER|ZIP        grade a class, into a grade book" in run("-h").stdout
    for option in ("--no-train", "--roster", "--canvas-gradebook", "--cluster"):
        assert option in run("grade", "--help").stdout
    assert "OLD and NEW are folders that --out named" in run("diff", "--help").stdout
    assert run("--version").stdout == "cnn-grader, version 0.1.0\n"


def test_list_names_each_assignment_with_its_points() -> None:
    done = run("list")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    row = ["03-cnn-structure", "100", "points", "A small CNN for handwritten digits"]
    assert row in [line.split(maxsplit=3) for line in lines]
    assert len({line.index(" points") for line in lines}) == 1


def test_schema_is_json() -> None:
    schema = json.loads(run("schema").stdout)
    assert "exercises" in schema["properties"]


def test_the_sandbox_can_be_left_out_and_the_report_names_it() -> None:
    done = run(SOLUTION, "--no-train", "--sandbox", "none", "--json", "-")
    report = json.loads(done.stdout)
    assert report["environment"]["sandbox"] == "none"
    assert report["exercises"][0]["error"] is None


def test_without_bubblewrap_one_notebook_is_graded_and_the_report_says_what_is_missing() -> None:
    done = run(SOLUTION, "--no-train", PATH="/nowhere")
    assert done.returncode == 1
    assert "sandbox none" in done.stdout
    assert " ".join(done.stdout.split()).endswith(
        "The student's code ran in a plain child process with limits, because bubblewrap is not "
        "installed. For walls around it, install bubblewrap (Debian, Ubuntu: sudo apt-get "
        "install bubblewrap)."
    )


def test_walls_that_are_insisted_upon_are_never_left_out() -> None:
    done = run(SOLUTION, "--sandbox", "bwrap", PATH="/nowhere")
    assert done.returncode == 2
    assert done.stderr == (
        "--sandbox bwrap: bubblewrap is not installed; install bubblewrap (Debian, Ubuntu: sudo "
        "apt-get install bubblewrap).\n"
    )


def test_a_terminal_without_the_fields_signs_still_gets_its_report() -> None:
    done = run("assignments/03-cnn-structure.ipynb", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert done.stdout.isascii() and "not solved yet" in done.stdout


def test_a_reader_that_goes_away_shows_no_traceback() -> None:
    command = [sys.executable, "grade.py", "schema"]
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(command, cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, text=True)
    os.close(writes)
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


WATCHED = """\
import sys
from grader.cli import main
try:
    main(["{path}", "--no-train"])
except SystemExit:
    pass
print([name for name in sys.modules if name.partition(".")[0] in ("tensorflow", "keras")])
"""


def test_the_process_that_prints_the_report_never_imports_tensorflow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED.format(path=SOLUTION)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "in all" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


EXPLAINED = """\
cell 1
  run     1  import keras
             binds keras, which build_cnn needs
  run   2–3  def build_cnn():
             binds build_cnn, which is asked for
cell 2
  left    1  !pip install keras
             a command of the notebook, not Python
  left    2  history = build_cnn().fit(x, y)
             trains or tests a model
"""


def test_what_is_run_and_what_is_left_is_explained_and_nothing_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "run"
    path = write_notebook(
        tmp_path / "03-cnn-structure.ipynb",
        "import keras\ndef build_cnn():\n    return keras.Sequential()",
        "!pip install keras\nhistory = build_cnn().fit(x, y)",
    )
    done = run(str(path), "--explain-slice")
    assert (done.returncode, done.stderr) == (0, "")
    title, *rest = [line.rstrip() for line in done.stdout.splitlines()]
    assert title.endswith(": 2 of 4 statements are run for build_cnn.")
    assert rest == EXPLAINED.splitlines()
    path = write_notebook(
        tmp_path / "03-cnn-structure.ipynb", f"open({str(mark)!r}, 'w')\nbuild_cnn = 1"
    )
    assert run(str(path), "--explain-slice").returncode == 0
    assert not mark.exists()


def test_what_is_not_there_is_explained_too(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "03-cnn-structure.ipynb", "a = 1")
    done = run(str(path), "--explain-slice")
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "0 of 1 statements are run for build_cnn." in text
    assert "build_cnn is not defined" in text
    assert "left 1 a = 1 binds a; nothing of that is needed" in text


def test_a_file_that_cannot_be_read_cannot_be_explained(tmp_path: Path) -> None:
    path = tmp_path / "03-cnn-structure.ipynb"
    path.write_text("")
    done = run(str(path), "--explain-slice")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (f"{path}: The file is empty. Save the notebook and hand it in again.\n")
    assert run("gone.ipynb", "--explain-slice").stderr == "There is no file gone.ipynb.\n"
