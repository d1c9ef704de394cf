"""Answers to 05-convolution-arithmetic that people write, right and wrong."""

from __future__ import annotations

from tests.assignments.grading import Right, Wrong

KERAS = "import keras\nfrom keras import layers\n"

COUNTED = """
alexnet_weights = {
    "conv1": 34848,
    "conv2": 307200,
    "conv3": 884736,
    "conv4": 663552,
    "conv5": 442368,
    "dense1": 177209344,
    "dense2": 16777216,
    "dense3": 4096000,
}
"""

CONVOLUTIONS = """
        layers.Conv2D(96, 11, strides=4, activation="relu"),
        layers.MaxPooling2D(3, strides=2),
        layers.Conv2D(256, 5, padding="same", groups=2, activation="relu"),
        layers.MaxPooling2D(3, strides=2),
        layers.Conv2D(384, 3, padding="same", activation="relu"),
        layers.Conv2D(384, 3, padding="same", groups=2, activation="relu"),
        layers.Conv2D(256, 3, padding="same", groups=2, activation="relu"),
"""
DECISION = """
        layers.Flatten(),
        layers.Dense(4096, activation="relu"),
        layers.Dense(4096, activation="relu"),
        layers.Dense(1000, activation="softmax"),
"""
HEAD = (
    KERAS
    + COUNTED
    + """
def build_alexnet():
    return keras.Sequential([
        keras.Input((227, 227, 3)),
"""
)
TAIL = "    ])\n"

