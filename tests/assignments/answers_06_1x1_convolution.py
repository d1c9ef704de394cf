"""Answers to 06-1x1-convolution that people write, right and wrong."""

from __future__ import annotations

from tests.assignments.grading import Right, Wrong

KERAS = "import keras\nfrom keras import layers\n"


def reduction(*lines: str) -> str:
    """A Sequential answer to ``reduction``."""
    return _sequential("build_reduction", "(256, 256, 128)", lines)


def bottleneck(*lines: str) -> str:
    """A Sequential answer to ``bottleneck``."""
    return _sequential("build_bottleneck", "(32, 32, 128)", lines)


def network(*lines: str) -> str:
    """A Sequential answer to ``network-in-network``."""
    return _sequential("build_network_in_network", "(16, 16, 1)", lines)


def _sequential(name: str, shape: str, lines: tuple[str, ...]) -> str:
    body = "\n".join(f"        layers.{line}," for line in lines)
    return (
        f"{KERAS}\ndef {name}():\n    return keras.Sequential([\n"
        f"        keras.Input({shape}),\n{body}\n    ])\n"
    )


FEATURES = (
    'Conv2D(16, 3, padding="same")',
    "BatchNormalization(momentum=0.9)",
    "ReLU()",
    'Conv2D(16, 1, activation="relu")',
    "MaxPooling2D(2)",
    'Conv2D(24, 3, padding="same")',
    "BatchNormalization(momentum=0.9)",
    "ReLU()",
    'Conv2D(24, 1, activation="relu")',
    "MaxPooling2D(2)",
    "Conv2D(32, 3)",
    "BatchNormalization(momentum=0.9)",
    "ReLU()",
    'Conv2D(32, 1, activation="relu")',
)
MAPS = "Conv2D(10, 1)"
MEAN = "GlobalAveragePooling2D()"
SOFTMAX = "Softmax()"

RIGHT: Right = {
    "reduction": {
        "Sequential": reduction("Conv2D(32, 1)"),
        "ReLU inside, no bias": reduction(
            'Conv2D(32, (1, 1), padding="same", use_bias=False, activation="relu")'
        ),
        "Functional, ReLU behind": KERAS
        + """
def build_reduction():
    maps = keras.Input(shape=(256, 256, 128))
    x = layers.Conv2D(filters=32, kernel_size=(1, 1), strides=1)(maps)
    return keras.Model(maps, layers.ReLU()(x))
""",
    },
    "bottleneck": {
        "thin, then 3×3": bottleneck(
            'Conv2D(32, 1, activation="relu")', 'Conv2D(128, 3, padding="same", activation="relu")'
        ),
        "3×3 to thin, then wide": bottleneck(
            'Conv2D(32, 3, padding="same")',
            "ReLU()",
            "Conv2D(128, 1)",
            'Activation("relu")',
        ),
        "thin, 3×3, wide, with a shortcut": KERAS
        + """
def build_bottleneck():
    maps = keras.Input((32, 32, 128))
    x = layers.Conv2D(32, 1, activation="relu")(maps)
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(128, 1)(x)
    return keras.Model(maps, layers.ReLU()(layers.Add()([maps, x])))
""",
        "BatchNormalization before ReLU, padding apart": KERAS
        + """
def build_bottleneck():
    model = keras.Sequential([keras.Input((32, 32, 128))])
    for filters, kernel in [(24, 1), (24, 3), (128, 1)]:
        if kernel > 1:
            model.add(layers.ZeroPadding2D(1))
        model.add(layers.Conv2D(filters, kernel, use_bias=False))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
    return model
""",
    },
    "network-in-network": {
        "Sequential, pooled twice": network(*FEATURES, MAPS, MEAN, SOFTMAX),
        "Functional, strides instead of pooling": KERAS
        + """
def build_network_in_network():
    image = keras.Input((16, 16, 1))
    x = image
    for filters in [16, 24, 32]:
        x = layers.Conv2D(filters, 3, strides=2, padding="same")(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
        x = layers.Conv2D(filters, 1)(x)
        x = layers.Activation("relu")(x)
    x = layers.Conv2D(10, (1, 1))(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Activation("softmax")(x))
""",
        "MaxPool2D, no biases, softmax at each place": KERAS
        + """
def build_network_in_network():
    model = keras.Sequential()
    model.add(keras.Input((16, 16, 1)))
    for filters in [16, 24]:
        model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        model.add(layers.Conv2D(filters, 1, activation="relu"))
        model.add(layers.MaxPool2D())
    model.add(layers.Conv2D(32, 3, use_bias=False))
    model.add(layers.BatchNormalization(momentum=0.9))
    model.add(layers.ReLU())
    model.add(layers.Conv2D(10, 1, activation="softmax"))
    model.add(layers.GlobalAvgPool2D())
    return model
""",
    },
}
"""By exercise: different ways that all earn full marks."""

NOT_ONE = {"one-convolution": "failed", "output_shape": "skipped"}
NOT_TRAINED = {"learns": "skipped", "learns-again": "skipped"}

