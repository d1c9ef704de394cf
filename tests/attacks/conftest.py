"""A course with secrets and a watched host for all attacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.sandbox.client import Mode
from tests.attacks.attack import Overheard, World
from tests.attacks.host import Host


@contextmanager
def _world(folder: Path, mode: Mode, custom: bool = False) -> Iterator[World]:
    course, home = folder / "course", folder / "home"
    for place in (course, home):
        place.mkdir()
    with Overheard(mode) as sandbox:
        host = Host(home, course)
        try:
            yield World(course, sandbox, host, custom)
        finally:
            host.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Behind the best walls that this machine has."""
    with _world(tmp_path_factory.mktemp("walled"), "auto") as made:
        yield made


@pytest.fixture(scope="session")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Without walls: a plain child process with limits."""
    with _world(tmp_path_factory.mktemp("open"), "none") as made:
        yield made


@pytest.fixture(scope="session")
def custom_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Behind walls, with an assignment that takes classes of the student's own."""
    with _world(tmp_path_factory.mktemp("custom"), "auto", custom=True) as made:
        yield made
