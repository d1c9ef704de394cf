"""``python -m tests.fuzz.architectures --seconds 3600``: hostile claims of an architecture.

Begins with models as Keras saves them and with the published holes of its loader; changes values,
exchanges classes and puts parts of one into another, guided by coverage. Only ``SubmissionError``
may come out of the allow-list. What it lets through names nothing but Keras's own, and all of it
is rebuilt here, weightless, while an audit hook listens for whatever a description must not do.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import json
import random
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.errors import SubmissionError
from grader.model import keras_names
from grader.model.allow_list import FORBIDDEN, KINDS, MODELS, WRAPPERS, is_model
from grader.model.architecture import Architecture, canonical_model, check_architecture
from grader.model.claims import read_model
from grader.model.rebuild import describe_job
from grader.sandbox import wire
from grader.sandbox.exchange import ANSWER_BYTES
from grader.sandbox.verdict import clean_exception
from tests.fuzz.seam import Slow, change_value, fuzz
from tests.model.test_allow_list import HOLES, HOSTILE

SEEDS = Path(__file__).with_name("seeds") / "architectures"
KEPT = {"module", "class_name", "config", "registered_name", "name", "inbound_nodes"}
SLOW_SECONDS = 2.0
"""Of processor time with coverage, for holding one claim against the allow-list."""
REBUILD_SECONDS = 10.0
"""Of processor time; a job that takes longer has its own verdict."""
READABLE_DEPTH = 11
"""Of a description; ``read_model`` refuses a layer with deeper arguments."""
ADDRESS_BYTES = 8 * 2**30
INPUT_SHAPE = [8, 8, 3]


class Unexpected(BaseException):
    """Something that no description of a model must bring about; no ``except`` swallows it."""


class TooLong(BaseException):
    """A rebuild that was given up."""


# --- what every input goes through ------------------------------------------------------------


def look_at(data: bytes, seconds: float | None = None) -> Architecture | None:
    """Hold the JSON against the allow-list; what passed, or None.

    Raises AssertionError where something got through, Slow above ``seconds`` of processor time,
    and whatever the grader lets out that is not its own.
    """
    try:
        claimed = json.loads(data)
    except (ValueError, RecursionError):
        return None
    started = time.process_time()
    try:
        architecture = check_architecture(claimed)
    except SubmissionError as error:
        assert error.problem.kind in ("custom_layer", "forbidden", "unreadable")
        assert 0 < len(error.problem.message) < 600, error.problem.message
        return None
    canonical = canonical_model(architecture.config)
    digest = architecture.digest
    for config in (architecture.config, canonical):
        _check_allowed(config)
        wire.pack({"architecture": config, "input_shape": INPUT_SHAPE})
    assert canonical_model(canonical) == canonical
    with contextlib.suppress(SubmissionError):
        again = check_architecture(copy.deepcopy(architecture.config))
        assert (again.config, again.digest) == (architecture.config, digest)
    taken = time.process_time() - started
    if seconds is not None and taken > seconds:
        raise Slow(f"{taken:.1f} s for {len(data):,} bytes")
    return architecture


def _check_allowed(value: Any) -> None:
    """Nothing but Keras's own classes, and neutral names where layers are named."""
    if isinstance(value, list):
        for item in value:
            _check_allowed(item)
    if not isinstance(value, dict):
        return
    if "class_name" in value:
        module, name = value.get("module"), value["class_name"]
        assert value.keys() <= KEPT, value.keys()
        assert value.get("registered_name") is None, value
        assert re.fullmatch(r"n\d+", value.get("name", "n0")), value
        if module is None:
            assert name in WRAPPERS, name
        else:
            kind = KINDS.get(module)
            known = kind is not None and keras_names.class_arguments(kind, name) is not None
            assert name not in FORBIDDEN, name
            assert known or is_model(value) or keras_names.is_operation(module, name), value
    for item in value.values():
        _check_allowed(item)


def rebuild(architecture: Architecture) -> Any:
    """Describe it as the trusted process does; its record, or None where it was refused."""
    found = [
        _described(config, architecture.names)
        for config in (architecture.config, canonical_model(architecture.config))
    ]
    if all(found):
        one, other = found
        assert one.output_shapes == other.output_shapes
        assert one.total_params == other.total_params
    return found[0]


