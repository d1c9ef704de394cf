"""Where the modules and names of older Keras and TensorFlow stand today: the one table of places.

What Keras 1 and 2 had is in their sources; that a place is free in Keras 3, and that today's is
not, is tested.
"""

from __future__ import annotations

ROOTS = {
    "keras.api._v2.keras": "keras._tf_keras.keras",
    "keras.api": "keras",
    "keras": "keras",
    "tensorflow.keras": "keras._tf_keras.keras",
    "tensorflow.python.keras": "keras._tf_keras.keras",
    "tensorflow.contrib.keras.python.keras": "keras._tf_keras.keras",
    "tensorflow.contrib.keras.api.keras": "keras._tf_keras.keras",
    "tensorflow.contrib.keras": "keras._tf_keras.keras",
}
"""Packages that are Keras, the longer names first, and the module that each of them is today.

``tensorflow.python.keras`` is still there, a frozen copy of Keras 2: its layers do not fit into
models of Keras 3, and it is never used.
"""

SHOWN = {"keras._tf_keras.keras": "tensorflow.keras", "keras": "keras"}
"""What a person calls such a module."""

GONE_ROOTS = {root for root in ROOTS if root not in ("keras", "tensorflow.keras")}
FROZEN = "tensorflow.python.keras"
STALE = ("optimizers.legacy",)
"""Modules that Keras 3 has, only to say that they are gone."""

MODULES: dict[str, tuple[str, ...]] = {
    "_v2": ("",),
    "api": ("",),
    "python": ("",),
    "engine": ("layers", "models", ""),
    "engine.base_layer": ("layers", ""),
    "engine.functional": ("models", ""),
    "engine.input_layer": ("layers", ""),
    "engine.input_spec": ("layers", ""),
    "engine.network": ("models", ""),
    "engine.sequential": ("models", ""),
    "engine.topology": ("layers", "models", "utils", ""),
    "engine.training": ("models", ""),
    "legacy.layers": ("layers",),
    "layers.activation": ("layers",),
    "layers.advanced_activations": ("layers",),
    "layers.attention": ("layers",),
    "layers.containers": ("models",),
    "layers.convolutional": ("layers",),
    "layers.convolutional_recurrent": ("layers",),
    "layers.core": ("layers",),
    "layers.embeddings": ("layers",),
    "layers.experimental": ("layers",),
    "layers.experimental.preprocessing": ("layers",),
    "layers.local": ("layers",),
    "layers.merge": ("layers",),
    "layers.merging": ("layers",),
    "layers.noise": ("layers",),
    "layers.normalization": ("layers",),
    "layers.normalization.batch_normalization": ("layers",),
    "layers.normalization_v2": ("layers",),
    "layers.pooling": ("layers",),
    "layers.preprocessing": ("layers",),
    "layers.preprocessing.image_preprocessing": ("layers",),
    "layers.recurrent": ("layers",),
    "layers.recurrent_v2": ("layers",),
    "layers.regularization": ("layers",),
    "layers.reshaping": ("layers",),
    "layers.wrappers": ("layers",),
    "backend.common": ("backend",),
    "backend.tensorflow_backend": ("backend",),
    "backend.theano_backend": ("backend",),
    "initializations": ("initializers",),
    "initializers.initializers_v1": ("initializers",),
    "initializers.initializers_v2": ("initializers",),
    "losses.losses": ("losses",),
    "objectives": ("losses",),
    "optimizers.adadelta_v2": ("optimizers",),
    "optimizers.adagrad_v2": ("optimizers",),
    "optimizers.adam_v2": ("optimizers",),
    "optimizers.adamax_v2": ("optimizers",),
    "optimizers.experimental": ("optimizers",),
    "optimizers.gradient_descent_v2": ("optimizers",),
    "optimizers.legacy": ("optimizers",),
    "optimizers.nadam_v2": ("optimizers",),
    "optimizers.optimizer_v2": ("optimizers",),
    "optimizers.rmsprop_v2": ("optimizers",),
    "optimizer_v2": ("optimizers",),
    "optimizer_v2.adadelta": ("optimizers",),
    "optimizer_v2.adagrad": ("optimizers",),
    "optimizer_v2.adam": ("optimizers",),
    "optimizer_v2.adamax": ("optimizers",),
    "optimizer_v2.gradient_descent": ("optimizers",),
    "optimizer_v2.nadam": ("optimizers",),
    "optimizer_v2.rmsprop": ("optimizers",),
    "utils.all_utils": ("utils",),
    "utils.data_utils": ("utils",),
    "utils.generic_utils": ("utils",),
    "utils.image_utils": ("utils",),
    "utils.io_utils": ("utils",),
    "utils.layer_utils": ("utils",),
    "utils.multi_gpu_utils": ("utils",),
    "utils.np_utils": ("utils",),
    "utils.training_utils": ("utils",),
    "utils.vis_utils": ("utils",),
    "utils.visualize_util": ("utils",),
    "wrappers.scikit_learn": ("wrappers",),
}
"""A module of older Keras below its root, and where its names are to be looked for today."""

NAMES = {
    "constraints.maxnorm": "constraints.max_norm",
    "constraints.nonneg": "constraints.non_neg",
    "constraints.unitnorm": "constraints.unit_norm",
    "initializers.normal": "initializers.RandomNormal",
    "initializers.one": "initializers.Ones",
    "initializers.uniform": "initializers.RandomUniform",
    "initializers.zero": "initializers.Zeros",
    "models.Input": "layers.Input",
    "optimizers.adadelta": "optimizers.Adadelta",
    "optimizers.adagrad": "optimizers.Adagrad",
    "optimizers.adam": "optimizers.Adam",
    "optimizers.adamax": "optimizers.Adamax",
    "optimizers.nadam": "optimizers.Nadam",
    "optimizers.rmsprop": "optimizers.RMSprop",
    "optimizers.sgd": "optimizers.SGD",
    "regularizers.WeightRegularizer": "regularizers.L1L2",
    "regularizers.l1l2": "regularizers.l1_l2",
    "utils.plot": "utils.plot_model",
}
"""Names of older Keras, and today's for the same thing."""

TENSORFLOW_NAMES = {
    "ConfigProto": "compat.v1.ConfigProto",
    "GPUOptions": "compat.v1.GPUOptions",
    "enable_eager_execution": "compat.v1.enable_eager_execution",
    "get_default_graph": "compat.v1.get_default_graph",
    "logging": "compat.v1.logging",
    "reset_default_graph": "compat.v1.reset_default_graph",
    "set_random_seed": "random.set_seed",
}
"""Names of TensorFlow 1 that change no model, and where they stand in TensorFlow 2."""
