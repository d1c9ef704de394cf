"""Commands for authors: what there is, its schema, and what is done once for an assignment."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from grader.cli.guard import USAGE, guarded, tell
from grader.errors import AssignmentError

if TYPE_CHECKING:
    from grader.pipeline import Tools


@contextlib.contextmanager
def _tools() -> Iterator[Tools]:
    """The sandbox and the cache as they are by default, for the author's own notebooks."""
    from grader.pipeline import Tools
    from grader.sandbox.client import Sandbox
    from grader.training.cache import ResultCache
    from grader.training.folders import cache_folder

    with Sandbox() as sandbox:
        yield Tools(sandbox, ResultCache(cache_folder("results")))


@click.command("list")
def list_assignments() -> None:
    """List the assignments that can be graded."""

    def work() -> int:
        from grader.assignment.load import find_assignments, load_assignment
        from grader.choose import FOLDER

        broken, rows = False, []
        for path in find_assignments(FOLDER):
            try:
                content = load_assignment(path).content
            except AssignmentError as error:
                tell(str(error))
                broken = True
                continue
            points = sum(check.points for e in content.exercises for check in e.checks)
            rows.append((content.id, points, content.title))
        width = max((len(name) for name, *_ in rows), default=0)
        for name, points, title in rows:
            click.echo(f"{name:{width}}  {points:>5g} points  {title}")
        return USAGE if broken else 0

    sys.exit(guarded(work))


@click.command()
def schema() -> None:
    """Print the JSON Schema of assignment files, for editors."""

    def work() -> int:
        from grader.assignment.load import assignment_json_schema

        click.echo(json.dumps(assignment_json_schema(), indent=2))
        return 0

    sys.exit(guarded(work))


@click.command()
@click.argument("assignment", metavar="ID|FILE.yaml")
def release(assignment: str) -> None:
    """Store what the solution gives, for students who check without it.

    Needed for an assignment with expect_from: solution, after each change of its cases.
    """

    def work() -> int:
        from grader.authoring import release_values
        from grader.choose import named_assignment

        with _tools() as tools:
            loaded = named_assignment(assignment)
            count = release_values(loaded, tools.sandbox)
        said = f"in {loaded.values}" if count else "so there is nothing to store"
        click.echo(f"Checks with values from the solution: {count}, {said}.")
        return 0

    sys.exit(guarded(work))


@click.command()
@click.argument("assignment", metavar="ID|FILE.yaml")
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Trainings of each.",
)
def calibrate(assignment: str, seeds: int) -> None:
    """Train the solution and a linear model with many seeds, to set min_accuracy by.

    The table goes to solutions/ID.seeds.csv.
    """

    def work() -> int:
        from grader.authoring import calibrate_training
        from grader.choose import named_assignment

        with _tools() as tools:
            path = calibrate_training(named_assignment(assignment), tools, seeds, click.echo)
        click.echo(f"{path}")
        return 0

    sys.exit(guarded(work))