def _described(config: Any, names: tuple[str, ...]) -> Any:
    request = wire.unpack(
        wire.pack({"architecture": config, "input_shape": INPUT_SHAPE}), ANSWER_BYTES
    )
    with _watched(), _bounded(REBUILD_SECONDS):
        answer = describe_job(request)
    answer = wire.unpack(wire.pack(answer), ANSWER_BYTES)
    if "refused" in answer:
        assert clean_exception(str(answer["refused"])) is not None
    if "model" not in answer:
        return None
    try:
        return read_model(answer["model"], rebuilt=True, names=names)
    except SubmissionError as error:
        deep = _depth(answer["model"]) > READABLE_DEPTH
        assert error.problem.kind == "memory" or deep, error.problem
        return None


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inside), default=0) if isinstance(value, dict | list) else 0


# --- what must not happen meanwhile -----------------------------------------------------------

QUIET = {
    "builtins.id",
    "code.__new__",
    "object.__getattr__",
    "object.__setattr__",
    "object.__delattr__",
    "sys._getframe",
    "sys._current_frames",
}
"""Audit events that mean nothing."""
OWN = {"keras", "scipy", "tensorflow"}
"""What Keras imports by itself when it is first needed, where it is installed."""
_listening = False
_heard: list[str] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    global _listening
    if not _listening or event in QUIET:
        return
    if event == "open" and _reads_source(*arguments):
        return
    if event == "import" and arguments[0] == "scipy":
        return
    _listening = False
    _heard.append(f"{event} {arguments!r:.300}")
    raise Unexpected(_heard[-1])


def _reads_source(path: Any, mode: Any, _: int) -> bool:
    """A line of a library's own, for a traceback."""
    home = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]))
    return mode in ("r", "rb") and str(path).startswith(home) and str(path).endswith(".py")


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    """Raise Unexpected when anything is imported, executed, opened, started or connected."""
    global _listening
    _heard.clear()
    _listening = True
    try:
        yield
    finally:
        _listening = False
    if _heard:
        raise Unexpected(_heard[0])


@contextlib.contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _watch_lookups() -> None:
    """What Keras's loader looks up must be a layer, an operation or a setting of one."""
    import keras
    from keras.src.saving import serialization_lib as loader

    taken = (
        keras.Operation,
        keras.initializers.Initializer,
        keras.regularizers.Regularizer,
        keras.constraints.Constraint,
        keras.DTypePolicy,
    )
    refused = tuple(getattr(keras.layers, name) for name in FORBIDDEN)
    look_up, fetch = loader._retrieve_class_or_fn, importlib.import_module

    def watched(name: str, registered_name: Any, module: Any, *rest: Any, **more: Any) -> Any:
        found = look_up(name, registered_name, module, *rest, **more)
        plain = getattr(found, "__module__", "").startswith("keras.src.activations")
        if not plain and not (
            isinstance(found, type) and issubclass(found, taken) and not issubclass(found, refused)
        ):
            _heard.append(f"loaded {module}.{name}")
        return found

    def fetched(name: str, package: str | None = None) -> Any:
        if _listening and name.partition(".")[0] not in OWN:
            _heard.append(f"import_module {name}")
        return fetch(name, package)

    loader._retrieve_class_or_fn = watched
    importlib.import_module = fetched


# --- claims from claims -----------------------------------------------------------------------


def _arguments(kind: keras_names.Kind, name: str) -> list[str]:
    return list(keras_names.class_arguments(kind, name) or ())


CLASSES: list[tuple[str | None, str]] = [
    *((module, name) for module, kind in KINDS.items() for name in keras_names.class_names(kind)),
    *((m, name) for m, names in keras_names._table()["operations"].items() for name in names),
    *((path.rpartition(".")[0], path.rpartition(".")[2]) for path in sorted(MODELS)),
    *((None, name) for name in sorted(WRAPPERS)),
    *[
        ("os", "system"),
        ("builtins", "eval"),
        ("keras.utils", "get_file"),
        ("keras", "models.Model"),
    ],
    *[
        ("keras.src.saving.serialization_lib", "enable_unsafe_deserialization"),
        (None, "__lambda__"),
    ],
    *[(None, "__bytes__"), (None, "__typespec__"), ("keras.layers", "function"), (None, "Dense")],
    *[("builtins", "function"), ("keras", "DTypePolicy"), ("keras.optimizers", "Adam")],
]
WORDS = sorted(
    {*KEPT, "layers", "input_layers", "output_layers", "trainable", "dtype", "seed", "weights"}
    | {"args", "kwargs", "keras_history", "shape", "value", "start", "stop", "step", "cell"}
    | {"build_config", "compile_config", "shared_object_id", "build_input_shape", "spec_name"}
    | {"batch_shape", "activation", "layer", "cells", "n0", "n1", "entry", "float32", "int32"}
    | {key for name in keras_names.class_names("layers") for key in _arguments("layers", name)}
)
VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 3, 7, 64, 1000, 2**31, 2**31 + 1, 10**400, 0.5, -0.0, 3.5e38),
    *(float("nan"), float("inf"), "", "same", "relu", "softmax", "valid", "channels_first", "O"),
    *("S99999999", "bfloat16", "x" * 1000, "\ud800", [], {}, [[]], [None], [1, 1], [3, 3, 3]),
    *([None, 8, 8, 3], [0], [-1], [None], ["n0", 0, 0], ["n0", -1, 9], {"a": ["n0", 0, 0]}),
]


