"""Descriptions of models hold what Keras itself says of them."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.architecture import check_architecture
from grader.model.claims import read_model
from grader.records import ModelDescription
from grader.sandbox.client import Sandbox
from tests.model.student import LIMITS, ask, build, describe, described, keras_facts

CNN = """
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(8, 3, activation="relu", name="first"),
    layers.BatchNormalization(),
    layers.MaxPooling2D(),
    layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False),
    layers.Flatten(),
    layers.Dropout(0.5),
    layers.Dense(10, activation="softmax", trainable=False),
])"""


def test_each_layer_has_the_type_shape_and_parameters_that_keras_gives_it(sandbox: Sandbox) -> None:
    facts = keras_facts(sandbox, {"cnn": CNN})["cnn"]
    model = described(sandbox, CNN)
    found = [[layer.type, layer.params, list(layer.output_shape)] for layer in model.layers]
    assert found == facts["layers"][1:]
    assert model.total_params == facts["params"]
    assert model.trainable_params == facts["trainable"]


def test_a_layer_is_described_in_keras_names(sandbox: Sandbox) -> None:
    first = described(sandbox, CNN).layers[0]
    assert first.name == "first"
    assert first.type == "Conv2D"
    assert first.config == {
        "filters": 8,
        "kernel_size": [3, 3],
        "strides": [1, 1],
        "padding": "valid",
        "data_format": "channels_last",
        "dilation_rate": [1, 1],
        "groups": 1,
        "activation": "relu",
        "use_bias": True,
        "kernel_initializer": "GlorotUniform",
        "bias_initializer": "Zeros",
        "kernel_regularizer": None,
        "bias_regularizer": None,
        "activity_regularizer": None,
        "kernel_constraint": None,
        "bias_constraint": None,
    }
    assert first.input_shapes == ((28, 28, 1),)
    assert first.output_shapes == ((26, 26, 8),)
    assert (first.params, first.trainable_params) == (80, 80)
    assert first.multiply_adds == 26 * 26 * 8 * 9
    assert (first.inbound, first.calls, first.receptive_field) == ((), 1, (3, 3))


def test_what_an_argument_was_given_is_kept_in_short(sandbox: Sandbox) -> None:
    model = described(
        sandbox,
        """
model = keras.Sequential([
    keras.Input((8,)),
    layers.Dense(
        4,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.5, seed=3),
        kernel_regularizer=keras.regularizers.L2(0.25),
        activation=layers.LeakyReLU(0.125),
    ),
])""",
    )
    config = model.layers[0].config
    assert config["kernel_initializer"] == {"RandomNormal": {"mean": 0.0, "stddev": 0.5}}
    assert config["kernel_regularizer"] == {"L2": {"l2": 0.25}}
    assert config["activation"] == {"LeakyReLU": {"negative_slope": 0.125}}


# --- the graph ------------------------------------------------------------------------------

GRAPHS: dict[str, tuple[str, list[str], list[tuple[int, int]], list[int]]] = {
    "a chain": (CNN, [], [(i, i + 1) for i in range(6)], [1] * 7),
    "a residual block": (
        """
entry = keras.Input((8, 8, 4))
x = layers.Conv2D(4, 3, padding="same")(entry)
x = layers.Conv2D(4, 3, padding="same")(layers.ReLU()(x))
model = keras.Model(entry, layers.Flatten()(layers.Add()([x, layers.Conv2D(4, 1)(entry)])))""",
        ["Conv2D", "ReLU", "Conv2D", "Conv2D", "Add", "Flatten"],
        [(0, 1), (1, 2), (2, 4), (3, 4), (4, 5)],
        [1] * 6,
    ),
    "a shared layer": (
        """
entry = keras.Input((8,))
same = layers.Dense(8)
model = keras.Model(entry, layers.Dense(2)(same(layers.ReLU()(same(entry)))))""",
        ["Dense", "ReLU", "Dense"],
        [(0, 1), (0, 2)],
        [2, 1, 1],
    ),
    "a model in a model": (
        """
