"""Workers of a Dask cluster: the same grade book, whoever of them ends, comes late or is unfit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.batch.classes import (
    BROKEN,
    MODEL,
    WITH_TRAINING,
    WITHOUT,
    grade_book,
    notebook,
    reports,
    rows,
    run,
    start,
    write_assignment,
    write_class,
)
from tests.batch.dask_cluster import DaskCluster, DaskProcess
from tests.batch.leftovers import nothing_left
from tests.conftest import ROOT

NETWORKS, EACH = 3, 3
DEADLINE_SECONDS = 60


@pytest.fixture(autouse=True)
def _left() -> Iterator[None]:
    with nothing_left():
        yield


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An assignment with a training, and a class of some networks, each handed in by some."""
    folder = tmp_path_factory.mktemp("course")
    files = {"broken.ipynb": BROKEN, "without.ipynb": WITHOUT}
    for number in range(NETWORKS * EACH):
        model = MODEL.replace(
            "Flatten()", f"Flatten(), keras.layers.Dense({number % NETWORKS + 5})"
        )
        answers = f"answers = {{'weights': 36, 'biases': {number}}}"
        files[f"student{number:02}.ipynb"] = notebook(answers, model)
    return write_assignment(folder, WITH_TRAINING), write_class(folder / "class", files)


