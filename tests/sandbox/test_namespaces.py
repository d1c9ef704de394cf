"""Whether the inner walls can be put up is tried in a child, and leaves no trace here."""

from __future__ import annotations

import os
from pathlib import Path

from grader.sandbox import namespaces


def around() -> tuple[str, str, list[str]]:
    """Mounts, powers and namespaces of this process."""
    status = Path("/proc/self/status").read_text().splitlines()
    powers = [line for line in status if line.startswith(("Cap", "NoNewPrivs", "Seccomp:"))]
    spaces = [os.readlink(f"/proc/self/ns/{name}") for name in ("user", "mnt", "pid", "net")]
    return Path("/proc/self/mountinfo").read_text(), "\n".join(powers), spaces


def test_a_trial_changes_nothing_here(tmp_path: Path) -> None:
    before = around()
    assert namespaces.work(str(tmp_path))
    assert around() == before
    assert list(tmp_path.iterdir()) == []


def test_walls_without_a_scratch_folder_do_not_work(tmp_path: Path) -> None:
    before = around()
    assert not namespaces.work(str(tmp_path / "missing"))
    assert around() == before
