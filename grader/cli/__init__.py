"""The command line. It answers at once: everything heavy is imported where it is needed."""

from __future__ import annotations

import click

from grader import __version__
from grader.cli.authors import calibrate, list_assignments, release, schema
from grader.cli.classes import diff
from grader.cli.grading import grade
from grader.cli.machine import doctor


class _PathOrCommand(click.Group):
    """``grade.py student.ipynb`` is short for ``grade.py grade student.ipynb``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help", "--version"):
            args = ["grade", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_PathOrCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name="cnn-grader")
def main() -> None:
    """Grade Keras notebooks on convolutional networks.

    \b
    python grade.py student.ipynb     grade a notebook or a script
    python grade.py FOLDER|ZIP        grade a class, into a grade book
    python grade.py diff OLD NEW      what changed between two grade books
    python grade.py list              the assignments that can be graded
    python grade.py schema            the JSON Schema of assignment files
    python grade.py release ID        store what the solution gives
    python grade.py calibrate ID      train the solution with many seeds
    python grade.py doctor            the walls of this machine, and whether they hold

    Options of grading: python grade.py grade --help.
    """


for _command in (grade, list_assignments, schema, release, calibrate, diff, doctor):
    main.add_command(_command)
