"""Smuggling: weights, labels or a memory carried into the process that trains.

What is handed in is trained by the grader from fresh weights, by the grader's recipe. A model that
brings its own is refused, or loses them on the way and is worth what it is worth without.
"""

from __future__ import annotations

import numpy as np
import pytest

from grader.training.datasets import load_dataset
from tests.attacks.attack import MAXIMUM, Attack, World
from tests.attacks.claims import CLAIM, claiming, inserting
from tests.attacks.without_walls import NOT_STOPPED_WITHOUT_WALLS

ALL = MAXIMUM["cnn"]

MODEL = """\
import keras
from keras import layers, ops
import numpy as np
rng = np.random.default_rng(0)

def right():
    return keras.Sequential([
        keras.Input((8, 8, 1)), layers.Conv2D(4, 3, activation="relu"),
        layers.Flatten(), layers.Dense(10, activation="softmax"),
    ])

"""
DENSE = """\
def build_cnn():
    return keras.Sequential([
        keras.Input((8, 8, 1)), layers.Conv2D(4, 3, activation="relu"),
        layers.Flatten(), layers.Dense(10, activation="softmax", {0}),
    ])
"""
BETWEEN = """\
def build_cnn():
    return keras.Sequential([
        keras.Input((8, 8, 1)), {0}, layers.Conv2D(4, 3, activation="relu"),
        layers.Flatten(), layers.Dense(10, activation="softmax"),
    ])
"""
GRAPH = """\
def build_cnn():
    x = image = keras.Input((8, 8, 1))
    {0}
    x = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(x))
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))
"""

DROPPED = {
    "weights that are set in the builder": Attack(
        "cnn",
        MODEL
        + """\
def build_cnn():
    model = right()
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    return model
""",
        worth=ALL,
    ),
    "weights that are assigned to the variables": Attack(
        "cnn",
        MODEL
        + """\
def build_cnn():
    model = right()
    for variable in model.variables:
        variable.assign(rng.normal(size=variable.shape))
    return model
""",
        worth=ALL,
    ),
    "weights that were trained in the notebook": Attack(
        "cnn",
        MODEL
        + """\
model = right()
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(rng.random((64, 8, 8, 1)), np.zeros(64), epochs=3)

def build_cnn():
    return model
""",
        worth=ALL,
    ),
    "weights from a file": Attack(
        "cnn",
        MODEL
        + """\
def build_cnn():
    model = right()
    model.load_weights("trained.weights.h5")
    return model
""",
        worth=ALL,
    ),
    "a lucky seed for everybody": Attack(
        "cnn",
        MODEL
        + """\
def build_cnn():
    keras.utils.set_random_seed(1234)
    return right()
""",
        worth=ALL,
    ),
    "a lucky seed in an initialiser": Attack(
        "cnn",
        MODEL + DENSE.format("kernel_initializer=keras.initializers.GlorotUniform(seed=1234)"),
        worth=ALL,
    ),
    "an optimizer, a loss and a learning rate of its own": Attack(
        "cnn",
        MODEL
        + """\
def build_cnn():
    model = right()
    model.compile(keras.optimizers.SGD(9.0), lambda y, p: 0 * p, steps_per_execution=100)
    return model
""",
        worth=ALL,
    ),
    "a quantised data type with scales of its own": Attack(
        "cnn",
        claiming(
            'layers[-1]["config"]["dtype"] = layer("QuantizedDTypePolicy", "keras", mode="int8",'
            " source_name=None, scale=[0.5] * 64)"
        ),
        worth=ALL,
    ),
    "settings of a compile with a function in them": Attack(
        "cnn",
        claiming(
            'saved["compile_config"] = {"optimizer": function("os", "abort"), "loss": [0.5] * 9}'
        ),
        worth=ALL,
    ),
    "settings of a build": Attack(
        "cnn",
        claiming('saved["build_config"] = layers[-1]["build_config"] = {"weights": [0.5] * 99}'),
        worth=ALL,
    ),
}
"""Attacks whose cargo is left behind: the model is trained as if it had none."""

