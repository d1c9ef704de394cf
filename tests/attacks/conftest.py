"""A course with secrets and a watched host for all attacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks.attack import World, make_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Behind the best walls that this machine has."""
    with make_world(tmp_path_factory.mktemp("walled"), "auto") as made:
        yield made


@pytest.fixture(scope="session")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Without walls: a plain child process with limits."""
    with make_world(tmp_path_factory.mktemp("open"), "none") as made:
        yield made


@pytest.fixture(scope="session")
def custom_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Behind walls, with an assignment that takes classes of the student's own."""
    with make_world(tmp_path_factory.mktemp("custom"), "auto", custom=True) as made:
        yield made
