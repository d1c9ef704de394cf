"""Answers to assignment 02, right and wrong: what the checks must tell apart."""

from __future__ import annotations

from tests.assignments.grading import Right, Wrong

NUMPY = "import numpy as np\n\n\n"
KERAS = "import keras\nimport numpy as np\nfrom keras import layers\n\n\n"

POOL = """\
def NAME(x, size, stride):
    height = (x.shape[0] - size) // stride + 1
    width = (x.shape[1] - size) // stride + 1
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            window = x[i * stride : i * stride + size, j * stride : j * stride + size]
            out[i, j] = np.REDUCE(window)
    return out
"""
"""What the wrong answers are made from, by one change each."""


def pool(name: str, old: str = "", new: str = "") -> str:
    assert not old or old in POOL
    reduce = "max" if name == "max_pool" else "mean"
    source = POOL.replace(old, new) if old else POOL
    return NUMPY + source.replace("NAME", name).replace("REDUCE", reduce)


def windows(name: str, reduce: str) -> str:
    """Every window at once, then every ``stride``-th of them."""
    return f"""\
{NUMPY}from numpy.lib.stride_tricks import sliding_window_view


def {name}(x, size, stride):
    return sliding_window_view(x, (size, size))[::stride, ::stride].{reduce}(axis=(2, 3))
"""


def comprehension(name: str, reduce: str) -> str:
    return f"""\
def {name}(x, size, stride):
    rows = range(0, len(x) - size + 1, stride)
    columns = range(0, len(x[0]) - size + 1, stride)
    return [
        [{reduce}([x[r + a][c + b] for a in range(size) for b in range(size)]) for c in columns]
        for r in rows
    ]
"""


def padded(name: str, reduce: str) -> str:
    """Also the windows that reach over the edge, as ``padding="same"`` takes them."""
    return f"""\
{NUMPY}def {name}(x, size, stride):
    height = -(-max(x.shape[0] - size, 0) // stride) + 1
    width = -(-max(x.shape[1] - size, 0) // stride) + 1
    out = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            out[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].{reduce}()
    return out
"""


def reshaped(name: str, reduce: str) -> str:
    """Windows by reshaping: only side by side, and only where they fill the map."""
    return f"""\
{NUMPY}def {name}(x, size, stride):
    height, width = x.shape[0] // size, x.shape[1] // size
    return x.reshape(height, size, width, size).{reduce}(axis=(1, 3))
"""


def downsampler(*lines: str) -> str:
    return _model("build_downsampler", "(32, 32, 8)", lines)


def invariant(*lines: str) -> str:
    return _model("build_invariant", "(40, 40, 1)", lines)


def _model(name: str, shape: str, lines: tuple[str, ...]) -> str:
    """A Sequential model of these layers."""
    listed = "".join(f"        layers.{line},\n" for line in lines)
    head = f"def {name}():\n    return keras.Sequential([\n        keras.Input({shape}),\n"
    return f"{KERAS}{head}{listed}    ])\n"


CONV = 'Conv2D(8, 3, activation="relu")'

