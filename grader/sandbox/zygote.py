"""The warm fork server: imports TensorFlow once, then forks for each job.

It never runs a job itself, so every fork starts from the same pristine process. It takes one
line of JSON for each job, with three descriptors beside it: the request (a file), the pipe for
the answer, the pipe for whatever is printed, and the socket on which the guard reports the end.

Started as ``python -m grader.sandbox.zygote DESCRIPTOR``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.metadata
import json
import mmap
import os
import signal
import socket
import sys
import time
from typing import Any, NoReturn

from grader.sandbox import walls, wire
from grader.sandbox.limits import Limits

JOBS = {
    "build": "grader.sandbox.student:build",
    "call": "grader.sandbox.student:call",
    "read": "grader.sandbox.student:read",
    "learn": "grader.sandbox.student:learn",
    "describe": "grader.model.rebuild:describe_job",
    "sample": "grader.model.rebuild:sample_job",
    "train": "grader.training.fit:train_job",
}
"""What can be asked for, and the function that does it: ``request -> answer``, plain values."""

TENSORFLOW_PACKAGES = ("tf-nightly", "tensorflow-cpu", "tensorflow-macos", "tensorflow")
"""Names under which TensorFlow is distributed; the last one installed counts."""

CONTROL_BYTES = 4096
DESCRIPTORS = 4


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    walls.die_with_parent()
    # The guards are not waited for: each tells its own end on its own socket.
    namespaces = walls.namespaces_work()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say(control, {"namespaces": namespaces, **versions()})
    warm_up()
    say(control, {"warm": True})
    while True:
        line, descriptors, _, _ = socket.recv_fds(control, CONTROL_BYTES, DESCRIPTORS)
        if not line:
            return
        if os.fork() == 0:
            control.close()
            serve(json.loads(line), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def say(control: socket.socket, words: dict[str, Any]) -> None:
    control.sendall(json.dumps(words).encode() + b"\n")


def versions() -> dict[str, str]:
    """What is installed here, read without importing it."""
    found = dict.fromkeys(("tensorflow", "keras"), "unknown")
    for name in (*TENSORFLOW_PACKAGES, "keras"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found["keras" if name == "keras" else "tensorflow"] = importlib.metadata.version(name)
    return found


def warm_up() -> None:
    """Import what every job needs, and walk once through Keras's building, saving and loading.

    The walk fills Keras's own caches, which would else be filled anew in each fork. It makes no
    weights and leaves TensorFlow's runtime unstarted: a runtime does not survive a fork.
    """
    from keras.src.utils import naming

    for job in JOBS.values():
        importlib.import_module(job.partition(":")[0])
    rehearse()
    naming.reset_uids()  # or the student's first layer would be named conv2d_1
    gc.collect()
    # Frozen objects are not visited by the collector, so their pages stay shared after a fork.
    gc.freeze()


def rehearse() -> None:
    import keras
    from keras import layers

    from grader.model.describe import describe_model
    from grader.model.weightless import weightless

    with weightless():
        model = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Conv2D(1, 3, activation="relu"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(1, activation="softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        saved = keras.saving.serialize_keras_object(model)
        saved.pop("compile_config")
        describe_model(keras.saving.deserialize_keras_object(saved, safe_mode=True))


def serve(order: dict[str, Any], request: int, answer: int, printed: int, word: int) -> NoReturn:
    """In a fresh fork: stand guard over one job, then report how it ended."""
    report: dict[str, Any]
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        limits = Limits(order["seconds"], order["memory_bytes"])

        def work() -> None:
            run_job(order["job"], request, answer, printed)

        outcome = walls.guard(work, limits, word, order["isolated"], (request, answer, printed))
        report = {
            "ending": outcome.ending,
            "code": outcome.code,
            "seconds": outcome.seconds,
            "peak_bytes": outcome.peak_bytes,
        }
    except BaseException as error:
        report = {"ending": "guard", "code": 0, "seconds": 0.0, "peak_bytes": 0, "why": repr(error)}
    try:
        socket.socket(fileno=word).sendall(json.dumps(report).encode())
    finally:
        os._exit(0)


def run_job(name: str, request: int, answer: int, printed: int) -> None:
    """In the inmate: do the work and write the answer. Whatever goes wrong is the exit status."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (printed, 1), (printed, 2)):
        os.dup2(descriptor, place)
    for descriptor in (nothing, printed):
        os.close(descriptor)
    sys.stdout, sys.stderr = (
        open(place, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
        for place in (1, 2)
    )
    size = os.fstat(request).st_size
    with mmap.mmap(request, size, access=mmap.ACCESS_READ) as data:
        message = wire.unpack(memoryview(data), size)
        os.close(request)
        module, _, function = JOBS[name].partition(":")
        started = time.perf_counter()
        result = getattr(importlib.import_module(module), function)(message)
        result["seconds"] = time.perf_counter() - started
        with os.fdopen(answer, "wb") as pipe:
            pipe.write(wire.pack(result))
        os._exit(0)


if __name__ == "__main__":
    main()
