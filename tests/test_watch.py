"""``--watch`` as people run it: in a process of its own, with real saves."""

from __future__ import annotations

import json
import os
import pty
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT
from tests.test_cli import run
from tests.writing import write_notebook

ASSIGNMENT = """\
format: 1
id: 09-size
title: Sizes
exercises:
  - id: size
    function: size
    checks:
      - {type: returns, id: one, cases: [{args: [1], expect: 2}], points: 10}
      - {type: returns, id: two, cases: [{args: [2], expect: 4}], points: 5}
"""
RIGHT = "def size(n):\n    return 2 * n"
HALF = "def size(n):\n    return n + 1"
RAISES = "def size(n):\n    return n / 0"
SECONDS = 60


class Watching:
    """``grade.py student.ipynb --watch`` in a folder, and the lines that it prints."""

    def __init__(self, folder: Path, *options: str, terminal: bool = False) -> None:
        self.path = folder / "student.ipynb"
        self.assignment = folder / "size.yaml"
        self.assignment.write_text(ASSIGNMENT)
        write_notebook(self.path, HALF)
        self.keyboard, self.screen = pty.openpty() if terminal else (-1, -1)
        out = self.screen if terminal else subprocess.PIPE
        self.process = subprocess.Popen(
            [sys.executable, "grade.py", self.path, "-a", self.assignment, "--watch", *options],
            cwd=ROOT,
            stdin=out if terminal else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_own_terminal if terminal else None,
        )
        if terminal:
            os.close(self.screen)
            stream = os.fdopen(self.keyboard, "rb", buffering=0)
        else:
            assert self.process.stdout is not None
            stream = self.process.stdout
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.stream = stream
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        rest = b""
        try:
            while chunk := os.read(self.stream.fileno(), 4096):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self.lines.put(line.decode().rstrip("\r"))
        except OSError:
            pass  # a terminal without anyone at its other end
        self.lines.put(None)

    def until(self, *parts: str) -> list[str]:
        """The lines up to one that holds all ``parts``."""
        seen: list[str] = []
        while not (seen and all(part in seen[-1] for part in parts)):
            line = self.lines.get(timeout=SECONDS)
            assert line is not None, seen
            seen.append(line)
        return seen

    def save(self, source: str, **metadata: str) -> None:
        """As an editor does it: another file, put in this one's place."""
        new = write_notebook(self.path.with_suffix(".new"), source, metadata=metadata)
        new.rename(self.path)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.stream.close()


def _own_terminal() -> None:
    """So that Ctrl-C in it means this process."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    started = Watching(tmp_path)
    yield started
    started.close()


def test_each_save_is_graded_and_what_changed_is_said(watching: Watching) -> None:
    first = watching.until("sandbox")
    assert first[0].split() == ["09-size", "Sizes", "10", "/", "15"]
    watching.save(RIGHT)
    second = watching.until("two: right now.")
    assert second[1] == ""
    assert second[2].split() == ["09-size", "Sizes", "15", "/", "15"]
    assert re.fullmatch(r"\d\d:\d\d:\d\d  10 → 15 / 15  \+5", second[-2])
    assert second[-1] == "  +5  two: right now."
    watching.save(RAISES)
    third = watching.until("−5  two")
    assert third[-3].endswith("15 → 0 / 15  −15")
    assert third[-2].startswith("  −10  one: was right, now 0 of 10.")
    assert "\x1b" not in "".join(first + second + third)
    assert watching.stop() == 0
    assert watching.lines.get(timeout=SECONDS) is None  # nothing is said of being stopped


def test_outputs_and_texts_are_no_change(watching: Watching) -> None:
    watching.until("sandbox")
    watching.save(HALF, author="Ann")
    assert watching.until("Saved")[-1].endswith("  Saved. No change.")
    watching.save(f"{HALF}\nprint(size(3))")
    assert watching.until("No change")[-1] == "  No change."


def test_the_same_bytes_again_are_one_save(watching: Watching) -> None:
    watching.until("sandbox")
    watching.save(RIGHT)
    for _ in range(3):
        watching.path.write_bytes(watching.path.read_bytes())
    seen = watching.until("two: right now.")
    assert sum("09-size" in line for line in seen) == 1


def test_a_file_that_is_being_written_is_waited_for(watching: Watching) -> None:
    watching.until("sandbox")
    whole = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(RIGHT)]))
    with watching.path.open("w") as file:
        for place in range(0, len(whole), len(whole) // 5):
            file.write(whole[place : place + len(whole) // 5])
            file.flush()
            # Longer than it takes to look, shorter than patience lasts.
            threading.Event().wait(0.2)
    seen = watching.until("two: right now.")
    assert not any("cannot be read" in line for line in seen)


def test_a_file_that_stays_broken_is_told(watching: Watching) -> None:
    watching.until("sandbox")
    watching.path.write_text('{"cells": [')
    assert watching.until("size: cannot be read.")[-2].endswith("10 → 0 / 15  −10")


def test_a_file_may_go_and_come_back(watching: Watching) -> None:
    watching.until("sandbox")
    watching.path.unlink()
    assert watching.until("waiting")[-1].endswith("student.ipynb is not there; waiting for it.")
    watching.save(RIGHT)
    watching.until("two: right now.")


def test_an_author_sees_the_assignment_change(watching: Watching) -> None:
    watching.until("sandbox")
    watching.assignment.write_text(ASSIGNMENT.replace("expect: 4", "expect: 3"))
    assert watching.until("two: right now.")[-2].endswith("10 → 15 / 15  +5")
    watching.assignment.write_text(ASSIGNMENT.replace("points: 5", "pionts: 5"))
    assert "size.yaml:9:" in watching.until("pionts")[-1]
    watching.assignment.write_text(ASSIGNMENT)
    assert watching.until("was right")[-1] == "  −5  two: was right, now 0 of 5."


def test_json_is_a_line_for_each_report(tmp_path: Path) -> None:
    watching = Watching(tmp_path, "--json", "-")
    try:
        assert json.loads(watching.until("09-size")[-1])["score"] == 10
        watching.save(RIGHT)
        (line,) = watching.until("09-size")
        assert json.loads(line)["score"] == 15
    finally:
        watching.close()


def test_a_terminal_is_cleared_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    watching = Watching(tmp_path, terminal=True)
    try:
        first = watching.until("Watching", "Ctrl-C ends.")
        assert "\x1b[H\x1b[2J" in "".join(first)
        watching.save(RIGHT)
        second = "\n".join(watching.until("Watching", "Ctrl-C ends."))
        assert "\x1b[H\x1b[2J" in second and "two: right now." in second
        os.write(watching.stream.fileno(), b"\x03")
        assert watching.process.wait(SECONDS) == 0
    finally:
        watching.close()


def test_a_class_is_not_watched(tmp_path: Path) -> None:
    write_notebook(tmp_path / "student.ipynb", RIGHT)
    done = run(str(tmp_path), "--watch")
    assert done.returncode == 2
    assert done.stderr == "--watch is for one notebook or script, not for a class.\n"


def test_what_is_wrong_at_first_ends_it() -> None:
    for arguments in (["gone.ipynb"], ["README.md", "-a", "03"], ["grade.py", "-a", "none"]):
        done = run(*arguments, "--watch")
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
