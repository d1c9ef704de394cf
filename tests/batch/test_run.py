"""A run over a class: what is graded, what is not graded again, and whose failure is whose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from grader.assignment.bundle import pack_bundle
from grader.batch.intake import take_in
from grader.batch.ledger import FILE, Ledger
from grader.batch.run import CHANGED, Asked, Counts, call_the_roll, grade_roll
from grader.batch.work import Done, Runner, Setup, Task
from grader.batch.workers import Workers
from grader.errors import InternalError
from grader.records import Graded
from tests.batch.classes import (
    BROKEN,
    HALF,
    RIGHT,
    WITHOUT,
    notebook,
    small_assignment,
    write_class,
)


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    assignment = small_assignment(tmp_path_factory.mktemp("course"))
    return Setup(pack_bundle(assignment), "auto", True, None)


@pytest.fixture(scope="module")
def workers(setup: Setup) -> Iterator[Workers]:
    warm = Workers(setup, 2, 600)
    yield warm
    warm.close()


class Noted:
    """A Runner that notes what it is given, and may do something before it takes the next."""

    def __init__(self, runner: Runner, before: Iterable[object] = ()) -> None:
        self.runner = runner
        self.before = iter(before)
        self.tasks: list[Task] = []

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        next(self.before, None)
        return self.runner.run(map(self._noted, tasks))

    def _noted(self, task: Task) -> Task:
        self.tasks.append(task)
        return task

    def running(self) -> Iterable[tuple[str, float]]:
        return self.runner.running()

    def close(self) -> None:
        self.runner.close()

    @property
    def paths(self) -> list[str]:
        return sorted(Path(task.path).name for task in self.tasks)


class Course:
    """A folder of submissions and a ledger beside it."""

    def __init__(self, folder: Path, setup: Setup, files: dict[str, bytes]) -> None:
        self.folder = write_class(folder / "class", files)
        self.setup = setup
        self.out = folder / "out"
        self.counts: list[Counts] = []

    def grade(
        self, runner: Runner, regrade: bool = False, asked: Asked | None = None
    ) -> list[Graded]:
        """One run, and the grade book after it."""
        intake = take_in([self.folder])
        self.counts = []
        with Ledger.open(self.out / FILE) as ledger:
            asked = asked or Asked(walled=True, train=True)
            lines = call_the_roll(intake, self.setup.bundle, asked, lambda *_: None)
            ledger.set_roll(lines)
            last = grade_roll(lines, intake, ledger, runner, self.counts.append, regrade)
            assert last == self.counts[-1]
            return list(ledger.lines())


def test_each_is_graded_and_the_same_bytes_once(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    files = {"ann.ipynb": RIGHT, "bob.ipynb": HALF, "cyd.ipynb": RIGHT, "dee.ipynb": BROKEN}
    course, noted = Course(tmp_path, setup, files), Noted(workers)
    lines = course.grade(noted)
    assert [(line.student.name, line.status, line.score) for line in lines] == [
        ("ann", "graded", 10),
        ("bob", "graded", 5),
        ("cyd", "graded", 10),
        ("dee", "graded", 0),
    ]
    # The line of who handed in the same is told with their own path and name.
    assert lines[2].report and lines[2].report["submission"]["student"] == "cyd"
    assert noted.paths == ["ann.ipynb", "bob.ipynb", "dee.ipynb"]
    assert course.counts[0] == Counts(known=0, done=0, passing=0, review=0, failed=0, total=4)
    assert course.counts[-1] == Counts(known=0, done=4, passing=2, review=0, failed=0, total=4)


def test_a_script_and_a_notebook_of_the_same_bytes_are_not_the_same(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    source = b"answers = {'weights': 36, 'biases': 4}\n"
    course = Course(tmp_path, setup, {"ann.py": source, "bob.ipynb": b"[1]", "cyd.py": b"[1]"})
    noted = Noted(workers)
    lines = course.grade(noted)
    assert [line.score for line in lines] == [10, 0, 0]
    errors = [line.report["exercises"][0]["error"] for line in lines[1:] if line.report]
    assert [error["kind"] for error in errors] == ["unreadable", "missing"]
    assert len(noted.tasks) == 3


def test_only_what_is_new_or_changed_is_graded_again(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    course = Course(tmp_path, setup, {"ann.ipynb": WITHOUT, "bob.ipynb": BROKEN})
    before = course.grade(workers)
    noted = Noted(workers)
    assert course.grade(noted) == before
    assert noted.tasks == []
    assert course.counts == [Counts(known=2, done=0, passing=0, review=0, failed=0, total=2)]
    write_class(course.folder, {"bob.ipynb": RIGHT, "cyd.ipynb": HALF})
    assert [line.score for line in course.grade(noted)] == [0, 10, 5]
    assert noted.paths == ["bob.ipynb", "cyd.ipynb"]
    assert course.counts[-1] == Counts(known=1, done=2, passing=1, review=0, failed=0, total=3)


def test_all_is_graded_again_where_that_is_asked_for(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    course, noted = Course(tmp_path, setup, {"ann.ipynb": WITHOUT, "bob.ipynb": WITHOUT}), None
    course.grade(workers)
    noted = Noted(workers)
    course.grade(noted, regrade=True)
    assert len(noted.tasks) == 1
    assert course.counts[-1].known == 0


@pytest.mark.parametrize(
    "asked", [Asked(walled=False, train=True), Asked(walled=True, train=False)]
)
def test_what_was_asked_for_otherwise_stands_beside_it(
    asked: Asked, tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    course = Course(tmp_path, setup, {"ann.ipynb": WITHOUT})
    course.grade(workers)
    noted = Noted(workers)
    course.grade(noted, asked=asked)
    course.grade(noted, asked=asked)
    course.grade(noted)
    assert len(noted.tasks) == 1


def test_a_file_that_goes_while_the_class_is_graded_is_a_failure_of_its_own(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    course = Course(tmp_path, setup, {"ann.ipynb": RIGHT, "bob.ipynb": HALF, "cyd.ipynb": BROKEN})
    gone = course.folder / "ann.ipynb"
    lines = course.grade(Noted(workers, before=(gone.unlink() for _ in range(1))))
    assert [(line.status, line.score) for line in lines] == [
        ("failed", 0),
        ("graded", 5),
        ("graded", 0),
    ]
    assert lines[0].note == f"{gone}: It cannot be read: No such file or directory."
    assert course.counts[-1] == Counts(known=0, done=3, passing=0, review=0, failed=1, total=3)
    write_class(course.folder, {"ann.ipynb": RIGHT})
    noted = Noted(workers)
    assert [line.score for line in course.grade(noted)] == [10, 5, 0]
    assert noted.paths == ["ann.ipynb"]


def test_a_file_that_changes_while_the_class_is_graded_is_not_graded_as_another(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    course = Course(tmp_path, setup, {"ann.ipynb": HALF, "bob.ipynb": WITHOUT})
    change = (write_class(course.folder, {"ann.ipynb": RIGHT}) for _ in range(1))
    lines = course.grade(Noted(workers, before=change))
    assert [(line.status, line.note) for line in lines] == [("failed", CHANGED), ("graded", "")]
    assert [line.score for line in course.grade(workers)] == [10, 0]


def test_who_handed_in_the_same_as_one_whose_file_has_gone_is_graded(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    course = Course(tmp_path, setup, {"ann.ipynb": HALF, "bob.ipynb": HALF})
    gone = course.folder / "ann.ipynb"
    lines = course.grade(Noted(workers, before=(gone.unlink() for _ in range(1))))
    # What Ann handed in was read, and is known by what Bob handed in.
    assert [(line.status, line.score) for line in lines] == [("graded", 5), ("graded", 5)]


def test_a_file_that_has_gone_before_it_was_read_at_all_is_told(
    tmp_path: Path, setup: Setup
) -> None:
    folder = write_class(tmp_path, {"ann.ipynb": RIGHT, "bob.ipynb": HALF})
    intake = take_in([folder])
    (folder / "ann.ipynb").unlink()
    told: list[tuple[int, int]] = []
    asked = Asked(walled=True, train=True)
    first, second = call_the_roll(intake, setup.bundle, asked, lambda *counts: told.append(counts))
    assert first.key is None
    assert first.note == f"{folder}/ann.ipynb: It cannot be read: No such file or directory."
    assert second.key is not None
    assert told == [(1, 2), (2, 2)]


class Failing:
    """A Runner whose every task comes to nothing."""

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        return (Done(task.number, None, "It was lost.") for task in tasks)

    def running(self) -> Iterable[tuple[str, float]]:
        return ()

    def close(self) -> None:
        pass


def test_what_could_not_be_graded_is_told_and_tried_again(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    course = Course(tmp_path, setup, {"ann.ipynb": WITHOUT, "bob.ipynb": WITHOUT})
    lines = course.grade(Failing())
    assert [(line.status, line.note) for line in lines] == [("failed", "It was lost.")] * 2
    assert course.counts[-1] == Counts(known=0, done=2, passing=0, review=0, failed=2, total=2)
    assert [line.status for line in course.grade(workers)] == ["graded"] * 2
    # An earlier grade stays when grading again fails.
    again = course.grade(Failing(), regrade=True)
    assert [line.status for line in again] == ["graded"] * 2
    assert again[0].note == "Graded before; grading it again failed: It was lost."


def test_what_was_graded_until_the_run_broke_is_kept(
    tmp_path: Path, setup: Setup, workers: Workers
) -> None:
    files = {f"{name}.ipynb": notebook(f"x = {name!r}") for name in "abcdef"}
    course = Course(tmp_path, setup, files)

    class Breaking(Failing):
        def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
            for count, done in enumerate(workers.run(tasks)):
                if count == 3:
                    raise InternalError("The cluster has gone.")
                yield done

    with pytest.raises(InternalError, match=r"The cluster has gone\."):
        course.grade(Breaking())
    assert len(course.counts) == 4
    with Ledger.read(course.out) as ledger:
        assert sum(line.status == "graded" for line in ledger.lines()) == 3
        assert {line.note for line in ledger.lines()} == {"", "Not graded yet."}


def test_the_settings_of_a_run_are_told_apart() -> None:
    digests = {Asked(walled, train).digest() for walled in (True, False) for train in (True, False)}
    assert len(digests) == 4