WRONG: Wrong = {
    "reduction": {
        "a 3×3 kernel": (reduction('Conv2D(32, 3, padding="same")'), NOT_ONE),
        "all channels": (reduction("Conv2D(128, 1)"), NOT_ONE),
        "a dense layer": (reduction("Dense(32)"), NOT_ONE),
        "a stride": (reduction("Conv2D(32, 1, strides=2)"), {"output_shape": "failed"}),
        "in groups": (reduction("Conv2D(32, 1, groups=4)"), NOT_ONE),
        "in two steps": (
            reduction("Conv2D(64, 1)", "Conv2D(32, 1)"),
            {"one-convolution": "partial", "output_shape": "skipped"},
        ),
        "pooled as well": (
            reduction("MaxPooling2D(2)", "Conv2D(32, 1)"),
            {"one-convolution": "partial", "output_shape": "skipped"},
        ),
        "a depthwise convolution": (reduction("DepthwiseConv2D(1)"), NOT_ONE),
    },
    "bottleneck": {
        "the layer itself": (
            bottleneck('Conv2D(128, 3, padding="same", activation="relu")'),
            {"deeper": "failed", "fewer-parameters": "failed"},
        ),
        "the layer twice": (
            bottleneck(*['Conv2D(128, 3, padding="same", activation="relu")'] * 2),
            {"fewer-parameters": "failed"},
        ),
        "not thin enough": (
            bottleneck(
                'Conv2D(64, 1, activation="relu")',
                'Conv2D(128, 3, padding="same", activation="relu")',
            ),
            {"fewer-parameters": "failed"},
        ),
        "a little above 30 %": (
            bottleneck(
                'Conv2D(35, 1, activation="relu")',
                'Conv2D(128, 3, padding="same", activation="relu")',
            ),
            {"fewer-parameters": "failed"},
        ),
        "1×1 only": (
            bottleneck('Conv2D(32, 1, activation="relu")', 'Conv2D(128, 1, activation="relu")'),
            {"sees-neighbours": "failed"},
        ),
        "not wide again": (
            bottleneck(
                'Conv2D(32, 1, activation="relu")',
                'Conv2D(32, 3, padding="same", activation="relu")',
            ),
            {"output_shape": "failed", "fewer-parameters": "skipped"},
        ),
        "no padding": (
            bottleneck('Conv2D(32, 1, activation="relu")', 'Conv2D(128, 3, activation="relu")'),
            {"output_shape": "failed", "fewer-parameters": "skipped"},
        ),
        "no activation": (
            bottleneck("Conv2D(32, 1)", 'Conv2D(128, 3, padding="same")'),
            {"deeper": "partial"},
        ),
        "no activation between": (
            bottleneck("Conv2D(32, 1)", 'Conv2D(128, 3, padding="same", activation="relu")'),
            {"deeper": "partial"},
        ),
        "one grouped convolution": (
            bottleneck('Conv2D(128, 3, padding="same", groups=4, activation="relu")'),
            {"deeper": "failed"},
        ),
    },
    "network-in-network": {
        "a dense layer at the end": (
            network(*FEATURES, MEAN, 'Dense(10, activation="softmax")'),
            {"no-dense-layer": "partial", "one-by-one": "partial", **NOT_TRAINED},
        ),
        "a linear model": (
            network("Flatten()", 'Dense(10, activation="softmax")'),
            {"no-dense-layer": "failed", "one-by-one": "failed", **NOT_TRAINED},
        ),
        "flattened": (
            network(*FEATURES, MAPS, "Flatten()", 'Dense(10, activation="softmax")'),
            {"no-dense-layer": "failed", **NOT_TRAINED},
        ),
        "the maximum of each map": (
            network(*FEATURES, MAPS, "GlobalMaxPooling2D()", SOFTMAX),
            {"no-dense-layer": "partial", **NOT_TRAINED},
        ),
        "no softmax": (network(*FEATURES, MAPS, MEAN), {"probabilities": "failed", **NOT_TRAINED}),
        "a sigmoid": (
            network(*FEATURES, MAPS, MEAN, 'Activation("sigmoid")'),
            {"probabilities": "failed", **NOT_TRAINED},
        ),
        "1×1 only": (
            network(
                'Conv2D(64, 1, activation="relu")',
                'Conv2D(64, 1, activation="relu")',
                MAPS,
                MEAN,
                SOFTMAX,
            ),
            {"learns": "failed", "learns-again": "failed"},
        ),
        "3×3 only": (
            network(
                *(line for line in FEATURES if ", 1, " not in line),
                'Conv2D(10, 3, padding="same")',
                MEAN,
                SOFTMAX,
            ),
            {"one-by-one": "failed"},
        ),
        "too many parameters": (
            network(*FEATURES, 'Conv2D(64, 1, activation="relu")', MAPS, MEAN, SOFTMAX),
            {"parameters": "failed"},
        ),
        "eleven maps": (
            network(*FEATURES, "Conv2D(11, 1)", MEAN, SOFTMAX),
            {
                "output_shape": "failed",
                "probabilities": "skipped",
                "one-by-one": "partial",
                **NOT_TRAINED,
            },
        ),
        "no mean over the maps": (
            network(*FEATURES, MAPS, SOFTMAX),
            {
                "output_shape": "failed",
                "probabilities": "skipped",
                "no-dense-layer": "partial",
                **NOT_TRAINED,
            },
        ),
        "linear": (
            network(
                "Conv2D(16, 3, strides=2)",
                "Conv2D(16, 1)",
                "Conv2D(24, 3, strides=2)",
                "Conv2D(24, 1)",
                MAPS,
                MEAN,
                SOFTMAX,
            ),
            {"learns": "failed", "learns-again": "failed"},
        ),
    },
}
"""By exercise: what goes wrong, the answer, and every check that does not pass."""
