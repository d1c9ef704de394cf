"""``--explain-slice``: what of a submission was run for each exercise, and what was left out."""

from __future__ import annotations

from typing import IO

from rich.table import Table
from rich.text import Text

from grader.records import Account
from grader.report.console import printing
from grader.report.escape import visible


def print_account(title: str, account: Account, stream: IO[str]) -> None:
    """Write every statement, by cell and line, with the reason why it is run or left out.

    Args:
        title: of the exercise.
    """
    run = sum(line.run for line in account.lines)
    heading = f"{title}: {run} of {len(account.lines)} statements are run for {account.name}."
    with printing(stream) as console:
        console.print(Text(visible(heading), style="bold"))
        if account.problem:
            console.print(Text(visible(account.problem), style="red"))
        console.print(_statements(account))


def _statements(account: Account) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold", ratio=1)
    cell = None
    for line in account.lines:
        if line.cell != cell:
            cell = line.cell
            table.add_row(Text(f"cell {cell}", style="bold"), "", "")
        lines = str(line.first) if line.first == line.last else f"{line.first}–{line.last}"
        source = Text(visible(line.source, 60), style="" if line.run else "bright_black")
        word = Text("  run" if line.run else "  left", style="green" if line.run else "")
        source.append(f"\n{visible(line.why)}", style="italic")
        table.add_row(word, lines, source)
    return table
