"""Folders as they are found: with links, pipes, and what cannot be read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.batch import files
from grader.batch.files import list_folder, open_file, read_file, readable_name
from grader.errors import UsageError

NOBODY = 65534


@pytest.fixture
def ordinary() -> Iterator[Path]:
    """A folder of an account without powers, which this process has meanwhile: root reads all."""
    with tempfile.TemporaryDirectory() as name:
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            if is_root:
                os.seteuid(0)


def listed(root: Path) -> dict[str, str | None]:
    return {"/".join(found.parts): found.refused for found in list_folder(root)}


def test_files_are_listed_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a", "C"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hw.ipynb").touch()
    (tmp_path / "a.ipynb").touch()
    assert list(listed(tmp_path)) == ["C/hw.ipynb", "a/hw.ipynb", "a.ipynb", "b/hw.ipynb"]


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    for name in ("__MACOSX", ".ipynb_checkpoints", ".git", "__pycache__", "venv"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hw.ipynb").touch()
    (tmp_path / ".DS_Store").touch()
    assert listed(tmp_path) == {}


def test_a_link_within_the_folder_is_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / "b.ipynb").symlink_to("a.ipynb")
    found = {found.parts[0]: found for found in list_folder(tmp_path)}
    assert found["b.ipynb"].refused is None
    assert found["b.ipynb"].file == str(tmp_path / "a.ipynb")


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "class"
    root.mkdir()
    (tmp_path / "class2").mkdir()
    (tmp_path / "class2" / "secret.ipynb").touch()
    (root / "a.ipynb").symlink_to("/etc/passwd")
    (root / "b.ipynb").symlink_to("../class2/secret.ipynb")
    (root / "c").symlink_to(tmp_path / "class2")
    (root / "d").symlink_to(root)
    (root / "e.ipynb").symlink_to("nowhere.ipynb")
    (root / "f.ipynb").symlink_to("f.ipynb")
    out, nowhere = (
        "It is a link that leads out of the folder.",
        "It is a link that leads to no file.",
    )
    assert listed(root) == {
        "a.ipynb": out,
        "b.ipynb": out,
        "c": out,
        "d": nowhere,
        "e.ipynb": nowhere,
        "f.ipynb": nowhere,
    }


def test_a_pipe_is_neither_listed_as_a_file_nor_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hw.ipynb")
    assert listed(tmp_path) == {"hw.ipynb": "It is not a plain file."}
    with pytest.raises(UsageError, match=r"^It is not a plain file\.$"):
        read_file(str(tmp_path / "hw.ipynb"))


def test_a_file_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match=r"^It cannot be read: Too many levels of symbolic links"):
        read_file(str(tmp_path / "hw.ipynb"))


def test_a_file_that_vanished_is_said_to_be_gone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^It cannot be read: No such file or directory\.$"):
        read_file(str(tmp_path / "hw.ipynb"))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "hw.ipynb"
    with path.open("wb") as writing:
        writing.truncate(300 * 2**20)
    assert listed(tmp_path) == {"hw.ipynb": "It is larger than 128 MiB."}
    with pytest.raises(UsageError, match=r"^It is larger than 128 MiB\.$"):
        read_file(str(path))


def test_a_file_that_vanishes_while_it_is_listed_is_said_to_be_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hw.ipynb").touch()
    real = os.stat

    def gone(path: str, **options: bool) -> os.stat_result:
        os.unlink(path)
        return real(path, **options)

    monkeypatch.setattr(files.os, "stat", gone)
    assert listed(tmp_path) == {"hw.ipynb": "It cannot be read: No such file or directory."}


def test_a_folder_that_cannot_be_read_is_listed_with_the_reason(ordinary: Path) -> None:
    (ordinary / "ann").mkdir(mode=0)
    (ordinary / "bob.ipynb").touch()
    assert listed(ordinary) == {"ann": "It cannot be read: Permission denied.", "bob.ipynb": None}


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        list(list_folder(tmp_path / "gone"))
    assert str(caught.value) == f"{tmp_path / 'gone'} cannot be read: No such file or directory."


def test_an_empty_folder_and_one_without_bottom_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    deep = tmp_path.joinpath(*["d"] * (files.MAX_DEPTH + 5))
    deep.mkdir(parents=True)
    assert listed(tmp_path) == {
        "empty": "The folder is empty.",
        "/".join(["d"] * files.MAX_DEPTH): "Its folders are too deep.",
    }


def test_a_disk_is_not_a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 2)
    for name in "abc":
        (tmp_path / name).touch()
    with pytest.raises(UsageError) as caught:
        listed(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds more than 2 files; name the folder of the submissions."
    )


def test_opening_leaves_no_descriptor_behind(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(UsageError):
            open_file(str(tmp_path))
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"ann", "ann"),
        ("김민수".encode(), "김민수"),
        ("김민수".encode("euc_kr"), "김민수"),
        ("Jose\u0301".encode(), "José"),
        ("Rémi".encode("latin-1"), "fallback"),
        ("漢字".encode("euc_kr"), "fallback"),
    ],
)
def test_bytes_are_read_as_names(raw: bytes, name: str) -> None:
    assert readable_name(raw, "fallback") == name
