"""The weaker sandbox beside the one that all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.sandbox.client import Sandbox
from tests.sandbox.forks import Forks


@pytest.fixture(scope="session")
def plain() -> Iterator[Sandbox]:
    """A plain child process with limits, as on a machine without bubblewrap."""
    with Sandbox("none") as warm:
        yield warm


@pytest.fixture(params=["walled", "plain"])
def either(request: pytest.FixtureRequest) -> Sandbox:
    """The best walls of this machine, and none."""
    name = "sandbox" if request.param == "walled" else "plain"
    found: Sandbox = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """A warm process whose forks may be patched."""
    warm = Forks()
    yield warm
    warm.close()
