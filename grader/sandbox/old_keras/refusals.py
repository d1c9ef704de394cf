"""What older Keras and TensorFlow 1 had and no model of Keras 3 can have, and what to write.

Such a name can be imported, as notebooks import more than they use; it refuses to be used.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any, NoReturn

from grader.sandbox.old_keras.interpreter import OldKeras, belongs

MERGE = (
    "Build the model with keras.Model(inputs, outputs) and join the branches with "
    "keras.layers.add([a, b]) or keras.layers.concatenate([a, b])."
)
_LOCAL = "Keras 3 has no layers with a kernel for each place. Conv{}D shares one kernel."
_TILED = "Write Conv{0}D(filters, kernel_size, dilation_rate=…)."

LAYERS = {
    "AtrousConv1D": _TILED.format(1),
    "AtrousConv2D": _TILED.format(2),
    "AtrousConvolution1D": _TILED.format(1),
    "AtrousConvolution2D": _TILED.format(2),
    "CuDNNGRU": "Write GRU(units, reset_after=True); Keras picks the fast kernel itself.",
    "CuDNNLSTM": "Write LSTM(units); Keras picks the fast kernel itself.",
    "Deconv2D": "Write Conv2DTranspose(filters, kernel_size, strides=…).",
    "Deconvolution2D": "Write Conv2DTranspose(filters, kernel_size, strides=…).",
    "Highway": "Write its two Dense layers and join them with multiply and add.",
    "LocallyConnected1D": _LOCAL.format(1),
    "LocallyConnected2D": _LOCAL.format(2),
    "MaxoutDense": "Write Dense layers side by side and join them with keras.layers.maximum([…]).",
    "Merge": MERGE,
    "ParametricSoftplus": "Keras 3 has no softplus with learned weights; softplus has none.",
    "SReLU": "Keras 3 has no such activation; PReLU learns the slope below zero.",
    "TimeDistributedDense": "Write TimeDistributed(Dense(units)).",
}
"""Of ``keras.layers``."""

OTHERS = {
    "models.Graph": "Build the model with keras.Model(inputs, outputs).",
    "regularizers.ActivityRegularizer": "Write keras.regularizers.L1L2(l1=…, l2=…).",
    "regularizers.activity_l1": "Write keras.regularizers.L1(…).",
    "regularizers.activity_l1l2": "Write keras.regularizers.L1L2(l1=…, l2=…).",
    "regularizers.activity_l2": "Write keras.regularizers.L2(…).",
    "utils.multi_gpu_model": "Leave it out: the model is the same on one device.",
    "wrappers.KerasClassifier": "The model itself is asked for, without scikit-learn.",
    "wrappers.KerasRegressor": "The model itself is asked for, without scikit-learn.",
}
"""Below ``keras``."""

TF_LAYERS = {
    "average_pooling2d": "AveragePooling2D",
    "batch_normalization": "BatchNormalization",
    "conv1d": "Conv1D",
    "conv2d": "Conv2D",
    "conv2d_transpose": "Conv2DTranspose",
    "conv3d": "Conv3D",
    "dense": "Dense",
    "dropout": "Dropout",
    "flatten": "Flatten",
    "max_pooling1d": "MaxPooling1D",
    "max_pooling2d": "MaxPooling2D",
    "separable_conv2d": "SeparableConv2D",
}
"""Functions of ``tf.layers``, and the layer that does the same."""

_NO_SESSION = "TensorFlow 2 computes at once: build the model with keras.layers, without a session."
TENSORFLOW = {
    "InteractiveSession": _NO_SESSION,
    "Session": _NO_SESSION,
    "get_variable": "The layers of keras.layers make their weights themselves.",
    "global_variables_initializer": _NO_SESSION,
    "placeholder": "Write keras.Input(shape), with the shape of one image.",
    "variable_scope": "The layers of keras.layers make and name their weights themselves.",
}
"""Of TensorFlow 1 itself."""

OPTIMIZERS = {
    "AdadeltaOptimizer": "Adadelta(learning_rate=…)",
    "AdagradOptimizer": "Adagrad(learning_rate=…)",
    "AdamOptimizer": "Adam(learning_rate=…)",
    "GradientDescentOptimizer": "SGD(learning_rate=…)",
    "MomentumOptimizer": "SGD(learning_rate=…, momentum=…)",
    "RMSPropOptimizer": "RMSprop(learning_rate=…)",
}
"""Of ``tf.train``, and the optimizer of Keras that does the same."""

PACKAGES = ("tensorflow.contrib", "tensorflow.layers")
_CONTRIB = "TensorFlow 2 has no contrib: build the model with keras.layers."


class Refused:
    """Stands for something that is gone, and says so when it is used."""

    def __init__(self, name: str, advice: str) -> None:
        self._sentence = belongs(name, advice)
        self.__name__ = name.rpartition(".")[2]

    def _refuse(self) -> NoReturn:
        raise OldKeras(self._sentence)

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse()

    def __mro_entries__(self, _: tuple[Any, ...]) -> NoReturn:
        self._refuse()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._refuse()

    def __instancecheck__(self, _: Any) -> bool:
        return False


class GonePackage(types.ModuleType):
    """A package of TensorFlow 1; whatever is asked of it refuses to be used."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__all__: list[str] = []

    @classmethod
    def find(cls, fullname: str) -> types.ModuleType | None:
        """The module of that name, when it is one of such a package."""
        inside = any(f"{fullname}.".startswith(f"{package}.") for package in PACKAGES)
        return cls(fullname) if inside else None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        whole = f"{self.__name__}.{name}"
        if whole == "tensorflow.contrib.keras":
            return importlib.import_module(whole)
        shown = f"tf.{whole.partition('.')[2]}"
        if not self.__name__.startswith("tensorflow.layers"):
            return Refused(shown, _CONTRIB) if "." in shown[11:] else type(self)(whole)
        layer = TF_LAYERS.get(name, name if name[0].isupper() else None)
        if layer is None:
            return Refused(shown, "Build the model with keras.layers.")
        return Refused(shown, f"Write keras.layers.{layer}(…)(x).")

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        shown = f"tf.{self.__name__.partition('.')[2]}"
        raise OldKeras(belongs(shown, _CONTRIB))


def refused_tensorflow(name: str) -> Any:
    """What ``tf.NAME`` gives when TensorFlow 2 has no such thing and TensorFlow 1 had."""
    if f"tensorflow.{name}" in PACKAGES:
        return importlib.import_module(f"tensorflow.{name}")
    return Refused(f"tf.{name}", TENSORFLOW[name]) if name in TENSORFLOW else None


def patch() -> None:
    """Put what refuses into the modules, so that ``import *`` brings it too."""
    train = vars(sys.modules["tensorflow"])["train"]
    for name, optimizer in OPTIMIZERS.items():
        vars(train)[name] = Refused(f"tf.train.{name}", f"Write keras.optimizers.{optimizer}.")
    twin = sys.modules["keras._tf_keras.keras"]
    for root in (sys.modules["keras"], twin):
        layers = vars(root)["layers"]
        for name, advice in LAYERS.items():
            if name not in vars(layers):
                vars(layers)[name] = Refused(name, advice)
        for place, advice in OTHERS.items():
            home, _, name = place.partition(".")
            module = vars(root)[home]
            if name not in vars(module):
                vars(module)[name] = Refused(name, advice)
