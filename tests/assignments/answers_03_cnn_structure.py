"""Answers to 03-cnn-structure that people write, right and wrong."""

from __future__ import annotations

from tests.assignments.grading import Right, Wrong

IMPORTS = "import keras\nimport tensorflow as tf\nfrom keras import layers\n\n"
SOLUTION = (
    IMPORTS
    + """\
def build_cnn():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(24, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(36, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
"""
)

RIGHT: Right = {
    "cnn": {
        "Sequential": SOLUTION,
        "Functional": IMPORTS
        + """\
def build_cnn(input_shape=(28, 28, 1), classes=10):
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(24, (3, 3), activation=tf.nn.relu)(inputs)
    x = layers.MaxPool2D((2, 2), strides=2)(x)
    x = layers.Conv2D(36, (3, 3), padding="valid", activation="relu")(x)
    x = layers.MaxPool2D(pool_size=(2, 2))(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation=keras.activations.relu)(x)
    outputs = layers.Dense(classes, activation="softmax")(x)
    return keras.Model(inputs, outputs)
""",
        "add, and activations behind": IMPORTS
        + """\
model = keras.models.Sequential()
model.add(layers.Conv2D(24, kernel_size=3, input_shape=(28, 28, 1)))
model.add(layers.Activation("relu"))
model.add(layers.MaxPooling2D())
model.add(layers.Conv2D(36, kernel_size=3))
model.add(layers.ReLU())
model.add(layers.MaxPooling2D())
model.add(layers.Flatten())
model.add(layers.Dense(128))
model.add(layers.Activation("relu"))
model.add(layers.Dense(10))
model.add(layers.Softmax())
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")

def build_cnn():
    return model
""",
        "with the batch normalization that is allowed": SOLUTION.replace(
            'layers.Conv2D(36, 3, activation="relu"),',
            'layers.Conv2D(36, 3), layers.BatchNormalization(), layers.Activation("relu"),',
        ),
        "with the dropout that is allowed": SOLUTION.replace(
            "            layers.Dense(10",
            "            layers.Dropout(0.2),\n            layers.Dense(10",
        ),
    }
}

WRONG: Wrong = {
    "cnn": {
        "same padding in the second convolution": (
            SOLUTION.replace("36, 3,", '36, 3, padding="same",'),
            {"feature_maps": "partial", "layers": "partial", "parameters": "failed"},
        ),
        "no activation in a convolution": (
            SOLUTION.replace('36, 3, activation="relu"', "36, 3"),
            {"layers": "partial"},
        ),
        "the second pooling forgotten": (
            SOLUTION.replace(
                'layers.Conv2D(36, 3, activation="relu"),\n            layers.MaxPooling2D(2),',
                'layers.Conv2D(36, 3, activation="relu"),',
            ),
            {"feature_maps": "partial", "layers": "partial", "parameters": "failed"},
        ),
        "5×5 kernels": (
            SOLUTION.replace("24, 3,", "24, 5,"),
            {"feature_maps": "partial", "layers": "partial"},
        ),
        "the filters the wrong way round": (
            SOLUTION.replace("24, 3", "X, 3").replace("36, 3", "24, 3").replace("X, 3", "36, 3"),
            {"feature_maps": "failed", "layers": "partial", "parameters": "failed"},
        ),
        "a sigmoid for each class": (
            SOLUTION.replace('"softmax"', '"sigmoid"'),
            {"layers": "partial", "probabilities": "failed"},
        ),
        "no softmax": (
            SOLUTION.replace(', activation="softmax"', ""),
            {"layers": "partial", "probabilities": "failed", "learns": "failed"},
        ),
        "softmax before the last layer": (
            SOLUTION.replace('128, activation="relu"', '128, activation="softmax"'),
            {"layers": "partial", "learns": "failed"},
        ),
        "eleven classes": (
            SOLUTION.replace("Dense(10,", "Dense(11,"),
            {
                "output_shape": "failed",
                "layers": "partial",
                "learns": "skipped",
            },
        ),
        "a dense network": (
            IMPORTS
            + """\
def build_cnn():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
""",
            {"feature_maps": "failed", "layers": "partial", "parameters": "failed"},
        ),
    }
}
