"""Which walls are taken, and that one job's misfortune is not the next one's."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InternalError
from grader.sandbox import exchange
from grader.sandbox.client import Sandbox
from grader.sandbox.limits import Limits
from tests.conftest import ROOT
from tests.sandbox.asking import LIMITS, SHORT, SMALL_CNN, ask, build, read

READ_ONE = ["read", "facts", "facts = {'one': 1}"]


def run_jobs(
    *words: str, jobs: list[list[str]], environment: dict[str, str] | None = None
) -> dict[str, Any]:
    """Run jobs in a process of their own."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.run_jobs", *words],
        input=json.dumps(jobs),
        cwd=ROOT,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


# --- which walls ------------------------------------------------------------------------------


def test_auto_takes_bubblewrap_and_namespaces_where_they_work(sandbox: Sandbox) -> None:
    assert sandbox.weaker_because is None
    assert sandbox.name == "bwrap+namespaces"


def test_none_is_a_plain_child_process_and_no_apology(plain: Sandbox) -> None:
    assert plain.weaker_because is None
    assert plain.name == "none"


def test_auto_without_bubblewrap_falls_back_and_says_why() -> None:
    said = run_jobs("auto", jobs=[READ_ONE], environment={"PATH": ""})
    assert said == {
        "name": "none",
        "weaker_because": "bubblewrap is not installed",
        "jobs": [{"ending": "answered", "value": {"one": 1}, "printed": ""}],
    }


def test_bubblewrap_that_is_insisted_upon_and_missing_is_the_callers_error() -> None:
    said = run_jobs("bwrap", jobs=[], environment={"PATH": ""})
    assert said == {
        "error": "UsageError",
        "message": "--sandbox bwrap: bubblewrap is not installed; install bubblewrap (Debian, "
        "Ubuntu: sudo apt-get install bubblewrap).",
    }