RIGHT: Right = {
    "max_pool": {
        "loops": pool("max_pool"),
        "sliding windows": windows("max_pool", "max"),
        "lists": comprehension("max_pool", "max"),
        "shifted copies": NUMPY
        + """\
def max_pool(x, size, stride):
    height = (x.shape[0] - size) // stride + 1
    width = (x.shape[1] - size) // stride + 1
    best = np.full((height, width), -np.inf)
    for a in range(size):
        for b in range(size):
            part = x[a : a + height * stride : stride, b : b + width * stride : stride]
            best = np.maximum(best, part[:height, :width])
    return best
""",
        "whole numbers stay whole": pool(
            "max_pool", "np.zeros((height, width))", "np.empty((height, width), dtype=x.dtype)"
        ),
    },
    "average_pool": {
        "loops": pool("average_pool"),
        "sliding windows": windows("average_pool", "mean"),
        "lists": comprehension("average_pool", "1 / size**2 * sum"),
        "sums, then one division": pool("average_pool", "REDUCE", "sum").replace(
            "return out", "return out / (size * size)"
        ),
        "running sums": NUMPY
        + """\
def average_pool(x, size, stride):
    total = np.zeros((x.shape[0] + 1, x.shape[1] + 1))
    total[1:, 1:] = np.cumsum(np.cumsum(x, axis=0), axis=1)
    sums = total[size:, size:] - total[:-size, size:] - total[size:, :-size] + total[:-size, :-size]
    return sums[::stride, ::stride] / size**2
""",
    },
    "downsampler": {
        "max pooling": downsampler("MaxPooling2D(2)", "MaxPooling2D(2)"),
        "max pooling by its other name": downsampler("MaxPool2D()", "MaxPool2D((2, 2), (2, 2))"),
        "average pooling, functional": KERAS
        + """\
def build_downsampler():
    inputs = keras.Input((32, 32, 8))
    x = layers.AveragePooling2D(pool_size=2)(inputs)
    x = layers.AvgPool2D(pool_size=(2, 2), strides=2)(x)
    return keras.Model(inputs, x)
""",
        "one of each": downsampler("MaxPooling2D()", "AveragePooling2D(2)"),
        "windows that overlap": downsampler(
            'MaxPooling2D(3, strides=2, padding="same")',
            'MaxPooling2D(3, strides=2, padding="same")',
        ),
        "added one by one": KERAS
        + """\
def build_downsampler():
    model = keras.Sequential()
    model.add(keras.Input(shape=(32, 32, 8)))
    for _ in range(2):
        model.add(layers.MaxPooling2D(pool_size=(2, 2)))
    return model
""",
        "ReLU between": downsampler("MaxPooling2D(2)", "ReLU()", "MaxPooling2D(2)"),
    },
    "invariant": {
        "global max pooling": invariant(CONV, "GlobalMaxPooling2D()"),
        "global average pooling, functional": KERAS
        + """\
def build_invariant():
    inputs = keras.Input((40, 40, 1))
    x = layers.Conv2D(16, 5, padding="same")(inputs)
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(8, activation="tanh")(x))
""",
        "two convolutions": invariant(
            'Conv2D(16, 3, padding="same", activation="relu")', CONV, "GlobalMaxPool2D()"
        ),
        "one pool of the whole map": invariant(CONV, "MaxPooling2D(38)", "Flatten()"),
        "keras.ops": KERAS
        + """\
def build_invariant():
    inputs = keras.Input((40, 40, 1))
    maps = layers.Conv2D(8, 3, activation="relu")(inputs)
    return keras.Model(inputs, keras.ops.max(maps, axis=(1, 2)))
""",
        "normalised": invariant(
            "Conv2D(8, 3, use_bias=False)",
            "BatchNormalization()",
            "ReLU()",
            "GlobalMaxPooling2D()",
        ),
        "rows of pixels in one axis": invariant(
            CONV, "Reshape((38 * 38, 8))", "GlobalMaxPooling1D()", 'Dense(8, activation="softmax")'
        ),
    },
}

NO_POOL = {
    "windows": "failed",
    "stride": "failed",
    "left_out": "failed",
    "stride_at_edge": "skipped",
    "large": "failed",
}

