"""Starting a zygote: what is said when it cannot start, and what is left when it has ended."""

from __future__ import annotations

import contextlib
import os
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from grader.errors import InternalError
from grader.sandbox import launch, outer
from grader.sandbox.client import Sandbox
from tests.sandbox.asking import read


def test_versions_are_known_before_they_are_imported(plain: Sandbox) -> None:
    assert plain.versions.keras == version("keras")
    assert plain.versions.tensorflow == version("tensorflow")


def test_a_zygote_that_cannot_import_keras_says_so_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(outer.QUIET, "KERAS_BACKEND", "abacus")
    with Sandbox("none") as sandbox:
        for _ in range(2):
            with pytest.raises(InternalError) as caught:
                read(sandbox, "facts = {}")
            assert str(caught.value) == (
                "The sandbox did not start. ValueError: Unable to import backend : abacus"
            )


def test_one_that_is_closed_while_it_starts_leaves_nothing() -> None:
    for number in range(20):
        zygote = launch.Zygote(True)
        time.sleep(number * 0.0004)
        zygote.close()
        group = zygote.process.pid
        deadline = time.monotonic() + 5
        while (left := _of_group(group)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not left


def _of_group(group: int) -> list[str]:
    """Processes of a group that are still running."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, _, own = (process / "stat").read_text().rpartition(") ")[2].split()[:3]
            if int(own) == group and state != "Z":
                found.append(process.name)
    return found


def test_whatever_a_job_left_is_removed(tmp_path: Path) -> None:
    """Folders deeper than any path, closed ones, links to what is not the job's, odd names."""
    kept = tmp_path / "kept"
    kept.mkdir(0o755)
    (kept / "file").touch()
    left = tmp_path / "left"
    left.mkdir()
    (left / "link").symlink_to(kept)
    (left / "closed").mkdir()
    (left / "closed" / "link").symlink_to(kept / "file")
    (left / "closed" / "inner").mkdir(0)
    (left / "closed").chmod(0)
    os.mkfifo(os.fsencode(left) + b"/\xff\n")
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(left)
        for _ in range(5000):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.fchdir(before)
        os.close(before)
    launch.remove_folder(str(left))
    assert list(tmp_path.iterdir()) == [kept]
    assert kept.stat().st_mode & 0o777 == 0o755
    assert (kept / "file").exists()


def test_a_folder_that_is_gone_already_is_no_fault(tmp_path: Path) -> None:
    launch.remove_folder(str(tmp_path / "gone"))


def test_a_zygote_that_ends_at_once_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outer, "ZYGOTE", ("-c", "raise SystemExit('No snakes today.')"))
    with Sandbox("none") as sandbox, pytest.raises(InternalError) as caught:
        _ = sandbox.name, sandbox.versions
    assert str(caught.value) == "The sandbox did not start. No snakes today."


def test_a_zygote_that_ends_without_a_word_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outer, "ZYGOTE", ("-c", ""))
    with Sandbox("none") as sandbox, pytest.raises(InternalError) as caught:
        _ = sandbox.versions
    assert str(caught.value) == "The sandbox did not start."


def test_a_zygote_that_never_answers_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(launch, "START_SECONDS", 0.1)
    monkeypatch.setattr(outer, "ZYGOTE", ("-c", "import time; time.sleep(60)"))
    with Sandbox("none") as sandbox, pytest.raises(InternalError) as caught:
        _ = sandbox.versions
    assert str(caught.value) == "The sandbox did not start: timed out."


def test_what_a_warm_zygote_logs_is_not_kept(plain: Sandbox) -> None:
    """Or a library that warns at each job would fill the disk."""
    read(plain, "facts = {}")
    assert os.readlink(f"/proc/{plain._zygote.process.pid}/fd/2") == os.devnull


def test_nothing_is_left_of_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outer, "ZYGOTE", ("-c", "import time; time.sleep(60)"))
    before = set(os.listdir("/proc/self/fd"))
    with Sandbox("none") as sandbox:
        folder = Path(sandbox._zygote.folder)
        assert folder.is_dir()
        (folder / "left").mkdir(mode=0)
    assert not folder.exists()
    assert sandbox._zygote.process.returncode is not None
    assert set(os.listdir("/proc/self/fd")) == before
