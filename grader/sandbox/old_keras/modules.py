"""Modules and names of older Keras, found where they stand today.

A finder answers imports, and a ``__getattr__`` on each of Keras's modules answers what is asked
of the module itself: ``import keras.layers.core``, ``from keras.layers.core import Dense`` and
``keras.layers.core.Dense`` all reach ``keras.layers``.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from grader.sandbox.old_keras.functions import merge
from grader.sandbox.old_keras.interpreter import Interpreter, OldModule
from grader.sandbox.old_keras.moved import (
    FROZEN,
    GONE_ROOTS,
    MODULES,
    NAMES,
    ROOTS,
    SHOWN,
    STALE,
    TENSORFLOW_NAMES,
)
from grader.sandbox.old_keras.refusals import GonePackage, refused_tensorflow

TWIN = "keras._tf_keras.keras"
"""What ``tf.keras`` is: Keras, and beside it a few things that Keras itself no longer has."""
_put_away: list[Any] = []
"""The frozen modules live on: TensorFlow's own code holds on to some of them."""


def patch(interpreter: Interpreter) -> None:
    """Answer for what Keras and TensorFlow no longer have."""
    import tensorflow

    for name in STALE:
        parent, _, child = f"keras.{name}".rpartition(".")
        vars(sys.modules[parent]).pop(child, None)
        _put_away.append(sys.modules.pop(f"keras.{name}", None))
    _put_away.extend(sys.modules.pop(name, None) for name in frozen_modules())
    parent, _, child = FROZEN.rpartition(".")
    vars(sys.modules[parent]).pop(child, None)
    vars(sys.modules[parent])["__getattr__"] = _python_names

    homes = {place.rpartition(".")[0] for place in (*MODULES, *NAMES)}
    homes |= {"backend", "losses", "metrics", "preprocessing", "preprocessing.image"}
    for root in ("keras", TWIN):
        for home in homes:
            module = _below(sys.modules[root], home)
            if isinstance(module, types.ModuleType) and "__getattr__" not in vars(module):
                vars(module)["__getattr__"] = _keras_names(interpreter, root, home)
    vars(tensorflow)["__getattr__"] = _tensorflow_names(interpreter, tensorflow)
    for root in ("keras", TWIN):
        layers = _below(sys.modules[root], "layers")
        now = f"{SHOWN[root]}.layers"
        vars(layers)["merge"] = _MergeModule(
            interpreter, f"{root}.layers.merge", "layers.merge", f"{now}.merge", {now: layers}
        )
    sys.meta_path.insert(0, Finder(interpreter))


@functools.cache
def frozen_modules() -> tuple[str, ...]:
    """The loaded modules of the frozen Keras 2, found by walking down its packages."""
    found: list[str] = []
    todo = [FROZEN]
    while todo:
        name = todo.pop()
        module = sys.modules.get(name)
        if module is not None:
            found.append(name)
            if hasattr(module, "__path__"):
                todo += [f"{name}.{child}" for child in vars(module)]
    return tuple(found)


