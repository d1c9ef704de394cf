"""The doctor says what walls there are, and proves it by attacks."""

from __future__ import annotations

import ctypes
import os
import signal

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.doctor import ATTACKS, LEFT, _left_behind, examine
from grader.sandbox.client import Sandbox

NOT_STOPPED_WITHOUT_WALLS = {
    "namespaces in namespaces",
    "reads a file of this machine",
    "overwrites a file of this machine",
    "reads the environment",
    "opens a connection",
    "looks for other processes",
    "the network, seen from outside",
}


def test_behind_walls_every_attack_is_stopped(sandbox: Sandbox) -> None:
    found = list(examine(sandbox))
    assert [finding.name for finding in found if not finding.good] == []
    assert {attack.name for attack in ATTACKS} <= {finding.name for finding in found}


def test_without_walls_the_doctor_says_which_attacks_get_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Those that exhaust a machine are for walls.
    harmless = [attack for attack in ATTACKS if attack.name != "starts processes without end"]
    monkeypatch.setattr("grader.doctor.ATTACKS", tuple(harmless))
    with Sandbox("none") as plain:
        found = list(examine(plain))
    assert {finding.name for finding in found if not finding.good} == NOT_STOPPED_WITHOUT_WALLS


def test_a_process_that_was_left_behind_would_be_seen() -> None:
    assert not _left_behind()
    ready, done = os.pipe()
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(15, LEFT.encode(), 0, 0, 0)
        os.write(done, b".")
        signal.pause()
    os.read(ready, 1)
    assert _left_behind()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not _left_behind()


def test_the_command_prints_each_finding_and_ends_with_its_status() -> None:
    done = CliRunner().invoke(main, ["doctor"])
    lines = done.output.splitlines()
    assert done.exit_code == 0
    assert lines[0].startswith("ok  bubblewrap: bubblewrap ")
    assert "ok  opens a connection: stopped" in lines
    assert lines[-1] == "All walls held."


def test_what_does_not_hold_is_told_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    only = [attack for attack in ATTACKS if attack.name == "reads a file of this machine"]
    monkeypatch.setattr("grader.doctor.ATTACKS", tuple(only))
    done = CliRunner().invoke(main, ["doctor", "--sandbox", "none"])
    assert done.exit_code == 1
    assert "NO  reads a file of this machine: NOT stopped (answered)" in done.output
    assert done.output.splitlines()[-1] == "Not all walls held: see the lines with NO."
