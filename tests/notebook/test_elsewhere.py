"""``check`` outside notebooks, and what becomes of the helper."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from grader.notebook.check import check
from tests.conftest import ROOT

SIZE = (
    "def conv_output_size(n, kernel, stride=1, padding=0):\n"
    "    return (n + 2 * padding - kernel) // stride + 1\n"
)
ASSIGNMENT = """\
format: 1
id: 09-size
title: Sizes
exercises:
  - id: size
    function: conv_output_size
    checks:
      - {type: returns, cases: [{args: [28, 3], expect: 26}], points: 10}
"""


def run(*command: str, folder: Path, given: str = "") -> str:
    """What a Python prints in a folder with the assignment ``size.yaml``."""
    (folder / "size.yaml").write_text(ASSIGNMENT)
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder), "TERM": "dumb"},
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def test_a_script_prints_the_report_of_its_own_file(tmp_path: Path) -> None:
    script = f"{SIZE}from grader import check\ncheck(conv_output_size, 'size.yaml')\n"
    (tmp_path / "student.py").write_text(script)
    printed = run("student.py", folder=tmp_path)
    assert printed.splitlines()[0].split() == ["09-size", "Sizes", "10", "/", "10"]
    assert printed.splitlines()[-1] == "Visible checks only."


def test_a_function_of_another_file_is_graded_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SIZE.replace("+ 1", "+ 2"))
    script = "import grader, mine\ngrader.check(mine.conv_output_size, 'size.yaml')\n"
    (tmp_path / "student.py").write_text(script)
    printed = run("student.py", folder=tmp_path)
    assert printed.splitlines()[0].split() == ["09-size", "Sizes", "0", "/", "10"]


def test_a_prompt_that_keeps_nothing_says_so(tmp_path: Path) -> None:
    typed = f"{SIZE}\nfrom grader import check\ncheck(conv_output_size, 'size.yaml')\n"
    printed = run("-i", "-q", folder=tmp_path, given=typed)
    assert printed == (
        "Python keeps no record of what is typed here, so there is nothing that could be graded. "
        "Use a notebook or IPython, or save your code in a file and run python grade.py FILE.\n"
    )


def test_ipython_in_a_terminal_shows_text(tmp_path: Path) -> None:
    typed = f"{SIZE}\n\nfrom grader import check\ncheck('size.yaml')\n"
    flags = ("--simple-prompt", "--no-banner", "--colors=NoColor")
    printed = run("-m", "IPython", *flags, folder=tmp_path, given=typed)
    assert "09-size  Sizes" in printed and "10 / 10" in printed
    assert "<pre" not in printed


def test_an_assignment_is_named_by_its_id() -> None:
    assert repr(check(check, 3)) == (  # type: ignore[arg-type]
        'An assignment goes by its id: check(build_cnn, "03-cnn-structure").'
    )


LONG = """\
import json, os
from grader.errors import InternalError
from grader.notebook import helper
asked = {"cells": [], "script": None, "notebook": None, "assignment": "nowhere", "names": None,
         "train": False}
"""
ASK = "print(helper.ask_helper(asked, print)['text'][:36], flush=True)\n"
TELL = "print(helper._helper._process.pid, flush=True)\n"


def test_the_helper_is_kept_and_a_dead_one_is_replaced(tmp_path: Path) -> None:
    kill = "os.kill(helper._helper._process.pid, 9)\nhelper._helper._process.wait()\n"
    script = LONG + ASK + TELL + ASK + TELL + kill + ASK + TELL
    (tmp_path / "student.py").write_text(script)
    lines = run("student.py", folder=tmp_path).splitlines()
    assert lines[0::2] == ['There is no assignment "nowhere". Kno'[:36]] * 3
    assert lines[1] == lines[3] != lines[5]


def test_a_helper_that_ends_while_it_works_is_told(tmp_path: Path) -> None:
    script = LONG + (
        "asked = {'garbage': 1}\n"
        "try:\n    helper.ask_helper(asked, print)\n"
        "except InternalError as error:\n    print(error)\n"
    )
    (tmp_path / "student.py").write_text(script)
    assert run("student.py", folder=tmp_path) == (
        "The grader ended while it was checking. KeyError: 'train'\n"
    )


def test_the_helper_ends_when_the_kernel_is_killed(tmp_path: Path) -> None:
    script = LONG + ASK + TELL + "import time\ntime.sleep(60)\n"
    (tmp_path / "student.py").write_text(script)
    with subprocess.Popen(
        [sys.executable, "student.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as kernel:
        assert kernel.stdout is not None
        kernel.stdout.readline()
        helper = int(kernel.stdout.readline())
        assert is_running(helper)
        kernel.kill()
        deadline = time.monotonic() + 20
        while is_running(helper) and time.monotonic() < deadline:
            os.sched_yield()
    assert not is_running(helper)


def test_interrupting_a_check_ends_the_helper_and_the_next_one_works(tmp_path: Path) -> None:
    script = LONG + (
        "import signal\n"
        "def interrupt(stage): signal.raise_signal(signal.SIGINT)\n"
        "work = asked | {'assignment': '03', 'cells': [[1, 'model = 1']]}\n"
        "try:\n    helper.ask_helper(work, interrupt)\n"
        "except KeyboardInterrupt:\n    print('interrupted', helper._helper)\n"
    )
    (tmp_path / "student.py").write_text(script + ASK)
    lines = run("student.py", folder=tmp_path).splitlines()
    assert lines == ["interrupted None", 'There is no assignment "nowhere". Kno'[:36]]


def is_running(process: int) -> bool:
    """Whether it is there, and no zombie that waits for its parent."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_importing_the_grader_imports_nothing_large(tmp_path: Path) -> None:
    script = (
        "import sys, json\nbefore = set(sys.modules)\nfrom grader import check\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in set(sys.modules) - before})))"
    )
    imported = set(json.loads(run("-c", script, folder=tmp_path)))
    assert imported - sys.stdlib_module_names == {"grader"}