class Finder:
    """Finds modules of older Keras, and ``tensorflow.keras`` where it is already loaded."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        """The protocol of ``sys.meta_path``."""
        if not fullname.startswith(("keras.", "tensorflow.")):
            return None
        module = self._module(fullname)
        if module is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, _Loader(module), is_package=True)

    def _module(self, fullname: str) -> types.ModuleType | None:
        package = next((root for root in ROOTS if f"{fullname}.".startswith(f"{root}.")), None)
        if package is None:
            return GonePackage.find(fullname)
        below = fullname[len(package) + 1 :]
        root = ROOTS[package]
        if package in GONE_ROOTS:
            self.interpreter.read_as(package, SHOWN[root], error=OldModule)
        if package != "keras":
            # Loaded once and for all: a second copy would not be patched.
            found = _below(sys.modules[root], below)
            if isinstance(found, types.ModuleType):
                return found
        if below in MODULES:
            return self._moved(fullname, package, below)
        return self._from_twin(fullname, below) if package == "keras" and below else None

    def _moved(self, fullname: str, package: str, below: str) -> types.ModuleType:
        root = ROOTS[package]
        shown = SHOWN[root] if package in GONE_ROOTS else package
        places = {
            f"{shown}.{place}".rstrip("."): _below(sys.modules[root], place)
            for place in MODULES[below]
        }
        kind = _MergeModule if below == "layers.merge" else MovedModule
        return kind(self.interpreter, fullname, below, f"{shown}.{below}", places)

    def _from_twin(self, fullname: str, below: str) -> types.ModuleType | None:
        here = _below(sys.modules["keras"], below)
        there = _below(sys.modules[TWIN], below)
        if here is not None or not isinstance(there, types.ModuleType):
            return None
        self.interpreter.read_as(fullname, f"{SHOWN[TWIN]}.{below}", error=OldModule)
        return there


class _Loader(importlib.abc.Loader):
    """Loads what is there already."""

    def __init__(self, module: types.ModuleType) -> None:
        self.module = module

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__ is not None
        sys.modules[module.__spec__.name] = self.module


class MovedModule(types.ModuleType):
    """An older module whose names are found in others; it is told when a name is taken from it."""

    def __init__(
        self,
        interpreter: Interpreter,
        name: str,
        below: str,
        shown: str,
        places: Mapping[str, Any],
    ) -> None:
        """``places`` are the modules where the names are now, by what a person calls them."""
        super().__init__(name)
        self.__path__: list[str] = []
        self._interpreter = interpreter
        self._below = below
        self._shown = shown
        self._places = places

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return self._public()
        if f"{self._below}.{name}" in MODULES:
            return importlib.import_module(f"{self.__name__}.{name}")
        if not name.startswith("__"):
            for now, place in self._places.items():
                try:
                    found = getattr(place, name)
                except AttributeError:
                    continue
                self._interpreter.read_as(self._shown, now, error=OldModule)
                return found
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def _public(self) -> list[str]:
        return [
            name
            for place in self._places.values()
            for name, value in vars(place).items()
            if not name.startswith("_") and not isinstance(value, types.ModuleType)
        ]


class _MergeModule(MovedModule):
    """``keras.layers.merge``: a function in Keras 1, a module in Keras 2."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return merge(self._interpreter, *args, **kwargs)


def _below(module: Any, place: str) -> Any:
    """What stands at a dotted place below a module; None where nothing does."""
    for name in place.split(".") if place else ():
        module = vars(module).get(name) if isinstance(module, types.ModuleType) else None
    return module


def _keras_names(interpreter: Interpreter, root: str, home: str) -> Callable[[str], Any]:
    """The ``__getattr__`` of one of Keras's modules."""
    shown = f"{SHOWN[root]}.{home}".rstrip(".")
    real = f"{root}.{home}".rstrip(".")

    def find(name: str) -> Any:
        place = f"{home}.{name}".lstrip(".")
        if place in NAMES:
            interpreter.read_as(f"{shown}.{name}", f"{SHOWN[root]}.{NAMES[place]}")
            return _below(sys.modules[root], NAMES[place])
        if place in MODULES:
            return importlib.import_module(
                f"{'tensorflow.keras' if root == TWIN else root}.{place}"
            )
        there = _below(sys.modules[TWIN], place)
        if root != TWIN and there is not None and not name.startswith("_"):
            interpreter.read_as(f"{shown}.{name}", f"{SHOWN[TWIN]}.{place}")
            return there
        raise AttributeError(f"module {real!r} has no attribute {name!r}")

    return find


def _python_names(name: str) -> Any:
    """The ``__getattr__`` of ``tensorflow.python``."""
    if f"tensorflow.python.{name}" == FROZEN:
        return importlib.import_module(FROZEN)
    raise AttributeError(f"module 'tensorflow.python' has no attribute {name!r}")


def _tensorflow_names(interpreter: Interpreter, tensorflow: Any) -> Callable[[str], Any]:
    """The ``__getattr__`` of TensorFlow itself."""

    def find(name: str) -> Any:
        if name in TENSORFLOW_NAMES:
            now = TENSORFLOW_NAMES[name]
            interpreter.read_as(f"tf.{name}", f"tf.{now}")
            found: Any = tensorflow
            for part in now.split("."):
                found = getattr(found, part)
            return found
        # TensorFlow takes it out of its own names.
        found = sys.modules["tensorflow.python"] if name == "python" else refused_tensorflow(name)
        if found is None:
            raise AttributeError(f"module 'tensorflow' has no attribute {name!r}")
        return found

    return find
