"""Older Keras spoken in forks of one warm process, so that the tests' own process stays as it is.

Run as ``python -m tests.sandbox.old_keras.speaking``, it reads a request a line and answers each
from a fork of its own.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

WORDS = """
import keras
import tensorflow as tf
from keras import constraints, layers, models, optimizers, regularizers
"""


class Speaker:
    """The warm process, from outside."""

    def __init__(self) -> None:
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sandbox.old_keras.speaking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )

    def ask_all(
        self, cases: Sequence[tuple[str, str]], translate: bool = True
    ) -> list[dict[str, Any]]:
        """Run all second sources before, and then the first ones after older Keras is understood.

        Returns:
            For each case what ``it`` was serialized to by both sources (``old``, ``today``), the
            ``notes`` of the older one, its ``error`` (class and text, or None), and the
            ``seconds`` that understanding took.
        """
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([cases, translate]) + "\n")
        self._process.stdin.flush()
        answer: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return answer

    def ask(self, old: str, today: str = "", translate: bool = True) -> dict[str, Any]:
        """One case, in a process of its own."""
        return self.ask_all([(old, today)], translate)[0]

    def notes(self, old: str, translate: bool = True) -> list[str]:
        """What is noted about a source that raises nothing."""
        answer = self.ask(old, translate=translate)
        assert answer["error"] is None, answer["error"]
        notes: list[str] = answer["notes"]
        return notes

    def refusal(self, old: str, translate: bool = True) -> str:
        """The text of the ``OldKeras`` that a source raises."""
        error = self.ask(old, translate=translate)["error"]
        assert error is not None and error[0] in ("OldKeras", "OldModule"), error
        text: str = error[1]
        return text

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def main() -> None:
    import keras  # noqa: F401
    import tensorflow  # noqa: F401

    from grader.sandbox.old_keras import prepare

    answers = os.dup(1)
    os.dup2(2, 1)
    prepare()
    # What is frozen stays shared with the forks, which then cost half as much.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                answer = _speak(*json.loads(line))
            except BaseException:
                answer = [{"error": ["Test", traceback.format_exc()], "notes": []}]
            with open(answers, "w") as pipe:
                pipe.write(json.dumps(answer) + "\n")
            os._exit(0)
        os.waitpid(child, 0)


def _speak(cases: list[tuple[str, str]], translate: bool) -> list[dict[str, Any]]:
    from grader.sandbox.old_keras import speak_old_keras

    answers: list[dict[str, Any]] = []
    for _, today in cases:
        answers.append({"today": _run(today) if today else None, "error": None})
    notes: list[str] = []
    started = time.perf_counter()
    speak_old_keras(translate, notes.append)
    seconds = time.perf_counter() - started
    for answer, (old, _) in zip(answers, cases, strict=True):
        notes.clear()
        try:
            answer["old"] = _run(old)
        except BaseException as error:
            answer["error"] = [type(error).__name__, str(error)]
        answer |= {"notes": list(notes), "seconds": seconds}
    return answers


def _run(source: str) -> str:
    """Run a source from a clean start; what it calls ``it``, as Keras would save it."""
    import keras
    from keras.src.utils import naming

    naming.reset_uids()
    # As in a notebook: what Keras itself calls is in a module of Keras's.
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(WORDS, namespace)
    exec(source, namespace)
    it = namespace.get("it")
    if isinstance(it, str | int | float | list | bool | None):
        return json.dumps(it)
    return json.dumps(keras.saving.serialize_keras_object(it))


if __name__ == "__main__":
    main()
