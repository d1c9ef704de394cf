"""Whole submissions that attack the grader, and what none of them may gain.

An attack is the source of a notebook's cell for one exercise. ``World.gains`` grades it and tells
what it gained: a score that its work is not worth, a secret, something on the host, or the grade
of the next submission, an honest one to the same exercise. Nothing is what is hoped for.

A source may hold ``@MARK@`` (a word that every file and process of an attack carries in its name),
``@PORT@`` and ``@SOCKET@`` (where the host listens), ``@HOME@`` and ``@COURSE@`` (folders of the
host's), and must not hold a secret.
"""

from __future__ import annotations

import io
import json
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from grader.assignment.load import LoadedAssignment, load_assignment
from grader.pipeline import Tools, grade_one
from grader.records import Report
from grader.report.as_json import report_as_json
from grader.report.terminal import print_report
from grader.sandbox.client import Mode, Reply, Sandbox
from grader.sandbox.limits import Limits
from grader.training.cache import ResultCache
from tests.attacks.host import SUBMISSION, Host
from tests.writing import write_notebook

Exercise = Literal["cnn", "shrink", "counts"]
NAMES: dict[Exercise, str] = {"cnn": "build_cnn", "shrink": "shrink", "counts": "answers"}

SECRET = "738193"
"""Part of every hidden value; no process of a student's ever has it."""
HIDDEN_ID = "vault"
"""The id of every hidden check; a report names it, a student's process never has it."""
HIDDEN_ARGUMENT = "1476386"
"""Part of what a function is called with in a hidden case; no report tells it."""

SLACK_SECONDS = 3
"""By which the next submission may take longer than the first did."""

ASSIGNMENT = """\
format: 1
id: walls
title: Walls
limits: {build_seconds: 3, train_seconds: 20, memory_mb: 1500}
hints: fix
exercises:
  - id: cnn
    build: build_cnn
    input_shape: [8, 8, 1]
    checks:
      - {type: output_shape, expect: [10], points: 10}
      - {type: probabilities, points: 10}
      - {type: parameters, expect: {total: {min: 900, max: 2000}}, points: 10}
      - {type: layers, points: 10, expect: [Conv2D: {filters: 4}, Flatten, Dense: {units: 10}]}
      - type: training
        dataset: digits
        images: 200
        epochs: 4
        optimizer: {Adam: {learning_rate: 0.01}}
        min_accuracy: 0.6
        points: 20
  - id: shrink
    function: shrink
    checks:
      - {type: returns, points: 10, cases: [{args: [6, 2], expect: 3}, {args: [9, 2], expect: 4.5}]}
  - id: counts
    answers: answers
    checks:
      - {type: answers, expect: {weights: 36, biases: 4}, points: 10}
"""
HIDDEN = """\
format: 1
id: walls
exercises:
  - id: cnn
    checks:
      - {type: parameters, id: vault, expect: {total: {min: 900, max: 738193}}, points: 10}
  - id: shrink
    checks:
      - type: returns
        id: vault
        points: 10
        cases:
          - {args: [1476386.5, 2], expect: 738193.25}
          - {args: [1476386.25, 2], expect_from: solution}
  - id: counts
    checks:
      - {type: answers, id: vault, expect: {password: word-738193, sum: 738193.25}, points: 10}
"""
MAXIMUM: dict[Exercise, float] = {"cnn": 70, "shrink": 20, "counts": 20}
EVERYTHING = 110

HONEST: dict[Exercise, str] = {
    "cnn": """\
import keras
from keras import layers

def build_cnn():
    return keras.Sequential([
        keras.Input((8, 8, 1)),
        layers.Conv2D(4, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])
""",
    "shrink": "def shrink(n, k):\n    return n / k\n",
    "counts": 'answers = {"weights": 36, "biases": 4, "password": "word-738193",'
    ' "sum": 738193.25}\n',
}
"""Right answers, each worth all its points."""

POOR: dict[Exercise, str] = {
    "cnn": """\
import keras
from keras import layers

def poor():
    return keras.Sequential([
        keras.Input((8, 8, 1)), layers.GlobalAveragePooling2D(), layers.Dense(3)
    ])
""",
    "shrink": "def poor(n, k):\n    return -1\n",
    "counts": 'poor = {"weights": -1, "biases": -1}\n',
}
"""Wrong answers, each worth nothing, for an attack to hand in."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One submission that tries something.

    ``source`` stands in the notebook behind ``poor``, a wrong answer that is worth nothing. Where
    it does not itself define the name that is asked for, it is what the notebook does before it
    hands in ``poor``.
    """

    target: Exercise
    source: str
    worth: float = 0
    """What the same work is worth without the attack."""
    harmless: bool = True
    """Whether it may run without walls on a machine that is needed afterwards."""
    status: Literal["graded", "needs_review"] = "graded"

    def __post_init__(self) -> None:
        assert SECRET not in self.source, "an attack cannot know it"

    def cells(self, host: Host) -> list[str]:
        """The notebook."""
        source = textwrap.dedent(self.source).strip("\n")
        for word, meaning in host.words.items():
            source = source.replace(f"@{word}@", meaning)
        name = NAMES[self.target]
        starts = (f"\n{name} =", f"\ndef {name}(", f"\nclass {name}")
        if not any(start in f"\n{source}" for start in starts):
            body = textwrap.indent(source, "    ")
            source = f"def attack():\n{body}\n\n{HAND_IN[self.target]}"
        return [POOR[self.target], source]


