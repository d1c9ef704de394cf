"""Workers of this machine: what becomes of a task when its process ends, and what is left."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.assignment.bundle import Bundle, pack_bundle
from grader.batch.work import Done, Setup, Task, seconds_at_most
from grader.batch.workers import Workers
from tests.batch.classes import (
    ASSIGNMENT,
    BROKEN,
    ENDLESS,
    RIGHT,
    WITH_TRAINING,
    WITHOUT,
    rows,
    small_assignment,
    start,
    write_assignment,
    write_class,
)
from tests.batch.leftovers import nothing_left

LOST_TWICE = "The grader's process was ended from outside, 2 times; this machine may lack memory."


@pytest.fixture(autouse=True)
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for what is temporary; neither there nor among the processes anything is left."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with nothing_left():
        yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(pack_bundle(small_assignment(tmp_path)), "auto", True, None)


@pytest.fixture
def two(setup: Setup) -> Iterator[Workers]:
    workers = Workers(setup, 2, 600)
    yield workers
    workers.close()


def task(number: int, data: bytes = WITHOUT) -> Task:
    return Task(number, f"{number}.ipynb", "Ann", data)


def score(done: Done) -> float:
    assert done.report is not None, done.why
    found: float = done.report["score"]
    return found


def test_each_task_comes_back_once_however_large_it_is(two: Workers) -> None:
    large = RIGHT + b" " * 3_000_000
    data = [BROKEN, RIGHT, WITHOUT, large, BROKEN, RIGHT, WITHOUT]
    found = {done.number: done for done in two.run(map(task, range(7), data))}
    assert [score(found[number]) for number in range(7)] == [0, 10, 0, 10, 0, 10, 0]
    assert found[0].report and found[0].report["exercises"][0]["error"]["kind"] == "unreadable"
    assert found[2].report and found[2].report["submission"]["path"] == "2.ipynb"
    assert list(two.running()) == []
    assert list(two.run(iter(()))) == []


def kill(workers: Workers, number: int) -> None:
    """End whoever has a task, as the kernel does where memory is short."""
    (worker,) = (w for w in workers._workers if w.task is not None and w.task.number == number)
    worker.process.kill()
    worker.process.wait()


def test_a_task_whose_worker_is_killed_is_tried_again(two: Workers) -> None:
    found = {}
    for done in two.run(map(task, range(3), [RIGHT, WITHOUT, WITHOUT])):
        found[done.number] = done
        if done.number == 1:
            # Nothing has to be run for this one; the first still waits for a warm sandbox.
            kill(two, 0)
    assert {number: score(done) for number, done in found.items()} == {0: 10, 1: 0, 2: 0}


def test_a_task_whose_worker_is_killed_twice_fails_and_others_are_graded(two: Workers) -> None:
    found, killed = {}, 0
    for done in two.run(map(task, range(9), [ENDLESS, *[WITHOUT] * 8])):
        found[done.number] = done
        if any(path == "0.ipynb" for path, _ in two.running()):
            kill(two, 0)
            killed += 1
    assert found.pop(0) == Done(0, None, LOST_TWICE)
    assert killed == 2
    assert sorted((number, score(done)) for number, done in found.items()) == [
        (number, 0) for number in range(1, 9)
    ]


def test_a_worker_that_does_not_answer_is_ended_and_replaced(setup: Setup) -> None:
    workers = Workers(setup, 1, 5)
    try:
        stuck = workers._workers[0].process.pid
        os.kill(stuck, signal.SIGSTOP)
        found = list(workers.run(map(task, range(2))))
        assert found[0] == Done(
            0, None, "The grader's process did not answer within 5 s and was ended."
        )
        assert score(found[1]) == 0
        assert workers._workers[0].process.pid != stuck
    finally:
        workers.close()


def test_a_worker_that_ended_between_two_tasks_costs_none_of_them_a_try(setup: Setup) -> None:
    workers = Workers(setup, 1, 600)
    try:
        for number in range(3):
            (done,) = workers.run(iter([task(number)]))
            assert score(done) == 0
            workers._workers[0].process.kill()
            workers._workers[0].process.wait()
    finally:
        workers.close()


def test_a_worker_that_cannot_begin_says_why() -> None:
    name = "assignments/small.yaml"
    broken = ASSIGNMENT.replace("title: Small", "titel: Small")
    workers = Workers(Setup(Bundle(name, {name: broken.encode()}), "auto", True, None), 1, 600)
    try:
        (done,) = workers.run(iter([task(0)]))
    finally:
        workers.close()
    assert done.report is None
    assert "titel" in done.why and "ended from outside" not in done.why


def test_what_a_worker_was_doing_ends_with_it(setup: Setup, left: Path) -> None:
    """The block around each test sees to it that of all these nothing is left."""
    workers = Workers(setup, 2, 600)
    running = workers.run(map(task, range(3), [ENDLESS, WITHOUT, ENDLESS]))
    assert next(running).number == 1
    assert [path for path, _ in workers.running()] == ["0.ipynb"]
    assert len(list(left.iterdir())) == 1
    running.close()  # type: ignore[attr-defined]
    workers.close()


def test_nothing_runs_on_when_the_run_is_killed(tmp_path: Path) -> None:
    """With a signal that it cannot see: its workers see that it has gone."""
    folder = write_class(tmp_path / "class", {"ann.ipynb": ENDLESS, "bob.ipynb": WITHOUT})
    out, own = tmp_path / "out", tmp_path / "own"
    own.mkdir()
    arguments = (folder, "-a", write_assignment(tmp_path), "--out", out, "--jobs", 2)
    with start(*arguments, TMPDIR=str(own)) as parent:
        while rows(out) == 0:
            assert parent.poll() is None
        parent.kill()


def test_a_task_may_take_longer_than_all_that_its_own_limits_allow(tmp_path: Path) -> None:
    plain = small_assignment(tmp_path).content
    # One exercise with one check: three programs and one, and whatever is trained.
    assert seconds_at_most(plain) == 4 * 60 + 4 * plain.limits.train_seconds + 120
    more = small_assignment(tmp_path, WITH_TRAINING).content
    assert seconds_at_most(more) > seconds_at_most(plain)
