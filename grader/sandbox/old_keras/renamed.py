"""Arguments of older Keras by the names that they have today: the one table of arguments.

Keras 1 to 2 is what Keras 2 itself translated (keras/legacy/interfaces.py in Keras 2.0 to 2.3)
and the Keras 2.0 release notes, https://github.com/keras-team/keras/releases/tag/2.0.0; Keras 2
to 3 was compared with the signatures of Keras 3. What Keras 3 takes by an older name in the same
meaning (``input_shape``, ``input_dim``, the metric ``acc``, the initializer ``normal``) needs no
row. Recurrent layers have none: they had other activations in Keras 1.
"""

from __future__ import annotations

from typing import Any

Rename = str | tuple[str, ...]
"""Today's name, or several that all take the value."""

PADDED: dict[str, Rename] = {"border_mode": "padding"}
ORDERED: dict[str, Rename] = {"dim_ordering": "data_format"}
POOL_1D: dict[str, Rename] = {**PADDED, "pool_length": "pool_size", "stride": "strides"}
POOL_2D: dict[str, Rename] = {**PADDED, **ORDERED}
BIAS: dict[str, Rename] = {
    "b_regularizer": "bias_regularizer",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
}
KERNEL: dict[str, Rename] = {
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "W_constraint": "kernel_constraint",
    **BIAS,
}
FILTERS: dict[str, Rename] = {"nb_filter": "filters", **PADDED}
CONVOLUTION: dict[str, Rename] = {**FILTERS, "subsample": "strides", **ORDERED, **KERNEL}
OPTIMIZER: dict[str, Rename] = {"lr": "learning_rate"}
MODEL: dict[str, Rename] = {"input": "inputs", "output": "outputs"}

RENAMED: dict[str, dict[str, Rename]] = {
    "layers.Layer": {},
    "layers.Dense": {"output_dim": "units", **KERNEL},
    "layers.Conv1D": {
        **FILTERS,
        "filter_length": "kernel_size",
        "subsample_length": "strides",
        **KERNEL,
    },
    "layers.Conv2D": CONVOLUTION,
    "layers.Conv3D": CONVOLUTION,
    "layers.Conv2DTranspose": CONVOLUTION,
    "layers.SeparableConv2D": {
        **FILTERS,
        "subsample": "strides",
        **ORDERED,
        "init": ("depthwise_initializer", "pointwise_initializer"),
        **BIAS,
    },
    "layers.DepthwiseConv2D": {"init": "depthwise_initializer", **PADDED, **ORDERED, **BIAS},
    "layers.MaxPooling1D": POOL_1D,
    "layers.AveragePooling1D": POOL_1D,
    "layers.MaxPooling2D": POOL_2D,
    "layers.AveragePooling2D": POOL_2D,
    "layers.MaxPooling3D": POOL_2D,
    "layers.AveragePooling3D": POOL_2D,
    "layers.GlobalMaxPooling2D": ORDERED,
    "layers.GlobalAveragePooling2D": ORDERED,
    "layers.GlobalMaxPooling3D": ORDERED,
    "layers.GlobalAveragePooling3D": ORDERED,
    "layers.UpSampling1D": {"length": "size"},
    "layers.UpSampling2D": ORDERED,
    "layers.UpSampling3D": ORDERED,
    "layers.ZeroPadding2D": ORDERED,
    "layers.ZeroPadding3D": ORDERED,
    "layers.Cropping2D": ORDERED,
    "layers.Cropping3D": ORDERED,
    "layers.Dropout": {"p": "rate"},
    "layers.SpatialDropout1D": {"p": "rate"},
    "layers.SpatialDropout2D": {"p": "rate", **ORDERED},
    "layers.SpatialDropout3D": {"p": "rate", **ORDERED},
    "layers.GaussianDropout": {"p": "rate"},
    "layers.GaussianNoise": {"sigma": "stddev"},
    "layers.BatchNormalization": {
        "beta_init": "beta_initializer",
        "gamma_init": "gamma_initializer",
    },
    "layers.Embedding": {
        "init": "embeddings_initializer",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "layers.LeakyReLU": {"alpha": "negative_slope"},
    "layers.PReLU": {"init": "alpha_initializer"},
    "layers.Flatten": {},
    "layers.Reshape": {},
    "layers.Permute": {},
    "layers.Activation": {},
    "models.Model": MODEL,
    "src.models.functional.Functional": MODEL,
    "optimizers.SGD": OPTIMIZER,
    "optimizers.RMSprop": OPTIMIZER,
    "optimizers.Adagrad": OPTIMIZER,
    "optimizers.Adadelta": OPTIMIZER,
    "optimizers.Adam": OPTIMIZER,
    "optimizers.Adamax": OPTIMIZER,
    "optimizers.Nadam": OPTIMIZER,
    "optimizers.Ftrl": OPTIMIZER,
    "regularizers.L1": {"l": "l1"},
    "regularizers.L2": {"l": "l2"},
    "constraints.MaxNorm": {"m": "max_value"},
}
"""By where the class stands below ``keras``: an older argument, and what it is called today."""

MAPPED: dict[str, dict[Any, Any]] = {
    "dim_ordering": {"tf": "channels_last", "th": "channels_first", "default": None},
}
"""Older arguments whose values have other names too."""

JOINED: dict[str, tuple[str, tuple[str, ...]]] = {
    "Conv2D": ("kernel_size", ("nb_row", "nb_col")),
    "Conv2DTranspose": ("kernel_size", ("nb_row", "nb_col")),
    "SeparableConv2D": ("kernel_size", ("nb_row", "nb_col")),
    "Conv3D": ("kernel_size", ("kernel_dim1", "kernel_dim2", "kernel_dim3")),
}
"""Arguments that are one tuple today."""

_NO_EPSILON: dict[str, tuple[Any, ...]] = {"epsilon": (None,)}
LEFT_OUT: dict[str, dict[str, tuple[Any, ...]]] = {
    "BatchNormalization": {"mode": (0,), "fused": (None, True, False), "renorm": (False,)},
    "RMSprop": _NO_EPSILON,
    "Adagrad": _NO_EPSILON,
    "Adadelta": _NO_EPSILON,
    "Adam": _NO_EPSILON,
    "Adamax": _NO_EPSILON,
    "Nadam": {**_NO_EPSILON, "schedule_decay": (0.004,)},
}
"""Arguments that say what Keras 3 does anyway, when they have one of these values.

Without an ``epsilon`` Keras 2 took its own, 1e-7, which is the default today; Keras 3 takes None
as it stands, and fails when it trains.
"""

NOT_TODAY: dict[tuple[str, str], str] = {
    ("BatchNormalization", "mode"): (
        "Keras 3 normalises each feature map over the batch, which was mode=0, and nothing else."
    ),
    ("BatchNormalization", "renorm"): "Keras 3 has no batch renormalisation: leave renorm out.",
    ("Nadam", "schedule_decay"): "Keras 3 has a fixed one, 0.004: leave schedule_decay out.",
}
"""What to do about such an argument when it has another value."""

DEFAULTS: dict[str, tuple[str, Any]] = {
    "AveragePooling1D": ("pool_size", 2),
    "AveragePooling2D": ("pool_size", (2, 2)),
    "AveragePooling3D": ("pool_size", (2, 2, 2)),
}
"""A first argument that Keras 1 and 2 had a default for, and Keras 3 insists on."""

DECAY_PLACE = {"SGD": 2, "Adam": 4}
"""The position at which Keras 1 and 2 took ``decay``, and Keras 3 takes a yes or no."""