RIGHT: Right = {
    "conv-parameters": {
        "the formula": """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    weights = height * width * (in_channels // groups) * filters
    return weights + filters if bias else weights
""",
        "group by group": """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    if isinstance(kernel, (list, tuple)):
        pixels = kernel[0] * kernel[1]
    else:
        pixels = kernel ** 2
    total = 0
    for _ in range(groups):
        total += pixels * (in_channels // groups) * (filters // groups)
    if bias:
        total += filters
    return total
""",
        "NumPy": """
import numpy as np

def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    pixels = np.prod(np.broadcast_to(kernel, 2))
    return (pixels * in_channels / groups + bool(bias)) * filters
""",
        "counting a kernel's weights with Keras": """
import keras

def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    layer = keras.layers.Conv2D(filters, kernel, groups=groups, use_bias=bias)
    layer.build((None, 20, 20, in_channels))
    return layer.count_params()
""",
    },
    "dense-parameters": {
        "the formula": """
def dense_parameters(inputs, units, bias=True):
    return inputs * units + (units if bias else 0)
""",
        "the bias as one more input": """
def dense_parameters(inputs, units, bias=True):
    return (inputs + int(bias)) * units
""",
        "unit by unit": """
def dense_parameters(inputs, units, bias=True):
    total = 0
    for _ in range(units):
        total += inputs
        if bias:
            total += 1
    return total
""",
    },
    "volume": {
        "numbers": """
volume = {
    "weights": 73728, "with_biases": 73792, "output_values": 128000, "multiply_adds": 147456000
}
""",
        "expressions": """
weights = 3 * 3 * 128 * 64
volume = dict(
    weights=weights,
    with_biases=weights + 64,
    output_values=40 * 50 * 64,
    multiply_adds=40 * 50 * weights,
)
""",
        "from the function, and text with commas": """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    return kernel * kernel * in_channels // groups * filters + bias * filters

volume = {"weights": "73,728", "output_values": "128,000"}
volume["with_biases"] = conv_parameters(3, 128, 64)
volume["multiply_adds"] = 1.47456e8
""",
    },
    "two-cards": {
        "numbers": COUNTED,
        "card by card": """
alexnet_weights = {
    "conv1": 11 * 11 * 3 * 48 * 2,
    "conv2": 5 * 5 * 48 * 128 * 2,
    "conv3": 3 * 3 * (128 * 2) * (192 * 2),
    "conv4": 3 * 3 * 192 * 192 * 2,
    "conv5": 3 * 3 * 192 * 128 * 2,
    "dense1": 13 * 13 * (128 * 2) * (2048 * 2),
    "dense2": 4096 * 4096,
    "dense3": 4096 * 1000,
}
""",
        "in a loop": """
import numpy as np

layers = [
    ("conv1", 11, 3, 96, 1),
    ("conv2", 5, 96, 256, 2),
    ("conv3", 3, 256, 384, 1),
    ("conv4", 3, 384, 384, 2),
    ("conv5", 3, 384, 256, 2),
    ("dense1", 13, 256, 4096, 1),
    ("dense2", 1, 4096, 4096, 1),
    ("dense3", 1, 4096, 1000, 1),
]
alexnet_weights = {}
for name, k, c, f, g in layers:
    alexnet_weights[name] = np.int64(k * k * c * f // g)
""",
    },
    "alexnet": {
        "Sequential": HEAD + CONVOLUTIONS + DECISION + TAIL,
        "Functional, activations behind, padding apart": KERAS
        + COUNTED
        + """
def build_alexnet():
    image = keras.Input((227, 227, 3))
    x = layers.ReLU()(layers.Conv2D(96, (11, 11), strides=(4, 4))(image))
    x = layers.MaxPool2D((3, 3), (2, 2))(x)
    x = layers.ZeroPadding2D(2)(x)
    x = layers.Activation("relu")(layers.Conv2D(256, 5, groups=2)(x))
    x = layers.MaxPool2D(pool_size=3, strides=2)(x)
    for filters, groups in [(384, 1), (384, 2), (256, 2)]:
        x = layers.ZeroPadding2D()(x)
        x = layers.ReLU()(layers.Conv2D(filters, 3, groups=groups)(x))
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(4096, activation="relu")(x)
        x = layers.Dropout(0.5)(x)
    x = layers.Dense(1000)(x)
    return keras.Model(image, layers.Softmax()(x))
""",
        "no biases, as the lecture counts": KERAS
        + COUNTED
        + """
def build_alexnet():
    model = keras.Sequential()
    model.add(keras.Input((227, 227, 3)))

    def conv(filters, kernel, **more):
        model.add(layers.Conv2D(filters, kernel, use_bias=False, activation="relu", **more))

    conv(96, 11, strides=4)
    model.add(layers.MaxPooling2D(3, 2))
    conv(256, 5, padding="same", groups=2)
    model.add(layers.MaxPooling2D(3, 2))
    conv(384, 3, padding="same")
    conv(384, 3, padding="same", groups=2)
    conv(256, 3, padding="same", groups=2)
    model.add(layers.Flatten())
    model.add(layers.Dense(4096, use_bias=False, activation="relu"))
    model.add(layers.Dense(4096, use_bias=False, activation="relu"))
    model.add(layers.Dense(1000, use_bias=False, activation=keras.activations.softmax))
    return model
""",
    },
}
"""By exercise: different ways that all earn full marks."""


