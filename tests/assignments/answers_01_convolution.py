"""Answers to assignment 01, right and wrong: what the checks must tell apart."""

from __future__ import annotations

from tests.assignments.grading import Right, Wrong

NUMPY = "import numpy as np\n\n\n"
KERAS = "import keras\nimport numpy as np\nfrom keras import layers\n\n\n"

CONV2D = """\
def conv2d(image, kernel):
    rows, columns = kernel.shape
    height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            out[i, j] = np.sum(kernel * image[i : i + rows, j : j + columns])
    return out
"""
"""The one that the wrong answers are made from, by one change each."""


def conv2d(old: str = "", new: str = "") -> str:
    assert not old or old in CONV2D
    return NUMPY + (CONV2D.replace(old, new) if old else CONV2D)


def feature_maps(*lines: str, shape: str = "(32, 32, 3)") -> str:
    """A Sequential model of these layers."""
    listed = "".join(f"        layers.{line},\n" for line in lines)
    head = (
        f"def build_feature_maps():\n    return keras.Sequential([\n        keras.Input({shape}),\n"
    )
    return f"{KERAS}{head}{listed}    ])\n"


KERNELS = """\
BLUR = np.ones((3, 3)) / 9
EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
OUTLINE = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
KERNELS = np.stack([BLUR, EMBOSS, OUTLINE], axis=-1)[:, :, None, :]


"""
FILTERS = """\
def build_filters():
    convolution = layers.Conv2D(3, 3, use_bias=False)
    model = keras.Sequential([keras.Input((5, 5, 1)), convolution])
    convolution.set_weights([KERNELS])
    return model
"""


def filters(old: str = "", new: str = "") -> str:
    """The model of three kernels, with one thing changed."""
    source = KERNELS + FILTERS
    assert not old or old in source
    return KERAS + (source.replace(old, new) if old else source)


def counts(weights: str, parameters: str, dense_weights: str, dense_parameters: str) -> str:
    return (
        f'counts = {{\n    "convolution_weights": {weights},\n'
        f'    "convolution_parameters": {parameters},\n'
        f'    "dense_weights": {dense_weights},\n'
        f'    "dense_parameters": {dense_parameters},\n}}\n'
    )


