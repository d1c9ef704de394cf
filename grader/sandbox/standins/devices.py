"""Processors that are not here. No architecture depends on where it is trained."""

from __future__ import annotations

import contextlib
from typing import Any

from grader.sandbox.old_keras.interpreter import asked_by_student
from grader.sandbox.standins.absent import Absent
from grader.sandbox.standins.notes import Notes

NOTE = "No GPU or TPU was looked for; the model is built all the same."


class Strategy:
    """A way to share training among processors."""

    num_replicas_in_sync = 1

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def scope(self) -> Any:
        return contextlib.nullcontext()

    def __getattr__(self, name: str) -> Any:
        """``master()``, ``cluster_spec()`` and the like: nothing to tell."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{type(self).__name__}.{name}", "no such processor is here")


def pretend_devices(notes: Notes) -> None:
    """One GPU is there for whoever asks, and settings of it are forgotten."""
    import tensorflow as tf

    gpu = tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU")

    really = tf.config.list_physical_devices

    def listed(device_type: str | None = None) -> list[Any]:
        if not asked_by_student():
            return list(really(device_type))
        notes.add(NOTE)
        return [gpu] if device_type in (None, "GPU") else []

    def nothing(*_: Any, **__: Any) -> None:
        return None

    for place in (tf.config, tf.config.experimental):
        place.list_physical_devices = place.list_logical_devices = listed
        place.set_memory_growth = place.set_visible_devices = nothing
    tf.config.experimental.set_virtual_device_configuration = nothing
    tf.config.set_logical_device_configuration = nothing
    tf.test.is_gpu_available = lambda *_, **__: True
    tf.test.gpu_device_name = lambda: "/device:GPU:0"
    for name in ("MirroredStrategy", "TPUStrategy", "OneDeviceStrategy"):
        setattr(tf.distribute, name, Strategy)
    tf.distribute.experimental.TPUStrategy = Strategy
    tf.distribute.cluster_resolver.TPUClusterResolver = Strategy
    tf.tpu.experimental.initialize_tpu_system = nothing
    tf.config.experimental_connect_to_cluster = nothing
    _forget_sessions(tf)


def _forget_sessions(tf: Any) -> None:
    """TensorFlow 1 set its processors up through a session, which Keras was then told of."""
    import keras

    session = Absent("tf.Session", "TensorFlow has no sessions today")
    for name in ("Session", "InteractiveSession", "ConfigProto", "GPUOptions"):
        setattr(tf, name, session)
    for backend in (keras.backend, tf.keras.backend):
        backend.tf = tf
        backend.set_session = backend.get_session = session