inner = keras.Sequential([layers.Conv2D(4, 3), layers.ReLU()])
entry = keras.Input((8, 8, 1))
x = layers.MaxPooling2D()(inner(layers.Rescaling(2.0)(entry)))
model = keras.Model(entry, x)""",
        ["Rescaling", "Conv2D", "ReLU", "MaxPooling2D"],
        [(0, 1), (1, 2), (2, 3)],
        [1] * 4,
    ),
    "a shared model": (
        """
inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.ReLU()])
left, right = keras.Input((4,)), keras.Input((4,))
model = keras.Model([left, right], layers.Subtract()([inner(left), inner(right)]))""",
        ["Dense", "ReLU", "Subtract"],
        [(0, 1), (1, 2)],
        [2, 2, 1],
    ),
    "a graph with two outputs in a graph": (
        """
within = keras.Input((4,))
inner = keras.Model(within, [layers.Dense(3)(within), layers.ReLU()(within)])
entry = keras.Input((4,))
first, second = inner(entry)
model = keras.Model(entry, [layers.Softmax()(second), layers.Activation("tanh")(first)])""",
        ["ReLU", "Dense", "Activation", "Softmax"],
        [(0, 3), (1, 2)],
        [1] * 4,
    ),
    "operations": (
        """
entry = keras.Input((4,))
model = keras.Model(entry, ops.relu(layers.Dense(4)(entry) + entry))""",
        ["Dense", "Add", "Relu"],
        [(0, 1), (1, 2)],
        [1] * 3,
    ),
}


@pytest.mark.parametrize(("code", "types", "edges", "calls"), GRAPHS.values(), ids=GRAPHS)
def test_the_graph_has_each_layer_once_and_its_edges(
    code: str,
    types: list[str],
    edges: list[tuple[int, int]],
    calls: list[int],
    sandbox: Sandbox,
) -> None:
    model = described(sandbox, code)
    assert not types or [layer.type for layer in model.layers] == types
    assert sorted(model.edges) == edges
    assert [layer.calls for layer in model.layers] == calls


def test_a_shared_layer_costs_each_time_and_weighs_once(sandbox: Sandbox) -> None:
    model = described(sandbox, GRAPHS["a shared layer"][0])
    assert model.layers[0].params == 8 * 8 + 8
    assert model.layers[0].multiply_adds == 2 * 8 * 8
    assert model.multiply_adds == 2 * 8 * 8 + 8 * 2


def test_several_inputs_and_outputs_keep_their_order(sandbox: Sandbox) -> None:
    model = described(
        sandbox,
        """