RIGHT: Right = {
    "conv2d": {
        "loops over places": conv2d(),
        "four loops, nested lists": """\
def conv2d(image, kernel):
    k, m = len(kernel), len(kernel[0])
    rows = []
    for i in range(len(image) - k + 1):
        row = []
        for j in range(len(image[0]) - m + 1):
            total = 0
            for a in range(k):
                for b in range(m):
                    total += kernel[a][b] * image[i + a][j + b]
            row.append(total)
        rows.append(row)
    return rows
""",
        "loops over weights": NUMPY
        + """\
def conv2d(image, kernel):
    k, m = kernel.shape
    height, width = image.shape[0] - k + 1, image.shape[1] - m + 1
    out = np.zeros((height, width))
    for (a, b), weight in np.ndenumerate(kernel):
        out += weight * image[a : a + height, b : b + width]
    return out
""",
        "sliding windows": NUMPY
        + """\
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(image, kernel):
    return np.einsum("ijab,ab->ij", sliding_window_view(image, kernel.shape), kernel)
""",
        "one matrix product": NUMPY
        + """\
def conv2d(image, kernel):
    k, m = kernel.shape
    height, width = image.shape[0] - k + 1, image.shape[1] - m + 1
    windows = [
        image[i : i + k, j : j + m].ravel() for i in range(height) for j in range(width)
    ]
    return (np.array(windows) @ kernel.ravel()).reshape(height, width)
""",
        "a helper and other names": NUMPY
        + """\
def response_at(img, ker, i, j):
    return np.vdot(ker, img[i : i + ker.shape[0], j : j + ker.shape[1]])


def conv2d(img, ker):
    h = img.shape[0] - ker.shape[0] + 1
    w = img.shape[1] - ker.shape[1] + 1
    return np.array([[response_at(img, ker, i, j) for j in range(w)] for i in range(h)])
""",
        "Keras's own convolution": KERAS
        + """\
def conv2d(image, kernel):
    images = np.asarray(image, "float32")[None, :, :, None]
    kernels = np.asarray(kernel, "float32")[:, :, None, None]
    return np.asarray(keras.ops.conv(images, kernels))[0, :, :, 0]
""",
        "float32": conv2d("np.zeros((height, width))", "np.zeros((height, width), np.float32)"),
    },
    "feature_maps": {
        "sequential": feature_maps(
            'Conv2D(4, 5, activation="relu")', 'Conv2D(10, 5, activation="relu")'
        ),
        "activation behind the layer": feature_maps(
            "Conv2D(4, (5, 5))", "ReLU()", "Conv2D(10, (5, 5))", 'Activation("relu")'
        ),
        "added one by one": KERAS
        + """\
def build_feature_maps():
    model = keras.Sequential()
    model.add(keras.Input((32, 32, 3)))
    model.add(layers.Conv2D(4, 5, activation=keras.activations.relu))
    model.add(layers.Convolution2D(filters=10, kernel_size=5, activation="relu"))
    return model
""",
        "functional": KERAS
        + """\
def build_feature_maps():
    inputs = keras.Input(shape=(32, 32, 3))
    x = layers.Conv2D(4, 5, padding="valid", strides=(1, 1), activation="relu")(inputs)
    x = layers.Conv2D(10, 5, padding="valid", strides=(1, 1))(x)
    return keras.Model(inputs, keras.ops.relu(x))
""",
        "functional with another initialiser": KERAS
        + """\
def build_feature_maps():
    inputs = layers.Input((32, 32, 3))
    first = layers.Conv2D(4, 5, kernel_initializer="he_normal")(inputs)
    second = layers.Conv2D(10, 5, kernel_initializer="he_normal")(layers.ReLU()(first))
    return keras.Model(inputs=inputs, outputs=layers.ReLU()(second))
""",
    },
    "filters": {
        "set_weights without a bias": filters(),
        "set_weights with a bias": filters(", use_bias=False", "").replace(
            "set_weights([KERNELS])", "set_weights([KERNELS, np.zeros(3)])"
        ),
        "functional": KERAS
        + KERNELS
        + """\
def build_filters():
    inputs = keras.Input((5, 5, 1))
    outputs = layers.Conv2D(3, (3, 3), name="filters")(inputs)
    model = keras.Model(inputs, outputs)
    model.get_layer("filters").set_weights([KERNELS, np.zeros((3,))])
    return model
""",
        "assigned to the kernel": filters(
            "convolution.set_weights([KERNELS])", 'convolution.kernel.assign(KERNELS.astype("f"))'
        ),
        "set on the whole model": filters("convolution.set_weights", "model.set_weights"),
        "kernel by kernel": KERAS
        + KERNELS
        + """\
def build_filters():
    model = keras.Sequential([keras.Input((5, 5, 1)), layers.Conv2D(3, 3, activation="linear")])
    kernels, biases = model.layers[0].get_weights()
    for number, kernel in enumerate([BLUR, EMBOSS, OUTLINE]):
        kernels[:, :, 0, number] = kernel
    model.layers[0].set_weights([kernels, biases])
    return model
""",
        "built for images of any size": filters(
            "keras.Input((5, 5, 1))", "keras.Input((None, None, 1))"
        ),
    },
    "answers": {
        "numbers": counts("300", "304", "9633792", "9636928"),
        "sums": counts(
            "5 * 5 * 3 * 4",
            "5 * 5 * 3 * 4 + 4",
            "32 * 32 * 3 * 28 * 28 * 4",
            "(32 * 32 * 3 + 1) * 28 * 28 * 4",
        ),
        "numbers as text": counts('"300"', '"304"', '"9,633,792"', '"9 636 928"'),
        "numpy scalars": NUMPY
        + counts(
            "np.prod([5, 5, 3, 4])", "np.int64(304)", "np.int64(3072) * 3136", "3136.0 * 3073"
        ),
        "filled in step by step": """\
weights = 5 * 5 * 3 * 4
inputs, units = 32 * 32 * 3, 28 * 28 * 4
counts = {}
counts["convolution_weights"] = weights
counts["convolution_parameters"] = weights + 4
counts["dense_weights"] = inputs * units
counts["dense_parameters"] = inputs * units + units
""",
    },
}

NO_CONV2D = {
    "by_hand": "failed",
    "not_flipped": "failed",
    "random": "skipped",
    "large": "failed",
}

