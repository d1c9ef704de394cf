"""Every seed, and changes of them that are the same each time, through the fuzzer's function."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.mutate import mutate
from tests.fuzz.target import look_at

SEEDS = sorted(path for path in Path(__file__).with_name("seeds").iterdir() if path.is_file())
SECONDS = 2.0
CHANGES = 8
"""How many inputs are made of each seed."""


@pytest.mark.parametrize("path", SEEDS, ids=[path.name for path in SEEDS])
def test_a_seed_is_read_or_refused_in_our_own_words(path: Path) -> None:
    look_at(path.read_bytes(), SECONDS)


@pytest.mark.parametrize("path", SEEDS, ids=[path.name for path in SEEDS])
def test_so_is_what_is_made_of_it(path: Path) -> None:
    data = path.read_bytes()
    for seed in range(CHANGES):
        data = mutate(data, seed)
        look_at(data, SECONDS)
