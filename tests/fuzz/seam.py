"""``python -m tests.fuzz.seam --seconds 3600``: hostile answers, as bytes on the wall.

Begins with messages that students' processes really gave and changes their values, lengths and
arrays, guided by coverage. Whatever arrives, only ``Garbage`` and ``SubmissionError`` may come
out, in bounded time and memory, and what is read must fit into a report.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import random
import re
import struct
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import SubmissionError
from grader.model.claims import read_compiled, read_model, read_sample, read_texts
from grader.records import Problem
from grader.report.as_json import report_as_json
from grader.report.terminal import print_report
from grader.sandbox import wire
from grader.sandbox.exchange import ANSWER_BYTES, Reply
from grader.sandbox.limits import Limits
from grader.sandbox.verdict import read_answer, read_returned
from tests.report.reports import with_exercise

SEEDS = Path(__file__).with_name("seeds")
LIMITS = Limits(10, 2**30)
JOBS = ("build", "call", "read", "learn")
MAX_BYTES = 60_000
SLOW_SECONDS = 2.0
"""Of processor time with coverage, for an input of up to ``MAX_BYTES``."""
FREE_BYTES = 2**20
BYTES_FOR_ONE = 150
"""Memory for a byte of the message, read twice: ``[]`` is two bytes, and a list of 56."""
RAW_EVERY = 8
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e]")
_PART = re.compile(r"\d+|\w+|\s+|[^\w\s]")
MEMORY_MB = 3000


class Slow(Exception):
    """An input that takes longer, or more memory, than anybody would give it."""


# --- what every input goes through ------------------------------------------------------------


def look_at(data: bytes, seconds: float | None = None, watch_memory: bool = False) -> None:
    """Read the bytes as an answer of each job.

    Raises AssertionError where what was read is not what it should be, Slow above ``seconds`` of
    processor time or too much memory, and whatever the grader lets out that is not its own.
    """
    if watch_memory:
        tracemalloc.start()
    started = time.process_time()
    try:
        _read(data)
    finally:
        taken = time.process_time() - started
        peak = tracemalloc.get_traced_memory()[1] if watch_memory else 0
        tracemalloc.stop()
    if seconds is not None and taken > seconds:
        raise Slow(f"{taken:.1f} s for {len(data):,} bytes")
    if peak > FREE_BYTES + BYTES_FOR_ONE * len(data):
        raise Slow(f"{peak:,} bytes of memory for {len(data):,} bytes")


def _read(data: bytes) -> None:
    try:
        message = wire.unpack(memoryview(data), ANSWER_BYTES)
    except wire.Garbage as error:
        assert len(str(error)) < 200
        return
    wire.pack(message)
    for job in JOBS:
        reply = Reply(job, "answered", message, "", 0, 0.1, 0)
        _own(read_answer, reply, "build_cnn", LIMITS)
    if isinstance(message, dict):
        _read_fields(message)


def _read_fields(answer: dict[str, Any]) -> None:
    returned = answer.get("returned")
    count = len(returned) if isinstance(returned, list) else 1
    found = _own(read_returned, answer, count, "f") or ()
    for problem in dict.fromkeys(one.problem for one in found if one.problem is not None):
        _check_problem(problem)
    texts = [read_texts(answer.get(key)) for key in ("custom", "assumptions")]
    assert all(len(text) <= 300 for text in chain(*texts))
    _own(read_model, answer.get("model"), False)
    model = _own(read_model, answer.get("model"), True, ("a", "b" * 500, "\ud800"))
    _check_report(model=model, assumptions=tuple(chain(*texts)))
    _own(read_sample, answer.get("sample"))
    compiled = read_compiled(answer.get("compiled"))
    json.dumps(compiled and [compiled.optimizer_config, compiled.loss_config], allow_nan=False)


def _own(read: Callable[..., Any], *given: Any) -> Any:
    """What is read, or None where it was refused in our own words."""
    try:
        return read(*given)
    except SubmissionError as error:
        _check_problem(error.problem)
        return None


def _check_problem(problem: Problem) -> None:
    assert problem.message.strip()
    assert len(problem.message) < 2_000, problem.message
    assert (problem.line or 1) >= 1, problem
    assert (problem.cell or 1) >= 1, problem
    _check_report(error=problem)


def _check_report(**parts: Any) -> None:
    """It can be written as UTF-8 and shown, and does nothing to a terminal."""
    nothing = {"model": None, "training": None, "checks": (), "assumptions": ()}
    report = with_exercise(**(nothing | parts))
    json.dumps(report_as_json(report), ensure_ascii=False, allow_nan=False).encode()
    shown = io.StringIO()
    print_report(report, shown)
    shown.getvalue().encode()
    assert not _CONTROLS.search(shown.getvalue()), shown.getvalue()


# --- messages from messages -------------------------------------------------------------------

WORDS = """\
architecture assumptions arguments calls called cases changed code compiled config custom doubtful
empty error exit expression file kind layers line loss loss_config memory message metrics missing
model module class_name name names not_a_dict not_a_model not_callable not_plain old_keras
optimizer optimizer_config output_shapes input_shapes inbound params trainable_params
total_params multiply_adds receptive_field images minimum maximum largest_sum_error raised
returned sample source stub text too_large training type value weights is class function layer
tensor history NoneType seconds $array $ $$array""".split()
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**62, -(2**63), 10**400, 10**4299, 0.5, -0.0, 1e308),
    *(float("nan"), float("inf"), "", "n0", "n1", "n²", "n" + "9" * 4400, "<cell 3>", "\x1b[2J"),
    *("\ud800", "\u202e", "é\x00\n", "x" * 5000, "=1+1", "<b>", [], {}, [[]], {"": {}}),
    *("Exception encountered when calling ", "(None, 3)", "`" * 300, "\n\n" * 300, "(" * 300),
]
TEXTS = [
    "",
    "0",
    "-1",
    "7" * 4000,
    "None",
    "(",
    "()",
    ")",
    "[",
    "[]",
    "'",
    " ",
    ", ",
    "²",
    "\ud800",
]
SHAPES = [
    "()",
    "(0,)",
    "(2,)",
    "(2, 3)",
    "(1, 1, 1,)",
    "(0, 9223372036854775807)",
    "(" + "2, " * 12,
]
DTYPES = ["<f4", ">f8", "|b1", "|u1", "<i8", "<f2", "<f16", "|f1", "<U1", "|O", "<u9"]


def mutate(data: bytes, seed: int) -> bytes:
    """Another message, made of this one; the same for the same seed."""
    chance = random.Random(seed)
    try:
        message = wire.unpack(data, ANSWER_BYTES)
        for _ in range(chance.randint(1, 5)):
            message = change_value(message, chance, WORDS, [*VALUES, _array(chance)])
        packed = bytearray(wire.pack(message))
    except (ValueError, TypeError, RecursionError):
        packed = bytearray(data)
    for _ in range(chance.choice((0, 0, 0, 0, 1, 2))):
        _change_bytes(packed, chance)
    return bytes(packed)


def change_value(value: Any, chance: random.Random, words: list[str], values: list[Any]) -> Any:
    """The same nested value with one change somewhere in it."""
    holder = [value]
    inside: Any = holder
    key: Any = 0
    while isinstance(inside[key], dict | list) and inside[key] and chance.random() < 0.85:
        inside = inside[key]
        key = chance.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
    kind = chance.randrange(9)
    if isinstance(inside[key], str) and chance.random() < 0.5:
        kind = 7
    if kind == 0 and inside is not holder:
        del inside[key]
    elif kind == 1 and isinstance(inside, dict):
        inside[chance.choice(words)] = inside[key]
    elif kind == 2 and isinstance(inside, list) and len(inside) < 300:
        inside.insert(chance.randint(0, len(inside)), inside[key])
    elif kind == 3:
        times = chance.choice((1, 1, 2, 9, 70))
        for _ in range(times):
            inside[key] = [inside[key]] if chance.random() < 0.7 else {chance.choice(words): 1}
    elif kind == 4:
        inside[key] = chance.choice(words)
    elif kind == 5 and isinstance(inside[key], dict | list):
        place = chance.choice(words)
        if isinstance(inside[key], dict):
            inside[key] = {**inside[key], place: chance.choice(values)}
        else:
            inside[key] = [*inside[key], chance.choice(values)] * chance.choice((1, 1, 1, 20))
    elif kind == 6 and isinstance(inside, dict | list) and len(inside) > 1:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        inside[key] = inside[chance.choice(keys)]
    elif kind == 7 and isinstance(inside[key], str):
        inside[key] = _change_text(inside[key], chance)
    else:
        inside[key] = chance.choice(values)
    return json_copy(holder[0])


def _change_text(text: str, chance: random.Random) -> str:
    """Other numbers, stretches that are missing or come too often: what patterns read wrongly."""
    parts = _PART.findall(text) or [""]
    at = chance.randrange(len(parts))
    kind = chance.randrange(5)
    if kind == 0:
        parts[at] = chance.choice(TEXTS)
    elif kind == 1:
        del parts[at : at + chance.randint(1, 4)]
    elif kind == 2:
        parts[at] *= chance.choice((2, 9, 99, 900))
    elif kind == 3:
        last = at + chance.randint(1, 6)
        parts[at:last] = parts[at:last] * chance.choice((2, 30, 200))
    else:
        numbers = [place for place, part in enumerate(parts) if part.isdigit()] or [at]
        parts[chance.choice(numbers)] = chance.choice(TEXTS)
    return "".join(parts)[:6000]


def json_copy(value: Any) -> Any:
    """A copy in which nothing is shared, so that the next change changes one place."""
    if isinstance(value, dict):
        return {key: json_copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [json_copy(item) for item in value]
    return value


def _array(chance: random.Random) -> Any:
    shape = chance.choice([(), (0,), (3,), (2, 2), (1,) * 20, (2,) * 14, (0, 2**40)])
    return np.zeros(shape, chance.choice(["f4", "f8", "i8", "u1", "?", "f2", "g", ">i2"]))


def _change_bytes(packed: bytearray, chance: random.Random) -> None:
    """A head that lies, an array's own head, or any byte."""
    kind = chance.randrange(5)
    place = chance.randrange(len(packed) + 1)
    if kind == 0 and len(packed) >= wire.HEAD.size:
        number = chance.choice((0, 1, 2, 255, 256, 257, 2**31, 2**32 - 1))
        struct.pack_into("<I", packed, 5, number)
    elif kind == 1 and len(packed) >= wire.HEAD.size + 8:
        at = chance.choice((9, 17))
        struct.pack_into("<Q", packed, at, chance.choice((0, 1, 2**23, 2**63, 2**64 - 1)))
    elif kind == 2 and (at := packed.find(b"'descr': '")) >= 0:
        end = packed.find(b"'", at + 10)
        packed[at + 10 : end] = chance.choice(DTYPES).encode()
    elif kind == 3 and (at := packed.find(b"'shape': (")) >= 0:
        end = packed.find(b")", at)
        packed[at + 9 : end + 1] = chance.choice(SHAPES).encode()
    else:
        packed[place : place + chance.choice((0, 1, 4))] = chance.randbytes(
            chance.choice((0, 1, 4))
        )