WRONG: Wrong = {
    "conv2d": {
        "the kernel is flipped": (
            conv2d("np.sum(kernel *", "np.sum(kernel[::-1, ::-1] *"),
            {"not_flipped": "failed", "random": "skipped", "large": "failed"},
        ),
        "the kernel is transposed": (
            # Only square kernels fit at all; those of the first check are equal transposed.
            conv2d("np.sum(kernel *", "np.sum(kernel.T *"),
            {
                "by_hand": "partial",
                "not_flipped": "failed",
                "random": "skipped",
                "large": "failed",
            },
        ),
        "the map keeps the image's size": (
            # 1×1 kernels keep it rightly.
            NUMPY
            + """\
def conv2d(image, kernel):
    rows, columns = kernel.shape
    padded = np.pad(image, ((rows // 2, rows // 2), (columns // 2, columns // 2)))
    out = np.zeros(image.shape)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            out[i, j] = np.sum(kernel * padded[i : i + rows, j : j + columns])
    return out
""",
            {
                "by_hand": "partial",
                "not_flipped": "failed",
                "random": "skipped",
                "large": "failed",
            },
        ),
        "the last row and column are forgotten": (
            NUMPY + CONV2D.replace("- rows + 1", "- rows").replace("- columns + 1", "- columns"),
            NO_CONV2D,
        ),
        "the kernel is taken for square": (
            conv2d("rows, columns = kernel.shape", "rows = columns = kernel.shape[0]"),
            {"by_hand": "partial", "large": "partial"},
        ),
        "the image is taken for square": (
            conv2d("image.shape[1] - columns", "image.shape[0] - columns"),
            {"by_hand": "partial", "large": "partial"},
        ),
        "fractions are cut off": (
            conv2d("np.zeros((height, width))", "np.zeros((height, width), dtype=int)"),
            {"random": "partial", "large": "failed"},
        ),
        "the mean instead of the sum": (
            conv2d("np.sum(", "np.mean("),
            {
                "by_hand": "partial",
                "not_flipped": "failed",
                "random": "skipped",
                "large": "failed",
            },
        ),
        "a matrix product": (
            conv2d("np.sum(kernel * ", "np.sum(kernel @ "),
            {
                "by_hand": "partial",
                "not_flipped": "failed",
                "random": "skipped",
                "large": "failed",
            },
        ),
        "negative values are cut off": (
            conv2d("return out", "return np.maximum(out, 0)"),
            {"by_hand": "partial", "random": "partial", "large": "failed"},
        ),
        "rows and columns are exchanged": (
            conv2d("return out", "return out.T"),
            {
                "by_hand": "partial",
                "not_flipped": "failed",
                "random": "skipped",
                "large": "failed",
            },
        ),
        "printed, not returned": (conv2d("return out", "print(out)"), NO_CONV2D),
        "only the right shape": (
            conv2d(
                "            out[i, j] = np.sum(kernel * image[i : i + rows, j : j + columns])",
                "            pass",
            ),
            NO_CONV2D,
        ),
    },
    "feature_maps": {
        "padding keeps the size": (
            feature_maps(
                'Conv2D(4, 5, padding="same", activation="relu")',
                'Conv2D(10, 5, padding="same", activation="relu")',
            ),
            {"feature_maps": "failed"},
        ),
        "no activation": (feature_maps("Conv2D(4, 5)", "Conv2D(10, 5)"), {"layers": "failed"}),
        "an activation only at the end": (
            feature_maps("Conv2D(4, 5)", 'Conv2D(10, 5, activation="relu")'),
            {"layers": "partial"},
        ),
        "another activation": (
            feature_maps('Conv2D(4, 5, activation="tanh")', 'Conv2D(10, 5, activation="tanh")'),
            {"layers": "failed"},
        ),
        "3×3 filters": (
            feature_maps('Conv2D(4, 3, activation="relu")', 'Conv2D(10, 3, activation="relu")'),
            {"feature_maps": "failed", "layers": "failed", "parameters": "failed"},
        ),
        "filters in the other order": (
            feature_maps('Conv2D(10, 5, activation="relu")', 'Conv2D(4, 5, activation="relu")'),
            {"feature_maps": "failed", "layers": "partial", "parameters": "failed"},
        ),
        "no biases": (
            feature_maps(
                'Conv2D(4, 5, use_bias=False, activation="relu")',
                'Conv2D(10, 5, use_bias=False, activation="relu")',
            ),
            {"parameters": "failed"},
        ),
        "grey images": (
            feature_maps(
                'Conv2D(4, 5, activation="relu")',
                'Conv2D(10, 5, activation="relu")',
                shape="(32, 32, 1)",
            ),
            {"parameters": "failed"},
        ),
        "a pooling between": (
            feature_maps(
                'Conv2D(4, 5, activation="relu")',
                "MaxPooling2D(2)",
                'Conv2D(10, 5, activation="relu")',
            ),
            {"feature_maps": "partial", "layers": "partial"},
        ),
        "one convolution only": (
            feature_maps('Conv2D(4, 5, activation="relu")'),
            {"feature_maps": "partial", "layers": "partial", "parameters": "failed"},
        ),
        "stride 2": (
            feature_maps(
                'Conv2D(4, 5, strides=2, activation="relu")', 'Conv2D(10, 5, activation="relu")'
            ),
            {"feature_maps": "failed"},
        ),
        "a classifier behind": (
            feature_maps(
                'Conv2D(4, 5, activation="relu")',
                'Conv2D(10, 5, activation="relu")',
                "Flatten()",
                "Dense(10)",
            ),
            {"layers": "partial", "parameters": "failed"},
        ),
    },
    "filters": {
        "weights never set": (
            filters("    convolution.set_weights([KERNELS])\n", ""),
            {"response": "failed"},
        ),
        "axes reshaped instead of moved": (
            filters(
                "np.stack([BLUR, EMBOSS, OUTLINE], axis=-1)[:, :, None, :]",
                "np.array([BLUR, EMBOSS, OUTLINE]).reshape(3, 3, 1, 3)",
            ),
            {"response": "failed"},
        ),
        "emboss turned by 180°": (
            filters("[BLUR, EMBOSS,", "[BLUR, EMBOSS[::-1, ::-1],"),
            {"response": "partial"},
        ),
        "blur not divided by 9": (filters(" / 9", ""), {"response": "partial"}),
        "outline before emboss": (
            filters("[BLUR, EMBOSS, OUTLINE]", "[BLUR, OUTLINE, EMBOSS]"),
            {"response": "partial"},
        ),
        "outline with a wrong middle": (filters("8", "4"), {"response": "partial"}),
        "padding keeps the size": (
            filters("use_bias=False", 'use_bias=False, padding="same"'),
            {"response": "failed"},
        ),
        "ReLU cuts off what is below 0": (
            filters("use_bias=False", 'use_bias=False, activation="relu"'),
            {"response": "partial"},
        ),
        "biases of 1": (
            filters(", use_bias=False", "").replace(
                "set_weights([KERNELS])", "set_weights([KERNELS, np.ones(3)])"
            ),
            {"response": "failed"},
        ),
        "one filter behind the other": (
            KERAS
            + KERNELS
            + """\
def build_filters():
    model = keras.Sequential([keras.Input((5, 5, 1))])
    for kernel in (BLUR, EMBOSS):
        model.add(layers.Conv2D(1, 3, use_bias=False))
        model.layers[-1].set_weights([kernel[:, :, None, None]])
    return model
""",
            {"layers": "failed", "response": "failed"},
        ),
        "blur alone": (
            KERAS
            + KERNELS
            + """\
def build_filters():
    model = keras.Sequential([keras.Input((5, 5, 1)), layers.Conv2D(1, 3, use_bias=False)])
    model.set_weights([BLUR[:, :, None, None]])
    return model
""",
            {"layers": "failed", "response": "failed"},
        ),
    },
    "answers": {
        "one kernel for all channels": (
            counts("5 * 5 * 4", "5 * 5 * 4 + 4", "9633792", "9636928"),
            {"answers": "partial"},
        ),
        "biases counted among the weights": (
            counts("304", "304", "9636928", "9636928"),
            {"answers": "partial"},
        ),
        "a bias for each input": (
            counts("300", "303", "9633792", "9633792 + 3072"),
            {"answers": "partial"},
        ),
        "a dense layer of four units": (
            counts("300", "304", "3072 * 4", "3072 * 4 + 4"),
            {"answers": "partial"},
        ),
        "weights counted at every place": (
            counts("300 * 28 * 28", "300 * 28 * 28 + 4", "9633792", "9636928"),
            {"answers": "partial"},
        ),
        "channels left out of the dense layer": (
            counts("300", "304", "32 * 32 * 28 * 28", "32 * 32 * 28 * 28 + 28 * 28"),
            {"answers": "partial"},
        ),
        "added instead of multiplied": (
            counts("5 + 5 + 3 + 4", "5 + 5 + 3 + 4 + 4", "3072 + 3136", "3072 + 3136 + 3136"),
            {"answers": "failed"},
        ),
        "words": (counts('"5x5x3x4"', '"many"', "None", "True"), {"answers": "failed"}),
        "half of it": (
            'counts = {"convolution_weights": 300, "convolution_parameters": 304}\n',
            {"answers": "partial"},
        ),
    },
}