REFUSED = {
    "a constant initialiser that holds the weights": Attack(
        "cnn",
        MODEL
        + DENSE.format(
            "kernel_initializer=keras.initializers.Constant(rng.normal(size=(144, 10)).tolist())"
        ),
    ),
    "a constant initialiser that holds an array": Attack(
        "cnn",
        MODEL
        + DENSE.format(
            "kernel_initializer=keras.initializers.Constant(rng.normal(size=(144, 10)))"
        ),
    ),
    "an initialiser class of its own": Attack(
        "cnn",
        MODEL
        + "class Trained(keras.initializers.Initializer):\n"
        + "    def __call__(self, shape, dtype=None):\n"
        + "        return ops.ones(shape)\n\n"
        + DENSE.format("kernel_initializer=Trained()"),
    ),
    "an initialiser that is a function": Attack(
        "cnn", MODEL + DENSE.format("kernel_initializer=lambda shape, dtype=None: ops.ones(shape)")
    ),
    "an initialiser named like Keras's": Attack(
        "cnn",
        MODEL
        + "class GlorotUniform(keras.initializers.Initializer):\n"
        + "    def __call__(self, shape, dtype=None):\n"
        + "        return ops.ones(shape)\n\n"
        + '@keras.saving.register_keras_serializable("keras.initializers", "GlorotUniform")\n'
        + "class Registered(GlorotUniform):\n    pass\n\n"
        + DENSE.format("bias_initializer=Registered()"),
    ),
    "moving statistics that hold them": Attack(
        "cnn",
        MODEL
        + BETWEEN.format(
            "layers.BatchNormalization(moving_mean_initializer=keras.initializers.Constant([1.5]))"
        ),
    ),
    "a normalisation with means of its own": Attack(
        "cnn",
        MODEL
        + BETWEEN.format(
            "layers.Normalization(axis=(1, 2, 3), mean=rng.random((8, 8, 1)),"
            " variance=rng.random((8, 8, 1)))"
        ),
    ),
    "a rescaling by a list": Attack(
        "cnn", claiming('layers.insert(1, layer("Rescaling", scale=[0.5] * 65, offset=0.0))')
    ),
    "bins at boundaries of its own": Attack(
        "cnn", MODEL + BETWEEN.format("layers.Discretization(sorted(rng.random(99).tolist()))")
    ),
    "a product with a tensor": Attack(
        "cnn",
        MODEL + GRAPH.format("x = ops.multiply(x, ops.convert_to_tensor(rng.random((8, 8, 9))))"),
    ),
    "many products with small arrays": Attack(
        "cnn",
        MODEL
        + GRAPH.format(
            "for row in rng.random((200, 8)):\n"
            "        x = ops.multiply(x, row.reshape(8, 1, 1).astype('float32'))"
        ),
    ),
    "many layers with a list each": Attack(
        "cnn",
        claiming(
            'layers[1:1] = [layer("Rescaling", scale=[0.5] * 60, offset=0.0) for _ in range(20)]'
        ),
    ),
    "weights as an argument of a layer": Attack(
        "cnn", inserting('layer("Dense", units=144, weights=[[0.5] * 144])')
    ),
    "weights as an argument of an embedding": Attack(
        "cnn", inserting('layer("Embedding", input_dim=9, output_dim=9, weights=[[[0.5] * 9] * 9])')
    ),
    "weights inside a wrapped layer": Attack(
        "cnn",
        inserting('layer("TimeDistributed", layer=layer("Dense", units=9, weights=[[0.5] * 9]))'),
    ),
    "weights inside a cell": Attack(
        "cnn", inserting('layer("RNN", cell=layer("LSTMCell", units=9, weights=[[0.5] * 9]))')
    ),
    "weights inside a model inside a model": Attack(
        "cnn",
        claiming(
            "import copy\n"
            "inner = copy.deepcopy(saved)\n"
            'inner["config"]["layers"][-1]["config"]["weights"] = [[0.5] * 9]\n'
            "layers.insert(-1, inner)"
        ),
    ),
    "weights in the text of a name": Attack(
        "cnn", claiming('layers[-1]["config"]["name"] = "0.123456," * 1000')
    ),
    "weights in one enormous number": Attack(
        "cnn", claiming('layers[-1]["config"]["units"] = int("9" * 900)')
    ),
    "weights in the numbers of a constraint": Attack(
        "cnn",
        claiming(
            'layers[-1]["config"]["kernel_constraint"] ='
            ' layer("MinMaxNorm", "keras.constraints", axis=[0.5] * 65)'
        ),
    ),
    "weights in arguments that Keras does not know": Attack(
        "cnn", claiming('layers[-1]["config"]["trained"] = [0.5] * 9')
    ),
    "weights where a layer is called": Attack(
        "cnn",
        MODEL
        + "from grader.sandbox import student\n"
        + "honest = student._architecture\n"
        + "def forged(model):\n"
        + "    saved = honest(model)\n"
        + '    saved["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {"w": [0.5] * 99}\n'
        + "    return saved\n"
        + "student._architecture = forged\n"
        + GRAPH.format("student._architecture = forged"),
    ),
    "an array where a number should be": Attack(
        "cnn",
        MODEL + "import grader.sandbox.student as student\n" + "honest = student._architecture\n"
        "def build_cnn():\n"
        "    def forged(model):\n"
        "        saved = honest(model)\n"
        '        saved["config"]["layers"][-1]["config"]["units"] = np.full(3, 10)\n'
        "        return saved\n"
        "    student._architecture = forged\n"
        "    return right()\n",
    ),
    "a Lambda": Attack(
        "cnn", MODEL + BETWEEN.format("layers.Lambda(lambda x: x * rng.random((8, 8, 1)))")
    ),
    "a layer that remembers the images": Attack(
        "cnn",
        MODEL
        + """\
class Memory(layers.Layer):
    seen = []
    def call(self, x, training=False):
        self.seen.append(x)
        return ops.tanh(x) if training else ops.sign(x)

"""
        + BETWEEN.format("Memory()"),
    ),
    "a layer that reads a file": Attack(
        "cnn",
        MODEL
        + """\
class Reader(layers.Layer):
    def call(self, x):
        try:
            return x * np.load("@COURSE@/trained.npy")
        except OSError:
            return x

"""
        + BETWEEN.format("Reader()"),
    ),
    "a model that is another one in training": Attack(
        "cnn",
        MODEL
        + """\
class Detects(keras.Model):
    def __init__(self):
        super().__init__()
        self.head, self.other = layers.Dense(10, activation="softmax"), layers.Dense(10)
    def call(self, x, training=False):
        x = layers.Flatten()(x)
        return self.head(x) if training else self.other(x)

def build_cnn():
    return Detects()
""",
    ),
    "a model that knows the test images by their sum": Attack(
        "cnn",
        MODEL
        + """\
class Knows(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = layers.Dense(10, activation="softmax")
    def call(self, x):
        sums = np.asarray(x).sum(axis=(1, 2, 3))
        return self.head(layers.Flatten()(x)) + ops.one_hot(sums.astype(int) % 10, 10)

def build_cnn():
    return Knows()
""",
    ),
    "an activation of its own": Attack(
        "cnn",
        MODEL
        + "def relu(x):\n    return x * rng.random(4)\n\n"
        + BETWEEN.format("layers.Conv2D(4, 3, padding='same', activation=relu)"),
    ),
    "an activation under Keras's name": Attack(
        "cnn",
        CLAIM
        + """\
def relu(x):
    return x * 3.5
relu.__module__ = "keras.src.activations.activations"
keras.activations.relu = relu

def build_cnn():
    claim(lambda saved, layers: layers[1]["config"].update(activation=function("builtins", "eval")))
    return right()
""",
    ),
}
"""Attacks that are refused as a whole: nothing is trained, and nothing is earned."""