@pytest.fixture(scope="module")
def local(course: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the workers of this machine have left their grade book."""
    out = tmp_path_factory.mktemp("local") / "grades"
    assignment, handed_in = course
    done = run(handed_in, "-a", assignment, "--out", out, "--jobs=2", "--no-cache")
    assert done.returncode == 0, done.stderr
    return out


def arguments(course: tuple[Path, Path], out: Path, cluster: DaskCluster) -> list[object]:
    assignment, handed_in = course
    return [handed_in, "-a", assignment, "--out", out, "--cluster", cluster.address]


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def timeless(out: Path) -> dict[str, Any]:
    """All reports, without what differs from run to run."""
    found = json.loads(json.dumps(reports(out)))
    for report in found.values():
        del report["seconds"]
        for exercise in report["exercises"]:
            for name in ("seconds", "cached"):
                (exercise["training"] or {name: None}).pop(name)
    return dict(found)


def trained(out: Path) -> int:
    """How many reports have a training that was made for them."""
    trainings = [exercise["training"] for r in reports(out).values() for exercise in r["exercises"]]
    return sum(not training["cached"] for training in trainings if training is not None)


def test_two_workers_train_each_network_once_and_say_nothing(
    course: tuple[Path, Path], local: Path, cluster: DaskCluster, tmp_path: Path
) -> None:
    workers = [cluster.start_worker("--no-nanny"), cluster.start_worker("--no-nanny")]
    done = run(*arguments(course, tmp_path / "out", cluster))
    assert (done.returncode, done.stderr) == (0, "")
    assert grade_book(tmp_path / "out") == grade_book(local)
    assert timeless(tmp_path / "out") == timeless(local)
    assert trained(tmp_path / "out") == trained(local) == NETWORKS
    wait_until(lambda: not any(worker.children() for worker in workers))


def test_a_worker_that_is_killed_changes_no_grade(
    course: tuple[Path, Path], local: Path, cluster: DaskCluster, tmp_path: Path
) -> None:
    first, _ = cluster.start_worker("--no-nanny"), cluster.start_worker("--no-nanny")
    with start(*arguments(course, tmp_path / "out", cluster)) as running:
        wait_until(lambda: rows(tmp_path / "out") > 3)
        first.kill()
        assert running.wait(DEADLINE_SECONDS) == 0
    assert grade_book(tmp_path / "out") == grade_book(local)
    assert timeless(tmp_path / "out") == timeless(local)
    assert trained(tmp_path / "out") <= NETWORKS


def test_a_client_that_is_killed_leaves_no_sandbox_and_a_scheduler_that_goes_is_told(
    course: tuple[Path, Path], cluster: DaskCluster, tmp_path: Path
) -> None:
    with start(*arguments(course, tmp_path / "out", cluster)) as running:
        worker = cluster.start_worker("--no-nanny")  # it is waited for
        wait_until(lambda: rows(tmp_path / "out") > 2)
        os.killpg(running.pid, signal.SIGKILL)
    wait_until(lambda: not worker.children())
    kept = rows(tmp_path / "out")
    with start(*arguments(course, tmp_path / "out", cluster)) as running:
        wait_until(lambda: rows(tmp_path / "out") > kept)
        cluster.scheduler.kill()
        _, errors = running.communicate(timeout=DEADLINE_SECONDS)
    assert running.returncode == 3
    assert errors.splitlines()[-1] == (
        "The grader failed, not the submission: The Dask scheduler at "
        f"{cluster.address} does not answer any more. What was graded is kept; the same command "
        "goes on from there."
    )


def call(program: str, *arguments: object) -> str:
    """What a program prints that uses the cluster's modules: they change logging for a process."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


OPEN = """
import sys
from pathlib import Path
from grader.assignment.bundle import pack_bundle
from grader.assignment.load import load_assignment
from grader.batch.cluster import Cluster
from grader.batch.work import Setup, Task
from grader.errors import UsageError
address, assignment, notebook = sys.argv[1:]
setup = Setup(pack_bundle(load_assignment(Path(assignment))), "bwrap", False, None)
try:
    cluster = Cluster(address, setup, print)
    tasks = [Task(number, notebook, "Ann", Path(notebook).read_bytes()) for number in range(3)]
    print(sorted(done.number for done in cluster.run(iter(tasks)) if done.report))
    cluster.close()
except UsageError as error:
    print(error)
"""
OLD = "__path__ = [{!r}]\n__version__ = '0.0.9'"
"""A package ``grader`` that says that it is another version."""
MISSING = "raise ModuleNotFoundError(\"No module named 'grader'\")"
WHY = {
    "old": "it has cnn-grader 0.0.9 instead of 0.1.0",
    "missing": "it has no cnn-grader, or an older one; install cnn-grader 0.1.0 there, as here",
    "walls": "it has no walls: bubblewrap is not installed; install bubblewrap (Debian, Ubuntu: "
    "sudo apt-get install bubblewrap) there",
}


def test_workers_that_cannot_grade_are_left_out_with_the_reason(
    course: tuple[Path, Path], cluster: DaskCluster, tmp_path: Path
) -> None:
    for name, text in (("old", OLD.format(str(ROOT / "grader"))), ("missing", MISSING)):
        (tmp_path / name / "grader").mkdir(parents=True)
        (tmp_path / name / "grader" / "__init__.py").write_text(text)
    unfit: dict[str, DaskProcess] = {
        name: cluster.start_worker("--no-nanny", PYTHONPATH=f"{tmp_path / name}:{ROOT}")
        for name in ("old", "missing")
    }
    unfit["walls"] = cluster.start_worker("--no-nanny", PATH=str(tmp_path))
    what = course[0], course[1] / "without.ipynb"
    left_out = {f"The worker {unfit[name].address} is left out: {WHY[name]}." for name in WHY}
    said = call(OPEN, cluster.address, *what).splitlines()
    assert set(said[:3]) == left_out
    assert said[3] == "No worker of the cluster can grade:"
    assert set(said[4:]) == {f"  1 ×: {why}." for why in WHY.values()}
    cluster.start_worker("--no-nanny", "--nthreads=3")
    said = call(OPEN, cluster.address, *what).splitlines()
    assert set(said[:3]) == left_out
    assert said[3:] == ["[0, 1, 2]"]


def test_a_scheduler_without_the_package_is_told(course: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "missing" / "grader").mkdir(parents=True)
    (tmp_path / "missing" / "grader" / "__init__.py").write_text(MISSING)
    with DaskCluster(tmp_path, PYTHONPATH=f"{tmp_path / 'missing'}:{ROOT}") as cluster:
        worker = cluster.start_worker("--no-nanny")
        said = call(OPEN, cluster.address, course[0], course[1] / "without.ipynb")
    why = "the scheduler has no cnn-grader; install the same there as here"
    assert said == (
        f"The worker {worker.address} is left out: {why}.\n"
        f"No worker of the cluster can grade:\n  1 ×: {why}.\n"
    )


CONNECT = """
import sys
from grader.batch import dask_client
from grader.errors import UsageError
dask_client.CONNECT_SECONDS = 1
for address in sys.argv[1:]:
    try:
        dask_client.connect(address)
    except UsageError as error:
        print(error)
"""


def test_an_address_where_no_scheduler_answers_is_told(cluster: DaskCluster) -> None:
    worker = cluster.start_worker("--no-nanny")
    why = {
        "cluster": "missing port number in address 'cluster'",
        "http://127.0.0.1:8787": "unknown address scheme 'http'",
        "tls://127.0.0.1:8786": "TLS expects a `ssl_context` argument of type ssl.SSLContext",
        worker.address: "a Dask worker answers there",
    }
    assert call(CONNECT, *why).splitlines() == [
        f"No Dask scheduler can be reached at {address}: {reason}. Start one with dask "
        "scheduler; it prints its address."
        for address, reason in why.items()
    ]
    # Which of the two Dask comes to know in so short a time is chance.
    assert call(CONNECT, "tcp://127.0.0.1:1").partition(". Start")[0] in (
        "No Dask scheduler can be reached at tcp://127.0.0.1:1: Connection refused",
        "No Dask scheduler can be reached at tcp://127.0.0.1:1: nobody answers",
    )
