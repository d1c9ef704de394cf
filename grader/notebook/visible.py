"""The part of an assignment that a student's check is made by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.assignment.schema import Exercise
from grader.errors import UsageError
from grader.words import join_words, printable


def load_visible(path: Path) -> LoadedAssignment:
    """An assignment without its hidden checks: those of other files are not even read.

    Raises AssignmentError for a faulty file, UsageError where all checks are hidden.
    """
    loaded = load_assignment(path, with_hidden=False)
    exercises = tuple(map(_visible, loaded.content.exercises))
    kept = tuple(exercise for exercise in exercises if exercise.checks)
    if not kept:
        raise UsageError(f"{loaded.content.id} has no checks that can be made here.")
    return replace(loaded, content=loaded.content.model_copy(update={"exercises": kept}))


def _visible(exercise: Exercise) -> Exercise:
    checks = [check for check in exercise.checks if check.visibility == "visible"]
    known = {check.id for check in checks}
    told = tuple(
        check.model_copy(update={"needs": tuple(need for need in check.needs if need in known)})
        for check in checks
    )
    return exercise.model_copy(update={"checks": told})


def only(loaded: LoadedAssignment, names: Collection[str]) -> LoadedAssignment:
    """The one exercise that asks for one of ``names``, looked for under that name alone.

    Raises UsageError where none does.
    """
    content = loaded.content
    for exercise in content.exercises:
        for name in exercise.names:
            if name in names or name.partition(".")[0] in names:
                update = {exercise.kind: name, "also": ()}
                one = (exercise.model_copy(update=update),)
                return replace(loaded, content=content.model_copy(update={"exercises": one}))
    asked = join_words([exercise.names[0] for exercise in content.exercises], "or")
    if not names:
        raise UsageError(
            f"What check was given has no name here, and exercises are found by their names: "
            f"{content.id} asks for {asked}."
        )
    called = join_words([printable(name) for name in names], "or")
    raise UsageError(
        f"{content.id} asks for {asked}; what check was given is called {called}. Give it the "
        f'name that is asked for, or check everything: check("{content.id}").'
    )
