"""Answers to 04-stride-padding that people write, right and wrong."""

from __future__ import annotations

from tests.assignments.grading import Right, Wrong

KERAS = "import keras\nfrom keras import layers\n"

RIGHT: Right = {
    "output-size": {
        "the formula": """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    reach = dilation * (kernel - 1) + 1
    return (n + 2 * padding - reach) // stride + 1
""",
        "counting places in a loop": """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    places, start = 0, -padding
    while start + dilation * (kernel - 1) < n + padding:
        places += 1
        start += stride
    return places
""",
        "math.floor and a float division": """
import math

def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    span = kernel + (kernel - 1) * (dilation - 1)
    return math.floor((n + 2 * padding - span) / stride + 1)
""",
        "the length of a range": """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    last = n + padding - dilation * (kernel - 1)
    return len(range(-padding, last, stride))
""",
        "NumPy": """
import numpy as np

def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    starts = np.arange(-padding, n + padding, stride)
    return np.sum(starts + dilation * (kernel - 1) < n + padding)
""",
    },
    "same-padding": {
        "the formula": "def same_padding(kernel):\n    return (kernel - 1) // 2",
        "half of an odd number": "def same_padding(kernel):\n    return kernel // 2",
        "a search with the other function": """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1

def same_padding(kernel):
    padding = 0
    while conv_output_size(1000, kernel, padding=padding) < 1000:
        padding += 1
    return padding
""",
        "a float division made whole": "same_padding = lambda kernel: int((kernel - 1) / 2)",
    },
    "keep": {
        "Sequential, same": KERAS
        + """
def build_keep():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, padding="same")])
""",
        "Functional, ReLU behind": KERAS
        + """
def build_keep():
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(8, (3, 3), strides=(1, 1), padding="SAME")(image)
    return keras.Model(image, layers.ReLU()(x))
""",
        "ZeroPadding2D before valid": KERAS
        + """
def build_keep():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.ZeroPadding2D(1),
        layers.Conv2D(8, 3, activation="relu"),
    ])
""",
        "all padding on two sides, no bias": KERAS
        + """
def build_keep():
    model = keras.Sequential()
    model.add(keras.Input((28, 28, 1)))
    model.add(layers.ZeroPadding2D(((0, 2), (2, 0))))
    model.add(layers.Conv2D(8, kernel_size=3, use_bias=False))
    return model
""",
    },
    "shrink": {
        "Sequential": KERAS
        + """
def build_shrink():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3)])
""",
        "Functional, valid said outright": KERAS
        + """
def build_shrink():
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(filters=8, kernel_size=(3, 3), padding="valid", activation="tanh")(image)
    return keras.Model(image, x)
""",
        "an activation of its own behind": KERAS
        + """
def build_shrink():
    return keras.Sequential([
        layers.Conv2D(8, 3, input_shape=(28, 28, 1)),
        layers.LeakyReLU(),
    ])
""",
    },
    "halve": {
        "Sequential, same": KERAS
        + """
def build_halve():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
    ])
""",
        "Functional, a pixel on each side": KERAS
        + """
def build_halve():
    image = keras.Input((28, 28, 1))
    x = layers.ZeroPadding2D(padding=(1, 1))(image)
    x = layers.Conv2D(8, 3, strides=(2, 2))(x)
    return keras.Model(image, layers.Activation("relu")(x))
""",
        "a pixel on one side only": KERAS
        + """
def build_halve():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.ZeroPadding2D(((0, 1), (0, 1))),
        layers.Conv2D(8, 3, strides=2),
    ])
""",
    },
    "third": {
        "Sequential": KERAS
        + """
def build_third():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, strides=3)])
""",
        "Functional, all said outright": KERAS
        + """
def build_third():
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(8, (3, 3), (3, 3), padding="valid", dilation_rate=1)(image)
    return keras.Model(inputs=image, outputs=x)
""",
        "layers added one by one, activation behind": KERAS
        + """
def build_third():
    model = keras.Sequential([keras.Input((28, 28, 1))])
    model.add(layers.Conv2D(8, 3, strides=3))
    model.add(layers.Activation("relu"))
    return model
""",
    },
}
"""By exercise: different ways that all earn full marks."""