WRONG: Wrong = {
    "max_pool": {
        "the stride is not used": (
            pool("max_pool", "stride", "size").replace("size, size)", "size, stride)"),
            {"stride": "failed", "stride_at_edge": "skipped", "large": "partial"},
        ),
        "size and stride exchanged": (
            pool("max_pool", "x, size, stride", "x, stride, size"),
            {"stride": "failed", "stride_at_edge": "skipped", "large": "partial"},
        ),
        "always 2×2 windows": (
            pool("max_pool", "    height =", "    size = 2\n    height ="),
            {
                "windows": "partial",
                "left_out": "partial",
                "stride_at_edge": "skipped",
                "large": "partial",
            },
        ),
        "windows over the edge": (
            padded("max_pool", "max"),
            {"left_out": "failed", "stride_at_edge": "skipped", "large": "partial"},
        ),
        "windows by reshaping": (
            reshaped("max_pool", "max"),
            {
                "stride": "failed",
                "left_out": "failed",
                "stride_at_edge": "skipped",
                "large": "partial",
            },
        ),
        "the search begins with 0": (
            pool("max_pool", "np.REDUCE(window)", "max(0, window.max())"),
            # Of the random maps, only one has windows with nothing above 0.
            {"negative": "failed", "large": "partial"},
        ),
        "the largest absolute value": (
            pool("max_pool", "np.REDUCE(window)", "np.abs(window).max()"),
            {"negative": "failed", "large": "failed"},
        ),
        "the output's size is n // stride": (
            pool("max_pool", "(x.shape[0] - size) // stride + 1", "x.shape[0] // stride").replace(
                "(x.shape[1] - size) // stride + 1", "x.shape[1] // stride"
            ),
            {"stride": "failed", "stride_at_edge": "skipped", "large": "partial"},
        ),
        "the mean": (
            pool("max_pool", "REDUCE", "mean"),
            {**NO_POOL, "negative": "failed"},
        ),
        "printed, not returned": (
            pool("max_pool", "return out", "print(out)"),
            {**NO_POOL, "negative": "failed"},
        ),
        "the map is taken for square": (
            pool("max_pool", "x.shape[1]", "x.shape[0]"),
            {
                "windows": "partial",
                "stride_at_edge": "skipped",
                "large": "partial",
            },
        ),
    },
    "average_pool": {
        "fractions are cut off": (
            pool("average_pool", "np.zeros((height, width))", "np.zeros((height, width), int)"),
            {"fractions": "failed", "large": "failed"},
        ),
        "whole division": (
            pool("average_pool", "np.REDUCE(window)", "window.sum() // size**2"),
            {"fractions": "failed", "large": "failed"},
        ),
        "the sum": (
            pool("average_pool", "REDUCE", "sum"),
            {**NO_POOL, "fractions": "failed"},
        ),
        "divided by the side of the window": (
            pool("average_pool", "np.REDUCE(window)", "window.sum() / size"),
            {**NO_POOL, "fractions": "failed"},
        ),
        "always divided by 4": (
            pool("average_pool", "np.REDUCE(window)", "window.sum() / 4"),
            {
                "windows": "partial",
                "left_out": "partial",
                "stride_at_edge": "skipped",
                "large": "partial",
            },
        ),
        "the stride is not used": (
            pool("average_pool", "stride", "size").replace("size, size)", "size, stride)"),
            {"stride": "failed", "stride_at_edge": "skipped", "large": "partial"},
        ),
        "windows over the edge": (
            padded("average_pool", "mean"),
            {"left_out": "failed", "stride_at_edge": "skipped", "large": "partial"},
        ),
        "windows by reshaping": (
            reshaped("average_pool", "mean"),
            {
                "stride": "failed",
                "left_out": "failed",
                "stride_at_edge": "skipped",
                "large": "partial",
            },
        ),
        "the largest value": (
            pool("average_pool", "REDUCE", "max"),
            {**NO_POOL, "fractions": "failed"},
        ),
        "the mean of the whole map": (
            pool("average_pool", "np.REDUCE(window)", "x.mean()"),
            {
                "windows": "failed",
                "stride": "failed",
                "left_out": "failed",
                "stride_at_edge": "skipped",
                "large": "failed",
            },
        ),
    },
    "downsampler": {
        "one large step": (
            downsampler("MaxPooling2D(4)"),
            {
                "feature_maps": "failed",
                "sees_all_pixels": "skipped",
            },
        ),
        "halved once": (
            downsampler("MaxPooling2D(2)"),
            {"output_shape": "failed", "sees_all_pixels": "skipped"},
        ),
        "halved three times": (
            downsampler("MaxPooling2D(2)", "MaxPooling2D(2)", "MaxPooling2D(2)"),
            {"output_shape": "failed", "sees_all_pixels": "skipped"},
        ),
        "convolutions with stride 2": (
            downsampler(
                'Conv2D(8, 3, strides=2, padding="same")',
                'Conv2D(8, 3, strides=2, padding="same")',
            ),
            {"parameters": "failed"},
        ),
        "a convolution before each pooling": (
            downsampler(
                'Conv2D(8, 3, padding="same")',
                "MaxPooling2D(2)",
                'Conv2D(8, 3, padding="same")',
                "MaxPooling2D(2)",
            ),
            {"parameters": "failed"},
        ),
        "frozen weights are parameters too": (
            downsampler("DepthwiseConv2D(2, strides=2, trainable=False)", "MaxPooling2D(2)"),
            {"parameters": "failed"},
        ),
        "batch normalisation has parameters": (
            downsampler("MaxPooling2D(2)", "BatchNormalization()", "MaxPooling2D(2)"),
            {"parameters": "failed"},
        ),
        "pools of 3×3": (
            downsampler("MaxPooling2D(3)", "MaxPooling2D(3)"),
            {
                "output_shape": "failed",
                "feature_maps": "failed",
                "sees_all_pixels": "skipped",
            },
        ),
        "stride 1": (
            downsampler("MaxPooling2D(2, strides=1)", "MaxPooling2D(2, strides=1)"),
            {
                "output_shape": "failed",
                "feature_maps": "failed",
                "sees_all_pixels": "skipped",
            },
        ),
        "every second pixel": (
            downsampler("MaxPooling2D(1, strides=2)", "MaxPooling2D(1, strides=2)"),
            {"sees_all_pixels": "failed"},
        ),
        "the edges cut off": (
            downsampler("Cropping2D(8)", "Cropping2D(4)"),
            {"sees_all_pixels": "failed"},
        ),
        "flattened at the end": (
            downsampler("MaxPooling2D(2)", "MaxPooling2D(2)", "Flatten()"),
            {"output_shape": "failed", "sees_all_pixels": "skipped"},
        ),
    },
    "invariant": {
        "flatten alone": (
            invariant("Flatten()"),
            {
                "output_shape": "failed",
                "contains": "failed",
                "looks_at_windows": "skipped",
                "shifts_of_four": "failed",
                "any_shift": "skipped",
            },
        ),
        "a dense layer on the pixels": (
            invariant("Flatten()", "Dense(8)"),
            {
                "contains": "failed",
                "looks_at_windows": "skipped",
                "shifts_of_four": "failed",
                "any_shift": "skipped",
            },
        ),
        "one small pooling, then flatten": (
            invariant("MaxPooling2D(2)", "Flatten()"),
            {
                "output_shape": "failed",
                "contains": "failed",
                "looks_at_windows": "skipped",
                "shifts_of_four": "failed",
                "any_shift": "skipped",
            },
        ),
        "convolution, pooling, flatten, dense": (
            invariant(CONV, "MaxPooling2D(2)", "Flatten()", "Dense(8)"),
            {"shifts_of_four": "failed", "any_shift": "skipped"},
        ),
        "pools of half the map": (
            invariant(CONV, "MaxPooling2D(19)", "Flatten()", "Dense(8)"),
            {"shifts_of_four": "failed", "any_shift": "skipped"},
        ),
        "pooled along the rows only": (
            KERAS
            + """\
def build_invariant():
    inputs = keras.Input((40, 40, 1))
    maps = layers.Conv2D(8, 3, activation="relu")(inputs)
    x = layers.Flatten()(keras.ops.max(maps, axis=1))
    return keras.Model(inputs, layers.Dense(8)(x))
""",
            {"shifts_of_four": "failed", "any_shift": "skipped"},
        ),
        "a pooling on the way": (
            invariant(CONV, "MaxPooling2D(2)", CONV, "GlobalMaxPooling2D()"),
            {"any_shift": "failed"},
        ),
        "a stride on the way": (
            invariant('Conv2D(8, 3, strides=2, activation="relu")', "GlobalMaxPooling2D()"),
            {"any_shift": "failed"},
        ),
        "the mean of the pixels alone": (
            invariant("GlobalAveragePooling2D()", "Dense(8)"),
            {"contains": "failed", "looks_at_windows": "skipped"},
        ),
        "a convolution of 1×1": (
            invariant('Conv2D(8, 1, activation="relu")', "GlobalAveragePooling2D()"),
            {"looks_at_windows": "failed"},
        ),
        "ten numbers": (
            invariant('Conv2D(10, 3, activation="relu")', "GlobalMaxPooling2D()"),
            {"output_shape": "failed"},
        ),
        "the same for every image": (
            invariant(CONV, "GlobalMaxPooling2D()", 'Dense(8, kernel_initializer="zeros")'),
            {"shifts_of_four": "failed", "any_shift": "skipped"},
        ),
    },
}