def test_bubblewrap_that_is_refused_is_named_with_its_own_words(tmp_path: Path) -> None:
    stand_in = tmp_path / "bwrap"
    stand_in.write_text("#!/bin/sh\necho 'bwrap: setting up uid map:' >&2\necho 'No.' >&2\nexit 1")
    stand_in.chmod(0o755)
    said = run_jobs("bwrap", jobs=[], environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert said["message"] == (
        "--sandbox bwrap: bubblewrap is refused here (bwrap: setting up uid map: No.); have an "
        "administrator allow user namespaces (sysctl user.max_user_namespaces, "
        "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; in a "
        "container, its seccomp profile)."
    )


def test_where_namespaces_cannot_be_nested_each_job_has_a_zygote_of_its_own() -> None:
    """So what one job leaves behind, the next one does not find."""
    leave = (
        "import os\nfacts = {'first': not os.path.exists('/scratch/left'), 'pid': os.getpid()}\n"
        "open('/scratch/left', 'w').close()"
    )
    said = run_jobs("auto", "refuse", jobs=[["read", "facts", leave]] * 2)
    assert said["name"] == "bwrap"
    assert said["weaker_because"] is None
    assert [job["value"]["first"] for job in said["jobs"]] == [True, True]


# --- one job after another --------------------------------------------------------------------


@pytest.fixture(scope="module")
def breakable() -> Iterator[Sandbox]:
    """A plain child process whose guards and zygote a test may break."""
    with Sandbox("none") as sandbox:
        yield sandbox


KILLED = "The process that watches over a job was killed from outside before the job's end."


def test_a_zygote_that_dies_in_the_middle_of_a_job_is_our_fault_and_is_started_anew() -> None:
    with Sandbox("auto") as own:
        ask(own, "read", *READ_ONE[1:])
        timer = threading.Timer(0.2, own._zygote.end)
        timer.start()
        with pytest.raises(InternalError) as caught:
            ask(own, "read", "facts", "while True: pass")
        timer.join()
        assert str(caught.value) == KILLED
        assert read(own, "facts = {'two': 2}") == {"two": 2}


KILL_GUARD = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nfacts = {'alive': True}"
STOP_GUARD = "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\nfacts = {'alive': True}"


@pytest.mark.parametrize("source", [KILL_GUARD, STOP_GUARD], ids=["kill", "stop"])
def test_behind_walls_the_guard_cannot_be_touched(sandbox: Sandbox, source: str) -> None:
    reply = ask(sandbox, "read", "facts", source)
    assert reply.ending in ("answered", "silent")


def test_without_walls_a_guard_that_is_killed_asks_for_a_review(breakable: Sandbox) -> None:
    with pytest.raises(InternalError) as caught:
        ask(breakable, "read", "facts", KILL_GUARD)
    assert str(caught.value) == KILLED
    assert read(breakable, "facts = {'two': 2}") == {"two": 2}


def test_without_walls_a_guard_that_is_stopped_costs_the_sandbox_but_no_hang(
    breakable: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(breakable, "facts = {'one': 1}")
    monkeypatch.setattr(exchange, "GRACE_SECONDS", 0.5)
    group = breakable._zygote.process.pid
    with pytest.raises(InternalError) as caught:
        ask(breakable, "read", "facts", STOP_GUARD, limits=SHORT)
    assert str(caught.value) == "A job outlived its guard, and the sandbox was ended."
    wait_until(lambda: not alive(group=group))
    assert read(breakable, "facts = {'two': 2}") == {"two": 2}


def test_jobs_may_be_asked_for_from_several_threads(either: Sandbox) -> None:
    sources = [f"facts = {{'number': {number}}}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        numbers = [facts["number"] for facts in pool.map(lambda s: read(either, s), sources)]
    assert numbers == list(range(12))


def test_ctrl_c_ends_the_job_and_the_sandbox(tmp_path: Path) -> None:
    """The job writes its process id and waits for ever; nothing of it is left afterwards."""
    wait = f"""
import os, time
if os.fork() == 0:
    os.setsid()
open({str(tmp_path / "started")!r} + str(os.getpid()), "w").write("x")
while True:
    time.sleep(60)
"""
    script = f"""
import sys
from grader.sandbox.client import Sandbox
from tests.sandbox.asking import LIMITS, ask
try:
    with Sandbox("none") as sandbox:
        print(sandbox._zygote.folder, flush=True)
        ask(sandbox, "read", "facts", {wait!r})
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    folder = child.stdout.readline().strip()
    started: list[Path] = []
    while len(started) < 2:
        started = list(tmp_path.glob("started*"))
    child.send_signal(signal.SIGINT)
    assert child.stdout.read() == "interrupted\n"
    assert child.wait(timeout=10) == 0
    child.stdout.close()
    assert not Path(folder).exists()
    pids = {int(path.name.removeprefix("started")) for path in started}
    wait_until(lambda: not pids & alive())


def alive(group: int | None = None) -> set[int]:
    """Processes that have not ended, of one group or all; one that nobody waits for has."""
    found = set()
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
            state, _, its_group = stat.rpartition(")")[2].split()[:3]
            if state not in "ZX" and group in (None, int(its_group)):
                found.add(pid)
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    """The kernel takes a moment to end what was killed."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline


def test_a_model_is_built_and_described_by_the_two_sides(either: Sandbox) -> None:
    answer = build(either, SMALL_CNN)
    assert answer["custom"] == []
    assert answer["assumptions"] == []
    request = {"architecture": answer["architecture"], "input_shape": [28, 28, 1]}
    reply = either.ask_trusted("describe", request, LIMITS)
    layers = reply.answer["model"]["layers"]
    assert [layer["type"] for layer in layers][-2:] == ["Flatten", "Dense"]


def test_a_trusted_job_has_its_limits_too(either: Sandbox) -> None:
    answer = build(either, SMALL_CNN)
    request = {"architecture": answer["architecture"], "input_shape": [28, 28, 1], "seed": 1}
    assert either.ask_trusted("sample", request, Limits(0.001, 1 << 30)).ending == "timeout"


def test_the_zygote_ends_when_nobody_is_there_any_more(breakable: Sandbox) -> None:
    read(breakable, "facts = {}")
    process = breakable._zygote.process
    breakable._zygote._words.close()
    breakable._zygote.control.close()
    assert process.wait(timeout=10) == 0


def test_where_namespaces_cannot_be_nested_files_and_sockets_are_counted_too() -> None:
    files = (
        "import os\n"
        "def fill():\n"
        "    for number in range(9):\n"
        "        file = os.open(f'/scratch/{number}', os.O_CREAT | os.O_WRONLY)\n"
        "        for _ in range(100):\n"
        "            os.write(file, bytes(1 << 20))\n"
        "try:\n    fill()\nexcept OSError as error:\n    facts = {'error': error.errno}\n"
    )
    sockets = (
        "import os, socket\n"
        "for _ in range(5):\n    os.fork()\n"
        "kept = [socket.socketpair() for _ in range(100)]\n"
        "while True: pass\n"
    )
    jobs = [["read", "facts", source] for source in (files, sockets)]
    said = run_jobs("auto", "refuse", jobs=jobs)
    assert said["name"] == "bwrap"
    assert said["jobs"][0]["value"] == {"error": errno.ENOSPC}
    assert said["jobs"][1]["ending"] == "memory"
