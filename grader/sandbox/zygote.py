"""The warm fork server: imports TensorFlow once, then forks for each job.

It never runs a job itself, so every fork starts from the same pristine process. One line of JSON
comes for each job, with four descriptors beside it: the request (a file), the pipe for the
answer, the pipe for whatever is printed, and the socket on which the guard reports the end.

Started as ``python -m grader.sandbox.zygote DESCRIPTOR``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import mmap
import os
import signal
import socket
import sys
import time
from typing import Any, NoReturn

from grader.sandbox import kernel, namespaces, outer, walls, wire
from grader.sandbox.installed import versions
from grader.sandbox.limits import Limits

JOBS = {
    "build": "grader.sandbox.student:build",
    "call": "grader.sandbox.student:call",
    "read": "grader.sandbox.student:read",
    "learn": "grader.sandbox.student:learn",
    "describe": "grader.model.rebuild:describe_job",
    "sample": "grader.model.rebuild:sample_job",
    "respond": "grader.model.rebuild:respond_job",
    "custom": "grader.sandbox.author:custom_job",
    "train": "grader.training.fit:train_job",
}
"""What can be asked for, and the function that does it: ``request -> answer``, plain values."""

CONTROL_BYTES = 4096
DESCRIPTORS = 4
JOB, END = b"j", b"e"
"""What a waiting guard tells the zygote: that it has a job, or that the parent has gone."""

GATHER_AFTER = 8
"""Jobs after which huge pages pay: they halve a fork, and cost some tenths of a second once."""
HUGE_BYTES = 2 * 2**20


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    walls.die_with_parent()
    works = namespaces.work(outer.SCRATCH)
    # The guards are not waited for: each tells its own end on its own socket.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say(control, {"namespaces": works, **versions()})
    warm_up()
    say(control, {"warm": True})
    # Nobody reads on; what jobs print has a pipe of its own.
    with open(os.devnull, "wb") as nobody:
        os.dup2(nobody.fileno(), sys.stderr.fileno())
    jobs = 0
    while take_job(control):
        jobs += 1
        if jobs == GATHER_AFTER:
            gather_pages()


def take_job(control: socket.socket) -> bool:
    """Fork a guard ahead of its order, and return once it has one; False when none will come.

    A guard that is there already saves the next job the time of a fork.
    """
    taken_read, taken_write = os.pipe()
    if os.fork() == 0:
        os.close(taken_read)
        line, descriptors, _, _ = socket.recv_fds(control, CONTROL_BYTES, DESCRIPTORS)
        os.write(taken_write, JOB if line else END)
        if not line:
            os._exit(0)
        os.close(taken_write)
        control.close()
        serve(json.loads(line), *descriptors)
    os.close(taken_write)
    word = os.read(taken_read, 1)
    os.close(taken_read)
    # Nothing: the guard was killed as it waited.
    return word != END


def say(control: socket.socket, words: dict[str, Any]) -> None:
    control.sendall(json.dumps(words).encode() + b"\n")


def warm_up() -> None:
    """Import what every job needs, and walk once through Keras's building, saving and loading.

    The walk fills Keras's own caches, which would else be filled anew in each fork. It makes no
    weights and leaves TensorFlow's runtime unstarted: a runtime does not survive a fork. (One
    thread is started, for a graph that Keras asks for; folding of constants, for which it is
    there, goes on without it.)
    """
    from keras.src.utils import naming

    from grader.sandbox import old_keras
    from grader.sandbox.standins import sources

    for job in JOBS.values():
        importlib.import_module(job.partition(":")[0])
    # NumPy's own __init__ leaves it for later.
    importlib.import_module("numpy.random")
    old_keras.prepare()
    sources.prepare()
    rehearse()
    naming.reset_uids()  # or the student's first layer would be named conv2d_1
    gc.collect()
    # Frozen objects are not visited by the collector, so their pages stay shared after a fork.
    gc.freeze()


def gather_pages() -> None:
    """Move this process's memory to huge pages: a fork copies a table with an entry for each."""
    with contextlib.suppress(FileNotFoundError), open("/proc/self/maps", "rb") as file:
        for line in file:
            place, rights, _, _, inode, *_ = line.split(None, 5)
            start, end = (int(address, 16) for address in place.split(b"-"))
            if rights.startswith(b"rw") and inode == b"0" and end - start >= HUGE_BYTES:
                kernel.gather_pages(start, end - start)


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

        room = walls.Room(order["folder"], order["isolated"], order["shared"])
        outcome = walls.guard(work, limits, room, word, (request, answer, printed))
        report = {
            "ending": outcome.ending,
            "code": outcome.code,
            "seconds": outcome.seconds,
            "peak_bytes": outcome.peak_bytes,
        }
    except BaseException as error:
        report = {
            "ending": "guard",
            "code": 0,
            "seconds": 0.0,
            "peak_bytes": 0,
            "why": str(error) or repr(error),
        }
    try:
        with socket.socket(fileno=word) as end:
            end.sendall(json.dumps(report).encode())
    finally:
        os._exit(0)


def run_job(name: str, request: int, answer: int, printed: int) -> None:
    """In the inmate: do the work and write the answer. Whatever goes wrong is the exit status."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (printed, 1), (printed, 2)):
        os.dup2(descriptor, place)
    for descriptor in (nothing, printed):
        os.close(descriptor)
    streams = [
        open(place, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
        for place in (1, 2)
    ]
    sys.stdout, sys.stderr = streams
    size = os.fstat(request).st_size
    # Never closed: the message's arrays are views of it until this process ends.
    data = mmap.mmap(request, size, access=mmap.ACCESS_READ)
    message = wire.unpack(memoryview(data), size)
    os.close(request)
    module, _, function = JOBS[name].partition(":")
    started = time.perf_counter()
    result = getattr(importlib.import_module(module), function)(message)
    result["seconds"] = time.perf_counter() - started
    for stream in streams:
        # A student's code may have closed it.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    with os.fdopen(answer, "wb") as pipe:
        pipe.write(wire.pack(result))
    os._exit(0)


if __name__ == "__main__":
    main()
