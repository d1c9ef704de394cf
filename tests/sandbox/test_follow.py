"""Classes followed into graphs: the same to the last bit as the class, or not followed at all."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from grader.sandbox.client import Sandbox
from tests.sandbox.asking import ask, build
from tests.sandbox.forks import Forks

SHAPE = (8, 8, 3)
BLOCK = """
class Block(layers.Layer):
    def __init__(self, filters=4):
        super().__init__()
        self.conv = layers.Conv2D(filters, 3, padding="same")
        self.norm = layers.BatchNormalization()
        self.drop = layers.Dropout(0.5)

    def call(self, x, training=None):
        return self.drop(self.norm(self.conv(x), training=training), training=training)
"""
"""A layer of the student's own, with all that differs in training."""


def net(made: str, call: str, header: str = "call(self, x)", before: str = "") -> str:
    """A model class from the lines of its ``__init__`` and of its call."""
    init = textwrap.indent(textwrap.dedent(made).strip(), " " * 8)
    body = textwrap.indent(textwrap.dedent(call).strip(), " " * 8)
    return (
        f"{before}\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        f"{init}\n\n    def {header}:\n{body}\n"
    )


DENSE = "self.flat = layers.Flatten()\nself.dense = layers.Dense(5)\n"
BN = DENSE + "self.norm = layers.BatchNormalization()\nself.drop = layers.Dropout(0.5)\n"

FOLLOWED: dict[str, str] = {
    "layers one after the other": net(DENSE, "return self.dense(self.flat(x))"),
    "normalization and dropout that are not told the mode": net(
        BN, "return self.drop(self.norm(self.dense(self.flat(x))))"
    ),
    "normalization and dropout that are told": net(
        BN,
        "x = self.norm(self.flat(x), training=training)\n"
        "return self.drop(self.dense(x), training=training)",
        "call(self, x, training=None)",
    ),
    "training with another default": net(
        BN,
        "return self.drop(self.norm(self.dense(self.flat(x)), training=training))",
        "call(self, x, training=True)",
    ),
    "the mode made a bool": net(
        BN,
        "training = bool(training)\n"
        "return self.drop(self.norm(self.dense(self.flat(x)), training=training))",
        "call(self, x, training=None)",
    ),
    "a mask that is not used": net(
        DENSE, "return self.dense(self.flat(x))", "call(self, x, training=None, mask=None)"
    ),
    "a layer applied twice": net(
        "self.conv = layers.Conv2D(3, 3, padding='same')\n"
        "self.norm = layers.BatchNormalization()\n" + DENSE,
        "x = self.norm(self.conv(x))\nx = self.norm(self.conv(x))\nreturn self.dense(self.flat(x))",
    ),
    "branches": net(
        DENSE + "self.a = layers.Conv2D(2, 1)\nself.b = layers.Conv2D(2, 3, padding='same')\n"
        "self.join = layers.Concatenate()",
        "return self.dense(self.flat(self.join([self.b(x), self.a(x), x])))",
    ),
    "a residual sum and operators": net(
        DENSE + "self.conv = layers.Conv2D(3, 3, padding='same')",
        "x = x / 255.0 - 0.5\nreturn self.dense(self.flat(2 * (x + self.conv(x))))",
    ),
    "two outputs": net(
        DENSE + "self.second = layers.Dense(2)",
        "x = self.flat(x)\nreturn self.dense(x), self.second(x)",
    ),
    "layers in a list and a dict": net(
        "self.convs = [layers.Conv2D(4, 3), layers.Conv2D(2, 3)]\n"
        "self.head = {'flat': layers.Flatten(), 'dense': layers.Dense(5)}",
        "for conv in self.convs:\n    x = conv(x)\nreturn self.head['dense'](self.head['flat'](x))",
    ),
    "a layer of one's own": net(
        DENSE + "self.block = Block()", "return self.dense(self.flat(self.block(x)))", before=BLOCK
    ),
    "layers of one's own, told": net(
        DENSE + "self.blocks = [Block(), Block(3)]",
        "for block in self.blocks:\n    x = block(x, training=training)\n"
        "return self.dense(self.flat(x))",
        "call(self, x, training=None)",
        BLOCK,
    ),
    "a model of one's own inside": net(
        DENSE + "self.body = Body()",
        "return self.dense(self.flat(self.body(x)))",
        before=BLOCK + net("self.block = Block()", "return self.block(x)").replace("Net", "Body"),
    ),
    "a layer that makes its parts in build": net(
        DENSE + "self.lazy = Lazy()",
        "return self.dense(self.flat(self.lazy(x)))",
        before="""
class Lazy(layers.Layer):
    def build(self, shape):
        self.conv = layers.Conv2D(shape[-1] + 1, 3)
        self.drop = layers.Dropout(0.3)

    def call(self, x):
        return self.drop(self.conv(x))
""",
    ),
    "a layer of one's own applied twice": net(
        DENSE + "self.block = Block(3)",
        "return self.dense(self.flat(self.block(self.block(x))))",
        before=BLOCK,
    ),
    "a Sequential inside": net(
        "self.body = keras.Sequential([layers.Conv2D(2, 3), layers.BatchNormalization(),"
        " layers.Dropout(0.5), layers.Flatten()])\nself.dense = layers.Dense(5)",
        "return self.dense(self.body(x))",
    ),
    "a frozen normalization called in inference": net(
        DENSE + "self.norm = layers.BatchNormalization()\nself.norm.trainable = False",
        "return self.dense(self.flat(self.norm(x, training=False)))",
    ),
    "functions of TensorFlow": net(
        DENSE + "self.conv = layers.Conv2D(3, 3, padding='same')",
        "x = tf.concat([tf.nn.relu(self.conv(x), name='r'), tf.nn.tanh(x)], axis=3)\n"
        "x = tf.multiply(tf.add(x, x), tf.nn.sigmoid(x))\n"
        "return tf.nn.softmax(self.dense(tf.reshape(x, (-1, 384))))",
    ),
    "functions of Keras": net(
        DENSE, "return ops.softmax(self.dense(self.flat(ops.relu(x))), axis=-1)"
    ),
    "settings that the call reads": net(
        DENSE + "self.deep = True\nself.extra = layers.Dense(4)",
        "x = self.flat(x)\nif self.deep:\n    x = self.extra(x)\nreturn self.dense(x)",
    ),
    "tensors that the call keeps": net(
        DENSE + "self.seen = None", "self.seen = self.flat(x)\nreturn self.dense(self.seen)"
    ),
    "a Sequential of one's own name": """
class Net(keras.Sequential):
    def __init__(self):
        super().__init__([layers.Flatten(), layers.Dense(5), layers.Dropout(0.5)])
""",
    "a functional model of one's own name": """
class Net(keras.Model):
    def __init__(self):
        image = keras.Input((8, 8, 3))
        super().__init__(image, layers.Dense(5)(layers.Flatten()(image)))
""",
    "a call that names no module": net(DENSE, "return self.dense(self.flat(x))")
    + "    call.__module__ = None\n",
}

