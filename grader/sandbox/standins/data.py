"""Images and labels that nobody took: arrays of the exercise's shape, for code that asks for it.

A model depends on its data by shapes and counts alone: ``x_train.shape[1:]``,
``len(set(y_train))``. What is made here has the right ones, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

FEWEST = 20
"""Made-up images, or two for each class where there are more classes than half of it."""
CLASSES = 10
"""Taken where the exercise does not say how many there are."""

Kind = Literal["images", "labels", "dataset", "names", "count"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_COUNTS = {"num", "n", "nb", "no", "number", "count", "total"}
_CLASSES = {"class", "classes", "categories", "labels", "outputs"}
_LABELS = {"y", "label", "labels", "target", "targets", "ys"}
_DATASETS = {"ds", "dataset", "generator", "gen", "loader", "iterator", "batches", "flow"}
_IMAGES = {
    *("x", "xs", "train", "test", "val", "valid", "validation", "data", "dev", "samples"),
    *("image", "images", "img", "imgs", "pixels", "features", "inputs"),
}
_OTHERS = {
    *("model", "models", "net", "network", "cnn", "layer", "layers"),
    *("height", "width", "rows", "cols", "size", "shape", "dim", "dims", "channels", "depth"),
}
"""``test_model`` and ``img_height`` hold no data."""
_RUN_TOGETHER = re.compile(r"([xy])_?(?:train|test|val|valid|tr|te)")
"""``xtrain`` and ``Ytest``."""


def kind_of(name: str) -> Kind | None:
    """What data a variable holds, by the words of its name; None for a name of anything else."""
    words = {word.lower() for word in _WORD.findall(name)}
    together = _RUN_TOGETHER.match(name.lower())
    if words & _OTHERS:
        return None
    if words & _COUNTS and words & _CLASSES:
        return "count"
    if words & {"names", "categories"} or words == {"classes"}:
        return "names" if words & {"class", "classes", "label", "categories"} else None
    if words & _LABELS or (together and together[1] == "y"):
        return "labels"
    if words & _DATASETS:
        return "dataset"
    if words & _IMAGES or together:
        return "images"
    return None


def is_surely_data(name: str) -> bool:
    """``x_train`` and ``images``; ``train_features`` may be those of another network."""
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(
        words & _DATASETS
        or words & {"x", "y", "images", "image", "imgs", "labels"}
        or _RUN_TOGETHER.match(name.lower())
    )


@dataclass(slots=True)
class Declared:
    """The exercise's images, and how data is given that the program has not."""

    shape: tuple[int, ...]
    """Of one image, without the batch axis."""
    classes: int | None
    one_hot: bool = False
    """Labels as rows of zeros and a one."""
    flat: bool = False
    """Images of one channel without the axis of channels."""
    used: set[str] = field(default_factory=set)
    """Names of the variables that were given made-up data."""

    guessed: bool = False
    """Whether a builder was given something by a name that may mean something else."""

    @property
    def doubtful(self) -> bool:
        """Whether any of it may have been meant for something else than the exercise's images."""
        return self.guessed or not all(is_surely_data(name) for name in self.used)

    def make(self, name: str, kind: Kind) -> Any:
        """A value for the variable ``name``."""
        self.used.add(name)
        classes = self.classes or CLASSES
        if kind == "count":
            return classes
        if kind == "names":
            return [str(number) for number in range(classes)]
        if kind == "labels":
            return self._labels(classes)
        if kind == "dataset":
            return Dataset(self)
        return self._images()

    def ways(self) -> list[Declared]:
        """Other ways in which the same data is handed around, for a program that these fail."""
        flat = self.shape[-1:] == (1,) and len(self.shape) == 3
        return [
            Declared(self.shape, self.classes, one_hot, flat_images)
            for flat_images in (False, True)[: 1 + flat]
            for one_hot in (False, True)
            if (one_hot, flat_images) != (self.one_hot, self.flat)
        ]

    def _images(self) -> Examples:
        shape = self.shape[:-1] if self.flat else self.shape
        return made_up_images(shape, self.classes or CLASSES, "float32")

    def _labels(self, classes: int) -> Any:
        labels = made_up_labels(classes)
        if not self.one_hot:
            return labels
        return np.eye(classes, dtype="float32")[labels].view(Examples)


class Examples(np.ndarray):
    """Made-up examples. Fewer than the real ones, so that a written-down number is not held to."""

    def reshape(self, *shape: Any, **settings: Any) -> Any:
        """As NumPy does it, but that a first axis which does not fit is worked out."""
        try:
            return super().reshape(*shape, **settings)
        except ValueError:
            axes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
            # ``x_train.reshape(60000, 28, 28, 1)``: the first axis counts the examples.
            first = len(self) if -1 in axes[1:] else -1
            return super().reshape(first, *axes[1:], **settings)

    def __getitem__(self, key: Any) -> Any:
        """A part that would be empty is the whole: the real data reach further."""
        part = super().__getitem__(key)
        empty = isinstance(key, slice) and len(self) > 0 and len(part) == 0
        return self if empty else part


def made_up_images(shape: tuple[int, ...], classes: int, dtype: str) -> Examples:
    """Black images with one white value each, so that no standard deviation is zero."""
    images = np.zeros((max(FEWEST, 2 * classes), *shape), dtype)
    images.reshape(len(images), -1)[:, 0] = 255
    shown: Examples = images.view(Examples)
    return shown


def made_up_labels(classes: int) -> Any:
    """Every class, again and again."""
    return (np.arange(max(FEWEST, 2 * classes)) % classes).view(Examples)


class Dataset:
    """Stands for a ``tf.data.Dataset`` or a generator over folders of images."""

    def __init__(self, declared: Declared) -> None:
        classes = declared.classes or CLASSES
        self.class_names = [str(number) for number in range(classes)]
        self.class_indices = {name: number for number, name in enumerate(self.class_names)}
        self.num_classes = classes
        self.image_shape = declared.shape
        self.samples = self.n = max(FEWEST, 2 * classes)
        self.batch_size = self.samples
        self.labels = self.classes = made_up_labels(classes)
        self._images = made_up_images(declared.shape, classes, "float32")

    def __getattr__(self, name: str) -> Any:
        """``map``, ``cache``, ``prefetch`` …: the same data set again."""
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: self

    def __iter__(self) -> Any:
        yield self._images, self.labels

    def __next__(self) -> Any:
        return self._images, self.labels

    def __len__(self) -> int:
        return 1

    def __getitem__(self, _: Any) -> Any:
        return self._images, self.labels
