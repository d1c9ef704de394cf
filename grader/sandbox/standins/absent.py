"""Modules that are not here, and values of theirs: harmless until one matters to the model.

``import cv2`` for a helper that draws, ``from google.colab import drive``, a course's own
``test_utils``: a name that nobody needs must not cost the model. What comes of such a module can
be called, indexed and passed on; whoever needs its value gets ``AbsentValue``, which says why.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from typing import Any, NoReturn

import numpy as np

from grader.sandbox.raised import file_name
from grader.sandbox.standins.data import FEWEST
from grader.sandbox.standins.notes import Notes

KEPT = ("keras", "numpy", "grader")
"""Packages that are here as a whole: what they lack, nobody has."""
MAX_PATH = 80
FOLDS = ".split(…)"
"""scikit-learn's folds are walked through once: the model is made inside the loop."""

OTHER_LIBRARIES = frozenset("torch torchvision jax flax mxnet paddle".split())
"""Libraries of neural networks that are not Keras."""


class AbsentValue(Exception):
    """The model needs a value that cannot be had where notebooks are graded."""


class Absent:
    """A value that is not here; ``why`` says where it would have come from."""

    def __init__(self, path: str, why: str, error: Exception | None = None) -> None:
        self.__dict__["_path"] = path[:MAX_PATH]
        self.__dict__["_why"] = why
        self.__dict__["_error"] = error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self._path}.{name}", self._why)

    def __call__(self, *given: Any, **_: Any) -> Any:
        if len(given) == 1 and _may_be_decorated(given[0]):
            return given[0]
        return Absent(f"{self._path}(…)", self._why)

    def __getitem__(self, _: Any) -> Any:
        return Absent(f"{self._path}[…]", self._why)

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __mro_entries__(self, _: Any) -> tuple[type, ...]:
        """As a base class it adds nothing."""
        return ()

    def __enter__(self) -> Absent:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __repr__(self) -> str:
        return f"<{self._path}, which is not here>"

    def __format__(self, _: str) -> str:
        return repr(self)

    def _matters(self, *_: Any, **__: Any) -> NoReturn:
        if self._path.partition(".")[0] in OTHER_LIBRARIES:
            raise AbsentValue(
                f"The model is made with {self._path}, and this exercise asks for a Keras model. "
                "Build it from keras.layers."
            )
        raise AbsentValue(
            f"The model needs the value of {self._path}, but {self._why}. Write the value, or "
            "the function, into the notebook."
        )

    def __iter__(self) -> Iterator[Any]:
        if self._path.endswith(FOLDS):
            return iter([(np.arange(FEWEST), np.arange(FEWEST))])
        return self._matters()

    __hash__ = object.__hash__
    __len__ = __contains__ = _matters
    __bool__ = __int__ = __float__ = __index__ = __complex__ = __array__ = _matters
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _matters
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _matters
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _matters
    __pow__ = __rpow__ = __neg__ = __abs__ = __round__ = __matmul__ = __fspath__ = _matters
    __rmatmul__ = __pos__ = __invert__ = __divmod__ = __rdivmod__ = __trunc__ = _matters
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _matters
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _matters


def _may_be_decorated(value: Any) -> bool:
    """A function or class of the notebook's; ``astype(float)`` and ``apply(lambda …)`` are none."""
    if isinstance(value, types.FunctionType):
        return value.__name__ != "<lambda>"
    return isinstance(value, type) and value.__module__ == "__main__"


def must_be_here(value: Any) -> Any:
    """The same value. Raises what kept it away where it is not here."""
    if isinstance(value, Absent):
        if value._error is not None:
            raise value._error
        value._matters()
    return value


class AbsentName(Absent):
    """What a package that is here does not have: whoever uses it is told so."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._matters()

    def __call__(self, *_: Any, **__: Any) -> Any:
        return self._matters()

    def __mro_entries__(self, _: Any) -> tuple[type, ...]:
        return self._matters()

    def _matters(self, *_: Any, **__: Any) -> NoReturn:
        raise AbsentValue(f"{self._why}.")


class Lines(list[str]):
    """What a shell command would have printed: none of it is here."""


class AbsentModule(types.ModuleType):
    """A module that is not here. A star import of it binds nothing."""

    __all__: Sequence[str] = ()
    known: Mapping[str, Callable[..., Any]]
    """Functions that are done, by their whole names."""
    given: Callable[[str], Any]
    """What the exercise says of a constant by its name, such as ``IMG_HEIGHT``; None if nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        path = f"{self.__name__}.{name}"
        value = self.known.get(path) or self.given(name)
        return (
            Absent(path, f"the module {_top(self.__name__)} is not here")
            if value is None
            else value
        )


def let_modules_be_absent(
    files: dict[str, dict[str, Any]],
    given: Callable[[str], Any],
    notes: Notes,
    made_up: bool = True,
) -> None:
    """From now on importing what is not installed gives a stand-in.

    Args:
        files: the modules that the notebook itself writes, by name, each with its ``source``,
            ``cell`` and ``line``; these are imported as they are.
        given: what the exercise says of a constant, by its name; None if nothing.
        made_up: whether data may be; a value that is asked for must be the program's own.
    """
    # As in a notebook's own folder, a file goes before an installed module of its name.
    sys.meta_path.insert(0, _Written(files))
    sys.meta_path.append(_Missing(given, notes, KNOWN | SPLITS if made_up else KNOWN))


class _Written:
    """Finds the modules that the notebook writes with ``%%writefile``."""

    def __init__(self, files: dict[str, dict[str, Any]]) -> None:
        self.files = files

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        is_package = any(file.startswith(f"{name}.") for file in self.files)
        if name in self.files or is_package:
            return ModuleSpec(name, self, is_package=is_package)  # type: ignore[arg-type]
        return None

    def create_module(self, _: ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        file = self.files.get(module.__name__)
        if file:
            # As many lines lower as it stands in its cell.
            text = "\n" * (file["line"] - 1) + file["source"]
            exec(compile(text, file_name(file["cell"]), "exec", dont_inherit=True), vars(module))


class _Missing:
    """The last finder: whatever nobody else has found."""

    def __init__(
        self,
        given: Callable[[str], Any],
        notes: Notes,
        known: Mapping[str, Callable[..., Any]],
    ) -> None:
        self.given = given
        self.notes = notes
        self.known = known

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        top = _top(name)
        if top in KEPT or (top in sys.stdlib_module_names) or name.startswith("tensorflow.keras"):
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        self.notes.add(f"The module {_top(spec.name)} is not here; what it would do is left out.")
        module = AbsentModule(spec.name)
        module.given = self.given
        module.known = self.known
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _top(name: str) -> str:
    return name.partition(".")[0]


def _split(*arrays: Any, **_: Any) -> list[Any]:
    """``train_test_split``: what matters to a model is that each part has the array's shape."""
    return [part for array in arrays for part in (array, array[: max(1, len(array) // 4)])]


def _same(items: Any = (), *_: Any, **__: Any) -> Any:
    """``tqdm``: what it counts."""
    return items


def _range(*numbers: int, **_: Any) -> Iterator[int]:
    return iter(range(*numbers))


SPLITS: dict[str, Callable[..., Any]] = {
    "sklearn.model_selection.train_test_split": _split,
    "sklearn.cross_validation.train_test_split": _split,
}
"""What is so often between the data and the model that it is done with made-up data."""
KNOWN: dict[str, Callable[..., Any]] = {
    "tqdm.tqdm": _same,
    "tqdm.trange": _range,
    "tqdm.auto.tqdm": _same,
    "tqdm.notebook.tqdm": _same,
}
"""What hands on what it is given."""