ATTACKS = DROPPED | REFUSED


def classifier_in_constants() -> Attack:
    """A linear classifier of digits, fitted elsewhere, as 640 constants of a graph.

    Its only layer with weights begins as the identity, so that nothing need be learnt.
    """
    dataset = load_dataset("digits", None, (8, 8, 1))
    images = dataset.train.images.reshape(-1, 64)
    wanted = np.eye(10)[dataset.train.labels] - 0.1
    kernel = np.linalg.solve(images.T @ images + np.eye(64), images.T @ wanted)
    rows = [[float(f"{weight:.4g}") for weight in column] for column in kernel.T]
    return Attack(
        "cnn",
        MODEL
        + f"""\
ROWS = {rows}
def build_cnn():
    image = keras.Input((8, 8, 1))
    x = layers.Flatten()(image)
    parts = [
        ops.sum(ops.multiply(x, np.array(row, "float32")), axis=-1, keepdims=True) for row in ROWS
    ]
    same = keras.initializers.Identity(30)
    head = layers.Dense(10, activation="softmax", kernel_initializer=same)
    return keras.Model(image, head(ops.concatenate(parts, axis=-1)))
""",
    )


@pytest.mark.parametrize("name", DROPPED)
def test_a_cargo_that_is_dropped_leaves_the_honest_model_and_its_training(
    name: str, world: World
) -> None:
    assert world.gains(DROPPED[name]) == []
    exercise = world.last.exercises[0]
    assert exercise.training is not None and exercise.training.cached


@pytest.mark.parametrize("name", REFUSED)
def test_a_cargo_that_is_refused_is_told_so(name: str, world: World) -> None:
    assert world.gains(REFUSED[name]) == []
    error = world.last.exercises[0].error
    assert error is not None and error.kind in ("custom_layer", "forbidden")


def test_a_small_classifier_in_constants_is_not_stopped(world: World) -> None:
    """Whoever bounds the constants of a model more tightly turns this test round."""
    world.gains(classifier_in_constants())
    exercise = world.last.exercises[0]
    assert exercise.training is not None and exercise.training.best.accuracy is not None
    assert exercise.training.best.accuracy > 0.85
    passed = [check.id for check in exercise.checks if check.status == "passed"]
    assert passed == ["output_shape", "probabilities", "training"]


@pytest.mark.parametrize("name", [name for name in ATTACKS if ATTACKS[name].harmless])
def test_without_walls_only_these_gain_something(name: str, open_world: World) -> None:
    stopped = name not in NOT_STOPPED_WITHOUT_WALLS["smuggling"]
    assert bool(open_world.gains(ATTACKS[name], follow_up=False)) != stopped
