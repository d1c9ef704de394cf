"""Zips that were made to do harm, and those that are only old."""

from __future__ import annotations

import io
import os
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch import archives
from grader.batch.archives import Archive, Entry, open_archive
from grader.errors import UsageError
from tests.batch.zips import with_bytes_named, write_zip, zipped

DAMAGED = "It is not a zip, or a damaged one."


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data))


def refusal(data: bytes, name: str) -> str | None:
    with opened(data) as archive:
        why = {entry.name: entry.refused for entry in archive.entries()}[name]
        if why is not None:
            with pytest.raises(UsageError) as caught:
                archive.read(name)
            assert str(caught.value) == why
    return why


def special(mode: int, name: str = "hw.ipynb") -> bytes:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as writing:
        writing.writestr(info, b"/etc/passwd")
    return packed.getvalue()


def test_a_zip_is_listed_by_name_and_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "class.zip", {"b/hw.ipynb": b"{}", "a.py": b"x = 1"})
    with open_archive(str(path)) as archive:
        assert archive.entries() == [Entry("a.py"), Entry("b/hw.ipynb")]
        assert archive.read("b/hw.ipynb") == b"{}"
        assert archive.holds("a.py") and not archive.holds("b")


def test_folders_and_what_systems_leave_behind_are_not_listed() -> None:
    junk = ("__MACOSX/._hw.ipynb", ".DS_Store", "a/.ipynb_checkpoints/hw.ipynb", "a/._hw.ipynb")
    data = zipped({"a/": b"", "a/hw.ipynb": b"{}", **dict.fromkeys(junk, b"x")})
    assert opened(data).entries() == [Entry("a/hw.ipynb")]


@pytest.mark.parametrize(
    "name", ["../hw.ipynb", "a/../../hw.ipynb", "/etc/hw.ipynb", "C:/hw.ipynb", "..\\..\\hw.ipynb"]
)
def test_a_path_out_of_the_zip_is_refused(name: str) -> None:
    shown = name.replace("\\", "/")
    assert refusal(zipped({name: b"{}"}), shown) == "Its path leads out of the zip."


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        (stat.S_IFLNK | 0o777, "It is a link."),
        (stat.S_IFCHR | 0o666, "It is not a plain file."),
        (stat.S_IFIFO | 0o666, "It is not a plain file."),
        (stat.S_IFREG | 0o644, None),
        (0o644, None),
    ],
)
def test_only_plain_files_are_read(mode: int, why: str | None) -> None:
    assert refusal(special(mode), "hw.ipynb") == why


def test_an_encrypted_entry_is_refused() -> None:
    data = bytearray(zipped({"hw.ipynb": b"{}"}))
    data[data.index(b"PK\1\2") + 8] |= 1
    assert refusal(bytes(data), "hw.ipynb") == "It is encrypted with a password."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_without_a_bound_is_refused(method: int) -> None:
    assert refusal(zipped({"hw.ipynb": b"{}"}, method), "hw.ipynb") == (
        "It is packed in a way that only some programs can unpack; pack it as a plain zip."
    )


def test_an_entry_larger_than_a_notebook_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 10)
    assert refusal(zipped({"hw.ipynb": b"x" * 11}), "hw.ipynb") == "It is larger than 128 MiB."
    assert refusal(zipped({"hw.ipynb": b"x" * 10}), "hw.ipynb") is None


def test_a_bomb_is_refused_and_its_neighbours_are_read() -> None:
    bomb = bytes(archives.MAX_SMALL + 1)
    data = zipped({"bomb.ipynb": bomb, "hw.ipynb": b"{}", "small.ipynb": bomb[:1000]})
    assert refusal(data, "bomb.ipynb") == (
        "It claims to unpack to 1,028 times its size; if it is sound, unpack the zip."
    )
    assert refusal(data, "hw.ipynb") is None
    assert refusal(data, "small.ipynb") is None


