"""What attackers cost the class they sit in: two hundred submissions, with them and without."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.attacks.attack import make_world
from tests.attacks.crowd import gather, grade_all, outcome, seconds_allowed
from tests.benchmarks.measure import Row

SIZE = 200


def measure() -> list[Row]:
    """The same honest submissions alone, then among attacks."""
    with tempfile.TemporaryDirectory() as folder, make_world(Path(folder), "auto") as world:
        members = gather(world, SIZE, seed=1)
        honest = [member for member in members if member.attack is None]
        grade_all(world, honest)  # once for the cache of trainings
        alone, seconds_alone = grade_all(world, honest)
        together, seconds = grade_all(world, members)
        changed = sum(outcome(together[one.name]) != outcome(alone[one.name]) for one in honest)
        attacks = [one for one in members if one.attack is not None]
        gained = sum(together[one.name].score != one.attack.worth for one in attacks if one.attack)
        allowed = seconds_allowed(world, members)
    more = seconds - seconds_alone
    return [
        Row(
            f"{len(attacks)} attacks among {SIZE} submissions: time more than without",
            f"{more:.0f} s",
            f"{seconds_alone:.0f} s without; {more / len(attacks):.1f} s an attack",
            f"≤ {allowed:,.0f} s, their own limits",
        ),
        Row(
            "honest grades that changed, attacks that gained",
            f"{changed} of {len(honest)}, {gained} of {len(attacks)}",
            "the same alone",
            "none",
        ),
    ]
