"""Every layer of Keras with simple arguments, as code that builds a model of it."""

from __future__ import annotations

VALUES, SEQUENCE, IMAGE, VOLUME = "(5,)", "(8, 3)", "(8, 8, 3)", "(6, 6, 6, 2)"
PAIR = """\
entry = keras.Input((8, 3))
first, second = layers.Dense(4)(entry), layers.Dense(4)(entry)
model = keras.Model(entry, layers.{name}({arguments}){call})"""
ONE = "model = keras.Sequential([keras.Input({shape}), layers.{name}({arguments})])"

MERGING = {
    "Add": "",
    "AdditiveAttention": "",
    "Attention": "",
    "Average": "",
    "Concatenate": "",
    "Dot": "axes=-1",
    "Maximum": "",
    "Minimum": "",
    "Multiply": "",
    "Subtract": "",
}
"""Layers that take a list of two tensors, with their arguments."""

ATTENDING = {
    "GroupQueryAttention": "head_dim=4, num_query_heads=2, num_key_value_heads=2",
    "MultiHeadAttention": "num_heads=2, key_dim=4",
}
"""Layers that take two tensors."""

TAKING_ONE = {
    "Activation": ("'relu'", IMAGE),
    "ActivityRegularization": ("l1=0.1", IMAGE),
    "AlphaDropout": ("0.5", IMAGE),
    "Bidirectional": ("layers.LSTM(4)", SEQUENCE),
    "CategoryEncoding": ("num_tokens=4", f"{VALUES}, dtype='int32'"),
    "CenterCrop": ("4, 4", IMAGE),
    "ConvLSTM1D": ("4, 3", "(4, 8, 3)"),
    "ConvLSTM2D": ("4, 3", "(4, 8, 8, 3)"),
    "ConvLSTM3D": ("4, 3", "(2, 6, 6, 6, 2)"),
    "Dense": ("4", IMAGE),
    "Discretization": ("bin_boundaries=[0.2, 0.5]", IMAGE),
    "Dropout": ("0.5", IMAGE),
    "EinsumDense": ("'abc,cd->abd', output_shape=(None, 4), bias_axes='d'", SEQUENCE),
    "Embedding": ("10, 4", f"{VALUES}, dtype='int32'"),
    "GRU": ("4", SEQUENCE),
    "GaussianDropout": ("0.5", IMAGE),
    "GaussianNoise": ("0.5", IMAGE),
    "GroupNormalization": ("groups=3", IMAGE),
    "Hashing": ("num_bins=4", f"{VALUES}, dtype='int32'"),
    "IntegerLookup": ("vocabulary=[1, 2]", f"{VALUES}, dtype='int32'"),
    "LSTM": ("4", SEQUENCE),
    "Lambda": ("lambda x: x", IMAGE),
    "Masking": ("", SEQUENCE),
    "MelSpectrogram": ("", "(2048,)"),
    "Normalization": ("mean=[0.1, 0.2, 0.3], variance=[1.0, 1.0, 1.0]", IMAGE),
    "Permute": ("(2, 1, 3)", IMAGE),
    "Pipeline": ("[layers.Rescaling(2.0), layers.RandomFlip()]", IMAGE),
    "RNN": ("layers.StackedRNNCells([layers.LSTMCell(4), layers.GRUCell(3)])", SEQUENCE),
    "RandomBrightness": ("0.2", IMAGE),
    "RandomColorDegeneration": ("0.2", IMAGE),
    "RandomColorJitter": ("0.2", IMAGE),
    "RandomContrast": ("0.2", IMAGE),
    "RandomCrop": ("4, 4", IMAGE),
    "RandomGrayscale": ("0.2", IMAGE),
    "RandomHue": ("0.2", IMAGE),
    "RandomInvert": ("0.2", IMAGE),
    "RandomPosterization": ("4", IMAGE),
    "RandomRotation": ("0.2", IMAGE),
    "RandomSaturation": ("0.2", IMAGE),
    "RandomSharpness": ("0.2", IMAGE),
    "RandomShear": ("0.2, 0.2", IMAGE),
    "RandomTranslation": ("0.2, 0.2", IMAGE),
    "RandomZoom": ("0.2", IMAGE),
    "RepeatVector": ("3", VALUES),
    "Rescaling": ("1 / 255", IMAGE),
    "Reshape": ("(64, 3)", IMAGE),
    "Resizing": ("4, 4", IMAGE),
    "ReversibleEmbedding": ("10, 4", f"{VALUES}, dtype='int32'"),
    "STFTSpectrogram": ("", "(2048, 1)"),
    "SimpleRNN": ("4", SEQUENCE),
    "Solarization": ("0.2", IMAGE),
    "SpatialDropout1D": ("0.5", SEQUENCE),
    "SpatialDropout2D": ("0.5", IMAGE),
    "SpatialDropout3D": ("0.5", VOLUME),
    "SpectralNormalization": ("layers.Conv2D(4, 3)", IMAGE),
    "StringLookup": ("vocabulary=['a'], output_mode='int'", f"{VALUES}, dtype='string'"),
    "TextVectorization": ("", "(1,), dtype='string'"),
    "TimeDistributed": ("layers.Conv2D(4, 3)", "(2, 8, 8, 3)"),
}
"""Arguments, and what ``keras.Input`` is given; others take an image and no argument."""

BY_AXES = {
    "AdaptiveAveragePooling": "2",
    "AdaptiveMaxPooling": "2",
    "AveragePooling": "2",
    "Conv": "4, 3",
    "Cropping": "1",
    "DepthwiseConv": "3",
    "GlobalAveragePooling": "",
    "GlobalMaxPooling": "",
    "MaxPooling": "2",
    "SeparableConv": "4, 3",
    "UpSampling": "2",
    "ZeroPadding": "1",
}
"""Arguments of layers that exist for one, two and three axes."""

NOT_ALONE = {
    "FlaxLayer": "wraps another framework",
    "GRUCell": "stands inside RNN",
    "HashedCrossing": "takes two columns of a table",
    "InputLayer": "is in every model",
    "JaxLayer": "wraps another framework",
    "LSTMCell": "stands inside RNN",
    "MaxNumBoundingBoxes": "takes bounding boxes",
    "SimpleRNNCell": "stands inside RNN",
    "StackedRNNCells": "stands inside RNN",
    "TFSMLayer": "reads a file",
    "TorchModuleWrapper": "wraps another framework",
    "Wrapper": "is a base class",
}
"""Layers that no model can be made of alone, and why."""


def code_for(name: str) -> str | None:
    """Code that defines ``model`` with one layer of the class; None where there is none."""
    if name in NOT_ALONE:
        return None
    if name in MERGING:
        return PAIR.format(name=name, arguments=MERGING[name], call="([first, second])")
    if name in ATTENDING:
        return PAIR.format(name=name, arguments=ATTENDING[name], call="(first, second)")
    arguments, shape = TAKING_ONE.get(name, ("", IMAGE))
    for axes, taken in (("1D", SEQUENCE), ("2D", IMAGE), ("3D", VOLUME)):
        kind, found, transposed = name.partition(axes)
        if found and kind in BY_AXES and transposed in ("", "Transpose"):
            arguments, shape = BY_AXES[kind], taken
    return ONE.format(shape=shape, name=name, arguments=arguments)