def test_many_small_bombs_are_one() -> None:
    packed = zipped({f"{at}.ipynb": bytes(archives.MAX_SMALL) for at in range(3)})
    with pytest.raises(UsageError) as caught:
        opened(packed)
    assert str(caught.value) == (
        "It claims to hold 3 files of 12 MiB in 0.0 MiB, more than submissions do, and was not "
        "opened."
    )


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 2)
    with pytest.raises(UsageError, match="It claims to hold 3 files"):
        opened(zipped({str(at): b"" for at in range(3)}))


def test_a_list_without_end_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_LIST", 1000)
    with pytest.raises(UsageError) as caught:
        opened(zipped({"x" * 1000: b""}))
    assert str(caught.value) == "It lists more files than submissions hold, and was not opened."


def lying(size: int) -> bytes:
    data = bytearray(zipped({"hw.ipynb": b"print(1)\n" * 1000}))
    for mark, at in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        struct.pack_into("<I", data, data.index(mark) + at, size)
    return bytes(data)


@pytest.mark.parametrize("claimed", [0, 1, 3, 8999])
def test_of_a_header_that_claims_too_little_no_byte_is_given(claimed: int) -> None:
    with opened(lying(claimed)) as archive, pytest.raises(UsageError) as caught:
        archive.read("hw.ipynb")
    assert str(caught.value) == "It is damaged in the zip."


def test_of_a_header_that_claims_too_much_only_what_is_there_is_read() -> None:
    with opened(lying(2**20)) as archive:
        assert archive.read("hw.ipynb") == b"print(1)\n" * 1000


def test_damaged_bytes_are_not_read() -> None:
    data = zipped({"hw.ipynb": b"print(1)"}, zipfile.ZIP_STORED).replace(b"print(1)", b"print(2)")
    with opened(data) as archive, pytest.raises(UsageError, match=r"^It is damaged in the zip\.$"):
        archive.read("hw.ipynb")


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip", zipped({"a": b"b"})[:-10], b"PK\5\6"])
def test_what_is_no_zip_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        opened(data)
    assert str(caught.value) == DAMAGED


def test_one_name_for_two_files_is_refused() -> None:
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w") as writing:
        warnings.simplefilter("ignore")
        for text in ("1", "2", "3", "3"):
            writing.writestr("hw.ipynb" if text < "3" else "same.ipynb", text)
    why = "The zip holds several different files of this name."
    assert refusal(packed.getvalue(), "hw.ipynb") == why
    assert refusal(packed.getvalue(), "same.ipynb") is None


@pytest.mark.parametrize("encoding", ["utf-8", "euc_kr"])
def test_korean_names_without_a_word_on_their_letters_are_read(encoding: str) -> None:
    data = with_bytes_named({"김민수_1_2_과제.ipynb".encode(encoding): b"{}"})
    with opened(data) as archive:
        assert archive.entries() == [Entry("김민수_1_2_과제.ipynb")]
        assert archive.read("김민수_1_2_과제.ipynb") == b"{}"


def test_names_of_dos_are_read() -> None:
    assert opened(with_bytes_named({"Rémi.py".encode("cp437"): b""})).entries() == [
        Entry("Rémi.py")
    ]


def test_backslashes_of_old_windows_tools_are_folders() -> None:
    assert opened(zipped({"ann\\hw.ipynb": b"{}"})).entries() == [Entry("ann/hw.ipynb")]


def test_what_is_gone_is_said_to_be_gone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^It cannot be read: No such file or directory\.$"):
        open_archive(str(tmp_path / "gone.zip"))
    with opened(zipped({})) as archive, pytest.raises(UsageError) as caught:
        archive.read("hw.ipynb")
    assert str(caught.value) == "It is not in the zip any more."


def test_a_pipe_named_like_a_zip_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(UsageError, match=r"^It is not a plain file\.$"):
        open_archive(str(tmp_path / "pipe.zip"))


SEED = zipped({"ann/hw.ipynb": b"{}" * 50, "bob.ipynb": b"x = 1", "../c.py": b""})


@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=6))
def test_no_damage_is_a_traceback(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SEED)
    for at, byte in changes:
        data[at] = byte
    try:
        with opened(bytes(data)) as archive:
            for entry in archive.entries():
                archive.read(entry.name)
    except UsageError:
        pass
