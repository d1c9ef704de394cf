"""Results are kept on disk, whole or not at all."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.training import cache as module
from grader.training.cache import ResultCache, digest_of
from grader.training.folders import cache_folder, write_whole

KEY = {"architecture": "a", "recipe": {"epochs": 5, "settings": {"rate": 0.1}}}
RESULT = {"accuracy": 0.5, "epochs": [1, 2], "text": "×"}


@pytest.fixture
def cache(tmp_path: Path) -> ResultCache:
    return ResultCache(tmp_path / "results")


def only_file(cache: ResultCache) -> Path:
    assert cache.folder is not None
    (path,) = (path for path in cache.folder.rglob("*") if path.is_file())
    return path


def test_what_was_stored_is_found(cache: ResultCache) -> None:
    assert cache.get(KEY) is None
    cache.put(KEY, RESULT)
    assert cache.get(KEY) == RESULT
    assert cache.get({**KEY, "architecture": "b"}) is None


def test_the_order_of_keys_and_tuples_do_not_matter(cache: ResultCache) -> None:
    cache.put({"a": 1, "b": (2, 3)}, RESULT)
    assert cache.get({"b": [2, 3], "a": 1}) == RESULT
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 1})


def test_the_last_result_counts(cache: ResultCache) -> None:
    cache.put(KEY, RESULT)
    cache.put(KEY, {"accuracy": 1.0})
    assert cache.get(KEY) == {"accuracy": 1.0}
    only_file(cache)


def test_an_older_way_of_training_is_not_taken_for_the_new(
    cache: ResultCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(KEY, RESULT)
    monkeypatch.setattr(module, "FORMAT", module.FORMAT + 1)
    assert cache.get(KEY) is None


def test_nothing_is_kept_without_a_folder() -> None:
    cache = ResultCache(None)
    cache.put(KEY, RESULT)
    assert cache.get(KEY) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[1]",
        b'{"result": 1}',
        b"[" * 100_000,
        json.dumps({"key": {"other": 1}, "result": 1}).encode(),
    ],
)
def test_what_cannot_be_read_is_made_again(content: bytes, cache: ResultCache) -> None:
    cache.put(KEY, RESULT)
    only_file(cache).write_bytes(content)
    assert cache.get(KEY) is None
    cache.put(KEY, RESULT)
    assert cache.get(KEY) == RESULT


def test_an_entry_that_was_cut_off_is_made_again(cache: ResultCache) -> None:
    cache.put(KEY, RESULT)
    path = only_file(cache)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert cache.get(KEY) is None


def test_a_folder_that_cannot_be_written_loses_the_entry_only(tmp_path: Path) -> None:
    # A file where the folder should be refuses everybody, root included.
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = ResultCache(blocked)
    cache.put(KEY, RESULT)
    assert cache.get(KEY) is None


def test_a_result_that_cannot_take_its_place_leaves_nothing_behind(cache: ResultCache) -> None:
    cache.put(KEY, RESULT)
    path = only_file(cache)
    path.unlink()
    path.mkdir()
    cache.put(KEY, RESULT)
    assert cache.get(KEY) is None
    assert list(path.parent.iterdir()) == [path]


def test_a_writer_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(file: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "x", fail)
    assert list(tmp_path.iterdir()) == []


WRITER = """
import sys
from pathlib import Path
from grader.training.cache import ResultCache
cache, mine = ResultCache(Path(sys.argv[1])), sys.argv[2]
for turn in range(200):
    cache.put({"key": 1}, {"by": mine, "text": mine * 5000})
    found = cache.get({"key": 1})
    assert found is not None and found["text"] == found["by"] * 5000
"""


def test_two_processes_may_write_the_same_entry(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in "ab"
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    found = ResultCache(tmp_path).get({"key": 1})
    assert found is not None
    assert found["by"] in ("a", "b")
    only_file(ResultCache(tmp_path))


# Alone: of those who ask for one key, one makes it.

MAKER = """
import os, sys, time
from pathlib import Path
from grader.training.cache import ResultCache
cache, made = ResultCache(Path(sys.argv[1])), Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    key = {"key": number}
    with cache.alone(key):
        if cache.get(key) is None:
            (made / f"{number}-{os.getpid()}").touch()
            cache.put(key, number)
    assert cache.get(key) == number
"""
HOLDER = """
import sys
from pathlib import Path
from grader.training.cache import ResultCache
with ResultCache(Path(sys.argv[1])).alone({"key": 1}):
    print("held", flush=True)
    sys.stdin.readline()
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that has said that it is ready, and waits for a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline()
    return process


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.rglob("*") if path.is_file())


def test_of_several_processes_that_ask_for_the_same_one_makes_it(tmp_path: Path) -> None:
    results, made = tmp_path / "results", tmp_path / "made"
    made.mkdir()
    makers = [start(MAKER, results, made) for _ in range(3)]
    for maker in makers:
        maker.communicate("go\n")
    assert [maker.returncode for maker in makers] == [0, 0, 0]
    assert sorted(int(path.name.split("-")[0]) for path in made.iterdir()) == list(range(20))
    # No lock is left, only what was made.
    assert files(results) == [".json"] * 20


def test_whoever_asks_for_another_key_does_not_wait(tmp_path: Path) -> None:
    with start(HOLDER, tmp_path) as holder, ResultCache(tmp_path).alone({"key": 2}):
        assert files(tmp_path) == [".lock", ".lock"]
        holder.communicate("\n")
    assert files(tmp_path) == []


def test_a_process_that_is_killed_lets_the_next_one_go_on(tmp_path: Path) -> None:
    holder, waiting = (
        start(HOLDER, tmp_path),
        subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ),
    )
    with holder, waiting:
        assert waiting.stdout is not None
        # A process that imports nothing large has long begun to wait by then.
        assert not select.select([waiting.stdout], [], [], 1)[0]
        holder.kill()
        assert waiting.stdout.readline() == "held\n"
        waiting.communicate("\n")
    assert files(tmp_path) == []


def test_a_block_that_fails_lets_the_next_one_go_on(cache: ResultCache) -> None:
    with pytest.raises(ZeroDivisionError), cache.alone(KEY):
        raise ZeroDivisionError
    with cache.alone(KEY):
        cache.put(KEY, RESULT)
    assert cache.get(KEY) == RESULT
    only_file(cache)


def test_where_no_lock_can_be_had_nobody_waits(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    made = []
    for folder in (blocked, None):
        cache = ResultCache(folder)
        with cache.alone(KEY), cache.alone(KEY):
            made.append(folder)
    assert made == [blocked, None]


def test_an_error_of_the_block_is_not_taken_for_a_lack_of_locks(cache: ResultCache) -> None:
    with pytest.raises(OSError, match="mine"), cache.alone(KEY):
        raise OSError("mine")


def test_the_folder_follows_the_system_s_habits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_folder("results") == tmp_path / "cache" / "cnn-grader" / "results"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder("results") == tmp_path / "home" / ".cache" / "cnn-grader" / "results"
    assert os.listdir(tmp_path / "home" / ".cache" / "cnn-grader") == ["results"]