image, size = keras.Input((8, 8, 1)), keras.Input((1,))
joined = layers.Concatenate()([layers.Flatten()(image), size])
model = keras.Model([image, size], [layers.Dense(3)(joined), joined])""",
    )
    assert model.input_shapes == ((8, 8, 1), (1,))
    assert model.output_shapes == ((3,), (65,))
    joined = model.layers[1]
    assert joined.type == "Concatenate"
    assert joined.input_shapes == ((64,), (1,))


# --- receptive fields -----------------------------------------------------------------------

FIELDS = {
    "one convolution": "layers.Conv2D(2, 3)",
    "two convolutions": "layers.Conv2D(2, 3), layers.Conv2D(2, 5)",
    "strides": "layers.Conv2D(2, 3, strides=2), layers.Conv2D(2, 3), layers.AveragePooling2D(3)",
    "dilation": "layers.Conv2D(2, 3, dilation_rate=3), layers.Conv2D(2, (1, 5))",
    "pooling": "layers.AveragePooling2D(2), layers.Conv2D(2, 3), layers.AveragePooling2D(2)",
    "padding": "layers.ZeroPadding2D(2), layers.Conv2D(2, 5), layers.Cropping2D(1)",
    "same": "layers.Conv2D(2, 3, padding='same'), layers.Conv2D(2, 3, padding='same')",
    "1×1": "layers.Conv2D(2, 1), layers.DepthwiseConv2D(4, strides=3), "
    "layers.SeparableConv2D(2, 2)",
    "in place": "layers.Conv2D(2, 3), layers.BatchNormalization(), layers.Dense(3), layers.ReLU(), "
    "layers.Dropout(0.5), layers.Softmax(), layers.LayerNormalization()",
}
SEEN = """
def seen(model):
    image = tf.random.stateless_uniform((1, 33, 33, 1), (1, 2))
    with tf.GradientTape() as tape:
        tape.watch(image)
        out = model(image)
        middle = tf.reduce_sum(out[0, out.shape[1] // 2, out.shape[2] // 2, :1])
    rows, columns = np.nonzero(tape.gradient(middle, image).numpy()[0, ..., 0])
    return [int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1]


def build(stack):
    found = eval("[keras.Input((33, 33, 1)), " + stack + "]", globals())
    return keras.Sequential(found)
"""


@pytest.fixture(scope="module")
def seen(sandbox: Sandbox) -> dict[str, Any]:
    """Between which rows and columns of the image a value in the middle has gradients."""
    code = f"{SEEN}\nseen = {{name: seen(build(stack)) for name, stack in {FIELDS!r}.items()}}"
    reply = ask(sandbox, "read", code, "seen")
    assert reply.ending == "answered", reply
    assert "error" not in reply.answer, reply.answer
    value: dict[str, Any] = reply.answer["value"]
    return value


@pytest.mark.parametrize("name", FIELDS)
def test_the_receptive_field_is_where_gradients_come_from(
    name: str, seen: dict[str, Any], sandbox: Sandbox
) -> None:
    model = described(
        sandbox, f"model = keras.Sequential([keras.Input((33, 33, 1)), {FIELDS[name]}])"
    )
    assert list(model.layers[-1].receptive_field or ()) == seen[name]
    assert model.receptive_field == model.layers[-1].receptive_field


def fields(sandbox: Sandbox, layers: str, shape: str = "(16, 16, 1)") -> list[Any]:
    model = described(sandbox, f"model = keras.Sequential([keras.Input({shape}), {layers}])")
    return [layer.receptive_field for layer in model.layers]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)", [(3, 3), None, None]),
        ("layers.Conv2D(2, 3), layers.GlobalAveragePooling2D()", [(3, 3), None]),
        ("layers.Conv2D(2, 3), layers.GroupNormalization(2)", [(3, 3), None]),
        ("layers.Conv2D(2, 3), layers.LayerNormalization(axis=[1, 2])", [(3, 3), None]),
        ("layers.Conv2D(2, 3), layers.Softmax(axis=1)", [(3, 3), None]),
        ("layers.Conv2D(2, 3), layers.Conv2DTranspose(1, 3, padding='same')", [(3, 3), None]),
        ("layers.Conv2D(2, 3), layers.UpSampling2D()", [(3, 3), None]),
        ("layers.Conv2D(2, 3), layers.Permute((2, 1, 3))", [(3, 3), None]),
        ("layers.Reshape((16, 16)), layers.LSTM(4, return_sequences=True)", [None, None]),
    ],
)
def test_the_receptive_field_ends_where_positions_are_mixed(
    layers: str, expected: list[Any], sandbox: Sandbox
) -> None:
    assert fields(sandbox, layers) == expected


def test_the_receptive_field_ends_in_attention(sandbox: Sandbox) -> None:
    model = described(
        sandbox,
        """
entry = keras.Input((8, 4))
x = layers.Conv1D(4, 3, padding="same")(entry)
model = keras.Model(entry, layers.Attention()([x, x]))""",
    )
    assert [layer.receptive_field for layer in model.layers] == [(3,), None]


def test_branches_see_as_much_as_the_widest(sandbox: Sandbox) -> None:
    model = described(
        sandbox,
        """
entry = keras.Input((16, 16, 1))
wide = layers.Conv2D(2, 7, padding="same")(entry)
narrow = layers.Conv2D(2, 3, padding="same")(entry)
half = layers.MaxPooling2D(2, strides=1, padding="same")(narrow)
joined = layers.Concatenate()([wide, narrow, half])
model = keras.Model(entry, joined + joined)""",
    )
    assert model.receptive_field == (7, 7)
    assert model.layers[-1].receptive_field == (7, 7)


def test_branches_of_different_scale_have_no_common_field(sandbox: Sandbox) -> None:
    model = described(
        sandbox,
        """
entry = keras.Input((16, 16, 1))
left = layers.MaxPooling2D(2)(entry)
right = layers.Cropping2D(4)(entry)
model = keras.Model(entry, layers.Add()([left, right]))""",
    )
    assert model.layers[-1].receptive_field is None


def test_a_layer_that_is_applied_twice_sees_further(sandbox: Sandbox) -> None:
    model = described(
        sandbox,
        """
entry = keras.Input((16, 16, 1))
conv = layers.Conv2D(1, 3)
model = keras.Model(entry, layers.Conv2D(1, 3)(conv(conv(entry))))""",
    )
    assert [layer.receptive_field for layer in model.layers] == [(5, 5), (7, 7)]


# --- large models ---------------------------------------------------------------------------

PUBLISHED = {
    "MobileNetV2": (3_538_984, 0.300e9),
    "ResNet50": (25_636_712, 3.86e9),
    "DenseNet121": (8_062_504, 2.83e9),
    "EfficientNetB0": (5_330_571, 0.39e9),
}
"""Parameters by https://keras.io/api/applications, multiply-adds by the papers."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks_have_their_published_size(name: str, sandbox: Sandbox) -> None:
    claimed = build(sandbox, f"model = keras.applications.{name}(weights=None)")
    model = describe(sandbox, check_architecture(claimed))
    assert isinstance(model, ModelDescription), model
    params, multiply_adds = PUBLISHED[name]
    assert model.total_params == params
    assert model.multiply_adds == pytest.approx(multiply_adds, rel=0.02)
    assert model.output_shapes == ((1000,),)
    assert model.input_shapes == ((224, 224, 3),)


ALEXNET = """
model = keras.Sequential([
    keras.Input((227, 227, 3)),
    layers.Conv2D(96, 11, strides=4, activation="relu"),
    layers.MaxPooling2D(3, strides=2),
    layers.Conv2D(256, 5, padding="same", activation="relu"),
    layers.MaxPooling2D(3, strides=2),
    layers.Conv2D(384, 3, padding="same", activation="relu"),
    layers.Conv2D(384, 3, padding="same", activation="relu"),
    layers.Conv2D(256, 3, padding="same", activation="relu"),
    layers.Flatten(),
    layers.Dense(4096, activation="relu"),
    layers.Dense(4096, activation="relu"),
    layers.Dense(1000, activation="softmax"),
])"""


def test_two_hundred_million_parameters_take_no_memory(sandbox: Sandbox) -> None:
    architecture = check_architecture(build(sandbox, ALEXNET))
    request = {"architecture": architecture.config, "input_shape": [227, 227, 3]}
    reply = sandbox.ask_trusted("describe", request, LIMITS)
    model = read_model(reply.answer["model"], rebuilt=True)
    assert model.total_params > 200_000_000
    assert reply.peak_bytes < 50 * 2**20


# --- models without a graph -----------------------------------------------------------------

CLASSES = """
class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(1, 3, padding="same")
        self.add = layers.Add()

    def call(self, x):
        return self.add([x, self.conv(x)])


class Scale(layers.Layer):
    def call(self, x):
        return x * 2.0


class Net(keras.Model):
    def __init__(self, *parts):
        super().__init__()
        self.parts = list(parts)

    def call(self, x, training=None):
        for part in self.parts:
            x = part(x)
        return -x if training else x  # or it would be followed, and told as a graph


"""
HEAD = "layers.Flatten(), layers.Dense(10)"
Rows = list[tuple[str, tuple[int, ...], int, tuple[int, ...], int]]
WATCHED: dict[str, tuple[str, Rows]] = {
    "layers in a row": (
        f"model = Net(layers.Conv2D(4, 3), {HEAD})",
        [
            ("Conv2D", (26, 26, 4), 40, (), 1),
            ("Flatten", (2704,), 0, (0,), 1),
            ("Dense", (10,), 27050, (1,), 1),
        ],
    ),
    "called before": (
        f"model = Net({HEAD})\nmodel(np.zeros((1, 28, 28, 1)))",
        [("Flatten", (784,), 0, (), 1), ("Dense", (10,), 7850, (0,), 1)],
    ),
    "blocks within": (
        f"model = Net(Block(), {HEAD})",
        [
            ("Conv2D", (28, 28, 1), 10, (), 1),
            ("Add", (28, 28, 1), 0, (0,), 1),
            ("Flatten", (784,), 0, (1,), 1),
            ("Dense", (10,), 7850, (2,), 1),
        ],
    ),
    "a block twice": (
        f"block = Block()\nmodel = Net(block, block, {HEAD})",
        [
            ("Conv2D", (28, 28, 1), 10, (), 2),
            ("Add", (28, 28, 1), 0, (0,), 2),
            ("Flatten", (784,), 0, (1,), 1),
            ("Dense", (10,), 7850, (2,), 1),
        ],
    ),
    "layers of Keras's own that are made of layers": (
        "model = Net(layers.Reshape((28, 28)), layers.Bidirectional(layers.LSTM(4)))",
        [("Reshape", (28, 28), 0, (), 1), ("Bidirectional", (8,), 1056, (0,), 1)],
    ),
    "models within": (
        f"model = Net(keras.Sequential([layers.Conv2D(4, 3), Scale()]), {HEAD})",
        [
            ("Conv2D", (26, 26, 4), 40, (), 1),
            ("Scale", (26, 26, 4), 0, (0,), 1),
            ("Flatten", (2704,), 0, (1,), 1),
            ("Dense", (10,), 27050, (2,), 1),
        ],
    ),
    "a graph with layers of one's own": (
        f"model = keras.Sequential([keras.Input((28, 28, 1)), Scale(), {HEAD}])",
        [
            ("Scale", (28, 28, 1), 0, (), 1),
            ("Flatten", (784,), 0, (0,), 1),
            ("Dense", (10,), 7850, (1,), 1),
        ],
    ),
}


@pytest.mark.parametrize(("code", "rows"), WATCHED.values(), ids=WATCHED)
def test_a_model_with_classes_of_the_students_is_watched_at_work(
    code: str, rows: Rows, sandbox: Sandbox
) -> None:
    reply = ask(sandbox, "learn", CLASSES + code, "model")
    assert reply.ending == "answered", reply
    assert "error" not in reply.answer, reply.answer
    model = read_model(reply.answer["model"], rebuilt=False)
    found = [(x.type, x.output_shape, x.params, x.inbound, x.calls) for x in model.layers]
    assert found == rows
    assert model.total_params == sum(params for _, _, params, _, _ in rows)
    assert model.input_shapes == ((28, 28, 1),)
    assert model.output_shapes == (rows[-1][1],)


def test_a_class_that_is_only_named_like_one_of_keras_is_not_taken_for_it(sandbox: Sandbox) -> None:
    code = """
class Conv2D(layers.Layer):
    def call(self, x):
        return x


model = keras.Sequential([
    keras.Input((28, 28, 1)), layers.Conv2D(1, 3), Conv2D(), layers.Flatten(), layers.Dense(10)
])"""
    reply = ask(sandbox, "learn", code, "model")
    model = read_model(reply.answer["model"], rebuilt=False)
    assert [layer.type for layer in model.layers[:2]] == ["Conv2D", "Conv2D"]
    assert [layer.multiply_adds for layer in model.layers[:2]] == [26 * 26 * 9, 0]
    assert [layer.receptive_field for layer in model.layers[:2]] == [(3, 3), None]


def test_a_model_that_gives_a_dict_is_described(sandbox: Sandbox) -> None:
    code = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.flat, self.dense = layers.Flatten(), layers.Dense(10)

    def call(self, x):
        return {"kind": self.dense(self.flat(x))}


model = Net()"""
    reply = ask(sandbox, "learn", code, "model")
    assert "error" not in reply.answer, reply.answer
    assert read_model(reply.answer["model"], rebuilt=False).output_shapes == ((10,),)