ADDS = "return self.dense(self.flat(x + {}))"
REFUSED: dict[str, str] = {
    "another layer in training": net(
        BN,
        "x = self.flat(x)\nif training:\n    x = self.drop(x)\nreturn self.dense(x)",
        "call(self, x, training=None)",
    ),
    "another number in training": net(
        DENSE,
        "return self.dense(self.flat(x * (2.0 if training else 1.0)))",
        "call(self, x, training=None)",
    ),
    "other ways in training": net(
        DENSE + "self.b = layers.Dense(5)\nself.minus = layers.Subtract()",
        "x = self.flat(x)\na, b = self.dense(x), self.b(x)\n"
        "return self.minus([b, a] if training else [a, b])",
        "call(self, x, training=None)",
    ),
    "other settings of an operation in training": net(
        DENSE,
        "x = ops.concatenate([x, x], axis=1 if training else 2)\nreturn self.dense(self.flat(x))",
        "call(self, x, training=None)",
    ),
    "other outputs in training": net(
        DENSE,
        "x = self.flat(x)\ny = self.dense(x)\nreturn (y, x) if training else (x, y)",
        "call(self, x, training=None)",
    ),
    "another layer in training, inside a layer that is not told": net(
        DENSE + "self.noisy = Noisy()",
        "return self.dense(self.flat(self.noisy(x)))",
        before="""
class Noisy(layers.Layer):
    def __init__(self):
        super().__init__()
        self.noise = layers.GaussianNoise(1.0)

    def call(self, x, training=None):
        return self.noise(x) if training else x
""",
    ),
    "a layer of Keras's under another name": net(
        DENSE + "self.noise = Noise(1.0)",
        "return self.dense(self.flat(self.noise(x)))",
        before="class Noise(layers.GaussianNoise):\n    pass\n",
    ),
    "normalization that is never in training": net(
        BN, "return self.dense(self.flat(self.norm(x, training=False)))"
    ),
    "dropout that always drops": net(
        BN, "return self.drop(self.dense(self.flat(x)), training=True)"
    ),
    "a mode that Keras keeps for the layers that follow": net(
        BN + "self.norm.trainable = False",
        "return self.drop(self.dense(self.flat(self.norm(x, training=False))))",
    ),
    "a block of one's own that is never in training": net(
        DENSE + "self.block = Block()",
        "return self.dense(self.flat(self.block(x, training=False)))",
        before=BLOCK,
    ),
    "the mode turned round": net(
        BN,
        "return self.dense(self.flat(self.norm(x, training=not training)))",
        "call(self, x, training=None)",
    ),
    "weights of its own": net(
        DENSE + "self.scale = self.add_weight(shape=(1,), name='scale')",
        "return self.dense(self.flat(x * self.scale))",
    ),
    "weights of a layer of its own": net(
        DENSE + "self.scale = Scale()",
        "return self.dense(self.flat(self.scale(x)))",
        before="""
class Scale(layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],))

    def call(self, x):
        return x * self.scale
""",
    ),
    "a variable of TensorFlow's": net(
        DENSE + "self.scale = tf.Variable(2.0)", "return self.dense(self.flat(x * self.scale))"
    ),
    "variables of TensorFlow's in a list, half hidden": net(
        DENSE + "self._scales = [{'a': tf.Variable(2.0)}]",
        "return self.dense(self.flat(x * tf.square(self._scales[0]['a'])))",
    ),
    "a variable that is nobody's": net(
        DENSE,
        "return self.dense(self.flat(x * SCALE))",
        before="SCALE = keras.Variable(2.0)\n",
    ),
    "layers that are not applied": net(
        DENSE + "self.more = layers.Dense(3)\nself.more.build((None, 3))",
        "return self.dense(self.flat(x))",
    ),
    "layers of somebody else": net(
        DENSE,
        "return OUTSIDE(self.dense(self.flat(x)))",
        before="OUTSIDE = layers.Dense(3)\n",
    ),
    "layers made anew in each call": net(DENSE, "return layers.Dense(3)(self.dense(self.flat(x)))"),
    "NumPy's noise": net(DENSE, ADDS.format("np.random.normal(size=(8, 8, 3)).astype('float32')")),
    "Keras's noise": net(DENSE, ADDS.format("keras.random.normal((8, 8, 3))")),
    "TensorFlow's noise": net(DENSE, ADDS.format("tf.random.normal((8, 8, 3))")),
    "noise in the image's shape": net(DENSE, ADDS.format("keras.random.normal(ops.shape(x))")),
    "layers by chance": net(
        DENSE + "self.more = layers.Dense(5)",
        "x = self.flat(x)\na, b = self.dense(x), self.more(x)\n"
        "return a + b if random.random() < 1 else a",
    ),
    "layers by NumPy's chance": net(
        DENSE, "return self.dense(self.flat(x)) * int(np.random.rand() < 1)"
    ),
    "a count of calls": net(
        DENSE + "self.more = layers.Dense(5)\nself.calls = 0",
        "self.calls += 1\nx = self.flat(x)\na, b = self.dense(x), self.more(x)\n"
        "return a + b if self.calls < 100 else a",
    ),
    "a count of calls inside": net(
        DENSE + "self.one = Counting()",
        "return self.dense(self.flat(self.one(x)))",
        before="""
class Counting(layers.Layer):
    calls = 0

    def call(self, x):
        self.calls += 1
        return x if self.calls < 100 else x * 2
""",
    ),
    "a mask that a layer of its own reads": net(
        "self.rows = layers.Reshape((8, 24))\nself.mask = layers.Masking()\n"
        "self.mean = Mean()\nself.dense = layers.Dense(5)",
        "return self.dense(self.mean(self.mask(self.rows(x))))",
        before="""
class Mean(layers.Layer):
    def call(self, x, mask=None):
        return ops.mean(x, 1) if mask is None else ops.sum(x, 1)
""",
    ),
    "another precision": net(
        DENSE + "self.half = Half(dtype='float16')",
        "return self.dense(self.flat(self.half(x)))",
        before="class Half(layers.Layer):\n    def call(self, x):\n        return x / 3\n",
    ),
    "a loss of its weights": net(
        DENSE, "y = self.dense(self.flat(x))\nself.add_loss(ops.sum(self.dense.kernel))\nreturn y"
    ),
    "a loss of its own": net(
        DENSE, "y = self.dense(self.flat(x))\nself.add_loss(ops.mean(y))\nreturn y"
    ),
    "a regularized layer of its own": net(
        DENSE + "self.same = Same(activity_regularizer='l2')",
        "return self.dense(self.flat(self.same(x)))",
        before="class Same(layers.Layer):\n    def call(self, x):\n        return x * 1\n",
    ),
    "a call around the call": net(DENSE, "return self.dense(self.flat(x))")
    + "\n    def __call__(self, x, training=None):\n"
    "        return 2 * super().__call__(x, training=training)\n",
    "a Sequential with a call around it": """
class Net(keras.Sequential):
    def __init__(self):
        super().__init__([layers.Flatten(), layers.Dense(5)])

    def __call__(self, x, training=None):
        return 2 * super().__call__(x, training=training)
""",
    "a layer of its own in a Sequential": net(
        "self.body = keras.Sequential([Block(), layers.Flatten()])\nself.dense = layers.Dense(5)",
        "return self.dense(self.body(x))",
        before=BLOCK,
    ),
    "a call that raises": net(DENSE, "raise RuntimeError('no')"),
    "a call that returns nothing": net(DENSE, "self.dense(self.flat(x))"),
    "a call that returns no tensor": net(DENSE, "return 7"),
    "a call that asks for more": net(DENSE, "return self.dense(x)", "call(self, x, more)"),
    "a compiled call": net(DENSE, "return self.dense(self.flat(x))").replace(
        "    def call", "    @tf.function\n    def call"
    ),
    "what TensorFlow's function does not take": net(
        DENSE, "return self.dense(self.flat(tf.nn.relu(x, alpha=0.1)))"
    ),
    "a class without a call": "class Net(keras.Model):\n    pass\n",
}


