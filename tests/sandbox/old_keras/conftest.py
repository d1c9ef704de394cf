"""One warm process in which older Keras is spoken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.old_keras.speaking import Speaker


@pytest.fixture(scope="session")
def speaker() -> Iterator[Speaker]:
    warm = Speaker()
    yield warm
    warm.close()
