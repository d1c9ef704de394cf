"""What the parts of an assignment owe to each other.

These rules look at the plain values of a file, not at the models made from them: so what they
find is told together with what is wrong inside the values. They pass over whatever has the wrong
type; the models say so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from grader.assignment.schema import KINDS, Exercise, check_ids
from grader.checks.patterns import Fault
from grader.checks.table import CHECK_TYPES
from grader.words import did_you_mean, join_words, nearest, printable, quoted


def broken_rules(assignment: Any) -> Iterator[Fault]:
    """Faults between the keys of an assignment, each at its path from the top of the file."""
    exercises = _items(assignment, "exercises")
    ids: set[Any] = set()
    for place, exercise in exercises:
        at = ("exercises", place)
        name = exercise.get("id")
        if isinstance(name, str) and name in ids:
            yield Fault((*at, "id"), f"Two exercises have the id {quoted(name)}.")
        ids.add(name if isinstance(name, str) else None)
        for fault in _exercise(exercise):
            yield Fault((*at, *fault.at), fault.message, fault.on_key)
    checks = [check for _, exercise in exercises for _, check in _items(exercise, "checks")]
    if checks and not any(check.get("points") for check in checks):
        message = "No check has points, so nothing can be earned."
        yield Fault(("exercises",), message, on_key=True)


def _exercise(exercise: dict[str, Any]) -> Iterator[Fault]:
    asked = [kind for kind in KINDS if exercise.get(kind) is not None]
    if len(asked) > 1:
        message = f"{quoted(asked[1])} stands beside {quoted(asked[0])}; {ONE_OF}."
        yield Fault((asked[1],), message, on_key=True)
    elif not asked and not _meant(exercise, KINDS):
        yield Fault((), f"This exercise has none of {join_words(KINDS)}; {ONE_OF}.")
    shape = exercise.get("input_shape")
    if asked == ["build"] and shape is None and not _meant(exercise, ["input_shape"]):
        yield Fault(("input_shape",), "build needs an input_shape, without the batch axis.")
    if asked and "build" not in asked and shape is not None:
        yield Fault(("input_shape",), "Only build takes an input_shape.", on_key=True)
    if asked and "build" not in asked and exercise.get("classes") is not None:
        yield Fault(("classes",), "Only build takes a number of classes.", on_key=True)
    if asked and "build" not in asked:
        for place, name in enumerate(_list(exercise.get("also"))):
            if isinstance(name, str) and "." in name:
                message = f"Only build takes a method, such as {quoted(name)}."
                yield Fault(("also", place), message)
    checks = _items(exercise, "checks")
    if len(asked) == 1:
        yield from _misplaced(checks, asked[0])
    yield from _ids_and_needs(checks)


ONE_OF = "an exercise asks for exactly one of them"


def _meant(exercise: dict[str, Any], keys: Collection[str]) -> bool:
    """Whether a misspelt key stands for one of ``keys``: the loader complains of that one."""
    unknown = [key for key in exercise if key not in Exercise.model_fields]
    return any(nearest(key, Exercise.model_fields) in keys for key in unknown)


def _misplaced(checks: list[tuple[int, dict[str, Any]]], kind: str) -> Iterator[Fault]:
    for place, check in checks:
        name = check.get("type")
        asks = CHECK_TYPES[name].asks if isinstance(name, str) and name in CHECK_TYPES else kind
        if asks not in (kind, "any"):
            message = f"{quoted(str(name))} belongs to an exercise with {asks}, not {kind}."
            yield Fault(("checks", place, "type"), message)


def _ids_and_needs(checks: list[tuple[int, dict[str, Any]]]) -> Iterator[Fault]:
    ids = check_ids([(_text(check.get("id")), _type(check)) for _, check in checks])
    needs: dict[str, list[str]] = {}
    for (place, check), name in zip(checks, ids, strict=True):
        if name in needs:
            message = f"Two checks of this exercise have the id {quoted(name)}."
            yield Fault(("checks", place, "id"), message)
        needs.setdefault(name, [])
        for which, need in enumerate(_list(check.get("needs"))):
            if need in ids:
                needs[name].append(need)
            elif isinstance(need, str):
                hint = did_you_mean(need, ids)
                message = f"No check of this exercise has the id {quoted(need)}.{hint}"
                yield Fault(("checks", place, "needs", which), message)
    yield from _circles(
        needs, [(place, name) for name, (place, _) in zip(ids, checks, strict=True)]
    )


def _type(check: dict[str, Any]) -> str:
    """The check's type as it was meant: the loader complains of the spelling."""
    name = _text(check.get("type"))
    return name if name in CHECK_TYPES else nearest(name, CHECK_TYPES) or name


def _circles(needs: dict[str, list[str]], places: list[tuple[int, str]]) -> Iterator[Fault]:
    told: set[str] = set()
    for place, name in places:
        circle = _way(needs, name, name)
        if circle and not told & set(circle):
            told |= set(circle)
            way = " → ".join(map(printable, [name, *circle]))
            yield Fault(("checks", place, "needs"), f"{quoted(name)} waits for itself: {way}.")


def _way(needs: dict[str, list[str]], start: str, end: str) -> list[str]:
    """The shortest way along ``needs`` from one check to another, without its start."""
    ways = [[need] for need in needs[start]]
    seen = set(needs[start])
    for way in ways:
        if way[-1] == end:
            return way
        ways += [[*way, need] for need in needs[way[-1]] if need not in seen]
        seen |= set(needs[way[-1]])
    return []


def _items(value: Any, key: str) -> list[tuple[int, dict[str, Any]]]:
    """The mappings in the list under ``key``, each with its place."""
    items = _list(value.get(key)) if isinstance(value, dict) else []
    return [(place, item) for place, item in enumerate(items) if isinstance(item, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