# --- guided by coverage -----------------------------------------------------------------------


def main() -> None:
    """Parse the arguments and fuzz; libFuzzer ends the process."""
    fuzz("tests.fuzz.seam", "seam", ["grader.sandbox", "grader.model", "grader.report"])


def fuzz(module: str, seeds: str, packages: list[str], memory_mb: int = MEMORY_MB) -> None:
    """Fuzz a module's ``fuzz_one`` with its ``mutate``; the packages are put under coverage."""
    try:
        import atheris
    except ImportError:
        sys.exit("The fuzzer needs atheris: pip install -e .[fuzz]")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="keep what reaches new places, to go on from")
    parser.add_argument("--findings", type=Path, default=Path.cwd())
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    given = parser.parse_args()
    for name in [name for name in sys.modules if name.startswith("grader")]:
        del sys.modules[name]
    with atheris.instrument_imports(include=packages):
        for package in packages:
            importlib.import_module(package)
        target = importlib.import_module(module)
    target.prepare()

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        if seed % RAW_EVERY == 0:
            return bytes(atheris.Mutate(data, max_size))
        changed: bytes = target.mutate(data, seed)
        return changed if len(changed) <= max_size else data[:max_size]

    corpus = given.corpus or Path(tempfile.mkdtemp())
    for folder in (corpus, given.findings):
        folder.mkdir(exist_ok=True, parents=True)
    for path in (SEEDS / seeds).glob("*"):
        (corpus / f"seed-{path.name}").write_bytes(path.read_bytes())
    options = {
        "max_total_time": given.seconds,
        "max_len": MAX_BYTES,
        "timeout": 60,
        "rss_limit_mb": memory_mb,
        "seed": given.seed,
        "artifact_prefix": f"{given.findings}/",
    }
    arguments = [sys.argv[0], *(f"-{key}={value}" for key, value in options.items()), str(corpus)]
    atheris.Setup(arguments, target.fuzz_one, custom_mutator=change)
    atheris.Fuzz()


def prepare() -> None:
    """Nothing has to be ready for the seam."""


def fuzz_one(data: bytes) -> None:
    """Memory is watched in a share of the inputs: it costs several times the rest."""
    look_at(data, SLOW_SECONDS, watch_memory=sum(data[-3:]) % 8 == 0)


if __name__ == "__main__":
    main()
