"""What a student's program is given instead of what is not run, not there, or not waited for.

Training, downloads, data files, missing modules, typed answers: a notebook is full of them, and
its model seldom depends on one. Each has a stand-in here, and each use is noted for the report.
These are conveniences inside the walls. Nothing outside relies on them.
"""

from __future__ import annotations

from typing import Any

from grader.sandbox.old_keras import speak_old_keras
from grader.sandbox.standins.absent import let_modules_be_absent
from grader.sandbox.standins.data import Declared
from grader.sandbox.standins.devices import pretend_devices
from grader.sandbox.standins.files import keep_files_out
from grader.sandbox.standins.given import given_outright
from grader.sandbox.standins.notes import Notes
from grader.sandbox.standins.prompt import answer_prompts
from grader.sandbox.standins.sources import give_data
from grader.sandbox.standins.training import answer_training

__all__ = ["Declared", "Notes", "stand_in"]


def stand_in(request: dict[str, Any], declared: Declared | None) -> Notes:
    """Put the stand-ins in place, in this process, and give the notes of what they answered.

    Args:
        request: has ``files``, what the notebook writes with ``%%writefile``,
            ``translate_old_keras``, and ``keras_1``: words of Keras 1 are in the notebook.
        declared: the exercise's images, for a program that is asked for a model. Without, the
            program is asked for values, and nothing may be made up: training and data are real.
    """
    notes = Notes()
    speak_old_keras(request["translate_old_keras"], notes.add, request["keras_1"])

    def given(name: str) -> Any:
        value = given_outright(name, declared) if declared else None
        if value is not None:
            notes.add(f"{name} comes from a module that is not here; {value} was taken for it.")
        return value

    let_modules_be_absent(request["files"], given, notes, made_up=declared is not None)
    answer_prompts(notes)
    keep_files_out(notes)
    if declared is not None:
        answer_training(notes)
        give_data(declared, notes)
        pretend_devices(notes)
    return notes