# The call is in the slice of the name, whatever the name is for.
HAND_IN: dict[Exercise, str] = {
    "cnn": "def build_cnn():\n    attack()\n    return poor()",
    "shrink": "def shrink(n, k):\n    attack()\n    return poor(n, k)",
    "counts": "def worked_out():\n    attack()\n    return dict(poor)\n\nanswers = worked_out()",
}


class Overheard(Sandbox):
    """A sandbox that keeps what students' processes said, to look for secrets in it."""

    def __init__(self, mode: Mode = "auto") -> None:
        super().__init__(mode)
        self.replies: list[tuple[str, Reply]] = []
        """Each with the name that was asked for."""

    def ask_student(self, job: str, request: Any, limits: Limits) -> Reply:
        reply = super().ask_student(job, request, limits)
        self.replies.append((request["name"], reply))
        return reply


@dataclass
class World:
    """An assignment with secrets, a host that is watched, and a sandbox that all attacks share."""

    course: Path
    sandbox: Overheard
    host: Host
    custom: bool = False
    """Whether classes of the student's own are taken."""
    assignment: LoadedAssignment = field(init=False)
    tools: Tools = field(init=False)
    usual_seconds: float = field(init=False)
    last: Report = field(init=False)
    """Of the last attack."""

    def __post_init__(self) -> None:
        self.assignment = _make_course(self.course, self.custom)
        self.tools = Tools(self.sandbox, ResultCache(self.course / "results"))
        # Once for the caches: the solution's values and the honest model's training.
        self._grade_honest()
        assert self._grade_honest().score == EVERYTHING
        self.usual_seconds = self._grade_honest().seconds.total
        self.host.settle(self.sandbox)

    def gains(self, attack: Attack, follow_up: bool = True) -> list[str]:
        """What an attack gained, in words; nothing, if all is well.

        ``follow_up``: whether an honest submission is graded behind it.
        """
        self.sandbox.replies.clear()
        self.host.remember()
        self.last = report = self.grade(attack)
        found = [
            *_score_gained(report, attack),
            *_secrets_told(report),
            *self._secrets_read(attack),
            *self.host.changes(self.sandbox),
        ]
        if follow_up:
            found += self._honest_losses(attack.target)
        return found

    def _honest_losses(self, target: Exercise) -> Iterator[str]:
        """What is not as usual with an honest submission."""
        honest = self._grade_honest(target)
        if honest.score != MAXIMUM[target]:
            yield f"The next submission got {honest.score}."
        if honest.seconds.total > self.usual_seconds + SLACK_SECONDS:
            yield f"The next submission took {honest.seconds.total:.1f} s."

    def grade(self, attack: Attack) -> Report:
        """The report of an attack, for tests that look closer."""
        path = write_notebook(self.course / "submitted" / SUBMISSION, *attack.cells(self.host))
        return grade_one(path, self._only(attack.target), self.tools)

    def _grade_honest(self, target: Exercise | None = None) -> Report:
        path = write_notebook(self.course / "submitted" / "honest.ipynb", *HONEST.values())
        return grade_one(path, self._only(target) if target else self.assignment, self.tools)

    def _only(self, target: Exercise) -> LoadedAssignment:
        kept = [one for one in self.assignment.content.exercises if one.id == target]
        content = self.assignment.content.model_copy(update={"exercises": tuple(kept)})
        return replace(self.assignment, content=content)

    def _secrets_read(self, attack: Attack) -> Iterator[str]:
        """In what the attack printed and gave; an honest process may compute a secret itself."""
        for name, reply in self.sandbox.replies:
            if name != NAMES[attack.target]:
                continue
            said = f"{reply.printed} {reply.answer!r}"
            for secret in (SECRET, HIDDEN_ID):
                if secret in said:
                    yield f"It read {secret}: {_around(said, secret)}"


@contextmanager
def make_world(folder: Path, mode: Mode, custom: bool = False) -> Iterator[World]:
    """A course with secrets in an empty folder, and a watched host."""
    course, home = folder / "course", folder / "home"
    for place in (course, home):
        place.mkdir()
    with Overheard(mode) as sandbox:
        host = Host(home, course)
        try:
            yield World(course, sandbox, host, custom)
        finally:
            host.close()


def _make_course(folder: Path, custom: bool) -> LoadedAssignment:
    for name in ("assignments", "solutions", "submitted"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    more = "allow_custom_layers: true\n" if custom else ""
    path = folder / "assignments" / "walls.yaml"
    path.write_text(ASSIGNMENT.replace("hints: fix\n", f"hints: fix\n{more}"))
    (folder / "solutions" / "walls.hidden.yaml").write_text(HIDDEN)
    write_notebook(folder / "solutions" / "walls.ipynb", *HONEST.values())
    # Another student's work, which an attack may look for.
    write_notebook(folder / "submitted" / "neighbour.ipynb", *HONEST.values())
    return load_assignment(path)


def _score_gained(report: Report, attack: Attack) -> Iterator[str]:
    if report.status != attack.status:
        yield f"The report is {report.status}."
    if report.max_score != MAXIMUM[attack.target]:
        yield f"The maximum is {report.max_score}."
    if report.score != attack.worth:
        yield f"It got {report.score}; it is worth {attack.worth}."


def _secrets_told(report: Report) -> Iterator[str]:
    """Secrets in the report, as JSON and as text."""
    terminal = io.StringIO()
    print_report(report, terminal)
    said = json.dumps(report_as_json(report), allow_nan=False) + terminal.getvalue()
    if "Traceback" in said:
        yield "The report shows a traceback."
    for secret in (SECRET, HIDDEN_ARGUMENT):
        if secret in said:
            yield f"The report tells {secret}: {_around(said, secret)}"


def _around(text: str, word: str) -> str:
    at = text.index(word)
    return text[max(0, at - 60) : at + 60]
