"""Every command in one frame: whatever goes wrong is one clear message and an exit status."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import click

from grader.errors import GraderError, InternalError

USAGE, REVIEW, INTERRUPTED = 2, 3, 130


def guarded(work: Callable[[], int]) -> int:
    """Run a command; whatever goes wrong is one clear message and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no × shows an escape for it, and the report goes on.
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(work())
    except InternalError as error:
        tell(f"The grader failed, not the submission: {error}")
        return REVIEW
    except GraderError as error:
        tell(str(error))
        return USAGE
    except BrokenPipeError:
        sys.stderr.close()
        return USAGE
    except OSError as error:
        tell(f"{error.filename or 'A file'}: {error.strerror or error}.")
        return USAGE
    except KeyboardInterrupt as stopped:
        tell(str(stopped) or "Stopped.")
        return INTERRUPTED


def tell(message: str) -> None:
    """Say what went wrong; names of files and keys in it are strangers' text."""
    from grader.report.escape import visible

    for line in message.splitlines():
        click.echo(visible(line), err=True)
