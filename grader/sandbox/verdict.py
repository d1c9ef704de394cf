"""From what a student's process did to what the student is told.

Everything here is worded from data: how the process ended, and the facts that it gave about an
exception. Its texts are bounded and taken as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from grader.errors import SubmissionError
from grader.records import Problem, ProblemKind, Returned
from grader.sandbox.client import Reply
from grader.sandbox.complaints import clean_exception, explain
from grader.sandbox.complaints.way import explain_so_far
from grader.sandbox.limits import Limits
from grader.words import join_words, show_count, show_number

__all__ = ["Asked", "clean_exception", "read_answer", "read_error", "read_returned"]

MAX_SOURCE = 200
_FILE = re.compile(r"<cell (\d{1,6})>")

WHILE = {"call": "was called", "read": "was worked out"}
"""What was done with the asked-for name, by job; a model was built."""

SIGNALS = {
    4: "illegal instruction",
    6: "aborted",
    7: "bus error",
    8: "arithmetic error",
    9: "killed",
    11: "segmentation fault",
    15: "terminated",
    24: "processor time used up",
    31: "forbidden system call",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a student's process was asked for, for the words about it."""

    name: str
    job: str = "build"
    limits: Limits | None = None


def read_answer(reply: Reply, name: str, limits: Limits) -> dict[str, Any]:
    """The answer of a student's process.

    Raises SubmissionError with the verdict where there is none.
    """
    asked = Asked(name, reply.job, limits)
    if reply.ending != "answered":
        raise SubmissionError(_ended(reply, asked))
    if not isinstance(reply.answer, dict):
        raise SubmissionError(_no_answer(asked))
    error = reply.answer.get("error")
    if error is not None:
        raise SubmissionError(_problem(error, asked))
    return reply.answer


def read_returned(
    answer: dict[str, Any], count: int, name: str, limits: Limits | None = None
) -> tuple[Returned, ...]:
    """What a function gave for each of ``count`` cases: a value, or why there is none.

    Raises SubmissionError (``unreadable``) for anything out of form.
    """
    asked = Asked(name, "call", limits)
    items = answer.get("returned")
    if not isinstance(items, list) or len(items) != count:
        raise SubmissionError(_no_answer(asked))
    return tuple(_read_one(item, asked) for item in items)


def read_error(error: Any, name: str, limits: Limits | None = None) -> Problem:
    """An error that a student's process reported, as a problem."""
    return _problem(error, Asked(name, limits=limits))


def _read_one(item: Any, asked: Asked) -> Returned:
    if isinstance(item, dict) and "value" in item:
        return Returned(item["value"], changed=item.get("changed") is True)
    error = item.get("error") if isinstance(item, dict) else None
    return Returned(problem=_problem(error, asked))


def _problem(error: Any, asked: Asked) -> Problem:
    kind = error.get("kind") if isinstance(error, dict) else None
    if not isinstance(kind, str) or kind not in _READERS:
        return _no_answer(asked)
    return _READERS[kind](error, asked)


# --- a process that gave no answer ------------------------------------------------------------


def _ended(reply: Reply, asked: Asked) -> Problem:
    if reply.ending == "silent":
        return Problem("raised", _silent(reply.code, asked))
    if reply.ending not in _ENDINGS:
        return _no_answer(asked)
    kind, words = _ENDINGS[reply.ending]
    return Problem(kind, words(asked))


def _timeout(asked: Asked) -> str:
    seconds = show_number(asked.limits.seconds) if asked.limits else "the given"
    return (
        f"{asked.name} did not end within {seconds} s. Look for a loop that never ends, or for "
        "work that does not belong into it: training, downloads."
    )


def _memory(asked: Asked) -> str:
    bound = ""
    if asked.limits:
        bound = f" than the {show_count(asked.limits.memory_bytes >> 20)} MB that it may use"
    if asked.job in WHILE:
        advice = "Look for a list or an array that grows with every step."
    else:
        advice = (
            "Look at the largest layer: a dense layer behind a large Flatten holds most of a "
            "network's weights."
        )
    return f"{asked.name} needed more memory{bound}. {advice}"


def _processes(asked: Asked) -> str:
    return f"{asked.name} started too many processes and was stopped."


def _output(asked: Asked) -> str:
    return (
        f"{asked.name} printed more than a report can hold and was stopped. Take the printing out "
        "of loops."
    )


_ENDINGS: dict[str, tuple[ProblemKind, Callable[[Asked], str]]] = {
    "timeout": ("timeout", _timeout),
    "memory": ("memory", _memory),
    "processes": ("memory", _processes),
    "output": ("output", _output),
}


def _silent(code: int, asked: Asked) -> str:
    then = f"while {asked.name} {WHILE.get(asked.job, 'was built')}"
    if code < 0:
        return f"The program crashed {then}: {SIGNALS.get(-code, f'signal {-code}')}."
    status = f" with status {code}" if code else ""
    return f"The program ended itself{status} {then} (os._exit or the like)."


