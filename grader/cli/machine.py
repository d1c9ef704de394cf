"""The command that looks at this machine."""

from __future__ import annotations

import sys

import click

from grader.cli.guard import guarded


@click.command()
@click.option(
    "--sandbox",
    type=click.Choice(["auto", "bwrap", "none"]),
    default="auto",
    show_default=True,
    help="Walls to examine.",
)
def doctor(sandbox: str) -> None:
    """Show what walls this machine has, attack them, and say whether they held.

    Exit status: 0 all held, 1 something did not.
    """

    def work() -> int:
        from grader.doctor import examine
        from grader.sandbox.client import Sandbox

        good = True
        with Sandbox(sandbox) as walls:  # type: ignore[arg-type]
            for finding in examine(walls):
                good &= finding.good
                click.echo(f"{'ok' if finding.good else 'NO':2}  {finding.name}: {finding.text}")
        click.echo("All walls held." if good else "Not all walls held: see the lines with NO.")
        return 0 if good else 1

    sys.exit(guarded(work))
