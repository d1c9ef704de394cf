"""A class with attackers in it, graded by several at a time."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from grader.pipeline import grade_one
from grader.records import Report
from grader.report.as_json import report_as_json
from tests.attacks import (
    test_deserialising,
    test_escaping,
    test_exhausting,
    test_forging,
    test_poisoning,
    test_smuggling,
)
from tests.attacks.attack import HONEST, NAMES, POOR, Attack, World
from tests.writing import write_notebook

FAMILIES = (
    test_exhausting,
    test_forging,
    test_smuggling,
    test_exhausting,
    test_deserialising,
    test_poisoning,
    test_escaping,
    test_exhausting,
)
"""Those that take time more often: it is they that a neighbour could feel."""
EVERY = 4
"""One in so many attacks."""
WORKERS = 2
ALMOST = HONEST["cnn"].replace('10, activation="softmax"', "10")
OTHER = HONEST["cnn"].replace("Conv2D(4", "Conv2D(5")
HONEST_WORK = (HONEST, HONEST | {"cnn": ALMOST}, HONEST | {"cnn": OTHER}, POOR)
"""What the others hand in: right, right but for one layer, and wrong."""


@dataclass(frozen=True, slots=True)
class Member:
    """One submission of the class."""

    name: str
    cells: list[str]
    attack: Attack | None = None


def gather(world: World, size: int, seed: int) -> list[Member]:
    """``size`` submissions in a random order, one in four of them an attack."""
    chance = random.Random(seed)
    attacks = list(_attacks(chance))
    members = []
    for number in range(size):
        if number % EVERY == 0:
            attack = attacks[number // EVERY % len(attacks)]
            members.append(Member(f"attack-{number}", attack.cells(world.host), attack))
        else:
            work = HONEST_WORK[number % len(HONEST_WORK)]
            members.append(Member(f"honest-{number}", list(work.values())))
    chance.shuffle(members)
    return members


def _attacks(chance: random.Random) -> Iterator[Attack]:
    """One of each family after the other."""
    rows = [chance.sample(list(one.ATTACKS.values()), len(one.ATTACKS)) for one in FAMILIES]
    for attacks in zip(*rows, strict=False):
        yield from attacks


def grade_all(world: World, members: list[Member]) -> tuple[dict[str, Report], float]:
    """The reports by name, and the seconds that it took."""
    (world.course / "crowd").mkdir(exist_ok=True)
    started = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        reports = dict(pool.map(lambda member: (member.name, _grade(world, member)), members))
    return reports, time.perf_counter() - started


def _grade(world: World, member: Member) -> Report:
    path = write_notebook(world.course / "crowd" / f"{member.name}.ipynb", *member.cells)
    return grade_one(path, world.assignment, world.tools)


def outcome(report: Report) -> object:
    """All that a grade is made of: the report without its times and its path."""
    said = report_as_json(report)
    for exercise in said["exercises"]:
        if exercise["training"]:
            del exercise["training"]["seconds"], exercise["training"]["cached"]
    return said["status"], said["score"], said["max_score"], said["exercises"]


def seconds_allowed(world: World, members: list[Member]) -> float:
    """What the attackers may use by their own limits: to build twice, to run, and to train."""
    limits = world.assignment.content.limits
    each = len(NAMES) * limits.build_seconds + limits.build_seconds + limits.train_seconds
    return each * sum(member.attack is not None for member in members)