WRONG: Wrong = {
    "conv-parameters": {
        "forgets the biases": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    return height * width * (in_channels // groups) * filters
""",
            {
                "with-biases": "failed",
                "pair": "partial",
                "groups": "partial",
                "all-together": "partial",
            },
        ),
        "always adds the biases": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    return height * width * (in_channels // groups) * filters + filters
""",
            {
                "without-biases": "failed",
                "pair": "partial",
                "groups": "partial",
                "all-together": "partial",
            },
        ),
        "a bias for each input channel": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    weights = height * width * (in_channels // groups) * filters
    return weights + in_channels if bias else weights
""",
            {"with-biases": "failed", "pair": "partial", "all-together": "partial"},
        ),
        "square kernels only": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    weights = kernel * kernel * (in_channels // groups) * filters
    return weights + filters if bias else weights
""",
            {"pair": "failed", "all-together": "partial"},
        ),
        "the kernel's height twice": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    side = kernel if isinstance(kernel, int) else kernel[0]
    weights = side * side * (in_channels // groups) * filters
    return weights + filters if bias else weights
""",
            {"pair": "failed", "all-together": "partial"},
        ),
        "ignores the groups": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    weights = height * width * in_channels * filters
    return weights + filters if bias else weights
""",
            {"groups": "failed", "all-together": "partial"},
        ),
        "splits channels and filters, and counts one group": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    weights = height * width * (in_channels // groups) * (filters // groups)
    return weights + filters if bias else weights
""",
            {"groups": "failed", "all-together": "partial"},
        ),
        "divides the biases as well": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    return (height * width * in_channels + bool(bias)) * filters // groups
""",
            {"groups": "partial", "all-together": "partial"},
        ),
        "one channel only": (
            """
def conv_parameters(kernel, in_channels, filters, bias=True, groups=1):
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    weights = height * width * filters
    return weights + filters if bias else weights
""",
            {
                "with-biases": "partial",
                "without-biases": "failed",
                "pair": "failed",
                "groups": "partial",
                "all-together": "partial",
            },
        ),
    },
    "dense-parameters": {
        "forgets the biases": (
            "def dense_parameters(inputs, units, bias=True):\n    return inputs * units",
            {"with-biases": "failed", "other-sizes": "partial"},
        ),
        "always adds the biases": (
            "def dense_parameters(inputs, units, bias=True):\n    return inputs * units + units",
            {"without-biases": "failed", "other-sizes": "partial"},
        ),
        "one bias for the whole layer": (
            "def dense_parameters(inputs, units, bias=True):\n    return inputs * units + bias",
            {"with-biases": "failed", "other-sizes": "partial"},
        ),
        "a bias for each input": (
            "def dense_parameters(inputs, units, bias=True):\n"
            "    return inputs * units + inputs * bias",
            {"with-biases": "failed", "other-sizes": "partial"},
        ),
        "adds instead of multiplying": (
            "def dense_parameters(inputs, units, bias=True):\n"
            "    return inputs + units + (units if bias else 0)",
            {"with-biases": "failed", "without-biases": "failed", "other-sizes": "failed"},
        ),
        "an argument is missing": (
            "def dense_parameters(inputs, units):\n    return inputs * units + units",
            {"without-biases": "failed", "other-sizes": "partial"},
        ),
        "text": (
            "def dense_parameters(inputs, units, bias=True):\n"
            '    return f"{inputs * units + units * bias:,}"',
            {"with-biases": "failed", "without-biases": "failed", "other-sizes": "failed"},
        ),
    },
    "volume": {
        "weights and biases swapped": (
            """
volume = {
    "weights": 73792, "with_biases": 73728, "output_values": 128000, "multiply_adds": 147456000
}
""",
            {"answers": "partial"},
        ),
        "a bias for each input channel": (
            """
volume = {
    "weights": 73728, "with_biases": 73856, "output_values": 128000, "multiply_adds": 147456000
}
""",
            {"answers": "partial"},
        ),
        "values of the input": (
            """
volume = {
    "weights": 73728, "with_biases": 73792, "output_values": 256000, "multiply_adds": 147456000
}
""",
            {"answers": "partial"},
        ),
        "additions counted as well": (
            """
volume = {
    "weights": 73728, "with_biases": 73792, "output_values": 128000, "multiply_adds": 294912000
}
""",
            {"answers": "partial"},
        ),
        "the size without padding": (
            """
volume = {
    "weights": 73728,
    "with_biases": 73792,
    "output_values": 38 * 48 * 64,
    "multiply_adds": 38 * 48 * 73728,
}
""",
            {"answers": "partial"},
        ),
        "a key is missing": (
            'volume = {"weights": 73728, "with_biases": 73792, "output_values": 128000}',
            {"answers": "partial"},
        ),
        "a dense layer's count": (
            """
weights = 40 * 50 * 128 * 40 * 50 * 64
volume = {"weights": weights, "with_biases": weights + 128000}
""",
            {"answers": "failed"},
        ),
    },
    "two-cards": {
        "with biases": (
            """
alexnet_weights = {
    "conv1": 34944,
    "conv2": 307456,
    "conv3": 885120,
    "conv4": 663936,
    "conv5": 442624,
    "dense1": 177213440,
    "dense2": 16781312,
    "dense3": 4097000,
}
""",
            {"answers": "failed"},
        ),
        "one card": (
            """
alexnet_weights = {
    "conv1": 17424,
    "conv2": 153600,
    "conv3": 442368,
    "conv4": 331776,
    "conv5": 221184,
    "dense1": 88604672,
    "dense2": 8388608,
    "dense3": 2048000,
}
""",
            {"answers": "failed"},
        ),
        "no groups": (
            COUNTED + "alexnet_weights.update(conv2=614400, conv4=1327104, conv5=884736)\n",
            {"answers": "partial"},
        ),
        "the third convolution in groups": (
            COUNTED + 'alexnet_weights["conv3"] = 442368\n',
            {"answers": "partial"},
        ),
        "a third pooling": (
            COUNTED + 'alexnet_weights["dense1"] = 6 * 6 * 256 * 4096\n',
            {"answers": "partial"},
        ),
        "one channel in the image": (
            COUNTED + 'alexnet_weights["conv1"] = 11 * 11 * 96\n',
            {"answers": "partial"},
        ),
        "a layer not filled in": (
            COUNTED + 'alexnet_weights["dense3"] = None\n',
            {"answers": "partial"},
        ),
        "keys of its own": (
            'alexnet_weights = {"Conv1": 34848, "Conv2": 307200, "FC1": 177209344}',
            {"answers": "failed"},
        ),
    },
    "alexnet": {
        "no groups": (
            HEAD + CONVOLUTIONS.replace(" groups=2,", "") + DECISION + TAIL,
            {"layers": "partial", "parameters": "skipped", "verify": "partial"},
        ),
        "the third convolution in groups": (
            HEAD
            + CONVOLUTIONS.replace(
                '(384, 3, padding="same", a', '(384, 3, padding="same", groups=2, a'
            )
            + DECISION
            + TAIL,
            {"layers": "partial", "parameters": "skipped", "verify": "partial"},
        ),
        "a third pooling": (
            HEAD + CONVOLUTIONS + "        layers.MaxPooling2D(3, strides=2)," + DECISION + TAIL,
            {
                "layers": "partial",
                "feature_maps": "partial",
                "parameters": "skipped",
                "verify": "partial",
            },
        ),
        "the first convolution padded": (
            HEAD
            + CONVOLUTIONS.replace("strides=4,", 'strides=4, padding="same",')
            + DECISION
            + TAIL,
            {"feature_maps": "partial", "parameters": "skipped"},
        ),
        "poolings of 2×2": (
            HEAD
            + CONVOLUTIONS.replace("MaxPooling2D(3, strides=2)", "MaxPooling2D(2)")
            + DECISION
            + TAIL,
            {"layers": "partial", "parameters": "skipped"},
        ),
        "half of the filters, as on one card": (
            HEAD
            + CONVOLUTIONS.replace("(96", "(48").replace("(256", "(128").replace("(384", "(192")
            + DECISION.replace("4096", "2048")
            + TAIL,
            {
                "layers": "partial",
                "feature_maps": "partial",
                "parameters": "skipped",
                "verify": "failed",
            },
        ),
        "no activations in the convolutions": (
            HEAD + CONVOLUTIONS.replace(', activation="relu"', "") + DECISION + TAIL,
            {"layers": "partial", "parameters": "skipped"},
        ),
        "a sigmoid at the end": (
            HEAD + CONVOLUTIONS + DECISION.replace("softmax", "sigmoid") + TAIL,
            {"layers": "partial", "parameters": "skipped"},
        ),
        "ten classes": (
            HEAD + CONVOLUTIONS + DECISION.replace("1000", "10") + TAIL,
            {
                "layers": "partial",
                "feature_maps": "partial",
                "parameters": "skipped",
                "verify": "partial",
            },
        ),
        "counted with biases": (
            HEAD.replace("34848", "34944") + CONVOLUTIONS + DECISION + TAIL,
            {"verify": "partial"},
        ),
        "one dense layer too few": (
            HEAD
            + CONVOLUTIONS
            + DECISION.replace('        layers.Dense(4096, activation="relu"),\n', "", 1)
            + TAIL,
            {
                "layers": "partial",
                "feature_maps": "partial",
                "parameters": "skipped",
                "verify": "failed",
            },
        ),
    },
}
"""By exercise: what goes wrong, the answer, and every check that does not pass."""