def mutate(data: bytes, seed: int) -> bytes:
    """Another claim, made of this one and parts of others; the same for the same seed."""
    chance = random.Random(seed)
    try:
        claimed = json.loads(data)
    except (ValueError, RecursionError):
        claimed = copy.deepcopy(chance.choice(_parts()))
    try:
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            claimed = _changed(claimed, chance)
        return json.dumps(claimed).encode()
    except (ValueError, RecursionError):
        # A number of more digits than Python writes, or deeper than it goes.
        return data


def _changed(claimed: Any, chance: random.Random) -> Any:
    kind = chance.random()
    if kind < 0.4:
        return change_value(claimed, chance, WORDS, VALUES)
    objects = list(_objects(claimed))
    if kind < 0.65 or not objects:
        return change_value(claimed, chance, WORDS, [chance.choice(_parts())])
    _change_object(chance.choice(objects), chance)
    return claimed


_PARTS: list[Any] = []


def _parts() -> list[Any]:
    """Every object in the seeds and in the known attacks."""
    if not _PARTS:
        models = [json.loads(path.read_bytes()) for path in sorted(SEEDS.glob("*.json"))]
        hostile = [claimed for claimed, *_ in (*HOLES.values(), *HOSTILE.values())]
        small = [claimed for claimed in hostile if len(list(_objects(claimed))) < 50]
        _PARTS.extend(part for model in (*models, *small) for part in _objects(model))
    return _PARTS


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "class_name" in value:
            yield value
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _change_object(saved: dict[str, Any], chance: random.Random) -> None:
    """Another class, another argument that its class knows, or another call."""
    config, name = saved.get("config"), saved.get("class_name")
    kind = chance.randrange(5)
    if kind == 0:
        saved["module"], saved["class_name"] = chance.choice(CLASSES)
    elif kind == 1:
        saved["class_name"] = chance.choice(CLASSES)[1]
    elif kind == 2 and isinstance(config, dict) and isinstance(name, str):
        keys = _arguments(KINDS.get(str(saved.get("module")), "layers"), name)
        part = copy.deepcopy(chance.choice(_parts()))
        config[chance.choice(keys or WORDS)] = chance.choice([part, *[chance.choice(VALUES)] * 3])
    elif kind == 3 and isinstance(saved.get("inbound_nodes"), list):
        node = {"args": [copy.deepcopy(chance.choice(_parts()))], "kwargs": {}}
        saved["inbound_nodes"] = [*saved["inbound_nodes"], node]
    else:
        saved[chance.choice(sorted(KEPT))] = chance.choice([*VALUES, chance.choice(WORDS)])


# --- guided by coverage -----------------------------------------------------------------------


def fuzz_one(data: bytes) -> None:
    """The allow-list for each input, Keras for what it lets through."""
    architecture = look_at(data, SLOW_SECONDS)
    if architecture is not None:
        try:
            rebuild(architecture)
        except Unexpected as error:
            raise AssertionError(str(error)) from error
        except TooLong:
            print(f"more than {REBUILD_SECONDS} s to rebuild: {data!r:.2000}", file=sys.stderr)


def prepare() -> None:
    """Once: rebuild every seed, so that all is imported that will be, and begin to listen."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_BYTES, ADDRESS_BYTES))
    for path in sorted(SEEDS.glob("*.json")):
        architecture = look_at(path.read_bytes())
        if architecture is not None:
            rebuild(architecture)
    _watch_lookups()
    sys.addaudithook(_hear)


if __name__ == "__main__":
    packages = ["keras.src.saving", "keras.src.models", "keras.src.layers"]
    fuzz("tests.fuzz.architectures", "architectures", ["grader.model", *packages], memory_mb=0)