@pytest.fixture(scope="module")
def found(forks: Forks) -> dict[str, Any]:
    """What comes of each class, all in one fork."""
    source = f"""
    from tests.sandbox.following import compare
    for name, source in {FOLLOWED | REFUSED!r}.items():
        try:
            facts[name] = compare(source, {SHAPE})
        except Exception as error:
            facts[name] = repr(error)
    """
    return forks.facts(source, stand_ins=False)


@pytest.mark.parametrize("what", FOLLOWED)
def test_a_followed_class_gives_to_the_last_bit_what_the_class_gives(
    what: str, found: dict[str, Any]
) -> None:
    answer = dict(found[what])
    assert answer.pop("layers")
    assert answer == {
        "followed": True,
        "False": True,
        "True": True,
        "rebuilt": True,
        "alive": True,
    }


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_graph_of_keras_layers_is_not_followed(what: str, found: dict[str, Any]) -> None:
    assert found[what] == {"followed": False}


def test_the_graph_has_the_layers_that_the_call_applies(found: dict[str, Any]) -> None:
    assert found["layers of one's own, told"]["layers"] == [
        "InputLayer",
        *["Conv2D", "BatchNormalization", "Dropout"] * 2,
        "Flatten",
        "Dense",
    ]
    assert found["settings that the call reads"]["layers"] == [
        "InputLayer",
        "Flatten",
        "Dense",
        "Dense",
    ]


