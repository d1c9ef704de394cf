"""Where a notebook gets its data from: Keras's data sets, folders of images, pretrained weights."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from grader.sandbox.standins.data import Dataset, Declared, made_up_images, made_up_labels
from grader.sandbox.standins.notes import Notes

NAMESPACES = ("keras", "keras._tf_keras.keras")
PLACES = ("utils", "preprocessing")
DATASETS: dict[str, tuple[tuple[int, ...], int, str]] = {
    "mnist": ((28, 28), 10, "uint8"),
    "fashion_mnist": ((28, 28), 10, "uint8"),
    "cifar10": ((32, 32, 3), 10, "uint8"),
    "cifar100": ((32, 32, 3), 100, "int64"),
}
"""The shape of an image, the number of classes and the labels' type, as Keras gives them."""
COARSE = 20
"""Classes of CIFAR-100 with ``label_mode="coarse"``."""
FOLDERS = ("image_dataset_from_directory",)
NOWHERE = "/nowhere"
WEIGHTS = (".h5", ".hdf5", ".keras")
"""Files that are never read: ``load_weights`` is answered."""


def prepare() -> None:
    """Import once, before forking, what ``give_data`` would else import in each fork."""
    for namespace in NAMESPACES:
        for place in (*PLACES, *(f"datasets.{name}" for name in DATASETS)):
            importlib.import_module(f"{namespace}.{place}")


def give_data(declared: Declared, notes: Notes) -> None:
    """Answer what would download or read data with made-up data of the same form."""
    for namespace in NAMESPACES:
        for name, form in DATASETS.items():
            module: Any = importlib.import_module(f"{namespace}.datasets.{name}")
            module.load_data = _loader(name, *form, notes)
        for place in PLACES:
            module = importlib.import_module(f"{namespace}.{place}")
            for folder in FOLDERS:
                if hasattr(module, folder):
                    setattr(module, folder, _folder(folder, declared, notes))
            if hasattr(module, "get_file"):
                module.get_file = _downloader(notes)
    from keras.src.legacy.preprocessing.image import ImageDataGenerator
    from keras.src.utils import file_utils

    # Pretrained networks ask here for their weights, and then for load_weights.
    file_utils.get_file = _downloader(notes)
    really_exists = file_utils.exists
    file_utils.exists = lambda path: str(path).endswith(WEIGHTS) or really_exists(path)
    generator: Any = ImageDataGenerator
    for name in ("flow", "flow_from_directory", "flow_from_dataframe"):
        setattr(generator, name, _folder(name, declared, notes))
    generator.fit = lambda *_, **__: None


def _loader(
    name: str, shape: tuple[int, ...], classes: int, dtype: str, notes: Notes
) -> Callable[..., tuple[Any, Any]]:
    def load_data(*given: Any, **settings: Any) -> tuple[Any, Any]:
        notes.add(f"{name}.load_data was answered with made-up images of the same shape.")
        coarse = name == "cifar100" and "coarse" in (*given, *settings.values())
        count = COARSE if coarse else classes
        images, labels = made_up_images(shape, count, "uint8"), made_up_labels(count).astype(dtype)
        if len(shape) == 3:
            labels = labels.reshape(-1, 1)  # CIFAR's labels are a column
        return (images, labels), (images.copy(), labels.copy())

    return load_data


def _folder(name: str, declared: Declared, notes: Notes) -> Callable[..., Dataset]:
    def read_folder(*_: Any, **__: Any) -> Any:
        notes.add(f"{name} was answered with made-up images of the exercise's shape.")
        declared.used.add("images")
        return Dataset(declared)

    return read_folder


def _downloader(notes: Notes) -> Callable[..., str]:
    def get_file(*_: Any, **__: Any) -> str:
        notes.add("Nothing was downloaded; a pretrained network has its architecture alone.")
        return NOWHERE

    return get_file