PLAIN_WAITS = {"plain": "failed", "stride": "skipped", "padding": "skipped", "dilation": "skipped"}
NOT_ONE = {"one-convolution": "failed", "output_shape": "skipped"}
PARTLY_ONE = {"one-convolution": "partial", "output_shape": "skipped"}
PLACES_WAIT = {"places": "skipped"}

WRONG: Wrong = {
    "output-size": {
        "forgets the first place": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride
""",
            {**PLAIN_WAITS, "all-together": "failed"},
        ),
        "pads one side only": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return (n + padding - dilation * (kernel - 1) - 1) // stride + 1
""",
            {"padding": "failed", "all-together": "partial"},
        ),
        "rounds up": (
            """
import math

def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return math.ceil((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
""",
            {"stride": "partial", "all-together": "partial"},
        ),
        "does not round": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
""",
            {"stride": "partial", "all-together": "partial"},
        ),
        "adds the first place before it divides": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * (kernel - 1)) // stride
""",
            {"stride": "partial", "all-together": "partial"},
        ),
        "knows no dilation": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - kernel) // stride + 1
""",
            {"dilation": "failed", "all-together": "partial"},
        ),
        "multiplies the kernel by the dilation": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * kernel) // stride + 1
""",
            {"dilation": "failed", "all-together": "partial"},
        ),
        "takes no stride into account": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    return n + 2 * padding - dilation * (kernel - 1)
