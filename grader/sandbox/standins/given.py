"""Values that an exercise gives, by the words of the name that asks for one.

``build(width, height, depth, classes)``, ``config.IMG_HEIGHT`` and ``num_classes`` ask for what
the assignment says of its images. Epochs and learning rates are asked for too, and change no
architecture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from grader.sandbox.standins.data import Declared

SETTINGS: dict[str, Any] = {
    **dict.fromkeys(("epochs", "epoch", "num_epochs", "n_epochs", "nb_epoch"), 1),
    **dict.fromkeys(("batch_size", "batch", "bs"), 32),
    **dict.fromkeys(("lr", "learning_rate", "init_lr"), 0.001),
    **dict.fromkeys(("verbose", "seed", "random_state"), 0),
    "optimizer": "adam",
    "loss": "categorical_crossentropy",
    "metrics": ("accuracy",),
}
"""What no architecture depends on."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ABOUT = {"img", "image", "images", "input", "in", "target", "n", "nb", "num", "number", "no", "of"}
"""Words that may stand beside the one that says what is asked for."""
_CLASSES = {"class", "classes", "categories", "labels", "outputs", "output", "out"}
_MEASURES = {"size", "dim", "dims", "shape", "units", "count", "total"}
_SHAPES = {"shape", "shapes"}
_SIZES = {"size", "dim", "dims", "side", "resolution"}
_HEIGHTS = {"height", "rows", "row", "h"}
_WIDTHS = {"width", "cols", "col", "columns", "w"}
_CHANNELS = {"depth", "channels", "channel", "c", "ch"}


def words_of(name: str) -> set[str]:
    """``img``, ``rows`` for ``img_rows`` and for ``imgRows``."""
    return {word.lower() for word in _WORD.findall(name)}


def given_for(name: str, declared: Declared) -> Iterator[Any]:
    """What a name may ask for, the likeliest first; nothing where a word of it is not known.

    ``img_rows`` is a height; ``kernel_size``, ``class_weight`` and a mere ``size`` are the
    student's own affair.
    """
    shape, words = declared.shape, words_of(name) - _ABOUT
    if name.lower() in SETTINGS:
        yield SETTINGS[name.lower()]
    elif is_count(name):
        if declared.classes is not None:
            yield declared.classes
    elif not words:
        return
    elif words <= _SHAPES:
        yield shape
    elif words <= _SIZES and words != words_of(name):
        yield from (shape, shape[:2], shape[0])
    elif words <= _HEIGHTS:
        yield shape[0]
    elif words <= _WIDTHS:
        yield shape[min(1, len(shape) - 1)]
    elif words <= _CHANNELS:
        yield shape[-1]


def is_count(name: str) -> bool:
    """Whether a name asks for the number of classes."""
    words = words_of(name) - _ABOUT
    return bool(words & _CLASSES) and words <= _CLASSES | _MEASURES


def is_clear(name: str) -> bool:
    """Whether a name asks for the input shape or the number of classes, and for nothing else."""
    words = words_of(name) - _ABOUT
    return is_count(name) or (bool(words) and words <= _SHAPES)


def given_outright(name: str, declared: Declared) -> Any:
    """The value of a constant that a missing module or file would have held; None if unknown.

    A size could be anything there, so only names with one meaning count.
    """
    if words_of(name) & _SIZES:
        return None
    value = next(given_for(name, declared), None)
    # ``tfa.optimizers`` and ``tfa.metrics`` are modules, whatever their names are like.
    return None if value in SETTINGS.values() and not isinstance(value, int | float) else value
