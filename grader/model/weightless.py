"""Building Keras models without making their weights.

Inside ``keras.StatelessScope(initialize_variables=False)`` a layer's weights get a shape and no
value, so that a model of two hundred million parameters is built in milliseconds. Keras refuses
there what has a given value instead of an initialiser, such as an optimiser's learning rate.
Those few numbers are kept here as NumPy arrays, and TensorFlow's runtime is never started.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np


class Known(np.ndarray):
    """A value that answers ``numpy()`` as TensorFlow's tensors do."""

    def numpy(self) -> np.ndarray:
        return np.asarray(self)


@contextlib.contextmanager
def weightless() -> Iterator[None]:
    """Build models in this block without weights. What needs weights' values raises there."""
    import keras
    from keras.src.backend.common.variables import Variable

    create = Variable.__init__

    def create_from_value(
        self: Any, initializer: Any, shape: Any = None, dtype: Any = None, **rest: Any
    ) -> None:
        if callable(initializer) or isinstance(initializer, str):
            create(self, initializer, shape=shape, dtype=dtype, **rest)
            return
        value = np.asarray(initializer)
        if dtype is None:
            dtype = keras.backend.floatx() if value.dtype.kind == "f" else value.dtype.name
        known = value.astype(keras.backend.standardize_dtype(dtype)).view(Known)
        # Keras asks the initialiser of a variable without a value whenever its value is read.
        create(self, lambda *_, **__: known, shape=value.shape, dtype=dtype, **rest)

    Variable.__init__ = create_from_value
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        Variable.__init__ = create
