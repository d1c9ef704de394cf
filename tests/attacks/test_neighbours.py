"""Whoever sits beside an attacker gets the same grade as alone."""

from __future__ import annotations

from tests.attacks.attack import World
from tests.attacks.crowd import gather, grade_all, outcome

SIZE = 48


def test_no_neighbour_of_an_attack_is_graded_differently(world: World) -> None:
    members = gather(world, SIZE, seed=5)
    honest = [member for member in members if member.attack is None]
    alone, _ = grade_all(world, honest)
    world.host.remember()
    together, _ = grade_all(world, members)
    for member in honest:
        assert outcome(together[member.name]) == outcome(alone[member.name]), member.name
    for member in members:
        if member.attack is not None:
            assert together[member.name].score == member.attack.worth, member.attack.source
    assert [found for found in world.host.changes(world.sandbox) if "/crowd/" not in found] == []