def test_following_leaves_keras_and_tensorflow_as_they_were(forks: Forks) -> None:
    broken = REFUSED["a call that raises"]
    facts = forks.facts(
        f"""
        import keras
        import tensorflow as tf
        from grader.sandbox.follow import follow
        from tests.sandbox.following import _net
        def now():
            return keras.Layer.__call__, tf.nn.relu, tf.nn.softmax, tf.concat, tf.add, tf.reshape
        before = now()
        follow(_net({broken!r}), (8, 8, 3))
        facts["same"] = all(a is b for a, b in zip(before, now()))
        """,
        stand_ins=False,
    )
    assert facts == {"same": True}


def as_student(source: str) -> str:
    words = "import keras\nimport tensorflow as tf\nfrom keras import layers, ops\n"
    return f"{words}{source}\nbuild_cnn = Net()\n"


def test_a_followed_class_is_noted_and_its_graph_is_the_answer(sandbox: Sandbox) -> None:
    answer = build(sandbox, as_student(FOLLOWED["layers of one's own, told"]))
    layers = answer["architecture"]["config"]["layers"]
    assert [layer["class_name"] for layer in layers][-2:] == ["Flatten", "Dense"]
    assert answer["custom"] == []
    assert answer["assumptions"] == [
        "Net is a class of the notebook's; the layers that its call applies to an image were "
        "followed and are graded."
    ]


def test_what_is_not_followed_keeps_its_class(sandbox: Sandbox) -> None:
    answer = build(sandbox, as_student(REFUSED["weights of its own"]))
    assert answer["custom"] == ["Net"]
    assert not any("followed" in text for text in answer["assumptions"])


def test_a_class_without_a_call_keeps_its_class(sandbox: Sandbox) -> None:
    answer = build(sandbox, as_student(REFUSED["a class without a call"]))
    assert answer["custom"] == ["Net"]
    assert not any("followed" in text for text in answer["assumptions"])


HOSTILE = {
    "a class that lies about its home": "    __module__ = 5\n",
    "a class that equals everything": "    def __eq__(self, other):\n        return True\n",
    "a class that cannot be shown": "    def __repr__(self):\n        raise RuntimeError('no')\n",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_class_costs_nobody_but_itself(sandbox: Sandbox, what: str) -> None:
    plain = FOLLOWED["layers one after the other"]
    reply = ask(sandbox, "build", "build_cnn", as_student(plain + HOSTILE[what]))
    assert reply.ending == "answered"
    error = reply.answer.get("error")
    assert error is None or "startswith" not in error["text"]
