"""Code run in forks of one warm process, so that what it patches never reaches the tests' own.

Run as ``python -m tests.sandbox.forks``, it reads a request a line and answers each from a fork
of its own.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import textwrap
import traceback
import types
from typing import Any

SHAPE = (28, 28, 1)


class Forks:
    """The warm process, from outside."""

    def __init__(self) -> None:
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sandbox.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )

    def run(
        self,
        source: str,
        shape: tuple[int, ...] = SHAPE,
        classes: int | None = 10,
        data: bool = True,
        files: dict[str, Any] | None = None,
        stand_ins: bool = True,
    ) -> dict[str, Any]:
        """Run a source as ``__main__``, with the stand-ins in place unless they are left out.

        The source finds ``declared`` and ``notes`` there, and puts what it learns into ``facts``.

        Args:
            data: whether data may be made up, as for a program that is asked for a model.
            files: modules that the notebook writes.

        Returns:
            Its ``facts``, its ``notes``, and its ``error`` (class and text, or None).
        """
        request = {
            "source": textwrap.dedent(source),
            "shape": shape,
            "classes": classes,
            "data": data,
            "files": files or {},
            "stand_ins": stand_ins,
        }
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def facts(self, source: str, **settings: Any) -> dict[str, Any]:
        """The facts of a source that raises nothing."""
        answer = self.run(source, **settings)
        assert answer["error"] is None, answer["error"]
        facts: dict[str, Any] = answer["facts"]
        return facts

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def main() -> None:
    import keras  # noqa: F401
    import tensorflow  # noqa: F401

    import grader.sandbox.student  # noqa: F401
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
                answer = _run(json.loads(line))
                text = json.dumps(answer, default=str)
            except BaseException:
                error = ["Test", traceback.format_exc()]
                text = json.dumps({"error": error, "facts": {}, "notes": []})
            with open(answers, "w") as pipe:
                pipe.write(text + "\n")
            os._exit(0)
        os.waitpid(child, 0)


def _run(request: dict[str, Any]) -> dict[str, Any]:
    from grader.sandbox.standins import Declared, Notes, stand_in

    declared = Declared(tuple(request["shape"]), request["classes"])
    notes = Notes()
    if request["stand_ins"]:
        asked = {"files": request["files"], "translate_old_keras": True, "keras_1": False}
        notes = stand_in(asked, declared if request["data"] else None)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    facts: dict[str, Any] = {}
    vars(module).update(facts=facts, declared=declared, notes=notes)
    error = None
    try:
        exec(compile(request["source"], "<cell 1>", "exec", dont_inherit=True), vars(module))
    except BaseException as raised:
        error = [type(raised).__name__, str(raised)]
    return {"facts": facts, "notes": notes.texts, "error": error}


if __name__ == "__main__":
    main()
