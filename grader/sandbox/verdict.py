"""From what a student's process did to what the student is told.

Everything here is worded from data: how the process ended, and the facts that it gave about an
exception. Its texts are bounded and taken as text.
"""

from __future__ import annotations

import re
from typing import Any

from grader.errors import SubmissionError
from grader.records import Problem, ProblemKind, Returned
from grader.sandbox.client import Reply
from grader.sandbox.limits import Limits
from grader.words import show_number

MAX_MESSAGE = 400
MAX_SOURCE = 200
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FILE = re.compile(r"<cell (\d{1,6})>")
_KERAS_HEAD = re.compile(r"^Exception encountered when calling [^\n]*\n+")


def read_answer(reply: Reply, name: str, limits: Limits) -> dict[str, Any]:
    """The answer of a student's process.

    Raises SubmissionError with the verdict where there is none.
    """
    if reply.ending != "answered":
        raise SubmissionError(_ended(reply, name, limits))
    if not isinstance(reply.answer, dict):
        raise SubmissionError(_no_answer(name))
    error = reply.answer.get("error")
    if error is not None:
        raise SubmissionError(read_error(error, name))
    return reply.answer


def read_returned(answer: dict[str, Any], count: int, name: str) -> tuple[Returned, ...]:
    """What a function gave for each of ``count`` cases: a value, or why there is none.

    Raises SubmissionError (``unreadable``) for anything out of form.
    """
    items = answer.get("returned")
    if not isinstance(items, list) or len(items) != count:
        raise SubmissionError(_no_answer(name))
    return tuple(_read_one(item, name) for item in items)


def _read_one(item: Any, name: str) -> Returned:
    if isinstance(item, dict) and "value" in item:
        return Returned(item["value"])
    return Returned(problem=read_error(item.get("error") if isinstance(item, dict) else None, name))


def read_error(error: Any, name: str) -> Problem:
    """An error that a student's process reported, as a problem."""
    kind = error.get("kind") if isinstance(error, dict) else None
    if not isinstance(kind, str) or kind not in _READERS:
        return _no_answer(name)
    return _READERS[kind](error, name)


def _ended(reply: Reply, name: str, limits: Limits) -> Problem:
    seconds = show_number(limits.seconds)
    megabytes = limits.memory_bytes >> 20
    if reply.ending == "timeout":
        return Problem(
            "timeout",
            f"{name} did not end within {seconds} s. Look for a loop that never ends, or for "
            "work that does not belong into it: training, downloads.",
        )
    if reply.ending == "memory":
        return Problem("memory", _memory_words(name, megabytes))
    if reply.ending == "processes":
        return Problem("memory", f"{name} started too many processes and was stopped.")
    if reply.ending == "output":
        return Problem(
            "output",
            f"{name} printed more than a report can hold and was stopped. Take the printing out "
            "of loops.",
        )
    if reply.ending == "silent" and reply.code == 0:
        return Problem(
            "raised",
            f"The program ended itself while {name} was built (os._exit or the like).",
        )
    if reply.ending == "silent":
        return Problem("raised", f"The program crashed while {name} was built.")
    return _no_answer(name)


def _memory_words(name: str, megabytes: int | None) -> str:
    bound = f" than the {megabytes:,} MB that it may use" if megabytes else ""
    return (
        f"{name} needed more memory{bound}. Look at the largest layer: a dense layer behind a "
        "large Flatten holds most of a network's weights."
    )


def _no_answer(name: str) -> Problem:
    return Problem("unreadable", f"What came back for {name} cannot be read.")


def _raised(error: dict[str, Any], name: str) -> Problem:
    kind: ProblemKind = "raised"
    text = clean_exception(_text(error, "text"))
    type_name = _text(error, "type", 80)
    message = f"{type_name}: {text}" if text else type_name
    if error.get("memory") is True:
        kind, message = "memory", _memory_words(name, None)
    elif error.get("stub") is True:
        kind = "unsolved"
        message = f"{name} is not written yet: it raises NotImplementedError."
    elif error.get("exit") is True:
        message = f"{name} ends the program (sys.exit, exit or quit). Take that out."
    cell, line = _place(error)
    source = _text(error, "source", MAX_SOURCE) or None
    return Problem(kind, message, cell, line, source)


def clean_exception(text: str) -> str:
    """An exception's message in one sentence or two, without colours, frames and dumps."""
    text = _ANSI.sub("", text)
    text = _KERAS_HEAD.sub("", text.lstrip())
    text = text.partition("\n\nArguments received by")[0]
    text = text.partition("\n\nCall arguments received")[0]
    paragraph = next((part for part in text.split("\n\n") if part.strip()), "")
    text = " ".join(paragraph.replace("`", "").split())
    # Keras counts the batch axis as None; the lecture and this report leave it out.
    text = re.sub(r"\(None, ", "(", text)
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def _place(error: dict[str, Any]) -> tuple[int | None, int | None]:
    match = _FILE.fullmatch(_text(error, "file", 40))
    line = error.get("line")
    whole = isinstance(line, int) and not isinstance(line, bool) and 0 < line < 10**7
    return (int(match[1]) if match else None), (line if whole else None)


def _text(error: dict[str, Any], key: str, bound: int = 4000) -> str:
    value = error.get(key)
    return value[:bound] if isinstance(value, str) else ""


def _missing(_: dict[str, Any], name: str) -> Problem:
    return Problem("missing", f"{name} is not defined when the notebook has run.")


def _returned_none(_: dict[str, Any], name: str) -> Problem:
    return Problem(
        "not_a_model",
        f"{name} returns None. Does it end with return model?",
    )


def _not_a_model(error: dict[str, Any], name: str) -> Problem:
    return Problem(
        "not_a_model",
        f"{name} gives a value of type {_text(error, 'type', 80)}, not a Keras model.",
    )


def _arguments(error: dict[str, Any], name: str) -> Problem:
    given = error.get("names")
    names = [str(item)[:60] for item in given[:6]] if isinstance(given, list) else []
    return Problem(
        "raised",
        f"{name} asks for {', '.join(names)}; it is called without arguments, or with the input "
        "shape alone. Give the others a default value.",
    )


def _not_callable(error: dict[str, Any], name: str) -> Problem:
    return Problem("raised", f"{name} is of type {_text(error, 'type', 80)}, not a function.")


def _not_a_dict(error: dict[str, Any], name: str) -> Problem:
    kind = _text(error, "type", 80)
    return Problem("raised", f"{name} is of type {kind}, not a dict of answers.")


def _not_plain(error: dict[str, Any], name: str) -> Problem:
    kind = _text(error, "type", 80)
    return Problem("raised", f"{name} gives a value of type {kind}; numbers or arrays are asked.")


def _too_large(_: dict[str, Any], name: str) -> Problem:
    return Problem("output", f"{name} gives more than a report can hold.")


_READERS = {
    "raised": _raised,
    "missing": _missing,
    "returned_none": _returned_none,
    "not_a_model": _not_a_model,
    "arguments": _arguments,
    "not_callable": _not_callable,
    "not_a_dict": _not_a_dict,
    "not_plain": _not_plain,
    "too_large": _too_large,
}