def _no_answer(asked: Asked) -> Problem:
    return Problem("unreadable", f"What came back for {asked.name} cannot be read.")


# --- an exception -----------------------------------------------------------------------------


def _raised(error: dict[str, Any], asked: Asked) -> Problem:
    kind: ProblemKind = "raised"
    message = explain(_text(error, "type", 80), _text(error, "text"), _text(error, "expression"))
    if error.get("memory") is True:
        kind, message = "memory", _memory(asked)
    elif error.get("stub") is True:
        kind = "unsolved"
        message = f"{asked.name} is not written yet: it raises NotImplementedError."
    elif error.get("exit") is True:
        message = f"{asked.name} ends the program (sys.exit, exit or quit). Take that out."
    else:
        message = " ".join(filter(None, (message, explain_so_far(error.get("so_far")))))
    if not message.strip():
        return _no_answer(asked)
    cell, line = _place(error)
    source = _text(error, "source", MAX_SOURCE) or None
    return Problem(kind, message, cell, line, source)


def _old_keras(error: dict[str, Any], asked: Asked) -> Problem:
    """What meant another model in an older Keras, and what to write today."""
    problem = _raised(error, asked)
    return replace(problem, kind="forbidden")


def _place(error: dict[str, Any]) -> tuple[int | None, int | None]:
    match = _FILE.fullmatch(_text(error, "file", 40))
    line = error.get("line")
    whole = isinstance(line, int) and not isinstance(line, bool) and 0 < line < 10**7
    return (int(match[1]) if match else None), (line if whole else None)


def _text(error: dict[str, Any], key: str, bound: int = 4000) -> str:
    value = error.get(key)
    return value[:bound] if isinstance(value, str) else ""


def _texts(error: dict[str, Any], key: str) -> list[str]:
    value = error.get(key)
    items = value if isinstance(value, list) else []
    return [item[:60] for item in items[:6] if isinstance(item, str)]


# --- not what was asked for -------------------------------------------------------------------


def _missing(_: dict[str, Any], asked: Asked) -> Problem:
    return Problem("missing", f"{asked.name} is not defined when the notebook has run.")


def _empty(_: dict[str, Any], asked: Asked) -> Problem:
    return Problem(
        "unsolved", f"{asked.name} is an empty Sequential: no layer has been added to it yet."
    )


def _not_a_model(error: dict[str, Any], asked: Asked) -> Problem:
    called = error.get("called") is True
    verb = "returns" if called else "is"
    return Problem("not_a_model", f"{asked.name} {verb} {_instead(error, called)}")


def _instead(error: dict[str, Any], called: bool) -> str:
    """What stands where a model should, and what to do about it."""
    kind, what = _text(error, "type", 80), _text(error, "is", 20)
    name = _text(error, "name", 80)
    if kind == "NoneType":
        return "None. Does it end with return model?" if called else "None, not a Keras model."
    give = "return" if called else "take"
    sentences = {
        "layers": "a list of layers, not a model: keras.Sequential(…) makes one of them.",
        "class": f"the class {name}, not a model made of it: {name}(…) makes one.",
        "function": f"the function {name}, not a model: {name}() calls it.",
        "history": f"what fit gives, a History, not the model: {give} the model itself.",
        "layer": f"a layer of type {kind}, not a model: keras.Sequential([…]) makes one of layers.",
        "tensor": "a tensor, what the last layer gives: keras.Model(inputs, outputs) makes a "
        "model of it.",
    }
    return sentences.get(what, f"a value of type {kind}, not a Keras model.")


def _arguments(error: dict[str, Any], asked: Asked) -> Problem:
    names = _texts(error, "names")
    them = "it" if len(names) == 1 else "them"
    return Problem(
        "raised",
        f"{asked.name} asks for {join_words(names)}, of which the exercise says nothing. Give "
        f"{them} a default value.",
    )


def _not_callable(error: dict[str, Any], asked: Asked) -> Problem:
    kind = _text(error, "type", 80)
    return Problem("raised", f"{asked.name} is of type {kind}, not a function.")


def _not_a_dict(error: dict[str, Any], asked: Asked) -> Problem:
    kind = _text(error, "type", 80)
    return Problem("raised", f"{asked.name} is of type {kind}, not a dict of answers.")


def _not_plain(error: dict[str, Any], asked: Asked) -> Problem:
    kind = _text(error, "type", 80)
    return Problem(
        "raised",
        f"{asked.name} gives a value of type {kind}; numbers or arrays are asked.",
    )


def _too_large(_: dict[str, Any], asked: Asked) -> Problem:
    return Problem("output", f"{asked.name} gives more than a report can hold.")


_READERS: dict[str, Callable[[dict[str, Any], Asked], Problem]] = {
    "raised": _raised,
    "old_keras": _old_keras,
    "missing": _missing,
    "not_a_model": _not_a_model,
    "empty": _empty,
    "arguments": _arguments,
    "not_callable": _not_callable,
    "not_a_dict": _not_a_dict,
    "not_plain": _not_plain,
    "too_large": _too_large,
}