""",
            {"stride": "failed", "all-together": "partial"},
        ),
        "prints instead of returning": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    print((n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)
""",
            {**PLAIN_WAITS, "all-together": "failed"},
        ),
        "answers for both axes": (
            """
def conv_output_size(n, kernel, stride=1, padding=0, dilation=1):
    size = (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    return size, size
""",
            {**PLAIN_WAITS, "all-together": "failed"},
        ),
    },
    "same-padding": {
        "both sides together": (
            "def same_padding(kernel):\n    return kernel - 1",
            {"returns": "partial", "larger-kernels": "failed"},
        ),
        "rounds up": (
            "def same_padding(kernel):\n    return (kernel + 1) // 2",
            {"returns": "failed", "larger-kernels": "failed"},
        ),
        "always one pixel": (
            "def same_padding(kernel):\n    return 1",
            {"returns": "partial", "larger-kernels": "failed"},
        ),
        "does not round": (
            "def same_padding(kernel):\n    return kernel / 2",
            {"returns": "failed", "larger-kernels": "failed"},
        ),
        "Keras's word": (
            'def same_padding(kernel):\n    return "same"',
            {"returns": "failed", "larger-kernels": "failed"},
        ),
        "a pair for the two sides": (
            "def same_padding(kernel):\n    return (kernel - 1) // 2, (kernel - 1) // 2",
            {"returns": "failed", "larger-kernels": "failed"},
        ),
        "knows the usual kernels only": (
            "def same_padding(kernel):\n    return {1: 0, 3: 1, 5: 2, 7: 3, 11: 5}[kernel]",
            {"larger-kernels": "partial"},
        ),
    },
    "keep": {
        "no padding": (
            KERAS
            + """
def build_keep():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3)])
""",
            {"output_shape": "failed", **PLACES_WAIT},
        ),
        "zeros around the finished map": (
            KERAS
            + """
def build_keep():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.ZeroPadding2D(1)
    ])
""",
            {"places": "failed"},
        ),
        "a pixel too many": (
            KERAS
            + """
def build_keep():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.ZeroPadding2D(2), layers.Conv2D(8, 3)
    ])
""",
            {"output_shape": "failed", **PLACES_WAIT},
        ),
        "a 1×1 kernel": (
            KERAS
            + """
def build_keep():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 1)])
""",
            {**NOT_ONE, **PLACES_WAIT},
        ),
        "a 1×9 kernel, which has as many weights": (
            KERAS
            + """
def build_keep():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, (1, 9), padding="same")
    ])
""",
            {**NOT_ONE, **PLACES_WAIT},
        ),
        "resized": (
            KERAS
            + """
def build_keep():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Resizing(28, 28)
    ])
""",
            {**PARTLY_ONE, **PLACES_WAIT},
        ),
        "two convolutions": (
            KERAS
            + """
def build_keep():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 3, padding="same"),
        layers.Conv2D(8, 3, padding="same"),
    ])
""",
            {**PARTLY_ONE, **PLACES_WAIT},
        ),
        "dilated": (
            KERAS
            + """
def build_keep():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3, padding="same", dilation_rate=2)
    ])
""",
            {**NOT_ONE, **PLACES_WAIT},
        ),
    },
    "shrink": {
        "padded": (
            KERAS
            + """
def build_shrink():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, padding="same")])
""",
            {"output_shape": "failed"},
        ),
        "padded, then cropped": (
            KERAS
            + """
def build_shrink():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3, padding="same"), layers.Cropping2D(1)
    ])
""",
            PARTLY_ONE,
        ),
        "a 5×5 kernel and a pixel of padding": (
            KERAS
            + """
def build_shrink():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.ZeroPadding2D(1), layers.Conv2D(8, 5)
    ])
""",
            NOT_ONE,
        ),
        "26 filters": (
            KERAS
            + """
def build_shrink():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(26, 3)])
""",
            NOT_ONE,
        ),
        "a stride": (
            KERAS
            + """
def build_shrink():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, strides=2)])
""",
            {"output_shape": "failed"},
        ),
        "the stride where the kernel belongs": (
            KERAS
            + """
def build_shrink():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, 3)])
""",
            {"output_shape": "failed"},
        ),
        "pooled with stride 1": (
            KERAS
            + """
def build_shrink():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 3, padding="same"),
        layers.MaxPooling2D(3, strides=1),
    ])
""",
            PARTLY_ONE,
        ),
    },
    "halve": {
        "no padding": (
            KERAS
            + """
def build_halve():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, strides=2)])
""",
            {"output_shape": "failed", **PLACES_WAIT},
        ),
        "pooled": (
            KERAS
            + """
def build_halve():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3, padding="same"), layers.MaxPooling2D(2)
    ])
""",
            {**PARTLY_ONE, **PLACES_WAIT},
        ),
        "zeros behind a map of 13×13": (
            KERAS
            + """
def build_halve():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(8, 3, strides=2),
        layers.ZeroPadding2D(((0, 1), (0, 1))),
    ])
""",
            {"places": "failed"},
        ),
        "a 2×2 kernel": (
            KERAS
            + """
def build_halve():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 2, strides=2)])
""",
            {**NOT_ONE, **PLACES_WAIT},
        ),
        "halved along one axis": (
            KERAS
            + """
def build_halve():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3, strides=(2, 1), padding="same")
    ])
""",
            {"output_shape": "failed", **PLACES_WAIT},
        ),
        "no stride": (
            KERAS
            + """
def build_halve():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, padding="same")])
""",
            {"output_shape": "failed", **PLACES_WAIT},
        ),
        "half of the filters": (
            KERAS
            + """
def build_halve():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(4, 3, strides=2, padding="same")
    ])
""",
            {**NOT_ONE, **PLACES_WAIT},
        ),
    },
    "third": {
        "padded": (
            KERAS
            + """
def build_third():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3, strides=3, padding="same")
    ])
""",
            {"output_shape": "failed"},
        ),
        "no stride": (
            KERAS
            + """
def build_third():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3)])
""",
            {"output_shape": "failed"},
        ),
        "pooled": (
            KERAS
            + """
def build_third():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3, padding="same"), layers.MaxPooling2D(3)
    ])
""",
            PARTLY_ONE,
        ),
        "a pixel of padding": (
            KERAS
            + """
def build_third():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.ZeroPadding2D(((0, 1), (0, 1))),
        layers.Conv2D(8, 3, strides=3),
    ])
""",
            PARTLY_ONE,
        ),
        "dilated": (
            KERAS
            + """
def build_third():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(8, 3, dilation_rate=9), layers.Cropping2D(1)
    ])
""",
            NOT_ONE,
        ),
        "one filter": (
            KERAS
            + """
def build_third():
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(1, 3, strides=3)])
""",
            NOT_ONE,
        ),
        "average pooling alone": (
            KERAS
            + """
def build_third():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.AveragePooling2D(3), layers.Conv2D(8, 1)
    ])
""",
            NOT_ONE,
        ),
    },
}
"""By exercise: what goes wrong, the answer, and every check that does not pass."""
