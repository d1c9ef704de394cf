"""What a run has on each worker of a Dask cluster: a Grader, for one task at a time.

It is a Dask actor. These end with the client that asked for them, be it closed or killed; a
worker plugin would stay.
"""

from __future__ import annotations

import platform
import tempfile
import threading
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from distributed import get_worker

from grader import __version__
from grader.batch.shared_results import SharedResults
from grader.batch.work import Done, Grader, Setup, Task
from grader.sandbox import outer
from grader.sandbox.client import Mode
from grader.sandbox.installed import versions
from grader.words import join_words

NAMES = {"tensorflow": "TensorFlow", "keras": "Keras"}


def installed() -> dict[str, str]:
    """The versions of all that a grade depends on."""
    found = {NAMES[name]: version for name, version in versions().items()}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"cnn-grader": __version__, **found, "Python": python}


def why_unfit(wanted: Mapping[str, str], sandbox: Mode) -> str:
    """Why this worker must not grade for a client with other versions; empty when it may."""
    have = installed()
    others = [
        f"{name} {have.get(name, 'unknown')} instead of {version}"
        for name, version in wanted.items()
        if have.get(name) != version
    ]
    if others:
        return f"it has {join_words(others, 'and')}"
    reason = outer.why_no_bubblewrap() if sandbox != "none" else None
    return f"it has no walls: {reason}; {outer.how_to_help()} there" if reason else ""


class Workplace:
    """Args: name: by which ``grade_at`` finds it on this worker."""

    def __init__(self, name: str, setup: Setup) -> None:
        folder = tempfile.TemporaryDirectory(dir=get_worker().local_directory)
        results = SharedResults(Path(folder.name), setup.cache or name)
        self._grader = Grader(replace(setup, cache=None), results)
        self._lock = threading.Lock()
        weakref.finalize(self, _leave, self._grader, folder)
        _WORKPLACES[name] = self

    def grade(self, task: Task) -> Done:
        with self._lock:
            return self._grader.grade(task)


_WORKPLACES: weakref.WeakValueDictionary[str, Workplace] = weakref.WeakValueDictionary()


def grade_at(name: str, task: Task) -> Done:
    """A task of Dask's, on the worker that has the workplace."""
    return _WORKPLACES[name].grade(task)


def _leave(grader: Grader, folder: tempfile.TemporaryDirectory[str]) -> None:
    grader.close()
    folder.cleanup()
